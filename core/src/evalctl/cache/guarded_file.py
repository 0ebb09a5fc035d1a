"""The cache's file with a guard before it: whatever is wrong is told once, and is never an error.

A damaged file is set aside and a new one is made of what is whole. One that is locked, full,
read-only or not there is done without.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TypeVar

from evalctl.cache.cache_folder import CacheFolder, bytes_of
from evalctl.cache.database import TROUBLES, Database, Trouble, trouble_of
from evalctl.cache.rescue import rescue

MAX_REPAIRS = 3
"""A cache that needs more of them is given up."""

T = TypeVar("T")


class GuardedFile:
    """The file in use of a cache's folder."""

    def __init__(self, folder: CacheFolder, warn: Callable[[str], None]) -> None:
        """Open the folder's file, and make both where there are none; raises nothing."""
        self.folder = folder
        self.can_write = True
        """Whether writing may still succeed."""
        self.is_in_the_way = False
        """Whether others were in the way when it was last written."""
        self._warn = warn
        self._told: set[str] = set()
        self._n_repairs = 0
        self._database: Database | None = None
        self._connect()

    @property
    def is_usable(self) -> bool:
        """Whether there is a file to look into."""
        return self._database is not None

    def attempt(self, action: Callable[[Database], T]) -> T | None:
        """Do something with the file, once more where it had to be repaired; None where it failed.

        Args:
            action: What to do; must not itself return None for success that matters.
        """
        for _ in range(2):
            if self._database is None:
                return None
            try:
                return action(self._database)
            except TROUBLES as error:
                if not self._recover(error):
                    return None
        return None

    def write(self, action: Callable[[Database], None]) -> bool:
        """Change the file, under the lock so that nobody sets it aside meanwhile.

        Returns whether it was done.
        """
        return self.can_write and self.attempt(lambda _: self._write(action)) is True

    def tell(self, kind: Trouble, what: str) -> None:
        """Say what is wrong with the cache, each kind of trouble once."""
        if kind not in self._told:
            self._told.add(kind)
            text = f"the generation cache in {self.folder.path} {what}"  # it may quote the file
            self._warn("".join(char if char.isprintable() else "?" for char in text))

    def close(self) -> None:
        """Close the file; nothing can be done with it afterwards."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def _write(self, action: Callable[[Database], None]) -> bool:
        assert self._database is not None, "it was attempted"
        with self.folder.locked(alone=False):
            if not self._database.is_in_place():
                self._database.close()
                self._database = Database.open(self.folder.current())
            action(self._database)
        self.is_in_the_way = False
        return True

    def _recover(self, error: Exception) -> bool:
        """Deal with what went wrong; return whether trying again makes sense."""
        trouble = trouble_of(error)
        if trouble == "damaged":
            return self._repair(error)
        if trouble == "busy":
            self.is_in_the_way = True
            self.tell(trouble, f"is in use by others ({error}); what is new is written later")
        else:
            self.can_write = False
            self.tell(trouble, f"cannot be used ({error}); nothing more is kept")
        return False

    def _connect(self) -> None:
        try:
            with self.folder.locked(alone=True):
                self._database = Database.open(self.folder.current())
        except TROUBLES as error:
            if trouble_of(error) == "damaged":
                self._repair(error)
            else:
                self._connect_for_reading(error)

    def _connect_for_reading(self, error: Exception) -> None:
        """Take a file that cannot be written, where nobody else writes to it either."""
        self.can_write = False
        path = self.folder.current()
        with contextlib.suppress(*TROUBLES):
            if bytes_of(path) == path.stat().st_size:  # it has no journal
                self._database = Database.open_for_reading(path, has_journal=False)
        without = "nothing new is kept" if self._database else "the run goes on without one"
        self.tell("unusable", f"cannot be written ({error}); {without}")

    def _repair(self, error: Exception) -> bool:
        """Set the file aside, unless another process has done so, and take over what is whole."""
        old = self._database
        is_stale = old is not None and not old.is_in_place()
        self.close()
        self._n_repairs += 1
        if not self.can_write or self._n_repairs > MAX_REPAIRS:
            self._told.discard("damaged")
            self.tell("damaged", f"is damaged ({error}) and is not used")
            return False
        try:
            self._set_aside(error, is_stale=is_stale)
        except TROUBLES as problem:
            self.close()
            self.tell("unusable", f"is damaged ({error}) and cannot be set aside ({problem})")
        return self._database is not None

    def _set_aside(self, error: Exception, *, is_stale: bool) -> None:
        damaged = None
        with self.folder.locked(alone=True):
            path = self.folder.current()
            if not is_stale and path.exists():
                damaged = self.folder.set_aside(path)
            self._database = Database.open(self.folder.current())
        if damaged is not None:
            count = rescue(damaged, self._database)
            self._told.discard("damaged")
            self.tell(
                "damaged",
                f"was damaged ({error}): the file is kept as {damaged.name}, and a new one was "
                f"made with the {count:,} generations that are whole",
            )
