"""Writing a folder that is whole from the first moment on which it has its name, or not there."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

from evalctl.errors import OutputError


def write_folder(target: Path, texts: Mapping[str, str]) -> None:
    """Write files into a new folder; a failure leaves nothing, and what is there alone.

    Args:
        target: The folder, in one that exists.
        texts: By path within it, with `/` between the parts.

    Raises:
        OutputError: There is something of that name, or it cannot be written.
    """
    if not target.parent.is_dir():
        raise OutputError(f"{target.parent} is not a folder; make it first, or name another")
    if os.path.lexists(target):
        raise OutputError(f"{target} is there already; remove it, or name another folder")
    draft = target.with_name(f".{target.name}.draft-{secrets.token_hex(4)}")
    try:
        draft.mkdir()
        for name, text in texts.items():
            path = draft / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        draft.rename(target)
    except OSError as error:
        raise OutputError(f"cannot write {target}: {error.strerror}") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
