"""Walking through a folder that nobody vouches for: regular files, inside of it, each once.

A link is followed only where it leads to a regular file inside of the folder, as in caches of the
hub; pipes, devices and links that lead elsewhere are told and left alone.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

_HIDDEN = frozenset({".git", ".hg", ".svn", "__pycache__", "__MACOSX", ".ipynb_checkpoints"})
"""Folders that are not entered."""
MAX_FILES = 1_000_000
"""A tree with more is not walked to its end."""


class Found(NamedTuple):
    """A file that may hold rows."""

    path: Path
    """Where it is read."""
    name: PurePosixPath
    """Relative to the folder, for people."""
    size: int
    """In bytes."""
    mtime_ns: int
    """When it was changed last."""
    member: str = ""
    """Its name within the zip archive that `path` is; then `name` is `ARCHIVE!/MEMBER`."""


class LeftOut(NamedTuple):
    """A file that is not read."""

    name: PurePosixPath
    """Relative to the folder."""
    why: str
    """What it is, or what is wrong with it."""


def walk(folder: Path) -> Iterator[Found | LeftOut]:
    """Yield the files of a folder in the order of their names; what a link leads to comes once."""
    root = folder.resolve()
    links: list[Path] = []
    real: set[Path] = set()
    found: list[Found | LeftOut] = []
    for path in _entries(folder):
        if path.is_symlink():
            links.append(path)
        else:
            found.append(_look(path, folder))
    for path in links:
        entry = _follow(path, folder, root)
        found.append(entry)
        if isinstance(entry, Found):
            real.add(path.resolve())
    for one in sorted(found, key=lambda one: one.name):
        is_target = isinstance(one, Found) and not one.path.is_symlink() and one.path in real
        yield LeftOut(one.name, "read where a link leads to it") if is_target else one


def _entries(folder: Path) -> Iterator[Path]:
    count = 0
    for base, folders, names in os.walk(folder, followlinks=False):
        for name in [*folders]:
            if name in _HIDDEN:
                folders.remove(name)
            elif (path := Path(base, name)).is_symlink():
                folders.remove(name)
                yield path
        folders.sort()
        for name in sorted(names):
            count += 1
            if count > MAX_FILES:
                return
            yield Path(base, name)


def _follow(path: Path, folder: Path, root: Path) -> Found | LeftOut:
    name = _relative(path, folder)
    try:
        target = path.resolve(strict=True)
    except (OSError, RuntimeError):
        return LeftOut(name, "a link that leads nowhere")
    if not target.is_relative_to(root):
        return LeftOut(name, "a link that leads out of the folder; it is not followed")
    if target.is_dir():
        return LeftOut(name, "a link to a folder; it is read where it stands")
    return _look(path, folder)


def _look(path: Path, folder: Path) -> Found | LeftOut:
    name = _relative(path, folder)
    try:
        told = path.stat()
    except OSError as error:
        return LeftOut(name, f"cannot be read: {error.strerror}")
    if not stat.S_ISREG(told.st_mode):
        return LeftOut(name, "no regular file")
    return Found(path, name, told.st_size, told.st_mtime_ns)


def _relative(path: Path, folder: Path) -> PurePosixPath:
    return PurePosixPath(path.relative_to(folder).as_posix())
