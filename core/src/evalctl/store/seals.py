"""Digests by which it shows whether anybody has edited a file of a run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from pydantic import JsonValue

from evalctl.errors import OutputError
from evalctl.results import RunResult
from evalctl.store.manifests import Manifest

_Kind = TypeVar("_Kind", Manifest, RunResult)


def sealed(record: _Kind) -> _Kind:
    """Return a record with its digest."""
    return record.model_copy(update={"digest": digest_of(record.model_dump(mode="json"))})


def digest_of(content: Mapping[str, JsonValue]) -> str:
    """Return the digest of a record's content as it stands in its file.

    It is over the keys that are there: a later version may know more of them.
    """
    rest = {key: value for key, value in content.items() if key != "digest"}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def check_seal(path: Path, digest: str, *, instead: str) -> None:
    """Refuse a file that is not as it was written.

    Args:
        path: The file.
        digest: What it names as its digest.
        instead: What the user can do.

    Raises:
        OutputError: It was edited.
    """
    if digest != digest_of(json.loads(path.read_bytes())):
        raise OutputError(
            f"{path} was edited after it was written: its digest does not fit. {instead}"
        )
