"""Landlock: which files a process may open from now on, and whom it may signal or connect to.

Runs inside the sandbox: standard library only.

Source: numbers and layouts from include/uapi/linux/landlock.h; what each version of the interface
added, from the kernel's Documentation/userspace-api/landlock.rst.
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from collections.abc import Iterable

_CREATE, _ADD_RULE, _RESTRICT = 444, 445, 446
"""System calls, alike on all machines."""
_ASK_VERSION = 1
_PATH_BENEATH = 1

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_FIRST_FILE_RIGHTS = (1 << 13) - 1
_LATER_FILE_RIGHTS = {2: 1 << 13, 3: 1 << 14, 5: 1 << 15}
"""By version: linking to other folders, cutting files, device controls."""
_DEVICES = (1 << 6) | (1 << 11)
"""Making character and block devices."""
_TCP_RIGHTS = {4: 0b11}
_SCOPES = {6: 0b11}
"""Abstract Unix sockets and signals stay within the domain."""
READ = _EXECUTE | _READ_FILE | _READ_DIR
"""To read and execute files, and to read names of folders."""
LIST = _READ_DIR
"""To read names alone."""
USE = _READ_FILE | _WRITE_FILE
"""Of devices."""
OWN = ((1 << 16) - 1) & ~_DEVICES
"""Everything but making devices."""
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | (1 << 14) | (1 << 15)
"""Rights that a rule for something else than a folder may give."""
SCOPED_SIGNALS = 6
"""First version that keeps signals within the domain."""
CUT_FILES = 3
"""First version that refuses `truncate` of what may not be written."""

_libc = ctypes.CDLL(None, use_errno=True)


def version() -> int:
    """Return the version of Landlock's interface that this kernel has; 0 where it has none."""
    found = _libc.syscall(
        ctypes.c_long(_CREATE), None, ctypes.c_size_t(0), ctypes.c_uint(_ASK_VERSION)
    )
    return max(0, int(found))


def restrict(rules: Iterable[tuple[Iterable[str], int]], own: int) -> None:
    """Leave this process, and what it will start, no more than some rights below some paths.

    It must have given up new privileges before. Paths that are not there are left out. Restricted
    twice, a process may do what both allow.

    Args:
        rules: Paths, and one of the rights `READ`, `LIST`, `USE` and `OWN`.
        own: The version to speak, at most that of the kernel.

    Raises:
        OSError: The kernel refused.
    """
    handled = _with_later(_FIRST_FILE_RIGHTS, _LATER_FILE_RIGHTS, own)
    tcp, scopes = (_with_later(0, later, own) for later in (_TCP_RIGHTS, _SCOPES))
    attributes = struct.pack("=QQQ", handled, tcp, scopes)
    # A version knows the fields up to its own alone, and refuses a longer structure.
    known = 8 if own < 4 else 16 if own < SCOPED_SIGNALS else 24
    ruleset = _call(_CREATE, attributes[:known], ctypes.c_size_t(known), ctypes.c_uint(0))
    for paths, rights in rules:
        for path in paths:
            _allow(ruleset, path, rights & handled)
    _call(_RESTRICT, ctypes.c_int(ruleset), ctypes.c_uint(0))
    os.close(ruleset)


def _with_later(rights: int, later: dict[int, int], version: int) -> int:
    for since, more in later.items():
        rights |= more if version >= since else 0
    return rights


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    is_folder = stat.S_ISDIR(os.fstat(fd).st_mode)
    rule = struct.pack("=Qi", rights if is_folder else rights & _OF_FILES, fd)
    try:
        _call(_ADD_RULE, ctypes.c_int(ruleset), ctypes.c_int(_PATH_BENEATH), rule, ctypes.c_uint(0))
    finally:
        os.close(fd)


def _call(number: int, *given: object) -> int:
    result = int(_libc.syscall(ctypes.c_long(number), *given))
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"landlock {number}: {os.strerror(code)}")
    return result
