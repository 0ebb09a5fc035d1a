"""Levels 2 and 1: guests in the host's own namespaces.

Level 2 has Landlock say which files they may open, a filter refuse what else reaches others,
limits, and, as root, a user of their own for every sandbox. Level 1 has the limits alone, and an
empty environment: it stops accidents, no attack.
"""

from __future__ import annotations

import functools
import json
import os
import platform
import secrets
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from pydantic import JsonValue

from evalctl.errors import EvalctlError
from evalctl.executions import Isolation, Profile, Sandbox
from evalctl.executors import interpreter
from evalctl.executors.guest import landlock
from evalctl.executors.interpreter import SITE, Bind
from evalctl.executors.session import Start, Starter
from evalctl.executors.zygotes import ENVIRONMENT, ZygoteSandbox, enter_command

_FIRST_USER = 900_002
_USERS = 50_000
"""As root, each sandbox draws a user id of these: ids that own nothing on any ordinary system."""
_SCRATCH = "size=512m,nr_inodes=65536"
"""Hard bounds of a sandbox's folders as root; a guest's own are watched."""
_SPARE_PROCESSES = 512
"""That the user's other work may start while programs run as the same user."""
_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")


class LandlockError(EvalctlError):
    """Landlock cannot be used here."""


def open_landlock(profile: Profile, newest: int = 99) -> Sandbox:
    """Open a sandbox of level 2.

    Args:
        profile: What is there beside the interpreter.
        newest: Version of Landlock's interface not to go beyond, such as that of an older kernel.

    Raises:
        LandlockError: The kernel has no Landlock.
        SessionError: It does not start here; the message says why.
    """
    version = min(landlock.version(), newest)
    if version < 1:
        raise LandlockError("this kernel has no Landlock: it needs Linux 5.13 with it switched on")
    isolation = Isolation(
        level=2,
        executor="landlock",
        memory_cap="watchdog",
        landlock_abi=version,
        kernel=platform.release(),
    )
    return _open(profile, isolation)


def open_subprocess(profile: Profile) -> Sandbox:
    """Open what is no sandbox: processes with limits, of level 1.

    Raises:
        SessionError: It does not start here; the message says why.
    """
    isolation = Isolation(
        level=1, executor="subprocess", memory_cap="watchdog", kernel=platform.release()
    )
    return _open(profile, isolation)


class Visible(NamedTuple):
    """What guests that share the host's namespaces may read; each with all that is below."""

    readable: list[str]
    """Files and folders."""
    listable: list[str]
    """Folders of which names alone may be read."""
    roots: list[str]
    """Few folders that hold all of these."""


def shared_setting(
    profile: Profile, scratch: str, visible: Visible, version: int | None
) -> dict[str, JsonValue]:
    """Return what `guest/places.py` is told of a place in shared namespaces.

    Args:
        profile: What is there beside the interpreter.
        scratch: Folder for the guests' own.
        visible: What they may read besides.
        version: Of Landlock's interface, 0 to do without it; None takes no right away at all.
    """
    paths: dict[str, JsonValue] = {"version": version, "usable": list(_DEVICES)}
    return {
        "place": "shared",
        "preload": list(profile.preload),
        "scratch": scratch,
        "filter": version is not None,
        "landlock": None if version is None else paths | visible._asdict(),
        "is_own_user": False,
        "others": 0,
    }


def new_user() -> int:
    """Return a user id that owns nothing on any ordinary system, and that no other sandbox has."""
    return _FIRST_USER + secrets.randbelow(_USERS)


def _open(profile: Profile, isolation: Isolation) -> Sandbox:
    shown = interpreter.binds(profile)
    start = functools.partial(_start, profile, shown, isolation.landlock_abi)
    return ZygoteSandbox(profile, isolation, Starter(start, clears_up=True), takes_one_guest=False)


def _start(
    profile: Profile, shown: Sequence[Bind], version: int | None, control: str, stage: Path
) -> Start:
    """Return how a zygote is started on the host itself; without a version, with limits alone."""
    user = new_user() if os.geteuid() == 0 else None
    scratch = stage / "scratch"
    scratch.mkdir(mode=0o700)
    if user is not None:
        os.chown(scratch, user, user)
    folders = _linked(shown, stage)
    visible = Visible(
        readable=[*map(str, folders), *_readable(shown)],
        listable=[str(interpreter.standard_library())],
        roots=[*map(str, folders), *_roots(shown, stage)],
    )
    setting = shared_setting(profile, str(scratch), visible, version)
    if user is None:
        setting |= {"is_own_user": True, "others": _own_processes() + _SPARE_PROCESSES}
    run = interpreter.zygote(str(interpreter.executable()), *map(str, folders))
    mounts: list[JsonValue] = [*_restored(shown, stage)] if user is not None else []
    entering: dict[str, JsonValue] = {
        "mounts": mounts,
        "quota": [str(scratch), f"{_SCRATCH},mode=0700,uid={user},gid={user}"] if user else None,
        "uid": user,
        "dies_with_parent": False,  # it ends, after its guest, when its socket is closed
        "env": {**ENVIRONMENT, **profile.env},
        "command": [*run, control, json.dumps(setting)],
    }
    return Start(enter_command(entering, stage))


def _linked(shown: Iterable[Bind], stage: Path) -> tuple[Path, Path]:
    """Link the guest's side of evalctl and packages into folders that hold nothing else."""
    own, site = stage / "own", stage / "site"
    own.mkdir()
    site.mkdir()
    for bind in shown:
        target = Path(bind.target)
        if target.name == "guest":
            (own / "guest").symlink_to(bind.source)
        elif str(target.parent) == SITE:
            (site / target.name).symlink_to(bind.source)
    return own, site


def _readable(shown: Iterable[Bind]) -> Iterator[str]:
    """Yield what may be read: all that is shown, but for packages in the standard library."""
    hidden = set(interpreter.hidden())
    for bind in shown:
        if not hidden or bind.source != interpreter.standard_library():
            yield str(bind.source)
            continue
        yield from (str(path) for path in bind.source.iterdir() if str(path) not in hidden)


def _roots(shown: Iterable[Bind], stage: Path) -> Iterator[str]:
    """Yield few folders that hold all that is shown, for rules that every guest has to make."""
    roots = {str(interpreter.standard_library()): None}
    for bind in shown:
        above = bind.source.parent
        # What holds our own folders as well is too much.
        roots[str(bind.source if above in stage.parents else above)] = None
    yield from roots


def _restored(shown: Iterable[Bind], stage: Path) -> Iterator[list[JsonValue]]:
    """Yield mounts that make what lies in closed folders readable, where it is, to every user.

    A closed folder is covered by an empty one, and what is shown of it is mounted there again.
    """
    closed = {bind.source: folder for bind in shown if (folder := _closed_above(bind.source))}
    aside = {source: str(stage / f"aside-{number}") for number, source in enumerate(closed)}
    for source, place in aside.items():
        yield ["bind", place, str(source)]
    for folder in dict.fromkeys(closed.values()):
        yield ["tmpfs", str(folder), "mode=0755"]
    for source, place in aside.items():
        yield ["bind", str(source), place]


def _closed_above(path: Path) -> Path | None:
    """Return the first folder on the way to a path that other users may not pass."""
    above = (folder for folder in reversed(path.parents) if not folder.stat().st_mode & 0o001)
    return next(above, None)


def _own_processes() -> int:
    """Return how many threads this user has."""
    count = 0
    for folder in Path("/proc").glob("[0-9]*/task"):
        try:
            if folder.stat().st_uid == os.getuid():
                count += len(list(folder.iterdir()))
        except OSError:
            continue
    return count
