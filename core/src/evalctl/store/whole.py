"""Files that are written in one piece: there is the old one or the new one, never a half."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from evalctl.errors import OutputError
from evalctl.store.lines import what_is_wrong

_Kind = TypeVar("_Kind", bound=BaseModel)


def write_whole(path: Path, text: str) -> None:
    """Write a file and sync it; nobody ever reads half of it.

    Raises:
        OSError: The disk is full, or gone; then the old file stands.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with draft.open("wb") as file:
            file.write(text.encode("utf-8", "backslashreplace") + b"\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def read_whole(path: Path, kind: type[_Kind], *, missing: str) -> _Kind:
    """Return what a file holds.

    Args:
        path: The file.
        kind: What it must hold.
        missing: What to say where it is not there.

    Raises:
        OutputError: It is missing, cannot be read, or is damaged.
    """
    try:
        return kind.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise OutputError(f"{path} is missing: {missing}") from None
    except OSError as error:
        raise OutputError(f"{path} cannot be read: {error.strerror}") from error
    except ValidationError as error:
        raise OutputError(f"{path} {what_is_wrong(error)}") from None
