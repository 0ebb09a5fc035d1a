"""What an earlier scan found, as far as its files have not changed since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from evalctl.records import Record
from evalctl.scan.grouping import Group
from evalctl.scan.report import FoundSet, ScanReport, Unknown
from evalctl.sources.files import hash_file


class Stamp(Record):
    """By what a file is known again."""

    size: int
    """In bytes."""
    mtime_ns: int
    """When it was changed last."""
    sha256: str = ""
    """Of its bytes; empty where it was not read."""

    def is_of(self, path: Path) -> bool:
        """Return whether a file still is what it was; touched ones are hashed."""
        try:
            now = path.stat()
            if now.st_size != self.size:
                return False
            if now.st_mtime_ns == self.mtime_ns:
                return True
            return bool(self.sha256) and hash_file(path) == self.sha256
        except OSError:
            return False


@dataclass(frozen=True)
class Earlier:
    """What was found before in files that are as they were."""

    report: ScanReport | None = None
    unchanged: frozenset[str] = frozenset()
    """Names of files, relative to the folder; of an archive its own."""
    _by_key: Mapping[tuple[str, ...], FoundSet] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Make sets findable."""
        sets = self.report.sets if self.report else ()
        by_key = {(one.dataset, one.use, one.split, *one.files): one for one in sets}
        object.__setattr__(self, "_by_key", by_key)

    def found(self, group: Group) -> FoundSet | None:
        """Return what was said of a group; None where it is to be read."""
        names = tuple(map(str, group.names))
        if not all(self._is_unchanged(name) for name in names):
            return None
        return self._by_key.get((group.spec.name, group.use, group.split, *names))

    def unknown(self, name: str) -> Unknown | None:
        """Return what was said of a file that nobody knew."""
        if self.report is None or not self._is_unchanged(name):
            return None
        return next((one for one in self.report.unknown if one.file == name), None)

    def _is_unchanged(self, name: str) -> bool:
        return name.partition("!/")[0] in self.unchanged
