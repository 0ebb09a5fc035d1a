"""Run inside the containment: sets up the targets, lets naive judges run attacks, and looks.

Prints what each attack reached, one line of JSON. Standard library only.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from . import questions
from .attack import Attack, Target
from .measuring import Measuring, amount, forget_peak, peak_bytes
from .rig import Rig
from .table import ATTACKS

MOST_GROWTH = 40 << 20
GRACE_SECONDS = 2.0
_ASIDE = 200
"""A descriptor that nothing else takes."""


@dataclass
class _Judged:
    """What a naive judge made of a program."""

    out: bytes
    err: bytes
    is_late: bool
    is_pass: bool


def _judge(attack: Attack, source: str, *, is_plain: bool) -> _Judged:
    limit = (questions.LIMITS | dict(attack.limits))["wall_seconds"]
    job = Path.home() / "job.json"
    asked = {"kind": attack.kind, "source": source, "wall_seconds": limit, "is_plain": is_plain}
    job.write_text(json.dumps(asked))
    reading, writing = os.pipe()
    os.dup2(writing, _ASIDE)
    os.close(writing)
    process = subprocess.Popen(
        [sys.executable, "-X", "utf8", "-m", "attacks.started", str(_ASIDE), str(job)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        pass_fds=[_ASIDE],
    )
    os.close(_ASIDE)
    report = bytearray()
    reader = threading.Thread(target=_read_all, args=(reading, report), daemon=True)
    reader.start()
    try:
        out, err = process.communicate(timeout=limit + GRACE_SECONDS)
        is_late = False
    except subprocess.TimeoutExpired as late:
        out, err, is_late = late.stdout or b"", late.stderr or b"", True
        process.kill()
        process.wait()
        process.stdout = process.stderr = None
    reader.join(0.1)
    passed = process.returncode == 0 or _says_passed(bytes(report))
    return _Judged(out, err, is_late, passed and attack.kind != "script")


def _read_all(reading: int, data: bytearray) -> None:
    while chunk := os.read(reading, 1 << 20):
        data += chunk
    os.close(reading)


def _says_passed(report: bytes) -> bool:
    """Return whether the first report says that all passed: whoever comes first is believed."""
    try:
        told, _ = json.JSONDecoder().raw_decode(report[: 1 << 16].decode(errors="replace"))
        return bool(0 < told["passed"] == told["total"])
    except (ValueError, KeyError, TypeError):
        return False


def examine(attack: Attack, rig: Rig) -> list[Target]:
    """Run an attack and return what it reached."""
    before, source = forget_peak(), rig.render(attack.source)
    with Measuring(is_on=attack.target in ("memory", "processes")) as measuring:
        judged = _judge(attack, source, is_plain=True)
    found: list[Target] = ["told"] if rig.is_told(judged.out, judged.err) else []
    found += rig.touched()
    if attack.target == "pass" and not judged.is_pass:
        judged = _judge(attack, source, is_plain=False)
    seen: dict[Target, bool] = {
        "pass": judged.is_pass,
        "time": judged.is_late,
        "growth": peak_bytes() - before > MOST_GROWTH,
        "amount": amount(judged.out) > attack.allowed,
        "memory": measuring.peak.memory_bytes > attack.allowed,
        "processes": measuring.peak.processes > attack.allowed,
    }
    found += [target for target, is_seen in seen.items() if is_seen]
    if attack.look:
        look = _judge(Attack("look", "state", ""), rig.render(attack.look), is_plain=True)
        found += ["state"] if rig.is_told(look.out) else []
    return found


def main(names: Iterable[str]) -> None:
    """Examine attacks one after another and print what each reached."""
    rig = Rig(Path.home())
    for name in names:
        # A fresh folder: some attacks spoil theirs.
        work = Path.home() / f"work-{name.replace('/', ' ')}"
        work.mkdir()
        os.chdir(work)
        print(json.dumps({"name": name, "reached": examine(ATTACKS[name], rig)}), flush=True)
    rig.close()


if __name__ == "__main__":
    main(sys.argv[1:])
