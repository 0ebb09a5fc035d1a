"""The declarations of sources, as plugins write them in a `DatasetSpec`."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import JsonValue

from evalctl.records import Record


class FileParts(Record):
    """One part of a dataset in upstream's own files: the first path that exists is taken."""

    paths: tuple[str, ...]
    """Relative to a data folder; `*` matches within a name. Tried in order."""
    label: str = ""
    """What `Row.part` says for its rows."""
    columns: tuple[str, ...] = ()
    """Names of a CSV file's columns, where its first line is a row and no header; or of a CoNLL
    file's, in place of `tokens` for the first and `tags` for the last."""
    is_optional: bool = False
    """Whether it is left out where it is missing."""
    within: str = ""
    """Of a file that is one JSON object: the key whose list holds the rows (`questions`). With `*`
    each of its values is a row, and what it stands under is the row's column `key`. With `[]` its
    values are the columns, each a list as long as the others."""
    rows_at: str = ""
    """Of rows that hold several each: the column whose list they are (`qas`). Each is a row then,
    with the other columns of the one that holds it."""
    beside: str = ""
    """A path with `*` from the file's folder; the file is taken only where something is there."""
    takes_all: bool = False
    """Whether all files that match are taken, in the order of their names: the shards of one."""


class FileSource(Record):
    """Upstream's own files in a folder given by `--data` or `EVALCTL_DATA`."""

    parts: tuple[FileParts, ...]
    """All of them are needed but optional ones, and at least one."""


class HubPart(Record):
    """One configuration and split of a hub dataset."""

    path: str
    """Hub id, or a local folder in the hub's layout."""
    split: str
    """Split, such as `test`."""
    config: str | None = None
    """Configuration; None for the default one."""
    revision: str | None = None
    """Commit that was reviewed; None follows the main branch and is shown as such."""
    label: str = ""
    """What `Row.part` says for its rows."""


class HubSource(Record):
    """The Hugging Face copy."""

    parts: tuple[HubPart, ...]
    """All of them are needed."""


class PackagedSource(Record):
    """A file that ships inside a plugin's package."""

    package: str
    """Import name of the package."""
    path: str
    """Relative to the package."""


class OwnFile(Record):
    """A file at a place of its own, as a user imports it."""

    path: str
    """Absolute."""
    columns: tuple[str, ...] = ()
    """As in `FileParts.columns`."""
    within: str = ""
    """As in `FileParts.within`."""
    member: str = ""
    """Name of the file within the zip archive that `path` is."""


class InlineSource(Record):
    """Rows written down in the declaration; for tests and examples."""

    rows: tuple[Mapping[str, JsonValue], ...]
    """The rows."""


Source = FileSource | HubSource | PackagedSource | InlineSource | OwnFile
"""Where rows come from."""
