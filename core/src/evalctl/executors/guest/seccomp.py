"""The system calls that a guest may not make, as programs for the kernel's packet filter.

Runs inside the sandbox: standard library only. What is denied here is denied on top of namespaces
and dropped capabilities, so that one hole is not enough.

Source: numbers from the kernel's syscall tables (arch/x86/entry/syscalls/syscall_64.tbl and
include/uapi/asm-generic/unistd.h); the filter's layout from seccomp(2).
"""

from __future__ import annotations

import errno
import struct
from typing import NamedTuple

_ALLOW = 0x7FFF0000
_KILL = 0x80000000
_ERRNO = 0x00050000

_LOAD = 0x20  # BPF_LD | BPF_W | BPF_ABS
_EQUAL = 0x15  # BPF_JMP | BPF_JEQ | BPF_K
_AT_LEAST = 0x35  # BPF_JMP | BPF_JGE | BPF_K
_ANY_BIT = 0x45  # BPF_JMP | BPF_JSET | BPF_K
_AND = 0x54  # BPF_ALU | BPF_AND | BPF_K
_RETURN = 0x06  # BPF_RET | BPF_K

_NUMBER, _ARCHITECTURE, _FIRST, _SECOND = 0, 4, 16, 24
"""Offsets in `struct seccomp_data`; of arguments, the low half: both machines are little-endian."""

CLONE_THREAD = 0x00010000
NEW_NAMESPACES = 0x7E020080
"""All CLONE_NEW* flags: time, mount, cgroup, uts, ipc, user, pid, net."""
_FAMILIES = (1, 2, 10)
"""AF_UNIX, AF_INET, AF_INET6."""
_TERMINAL_CONTROLS = (0x5412, 0x541C)
"""TIOCSTI and TIOCLINUX: typing into the terminal that started us."""


class Machine(NamedTuple):
    """What differs between processors."""

    audit: int
    """AUDIT_ARCH_* value."""
    denied: tuple[int, ...]
    """Numbers that are refused with EPERM."""
    forks: tuple[int, ...]
    """fork and vfork, where they exist."""
    clone: int
    socket: int
    ioctl: int
    mount: int
    socketpair: int
    leaving: tuple[int, ...]
    """setsid and setpgid: a guest that stays in its group is killed with all that it started."""
    naming: tuple[int, ...]
    """connect, bind, listen, and watching what others do to files."""
    signals: tuple[int, ...]
    cutting: int
    """truncate."""
    owning: tuple[int, ...]
    """Owners, extended attributes, priorities: of anything that the user owns."""
    marking: tuple[int, ...]
    """Modes and times of files by their path."""
    steering: tuple[int, ...]
    """Limits and processors of any process, whose number comes first; 0 is oneself."""
    has_x32: bool


class Company(NamedTuple):
    """What guests that share the host's namespaces could get at besides files' contents."""

    is_own_user: bool
    """Whether they run as the user whose files are there to be seen."""
    may_signal: bool
    """Whether something else keeps their signals to themselves."""
    may_cut: bool
    """Whether something else keeps them from cutting files short."""


_CLONE3 = 435
_PIDFD_OPEN = 434
_SHARED = (424, 425, 426, 427, 428, 429, 430, 431, 432, 433, 438, 442, 443, 447, 467)
"""Numbers alike on both: pidfd signals and copies, io_uring, the new mount calls, memfd_secret."""

MACHINES = {
    "x86_64": Machine(
        audit=0xC000003E,
        denied=(
            *_SHARED,
            *(101, 310, 311, 312, 298, 321, 323),  # ptrace, process_vm_*, kcmp, perf, bpf, uffd
            *(319, 303, 304, 272, 308),  # memfd_create, handles, unshare, setns
            *(155, 161, 166),  # pivot_root, chroot, umount2
            *(29, 30, 31, 67, 64, 65, 66, 220, 68, 69, 70, 71),  # System V IPC
            *(240, 241, 242, 243, 244, 245, 248, 249, 250),  # message queues, keys
            *(175, 176, 313, 246, 320, 169, 167, 168, 103, 163, 179),  # modules, boot, swap, log
            *(159, 164, 227, 305, 170, 171, 172, 173, 153, 154, 135),  # clocks, names, ports
            *(134, 136, 139, 156, 180, 212, 256, 279, 300),  # what is obsolete, pages, fanotify
        ),
        forks=(57, 58),
        clone=56,
        socket=41,
        ioctl=16,
        mount=165,
        socketpair=53,
        leaving=(112, 109),
        naming=(42, 49, 50, 254),
        signals=(62, 200, 234, 129, 297),
        cutting=76,
        owning=(
            *(92, 93, 94, 260, 188, 189, 190, 197, 198, 199, 463, 466),
            *(141, 142, 144, 314, 251),
        ),
        marking=(90, 268, 452, 132, 235, 261, 280),
        steering=(302, 203),
        has_x32=True,
    ),
    "aarch64": Machine(
        audit=0xC00000B7,
        denied=(
            *_SHARED,
            *(117, 270, 271, 272, 241, 280, 282),
            *(279, 264, 265, 97, 268),
            *(41, 51, 39),
            *(194, 195, 196, 197, 190, 191, 192, 193, 186, 187, 188, 189),
            *(180, 181, 182, 183, 184, 185, 217, 218, 219),
            *(105, 106, 273, 104, 294, 142, 224, 225, 116, 89, 60),
            *(171, 170, 112, 266, 161, 162, 58, 92),
            *(42, 18, 238, 239, 262),
        ),
        forks=(),
        clone=220,
        socket=198,
        ioctl=29,
        mount=40,
        socketpair=199,
        leaving=(157, 154),
        naming=(203, 200, 201, 27),
        signals=(129, 130, 131, 138, 240),
        cutting=45,
        owning=(54, 55, 5, 6, 7, 14, 15, 16, 463, 466, 140, 118, 119, 274, 30),
        marking=(53, 452, 88),
        steering=(261, 122),
        has_x32=False,
    ),
}
"""By `os.uname().machine`."""

