"""Where guests run: what keeps them from the host and from each other, and what is left of them.

Runs inside the sandbox: standard library only. A place says how a guest's process is made, what its
folders are, which rights it gives up, what it uses and how it is cleared away. Paths are plain
texts here: every execution passes through, and objects for them would be made each time.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from . import confine, landlock, seccomp, usage
from .packets import Limits, Packet, Room

_OURS = 4
"""bwrap, its init, the zygote and a guest's init count under the guest's user as well."""
_NAMESPACES = confine.NEW_PID | confine.NEW_MOUNT | confine.NEW_IPC
_TICK_SECONDS = 0.02


class Place(ABC):
    """What all places have in common."""

    takes_one_guest = False
    """Whether the whole sandbox is thrown away with its first guest."""
    needs_init = False
    """Whether a guest with more processes than one has one of ours beside it, that counts them."""
    tick_seconds = 0.0
    """How often a guest's use is looked at from outside; 0 where the kernel bounds it."""

    def another(self) -> Place:
        """Return the place of the next guest."""
        return self

    def fork(self) -> int:
        """Fork the guest's process; return 0 in the child."""
        return os.fork()

    @abstractmethod
    def furnish(self, wanted: Room) -> None:
        """Make the guest's folders and enter them. Runs in the guest's process."""

    def hold_back(self) -> None:
        """Refuse the zygote and its guests what none of them has use for."""
        confine.hold_back()

    def others(self) -> int:
        """Return how many processes count under the guest's user beside its own."""
        return _OURS

    def give_up(self, packet: Packet) -> None:
        """Give up rights for good. Runs in the guest's process, last before the program."""
        confine.give_up(may_fork=packet.may_fork, may_connect=packet.may_connect)

    def exceeded(self, pid: int, limits: Limits) -> str:
        """Return what a guest uses too much of: `memory`, `processes`, `disk`, or nothing."""
        return ""

    def end_group(self, pid: int) -> None:  # noqa: B027  # the kernel may do it
        """Kill what a guest has started, before the guest itself is collected."""

    def clear(self, pid: int) -> None:  # noqa: B027  # likewise
        """Remove what a guest left behind, once it was collected."""


class Nested(Place):
    """Namespaces of its own for every guest: when it ends, the kernel clears all away."""

    needs_init = True

    def fork(self) -> int:
        """Fork into new namespaces."""
        return confine.clone(_NAMESPACES)

    def furnish(self, wanted: Room) -> None:
        """Mount fresh folders in memory, and a /proc that shows this namespace."""
        options = f"size={wanted.disk_bytes},nr_inodes={wanted.inodes}"
        confine.mount("tmpfs", "/tmp", f"{options},mode=0700")
        if wanted.has_shared_memory:
            confine.mount("tmpfs", "/dev/shm", f"{options},mode=0700")
        confine.mount("proc", "/proc")
        os.mkdir("/tmp/work")  # noqa: PTH102
        os.chdir("/tmp/work")


