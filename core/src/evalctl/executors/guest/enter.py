"""Before a sandbox starts: show it what it may see, and become somebody who owns nothing.

Limits on processes do not bind root, in a user namespace neither, so as root the user must change
before anything else. That user may be unable to reach an interpreter in somebody's home folder; so
what is shown is mounted, read-only and seen by this process alone, where everybody can read. It is
started for every sandbox, so it imports little: paths are plain texts.

Run as `python -I -S enter.py FILE ARGUMENT...` with an object of JSON: `mounts`, a list of [kind,
target, source or options] in their order; `uid`, None to stay who we are; `dies_with_parent`;
`quota`, None or [folder, options] of a file system in memory that is mounted where it can be;
`command`, to which the arguments are added; and `env`, its environment. Standard library only.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys

_libc = ctypes.CDLL(None, use_errno=True)
_NEW_MOUNT = 0x00020000
_PRIVATE, _RECURSIVE, _BIND = 1 << 18, 1 << 14, 4096
_NO_SUID_NO_DEV = 2 | 4
_PARENT_DEATH, _KILL = 1, 9


def main() -> None:
    """Mount, change user, execute."""
    with open(sys.argv[1], "rb") as file:  # noqa: PTH123
        asked = json.load(file)
    mounts, quota, uid = asked["mounts"], asked.get("quota"), asked["uid"]
    is_apart = (mounts or quota) and _libc.unshare(_NEW_MOUNT) == 0
    if mounts and not is_apart:
        _check(-1, "unshare")
    if is_apart:
        _mount("none", "/", "", _PRIVATE | _RECURSIVE)
        for kind, target, given in mounts:
            _show(target, given) if kind == "bind" else _fresh(target, given)
        if quota:
            _fresh(*quota)
    if uid is not None:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    if asked["dies_with_parent"]:
        _libc.prctl(_PARENT_DEATH, _KILL, 0, 0, 0)
    command = [*asked["command"], *sys.argv[2:]]
    os.execve(command[0], command, asked.get("env", {}))


def _show(target: str, source: str) -> None:
    if os.path.isdir(source):  # noqa: PTH112
        os.makedirs(target, exist_ok=True)  # noqa: PTH103
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)  # noqa: PTH103, PTH120
        with open(target, "ab"):  # noqa: PTH123
            pass
    _mount(source, target, "", _BIND | _RECURSIVE)


def _fresh(target: str, options: str) -> None:
    _mount("tmpfs", target, "tmpfs", _NO_SUID_NO_DEV, options)


def _mount(source: str, target: str, kind: str, flags: int, options: str = "") -> None:
    given = (source.encode(), target.encode(), kind.encode() or None)
    _check(_libc.mount(*given, ctypes.c_ulong(flags), options.encode() or None), f"mount {source}")


def _check(result: int, what: str) -> None:
    if result != 0:
        code = ctypes.get_errno()
        sys.exit(f"{what}: {os.strerror(code)}")


if __name__ == "__main__":
    main()
