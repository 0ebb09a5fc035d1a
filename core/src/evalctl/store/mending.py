"""Files of lines put in order: a torn end is cut off, and lines that fit no more are taken out."""

from __future__ import annotations

import contextlib
import mmap
import os
from collections.abc import Callable
from pathlib import Path

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from evalctl.errors import StorageError
from evalctl.store.lines import LineT, LineWriter, read_lines


def mend(path: Path, kind: type[BaseModel]) -> bool:
    """Make a file end with a whole line; return whether anything was cut off.

    What a crash left of a last line is moved to `FILE.torn`, so that nobody need wonder; a line
    that lacks nothing but its end gets it. A whole line of another form is no crash's doing, and is
    left to those who read it.

    Raises:
        StorageError: The file cannot be written.
    """
    was_torn = False
    try:
        while path.is_file() and path.stat().st_size:  # a power failure may spoil several lines
            if not _cut_torn_line(path, kind):
                break
            was_torn = True
    except OSError as error:
        raise StorageError(f"cannot mend {path}: {error.strerror}") from error
    return was_torn


def sift(path: Path, kind: type[LineT], keep: Callable[[LineT], LineT | None]) -> int:
    """Rewrite a file with what is made of each line; return how many lines were left out.

    Those are moved to `FILE.gone`. The file is the old one or the new one, never a half.

    Args:
        path: The file; one that is not there is passed over.
        kind: What a line is.
        keep: Returns what takes a line's place, or None where there is no place for it.

    Raises:
        OutputError: A line is damaged.
        StorageError: The file cannot be written.
    """
    if not path.is_file():
        return 0
    draft = path.with_name(f"{path.name}.draft")
    draft.unlink(missing_ok=True)
    n_gone = 0
    with contextlib.ExitStack() as stack:
        kept = stack.enter_context(LineWriter(draft))
        for line in read_lines(path, kind):
            if (changed := keep(line)) is not None:
                kept.append(changed)
                continue
            if not n_gone:
                gone = stack.enter_context(LineWriter(path.with_name(f"{path.name}.gone")))
            gone.append(line)
            n_gone += 1
    try:
        draft.replace(path)
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror}") from error
    return n_gone


def _cut_torn_line(path: Path, kind: type[BaseModel]) -> bool:
    with path.open("r+b") as file:
        start, last = _last_line(file.fileno())
        if last.endswith(b"\n") and _is_object(last):
            return False
        if _fits(kind, last):
            file.seek(0, os.SEEK_END)
            file.write(b"\n")
            return False
        with path.with_name(f"{path.name}.torn").open("ab") as torn:
            torn.write(last.rstrip(b"\n") + b"\n")
        file.truncate(start)
    return True


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(from_json(line), dict)
    except ValueError:
        return False


def _last_line(file: int) -> tuple[int, bytes]:
    """Return where the last line begins, and the line with its end."""
    with mmap.mmap(file, 0, access=mmap.ACCESS_READ) as held:
        start = held.rfind(b"\n", 0, len(held) - 1) + 1
        return start, held[start:]


def _fits(kind: type[BaseModel], line: bytes) -> bool:
    try:
        kind.model_validate_json(line)
    except ValidationError:
        return False
    return True
