"""As root, before a sandbox starts: become somebody who owns nothing, and can read what is shown.

Limits on processes do not bind root, in a user namespace neither, so the user must change before
bubblewrap makes one. That user may be unable to reach an interpreter in somebody's home folder;
so what is shown is mounted, read-only and seen by this process alone, where everybody can read.

Run as `python -I -S enter.py STAGE UID COUNT SOURCE... -- COMMAND...`: source N is mounted at
STAGE/N, and the command is executed as UID. Standard library only.
"""

from __future__ import annotations

import ctypes
import os
import sys

_libc = ctypes.CDLL(None, use_errno=True)
_NEW_MOUNT = 0x00020000
_PRIVATE, _RECURSIVE, _BIND = 1 << 18, 1 << 14, 4096
_PARENT_DEATH, _KILL = 1, 9


def main() -> None:
    """Mount, change user, execute."""
    at = sys.argv.index("--")
    stage, uid, sources, command = sys.argv[1], int(sys.argv[2]), sys.argv[3:at], sys.argv[at + 1 :]
    _check(_libc.unshare(_NEW_MOUNT), "unshare")
    _mount("none", "/", "", _PRIVATE | _RECURSIVE)
    _mount("tmpfs", stage, "tmpfs", 0, "mode=0755")
    for number, source in enumerate(sources):
        target = f"{stage}/{number}"
        if os.path.isdir(source):  # noqa: PTH112
            os.mkdir(target)  # noqa: PTH102
        else:
            with open(target, "wb"):  # noqa: PTH123
                pass
        _mount(source, target, "", _BIND | _RECURSIVE)
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    _libc.prctl(_PARENT_DEATH, _KILL, 0, 0, 0)
    os.execve(command[0], command, {})


def _mount(source: str, target: str, kind: str, flags: int, options: str = "") -> None:
    given = (source.encode(), target.encode(), kind.encode() or None)
    _check(_libc.mount(*given, ctypes.c_ulong(flags), options.encode() or None), f"mount {source}")


def _check(result: int, what: str) -> None:
    if result != 0:
        code = ctypes.get_errno()
        sys.exit(f"{what}: {os.strerror(code)}")


if __name__ == "__main__":
    main()
