"""A place where attacks may run unprotected, and reach nothing but the targets in it.

Namespaces of its own for everything, by bubblewrap, but none of what makes a sandbox: no filter of
system calls, no limits, namespaces may be made, all processes are of one user and see each other.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pydantic import JsonValue

from evalctl.executions import Profile
from evalctl.executors import bwrap, interpreter
from evalctl.executors.interpreter import Bind
from evalctl.executors.zygotes import enter_command, staging

from . import processes, questions
from .attack import Attack

_SLACK_SECONDS = 4.0
_BATCHES = 5
_USER = 900_002
"""Owns nothing on any ordinary system; taken where the tests run as root."""


def run(attacks: Sequence[Attack]) -> dict[str, list[str]]:
    """Return what each attack reached; `judge` where nobody was left to tell.

    What sends signals to others has a containment of its own; all others share some.
    """
    alone = [attack for attack in attacks if attack in processes.ATTACKS]
    shared = [attack for attack in attacks if attack not in processes.ATTACKS]
    batches = [shared[start::_BATCHES] for start in range(_BATCHES)]
    reached: dict[str, list[str]] = {}
    with ThreadPoolExecutor(_BATCHES) as pool:
        for found in pool.map(_contain, [*batches, *([attack] for attack in alone)]):
            reached |= found
    return reached


def _contain(attacks: Sequence[Attack]) -> dict[str, list[str]]:
    limits = [(questions.LIMITS | dict(attack.limits))["wall_seconds"] for attack in attacks]
    with tempfile.TemporaryDirectory(prefix="evalctl-rig-") as stage:
        Path(stage).chmod(0o755)
        process = subprocess.Popen(
            [*_command(Path(stage)), *(attack.name for attack in attacks)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={},
            start_new_session=True,
        )
        try:
            told, words = process.communicate(timeout=sum(limits) + _SLACK_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            told, words = process.communicate()
    found = {one["name"]: one["reached"] for one in map(json.loads, told.splitlines())}
    said = words.decode(errors="replace")[-2000:]
    assert len(found) == len(attacks) or len(attacks) == 1, said
    return {attack.name: found.get(attack.name, ["judge"]) for attack in attacks}


def _command(stage: Path) -> list[str]:
    program = bwrap.find_bwrap()
    assert program is not None, "these tests need bubblewrap"
    shown = [
        *interpreter.binds(Profile()),
        Bind(Path(__file__).parent, f"{interpreter.GUEST_FOLDER}/attacks"),
        Bind(Path("/etc/passwd"), "/etc/passwd"),
    ]
    if os.geteuid() != 0:
        return [str(program[0]), *_arguments(shown)]
    staged = [Bind(stage / str(number), bind.target) for number, bind in enumerate(shown)]
    entering: dict[str, JsonValue] = {
        "mounts": staging(stage, [*(bind.source for bind in shown), program[0]]),
        "uid": _USER,
        "dies_with_parent": True,
        "command": [f"{stage}/{len(shown)}", *_arguments(staged)],
    }
    return enter_command(entering, stage)


def _arguments(shown: list[Bind]) -> Iterator[str]:
    yield from ("--unshare-all", "--die-with-parent", "--uid", "1000", "--gid", "1000")
    for bind in shown:
        yield from ("--ro-bind", str(bind.source), bind.target)
    for text, place in interpreter.links():
        yield from ("--symlink", text, place)
    yield from ("--proc", "/proc", "--dev", "/dev", "--dir", "/home/user")
    yield from ("--dir", "/tmp", "--dir", "/var/tmp", "--clearenv", "--setenv", "HOME")
    yield from ("/home/user", "--setenv", "PYTHONPATH", interpreter.GUEST_FOLDER)
    yield from ("--setenv", "EVALCTL_RIG", f"evalctl-rig-secret-{secrets.token_hex(12)}")
    yield from ("--setenv", "PYTHONDONTWRITEBYTECODE", "1", "--chdir", "/home/user")
    yield from (str(interpreter.executable()), "-X", "utf8", "-m", "attacks.contained")