class Single(Place):
    """A sandbox of its own for every guest, where namespaces cannot be nested in it."""

    takes_one_guest = True
    tick_seconds = _TICK_SECONDS

    def furnish(self, wanted: Room) -> None:
        """Enter the folder in memory that came with the sandbox."""
        os.makedirs("/tmp/work", exist_ok=True)  # noqa: PTH103
        os.chdir("/tmp/work")

    def give_up(self, packet: Packet) -> None:
        """Leave the zygote alone, which is of the same user and can be seen."""
        version = landlock.version()
        confine.gain_nothing()
        if version >= landlock.SCOPED_SIGNALS:
            landlock.restrict(((("/",), landlock.OWN),), version)
        may_signal = version >= landlock.SCOPED_SIGNALS
        company = seccomp.Company(is_own_user=False, may_signal=may_signal, may_cut=True)
        confine.give_up_shared(company, may_connect=packet.may_connect)
        super().give_up(packet)

    def end_group(self, pid: int) -> None:
        """Kill all that a guest has started: nobody else is here that the zygote may signal."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(-1, signal.SIGKILL)

    def exceeded(self, pid: int, limits: Limits) -> str:
        """Look at all processes of the sandbox but the two that are ours, and its two folders."""
        several = usage.processes_but(1, os.getpid())
        if limits["processes"] > 1 and (over := usage.over(several, limits)):
            return over
        found = (usage.of_file_system(folder) for folder in ("/tmp", "/dev/shm"))
        sizes, counts = zip(*found, strict=True)
        return _over_disk(sum(sizes), sum(counts), limits)


class Shared(Place):
    """The host's own namespaces: a folder of its own, and rights taken away by the kernel's rules.

    With `filter` false it is a plain process with limits and no more.
    """

    tick_seconds = _TICK_SECONDS

    def __init__(self, setting: Mapping[str, Any]) -> None:
        """Take what `make_place` takes."""
        self._setting = setting
        self._scratch = str(setting["scratch"])
        self._is_filtered = bool(setting["filter"])
        # On a file system of its own, files that were removed but are still open count as well.
        above = os.path.dirname(self._scratch)  # noqa: PTH120
        self._is_apart = os.stat(self._scratch).st_dev != os.stat(above).st_dev  # noqa: PTH116
        self._numbers = itertools.count()
        self._forked: set[int] = set()
        self._folder = ""
        wanted = setting["landlock"]
        # A container may have none, though its host has.
        self._version = min(int(wanted["version"]), landlock.version()) if wanted else 0
        self._others = int(setting.get("others", 0)) + 2  # the zygote and a spare

    def another(self) -> Shared:
        """Return the same with a folder that nobody has used."""
        new: Shared = object.__new__(type(self))
        new.__dict__.update(self.__dict__)
        new._folder = f"{self._scratch}/{next(self._numbers)}"
        return new

    def fork(self) -> int:
        """Fork, remembering the child: every other one is an orphan of some guest."""
        pid = os.fork()
        self._forked.add(pid)
        return pid

    def furnish(self, wanted: Room) -> None:
        """Make a folder to work in and one for temporary files."""
        home, temporary = f"{self._folder}/work", f"{self._folder}/tmp"
        for path in (home, temporary):
            os.makedirs(path, 0o700)  # noqa: PTH103
        os.chdir(home)
        os.environ.update(HOME=home, TMPDIR=temporary, MPLCONFIGDIR=f"{temporary}/matplotlib")

    def hold_back(self) -> None:
        """Adopt the orphans of guests; give up what no guest needs, where that is wanted."""
        confine.adopt_orphans()
        if not self._is_filtered:
            return
        confine.gain_nothing()
        paths = self._setting["landlock"]
        if self._version:
            landlock.restrict(
                (
                    (paths["readable"], landlock.READ),
                    (paths["listable"], landlock.LIST),
                    (paths["usable"], landlock.USE),
                    ((self._scratch,), landlock.OWN),
                    (("/proc",), landlock.READ),  # what guests use is counted there
                ),
                self._version,
            )
        confine.hold_back()

    def others(self) -> int:
        """Return how many processes count under the guest's user beside its own."""
        return self._others

    def give_up(self, packet: Packet) -> None:
        """Take on the rules for files and the filters."""
        if not self._is_filtered:
            return
        version, paths = self._version, self._setting["landlock"]
        if version:
            landlock.restrict(
                (
                    (paths["roots"], landlock.READ),
                    (paths["usable"], landlock.USE),
                    ((self._folder,), landlock.OWN),
                ),
                version,
            )
        confine.give_up_shared(
            seccomp.Company(
                is_own_user=bool(self._setting["is_own_user"]),
                may_signal=version >= landlock.SCOPED_SIGNALS,
                may_cut=version >= landlock.CUT_FILES,
            ),
            may_connect=False,
        )
        # Sockets stay refused whatever is asked for: the loopback here is the host's.
        confine.give_up(may_fork=packet.may_fork, may_connect=False)

    def exceeded(self, pid: int, limits: Limits) -> str:
        """Look at the processes of the guest's session, and at its folder."""
        if limits["processes"] > 1 and (over := usage.over(usage.processes_of(pid), limits)):
            return over
        measure = usage.of_file_system if self._is_apart else usage.of_folder
        return _over_disk(*measure(self._scratch), limits)

    def end_group(self, pid: int) -> None:
        """Kill the group, which filtered guests cannot leave."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)

    def clear(self, pid: int) -> None:
        """Kill and collect orphans until none is left; remove the folder."""
        self._forked.discard(pid)
        while orphans := set(usage.children(os.getpid())) - self._forked:
            for orphan in orphans:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(orphan, signal.SIGKILL)
                os.waitpid(orphan, 0)
        _remove(self._folder)


def _over_disk(size: int, count: int, limits: Limits) -> str:
    return "disk" if size > limits["disk_bytes"] or count > limits["inodes"] else ""


def _remove(folder: str) -> None:
    """Remove a folder, however deep, and whatever its maker did to its rights.

    Paths into it may be longer than the kernel takes, so each folder is entered by its own name.
    """
    below: list[str] = []
    if not _entered(folder):
        return
    while True:
        for entry in os.scandir("."):
            if entry.is_dir(follow_symlinks=False) and _entered(entry.name):
                below.append(entry.name)
                break
            with contextlib.suppress(OSError):
                os.unlink(entry.name)  # noqa: PTH108
        else:
            os.chdir("..")
            if not below:
                break
            os.rmdir(below.pop())  # noqa: PTH106
    os.rmdir(folder)  # noqa: PTH106


def _entered(folder: str) -> bool:
    with contextlib.suppress(OSError):
        os.chmod(folder, 0o700)  # noqa: PTH101
        os.chdir(folder)
        return True
    return False


def make_place(setting: Mapping[str, Any]) -> Place:
    """Return the place that a setting describes.

    Args:
        setting: `place`, one of `nested`, `single` and `shared`. For the last also `scratch`, a
            folder of the guests' user; `filter`, whether system calls are filtered; `landlock`,
            None or the `version` to speak and the paths that are `readable`, `listable` and
            `usable`, and `roots`, few folders that hold all of these; `is_own_user`, whether
            guests run as the user of evalctl; `others`, that user's other processes.
    """
    kinds = {"nested": Nested, "single": Single}
    name = str(setting["place"])
    return Shared(setting) if name == "shared" else kinds[name]()
