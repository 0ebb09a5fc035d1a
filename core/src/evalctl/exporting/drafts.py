"""Files and folders that are whole from the first moment on which they have their name.

They are written beside the target under a draft's name and renamed at the end, so that a full disk,
an error or Ctrl-C leaves nothing under the name that was asked for.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from evalctl import __version__
from evalctl.errors import OutputError, StorageError
from evalctl.exporting.source import ExportSource

NOTE = "exported-by-evalctl.txt"
"""A file of every folder that is an export: only such a folder is ever replaced."""


class TextSink(Protocol):
    """Where a text goes, piece by piece."""

    def write(self, text: str, /) -> object:
        """Take the next piece."""
        ...


@contextmanager
def file_draft(target: Path, *, is_forced: bool) -> Iterator[Path]:
    """Give a path to write to, which becomes the target when all has been written.

    Raises:
        OutputError: The target is there already, or cannot be written.
        StorageError: The disk is full, or gone.
    """
    _refuse(target, is_forced=is_forced)
    draft = _draft_of(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        draft.touch(exist_ok=False)
    except OSError as error:
        raise OutputError(f"cannot write {target}: {error.strerror}") from error
    try:
        yield draft
        _sync(draft)
        draft.replace(target)
    except OSError as error:
        raise StorageError(f"cannot write {target}: {error}") from error
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def text_draft(target: Path, *, is_forced: bool) -> Iterator[TextSink]:
    """Give a UTF-8 text file to write to, as `file_draft` does; lines end as they are written.

    Raises:
        OutputError: The target is there already, or cannot be written.
        StorageError: The disk is full, or gone.
    """
    with (
        file_draft(target, is_forced=is_forced) as path,
        path.open("w", encoding="utf-8", newline="") as file,
    ):
        yield file


@contextmanager
def folder_draft(target: Path, source: ExportSource, *, is_forced: bool) -> Iterator[Path]:
    """Give an empty folder to write into, which becomes the target when all has been written.

    Raises:
        OutputError: The target is there already, or cannot be written.
        StorageError: The disk is full, or gone.
    """
    _refuse(target, is_forced=is_forced)
    draft = _draft_of(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        draft.mkdir()
    except OSError as error:
        raise OutputError(f"cannot write {target}: {error.strerror}") from error
    try:
        yield draft
        (draft / NOTE).write_text(_note(source), encoding="utf-8")
        for path in draft.rglob("*"):
            if path.is_file():
                _sync(path)
        _replace_folder(draft, target)
    except OSError as error:
        raise StorageError(f"cannot write {target}: {error}") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _refuse(target: Path, *, is_forced: bool) -> None:
    """Refuse to write over what is there, unless it is asked for and is an export."""
    if not os.path.lexists(target):
        return
    if not is_forced:
        raise OutputError(f"{target} is there already; --force replaces it, --to names another")
    if target.is_dir() and not (target / NOTE).is_file():
        raise OutputError(f"{target} is a folder, but no export, so that it is not replaced")


def _draft_of(target: Path) -> Path:
    return target.with_name(f".{target.name}.draft-{os.getpid()}")


def _replace_folder(draft: Path, target: Path) -> None:
    """Put a folder where another may be; a full one cannot be renamed over."""
    if not target.is_dir():
        draft.rename(target)
        return
    old = target.with_name(f".{target.name}.old-{os.getpid()}")
    target.rename(old)
    try:
        draft.rename(target)
    except OSError:
        old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _note(source: ExportSource) -> str:
    lines = [
        f"This folder was written by evalctl {__version__} from the run {source.manifest.run_id}.",
        f"SHA-256 of the run's manifest.json: {source.manifest_hash}",
        *(f"Warning: {warning}" for warning in source.warnings),
    ]
    return "\n".join(lines) + "\n"
