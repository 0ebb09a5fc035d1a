"""Giving up rights before a guest's code runs: limits, capabilities, system calls.

Runs inside the sandbox: standard library only.
"""

from __future__ import annotations

import ctypes
import functools
import os
import resource
import struct
from collections.abc import Mapping

from . import seccomp

_libc = ctypes.PyDLL(None, use_errno=True)
"""PyDLL: the interpreter's lock stays held, as it must between a raw clone and its after-care."""

_SET_DUMPABLE, _NO_NEW_PRIVILEGES, _SET_SECCOMP, _AMBIENT, _ADOPT = 4, 38, 22, 47, 36
_FILTER, _CLEAR_ALL = 2, 4
_CAPABILITY_VERSION = 0x20080522
_CAPSET = {"x86_64": 126, "aarch64": 91}
_CLONE = {"x86_64": 56, "aarch64": 220}
MACHINE = os.uname().machine

NEW_PID, NEW_MOUNT, NEW_IPC = 0x20000000, 0x00020000, 0x08000000
_SIGCHLD = 17

Limits = Mapping[str, float]
"""The fields of `evalctl.executions.Limits`."""


def prctl(option: int, second: int = 0, third: int = 0) -> None:
    """Ask the kernel for a change to this process alone.

    Raises:
        OSError: It was refused.
    """
    none = ctypes.c_ulong(0)
    given = (ctypes.c_ulong(second), ctypes.c_ulong(third))
    _check(_libc.prctl(ctypes.c_int(option), *given, none, none), f"prctl {option}")


def hide() -> None:
    """Make this process unreadable to others of its user: /proc/PID/mem, environ, ptrace."""
    prctl(_SET_DUMPABLE, 0)


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends."""
    prctl(_ADOPT, 1)


def gain_nothing() -> None:
    """Give up that anything executed from now on brings more rights."""
    prctl(_NO_NEW_PRIVILEGES, 1)


def clone(flags: int) -> int:
    """Fork into new namespaces; return 0 in the child, its pid in the parent.

    `os.fork` cannot pass flags, and `unshare` makes a new pid namespace once per process only.

    Raises:
        OSError: The kernel refused.
    """
    pythonapi = ctypes.pythonapi
    pythonapi.PyOS_BeforeFork()
    zero = ctypes.c_long(0)
    number = ctypes.c_long(_CLONE[MACHINE])
    pid: int = _libc.syscall(number, ctypes.c_long(flags | _SIGCHLD), zero, zero, zero, zero)
    code = ctypes.get_errno()
    if pid == 0:
        pythonapi.PyOS_AfterFork_Child()
        return 0
    pythonapi.PyOS_AfterFork_Parent()
    if pid < 0:
        raise OSError(code, f"clone: {os.strerror(code)}")
    return pid


def mount(kind: str, target: str, options: str = "") -> None:
    """Mount a fresh file system of a kind, without devices and set-uid programs.

    Raises:
        OSError: The kernel refused.
    """
    no_suid_no_dev = 2 | 4
    given = (kind.encode(), target.encode(), kind.encode())
    result = _libc.mount(*given, ctypes.c_ulong(no_suid_no_dev), options.encode() or None)
    _check(result, f"mount {kind} on {target}")


def set_limits(limits: Limits, *, others: int) -> None:
    """Set the limits of this process and its children.

    Args:
        limits: What the execution may use.
        others: Processes of our own that count under the same user in this namespace.
    """
    memory = int(limits["memory_bytes"])
    cpu = max(1, round(limits["cpu_seconds"]))
    for kind, soft, hard in (
        (resource.RLIMIT_AS, memory, memory),
        (resource.RLIMIT_CPU, cpu, cpu + 1),
        (resource.RLIMIT_FSIZE, int(limits["file_bytes"]), int(limits["file_bytes"])),
        (resource.RLIMIT_NOFILE, int(limits["open_files"]), int(limits["open_files"])),
        # 1 and not 0: a host's handler of crashes is called whatever the limit is, but for 1.
        (resource.RLIMIT_CORE, 1, 1),
        (resource.RLIMIT_MEMLOCK, 0, 0),
        (resource.RLIMIT_NPROC, int(limits["threads"]) + others, int(limits["threads"]) + others),
    ):
        resource.setrlimit(kind, (soft, hard))


def give_up(*, may_fork: bool, may_connect: bool) -> None:
    """Drop all capabilities for good and install the guest's own filter of system calls.

    The bounding set stays: without new privileges nothing is ever taken from it.
    """
    prctl(_AMBIENT, _CLEAR_ALL)
    header = struct.pack("=Ii", _CAPABILITY_VERSION, 0)
    _check(_libc.syscall(ctypes.c_long(_CAPSET[MACHINE]), header, bytes(24)), "capset")
    _filter(_rules(may_fork, may_connect))


def hold_back() -> None:
    """Refuse this process and its children what no guest may do, nor needs to be done for one."""
    _filter(seccomp.standing(seccomp.MACHINES[MACHINE]))


def give_up_shared(company: seccomp.Company, *, may_connect: bool) -> None:
    """Install the filter for guests that are not alone: others' processes or files are there."""
    _filter(seccomp.shared(seccomp.MACHINES[MACHINE], company, may_connect=may_connect))


def _filter(rules: bytes) -> None:
    gain_nothing()
    held = ctypes.create_string_buffer(rules, len(rules))
    filled = struct.pack("@HP", len(rules) // 8, ctypes.addressof(held))
    program = ctypes.create_string_buffer(filled, len(filled))
    prctl(_SET_SECCOMP, _FILTER, ctypes.addressof(program))


@functools.cache
def _rules(may_fork: bool, may_connect: bool) -> bytes:  # cache keys
    return seccomp.program(seccomp.MACHINES[MACHINE], may_fork=may_fork, may_connect=may_connect)


def ready() -> None:
    """Make all filters once, so that no guest spends its time on it."""
    for may_fork in (False, True):
        for may_connect in (False, True):
            _rules(may_fork, may_connect)


def _check(result: int, what: str) -> None:
    if result != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")
