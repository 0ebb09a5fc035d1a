from __future__ import annotations

import errno
import struct

import pytest

from evalctl.executors.guest import seccomp
from evalctl.executors.guest.seccomp import MACHINES, Company

ALLOW, KILL, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
BOTH = sorted(MACHINES)


def verdict(program: bytes, audit: int, number: int, *arguments: int) -> int:
    """Return what a filter says of a call: a small machine for the instructions that we use."""
    data = struct.pack("=IIQ6Q", number, audit, 0, *arguments, *[0] * (6 - len(arguments)))
    lines = list(struct.iter_unpack("=HBBI", program))
    held, at = 0, 0
    for _ in range(10_000):
        code, yes, no, constant = lines[at]
        at += 1
        if code == 0x20:
            (held,) = struct.unpack_from("=I", data, constant)
        elif code == 0x54:
            held &= constant
        elif code == 0x06:
            return int(constant)
        else:
            holds = {0x15: held == constant, 0x35: held >= constant, 0x45: held & constant != 0}
            at += yes if holds[code] else no
    raise AssertionError("it does not end")


@pytest.mark.parametrize("name", BOTH)
def test_what_nobody_needs_is_refused_and_what_all_need_is_allowed(name: str) -> None:
    machine = MACHINES[name]
    standing = seccomp.standing(machine)
    for number in machine.denied:
        assert verdict(standing, machine.audit, number) == ERRNO | errno.EPERM
    assert verdict(standing, machine.audit, 435) == ERRNO | errno.ENOSYS
    assert verdict(standing, machine.audit, machine.ioctl, 0, 0x5412) == ERRNO | errno.EPERM
    assert verdict(standing, machine.audit, machine.ioctl, 0, 0x5401) == ALLOW
    assert verdict(standing, 0x40000003, 1) == KILL
    for number in {"x86_64": (0, 1, 9, 59, 257), "aarch64": (63, 64, 222, 221, 56)}[name]:
        assert verdict(standing, machine.audit, number) == ALLOW


def test_calls_of_the_other_abi_of_x86_are_refused() -> None:
    machine = MACHINES["x86_64"]
    refused = verdict(seccomp.standing(machine), machine.audit, 0x40000000 | 1)
    assert refused == ERRNO | errno.ENOSYS


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize("may_fork", [True, False])
def test_threads_are_always_allowed_and_forks_only_where_wanted(name: str, may_fork: bool) -> None:
    machine = MACHINES[name]
    program = seccomp.program(machine, may_fork=may_fork, may_connect=False)
    forked = ALLOW if may_fork else ERRNO | errno.EAGAIN
    assert verdict(program, machine.audit, machine.clone, 0x11) == forked
    assert verdict(program, machine.audit, machine.clone, 0x3D0F00) == ALLOW
    for flag in (0x80, 0x20000, 0x02000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000):
        made = verdict(program, machine.audit, machine.clone, flag | 0x3D0F00)
        assert made == ERRNO | errno.EPERM
    assert verdict(program, machine.audit, machine.mount) == ERRNO | errno.EPERM


@pytest.mark.parametrize("name", BOTH)
def test_sockets_are_refused_or_of_three_families(name: str) -> None:
    machine = MACHINES[name]
    closed = seccomp.program(machine, may_fork=True, may_connect=False)
    linked = seccomp.program(machine, may_fork=True, may_connect=True)
    for family in (1, 2, 10):
        assert verdict(closed, machine.audit, machine.socket, family) == ERRNO | errno.EPERM
        assert verdict(linked, machine.audit, machine.socket, family) == ALLOW
    for family in (16, 17, 31, 38, 40):
        refused = verdict(linked, machine.audit, machine.socket, family)
        assert refused == ERRNO | errno.EAFNOSUPPORT


@pytest.mark.parametrize("name", BOTH)
def test_guests_among_the_users_own_processes_reach_none_of_them(name: str) -> None:
    machine = MACHINES[name]
    company = Company(is_own_user=True, may_signal=False, may_cut=False)
    own = seccomp.shared(machine, company, may_connect=False)
    refused = (*machine.leaving, *machine.naming, *machine.signals, *machine.owning)
    for number in (*refused, machine.cutting):
        assert verdict(own, machine.audit, number) == ERRNO | errno.EPERM
    for number in machine.marking:
        assert verdict(own, machine.audit, number) == ERRNO
    for number in machine.steering:
        assert verdict(own, machine.audit, number, 0) == ALLOW
        assert verdict(own, machine.audit, number, 77) == ERRNO | errno.EPERM
    for kind, wanted in ((1, ALLOW), (0x80801, ALLOW), (2, ERRNO | 1), (5, ERRNO | 1)):
        assert verdict(own, machine.audit, machine.socketpair, 1, kind) == wanted


@pytest.mark.parametrize("name", BOTH)
def test_a_user_of_its_own_may_mark_its_files(name: str) -> None:
    machine = MACHINES[name]
    company = Company(is_own_user=False, may_signal=True, may_cut=True)
    apart = seccomp.shared(machine, company, may_connect=True)
    for number in (*machine.marking, *machine.signals, *machine.naming, machine.socketpair):
        assert verdict(apart, machine.audit, number, 5) == ALLOW
    for number in (*machine.leaving, *machine.owning):
        assert verdict(apart, machine.audit, number) == ERRNO | errno.EPERM
