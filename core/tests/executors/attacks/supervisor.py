"""Run as `python -m … EXECUTOR [NAME...]`: tries attacks on an executor and prints what became of
each, one line of JSON.

A process of its own, so that its memory is its own, and its death is seen.
"""

from __future__ import annotations

import json
import sys
import time
import traceback
from collections.abc import Iterable
from pathlib import Path

from evalctl.executions import (
    CallTest,
    ExecutionRequest,
    ExecutionResult,
    Limits,
    Profile,
    ProgramTests,
    Reason,
    Sandbox,
    StdioTest,
)
from evalctl.executors.judges import execute
from evalctl.executors.programs import score_of

from . import questions
from .attack import Attack, Kind, Target
from .measuring import Measuring, amount, forget_peak, peak_bytes, used
from .openers import OPENERS
from .rig import Rig
from .table import ATTACKS

MOST_GROWTH = 40 << 20
_made: list[str] = []
"""Folders for temporary files that this process made; some are gone."""
TESTS: dict[Kind, ProgramTests | None] = {
    "script": None,
    "stdio": ProgramTests(
        stdio=tuple(StdioTest(stdin=given, expected=wanted) for given, wanted in questions.STDIO)
    ),
    "values": ProgramTests(
        calls=tuple(CallTest(args=given, expected=wanted) for given, wanted in questions.PAIRS)
    ),
    "mapping": ProgramTests(
        calls=tuple(CallTest(args=given, expected=wanted) for given, wanted in questions.MAPPING)
    ),
    "split": ProgramTests(code=questions.ASSERTS),
    "beside": ProgramTests(code=questions.BESIDE),
    "cases": ProgramTests(unittest=questions.CASES),
}


def request(kind: Kind, program: str, limits: dict[str, float], name: str) -> ExecutionRequest:
    """Return what is asked for a program that is judged in some way."""
    return ExecutionRequest(
        id=name,
        program=program,
        entry_point="add",
        tests=TESTS[kind],
        limits=Limits.model_validate(questions.LIMITS | limits),
    )


def is_right(result: ExecutionResult, kind: Kind) -> bool:
    """Return whether a right program was found to be one."""
    return result.stdout == b"alive\n" if kind == "script" else result.passed is True


class Trial:
    """Attacks on one executor, its targets around it."""

    def __init__(self, executor: str) -> None:
        self.rig = Rig(Path.home())
        opener = OPENERS[executor].open
        self.sandboxes: dict[str, Sandbox] = {
            "none": opener(Profile()),
            "loopback": opener(Profile(network="loopback")),
        }

    def close(self) -> None:
        """Give everything back."""
        for sandbox in self.sandboxes.values():
            sandbox.close()
        self.rig.close()

    def attack(self, attack: Attack) -> dict[str, object]:
        """Try one attack, then a right program; return what was seen."""
        sandbox = self.sandboxes[attack.network]
        source = self.rig.render(attack.source)
        asked = request(attack.kind, source, dict(attack.limits), attack.name)
        before, began = forget_peak(), time.monotonic()
        with Measuring(is_on=attack.target in ("memory", "processes")) as measuring:
            result = self.execute(asked, sandbox)
        seconds = time.monotonic() - began
        told = self.rig.is_told(result.stdout, result.stderr, result.error)
        found: list[Target] = ["told"] if told else []
        found += self.rig.touched()
        found += _measured(attack, measuring, result.stdout)
        if result.passed:
            found.append("pass")
        if result.harness_error:
            found.append("judge")
        if seconds > asked.limits.wall_seconds + 2:
            found.append("time")
        if peak_bytes() - before > MOST_GROWTH:
            found.append("growth")
        if attack.look and self._finds(attack, sandbox):
            found.append("state")
        right = request(attack.kind, questions.RIGHT[attack.kind], {}, "right")
        return {
            "name": attack.name,
            "reached": found,
            "reason": result.reason.value,
            "integrity": result.integrity,
            "error": result.error[:200] or result.harness_error[:300],
            "seconds": round(seconds, 3),
            "control": is_right(self.execute(right, sandbox), attack.kind),
        }

    def _finds(self, attack: Attack, sandbox: Sandbox) -> bool:
        look = request("script", self.rig.render(attack.look), dict(attack.limits), "look")
        result = self.execute(look, sandbox)
        return self.rig.is_told(result.stdout)

    def execute(self, asked: ExecutionRequest, sandbox: Sandbox) -> ExecutionResult:
        """Run a program, judge it, and write its score down, as a run of evalctl does."""
        try:
            result = execute(asked, sandbox)
            score_of(result, "").model_dump_json()
        except Exception:  # noqa: BLE001  # the judge's end is what some attacks are after
            said = traceback.format_exc(limit=-2)
            return ExecutionResult(reason=Reason.SANDBOX_ERROR, harness_error=said)
        return result


def _measured(attack: Attack, measuring: Measuring, stdout: bytes) -> list[Target]:
    found: list[Target] = []
    if attack.target == "memory" and measuring.peak.memory_bytes > attack.allowed:
        found.append("memory")
    if attack.target == "processes" and measuring.peak.processes > attack.allowed:
        found.append("processes")
    if attack.target == "amount" and amount(stdout) > attack.allowed:
        found.append("amount")
    return found


def holdings() -> dict[str, int]:
    """Return what this process holds that must not grow."""
    return {
        "descriptors": len(list(Path("/proc/self/fd").iterdir())),
        "processes": used().processes,
        "folders": sum(Path(folder).exists() for folder in _made),
    }


def keep_folders(event: str, arguments: tuple[object, ...]) -> None:
    """Note folders for temporary files; to be added as an audit hook."""
    if event == "tempfile.mkdtemp":
        _made.append(str(arguments[0]))


def main(executor: str, names: Iterable[str]) -> None:
    """Try all attacks, or those that are named, and print a line for each and one at the end."""
    sys.addaudithook(keep_folders)
    trial = Trial(executor)
    try:
        for kind in questions.RIGHT:  # everything is open, and has been used once
            for sandbox in trial.sandboxes.values():
                execute(request(kind, questions.RIGHT[kind], {}, "first"), sandbox)
        before, peak = holdings(), peak_bytes()
        for name in names or ATTACKS:
            print(json.dumps({"begins": name}), flush=True)
            print(json.dumps(trial.attack(ATTACKS[name])), flush=True)
        grown = {key: value - before[key] for key, value in holdings().items()}
        print(json.dumps({"grown": grown | {"memory": peak_bytes() - peak}}), flush=True)
    finally:
        trial.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
