"""Imported datasets in the user's configuration: a JSON file for each, which can be edited."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from evalctl.errors import ConfigError, OutputError, UnknownNameError
from evalctl.imported.mapping import ColumnMap
from evalctl.records import Record
from evalctl.sources import OwnFile
from evalctl.specs import Name


class Imported(Record):
    """A file of the user's, and how it becomes a dataset."""

    name: Name
    """Of the dataset."""
    file: OwnFile
    """Where its rows are."""
    like: Name
    """The registered dataset whose prompt, scorers and sampling it takes."""
    columns: ColumnMap
    """Which column is what."""
    licence: str = "not stated"
    """Of the rows."""


class Broken(NamedTuple):
    """A file of the configuration that is no imported dataset."""

    path: Path
    why: str


def kept() -> Iterator[Imported | Broken]:
    """Yield the imported datasets by name, and files in their place that cannot be read."""
    folder = _folder()
    for path in sorted(folder.glob("*.json")) if folder else ():
        try:
            yield Imported.model_validate_json(path.read_bytes())
        except ValidationError as error:
            problem = error.errors()[0]
            yield Broken(path, f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}")
        except (OSError, ValueError) as error:
            yield Broken(path, str(error))


def keep(one: Imported) -> Path:
    """Write an imported dataset into the user's configuration; return the file.

    Raises:
        OutputError: It cannot be written.
    """
    folder = _folder()
    if folder is None:
        raise ConfigError("this user has no home folder; name one with XDG_CONFIG_HOME")
    path = folder / f"{one.name}.json"
    draft = path.with_suffix(".draft")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        draft.write_text(one.model_dump_json(indent=2) + "\n", encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}") from error
    return path


def forget(name: str) -> None:
    """Take an imported dataset out of the user's configuration; its file stays.

    Raises:
        UnknownNameError: None is called so.
    """
    known = {one.name for one in kept() if isinstance(one, Imported)}
    folder = _folder()
    if folder is None or name not in known:
        raise UnknownNameError("imported dataset", name, known)
    (folder / f"{name}.json").unlink(missing_ok=True)


def _folder() -> Path | None:
    base = os.environ.get("XDG_CONFIG_HOME", "")
    try:
        home = Path(base if base.startswith("/") else "~/.config").expanduser()
    except RuntimeError:  # there is no home folder
        return None
    return home / "evalctl" / "datasets"