Instruction = tuple[int, int, int, int]
"""Code, jump if true, jump if false, constant."""


def standing(machine: Machine) -> bytes:
    """Return the filter of everything that neither a guest nor the zygote has use for.

    It is long, so it is installed once, in the zygote; guests inherit it and add `program`.
    """
    lines = _opening(machine)
    if machine.has_x32:
        lines += [(_AT_LEAST, 0, 1, 0x40000000), _refuse(errno.ENOSYS)]
    # Threads are made with clone3 where it exists; refused, libraries fall back to clone, whose
    # flags a filter can see.
    lines += _when(_CLONE3, [_refuse(errno.ENOSYS)])
    lines += _when(machine.ioctl, _ioctl_rules())
    for number in machine.denied:
        lines += _when(number, [_refuse(errno.EPERM)])
    return _packed([*lines, (_RETURN, 0, 0, _ALLOW)])


def program(machine: Machine, *, may_fork: bool, may_connect: bool) -> bytes:
    """Return a guest's own filter, on top of `standing`.

    Args:
        machine: One of `MACHINES`.
        may_fork: Whether processes may be made; threads always may.
        may_connect: Whether sockets of the Internet and Unix families may be made.
    """
    lines = _opening(machine)
    lines += _when(machine.clone, _clone_rules(may_fork=may_fork))
    lines += _when(machine.socket, _socket_rules(may_connect=may_connect))
    for number in (machine.mount, _PIDFD_OPEN):
        lines += _when(number, [_refuse(errno.EPERM)])
    for number in () if may_fork else machine.forks:
        lines += _when(number, [_refuse(errno.EAGAIN)])
    return _packed([*lines, (_RETURN, 0, 0, _ALLOW)])


def shared(machine: Machine, company: Company, *, may_connect: bool) -> bytes:
    """Return the filter for guests that share their namespaces, on top of the other two.

    Landlock says which files may be opened; it knows nothing of modes, owners and times, nor of
    what one process may do to another of the same user.
    """
    lines = _opening(machine)
    denied = machine.leaving + machine.owning
    denied += () if may_connect else machine.naming
    denied += () if company.may_signal else machine.signals
    denied += () if company.may_cut else (machine.cutting,)
    for number in denied:
        lines += _when(number, [_refuse(errno.EPERM)])
    if company.is_own_user:
        # Not done, but not refused: copying a file ends with it, and programs do copy files.
        for number in machine.marking:
            lines += _when(number, [_refuse(0)])
    # The zygote is of the guest's user, whoever that is.
    for number in machine.steering:
        own = [(_LOAD, 0, 0, _FIRST), (_EQUAL, 1, 0, 0), _refuse(errno.EPERM)]
        lines += _when(number, [*own, (_RETURN, 0, 0, _ALLOW)])
    if not may_connect:
        # A pair of another type than stream could be turned to any listener on the host.
        stream = [(_LOAD, 0, 0, _SECOND), (_AND, 0, 0, 0xF), (_EQUAL, 1, 0, 1)]
        rules = [*stream, _refuse(errno.EPERM), (_RETURN, 0, 0, _ALLOW)]
        lines += _when(machine.socketpair, rules)
    return _packed([*lines, (_RETURN, 0, 0, _ALLOW)])


def _opening(machine: Machine) -> list[Instruction]:
    return [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, machine.audit),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
    ]


def _packed(lines: list[Instruction]) -> bytes:
    return b"".join(struct.pack("=HBBI", *line) for line in lines)


def _when(number: int, rules: list[Instruction]) -> list[Instruction]:
    """Return rules for one call; they must end in a return."""
    return [(_EQUAL, 0, len(rules), number), *rules]


def _refuse(code: int) -> Instruction:
    return (_RETURN, 0, 0, _ERRNO | code)


def _clone_rules(*, may_fork: bool) -> list[Instruction]:
    rules = [
        (_LOAD, 0, 0, _FIRST),
        (_ANY_BIT, 0, 1, NEW_NAMESPACES),
        _refuse(errno.EPERM),
    ]
    if not may_fork:
        rules += [(_ANY_BIT, 1, 0, CLONE_THREAD), _refuse(errno.EAGAIN)]
    return [*rules, (_RETURN, 0, 0, _ALLOW)]


def _ioctl_rules() -> list[Instruction]:
    rules: list[Instruction] = [(_LOAD, 0, 0, _SECOND)]
    for control in _TERMINAL_CONTROLS:
        rules += [(_EQUAL, 0, 1, control), _refuse(errno.EPERM)]
    return [*rules, (_RETURN, 0, 0, _ALLOW)]


def _socket_rules(*, may_connect: bool) -> list[Instruction]:
    if not may_connect:
        return [_refuse(errno.EPERM)]
    rules: list[Instruction] = [(_LOAD, 0, 0, _FIRST)]
    for family in _FAMILIES:
        rules += [(_EQUAL, 0, 1, family), (_RETURN, 0, 0, _ALLOW)]
    return [*rules, _refuse(errno.EAFNOSUPPORT)]
