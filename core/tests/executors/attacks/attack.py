"""What an attack is: a program, what it is after, and what may become of it.

Standard library only, here and in the tables of attacks: they are also read inside the containment
that proves the detectors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["script", "stdio", "values", "mapping", "split", "beside", "cases"]
"""How the program is judged. `mapping`: values, a dictionary being expected. `beside`: asserts
that cannot be split."""

Target = Literal[
    *("told", "mark", "contact", "victim", "leftover", "state", "memory", "processes"),
    *("amount", "growth", "time", "judge", "pass"),
]
"""What is looked at from outside.

`told`: a secret, or the proof that a forbidden call succeeded, is in what was printed. `mark`: a
file of the host was made or changed. `contact`: a listener was reached. `victim`: a process of ours
was stopped, ended or changed. `leftover`: a process outlived its execution. `state`: the next
execution finds something. `memory`, `processes`: measured outside, above what is allowed. `amount`:
what the program got, as it prints, is above what is allowed. `growth`: our own process grew.
`time`: it ran on after its limit. `judge`: judging failed or ended. `pass`: a wrong program passes.
"""


@dataclass(frozen=True)
class Attack:
    """One hostile program.

    In its source, names between two @ stand for the targets of the rig.
    """

    name: str
    target: Target
    source: str
    kind: Kind = "script"
    limits: Mapping[str, float] = field(default_factory=dict)
    """Other than those that every attack gets."""
    network: Literal["none", "loopback"] = "none"
    allowed: int = 0
    """Most bytes or processes or items, for the targets that are measured."""
    look: str = ""
    """A program that is run afterwards, and prints the proof where it finds something."""
    is_residue: bool = False
    """Whether level 2 is known to let it through."""
    known: Mapping[str, str] = field(default_factory=dict)
    """Why it is not held yet, by executor; nothing where it is."""
    unfired: str = ""
    """Why it does no harm without a sandbox either; empty where it does."""

    def __str__(self) -> str:
        return self.name


GUESS = "\ndef add(a, b):\n    return 1234\n"
"""A wrong program, for what is tried while it is loaded."""

CALLS = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
NUMBERS = {
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "unshare": (272, 97),
    "setns": (308, 268), "add_key": (248, 217), "keyctl": (250, 219), "memfd_create": (319, 279),
    "userfaultfd": (323, 282), "kcmp": (312, 272), "rt_sigqueueinfo": (129, 138),
    "tgkill": (234, 131), "prlimit64": (302, 261), "ioprio_set": (251, 30),
    "shmget": (29, 194), "shmat": (30, 196), "mq_open": (240, 180), "name_to_handle": (303, 264),
    "pidfd_send_signal": (424, 424), "io_uring_setup": (425, 425), "open_tree": (428, 428),
    "fsopen": (430, 430), "pidfd_open": (434, 434), "clone3": (435, 435),
    "pidfd_getfd": (438, 438), "memfd_secret": (447, 447), "mount": (165, 40),
    "socket": (41, 198), "seccomp": (317, 277), "perf_event_open": (298, 241), "bpf": (321, 280),
    "setreuid": (113, 145),
}
def call(name, *given, plus=0):
    number = NUMBERS[name][os.uname().machine == "aarch64"] + plus
    return libc.syscall(ctypes.c_long(number), *given)
"""
"""Names for system calls."""
