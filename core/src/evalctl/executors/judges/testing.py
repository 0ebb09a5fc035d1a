"""Tests that are code: run in a sandbox of their own, or beside the program with a control."""

from __future__ import annotations

import random
import secrets
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, ValidationError

from evalctl.executions import (
    Ended,
    ExecutionRequest,
    ExecutionResult,
    Integrity,
    Launch,
    Reason,
    Sandbox,
)
from evalctl.executors.judges.controls import Control, of_asserts, of_cases
from evalctl.executors.judges.verdicts import make_result, refined, said, told
from evalctl.records import Record

_FOUND = {
    Reason.TAMPERED: "it passes tests that nothing can pass",
    Reason.NO_VERDICT: "it passed its tests once, and not again",
}


def _as_tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


class TestReport(Record):
    """What a guest says of its asserts or test cases."""

    __test__ = False  # no test class, whatever its name

    passed: int = Field(ge=0)
    total: int = Field(ge=0)
    raised: int = Field(default=0, ge=0)
    reached_end: bool
    error: str = ""
    nonce: str = ""
    held: Annotated[tuple[str, ...], BeforeValidator(_as_tuple)] = ()
    """Names of those that passed, where a control is made."""


def by_asserts(request: ExecutionRequest, code: str, sandbox: Sandbox) -> ExecutionResult:
    """Run tests and program in two sandboxes; beside each other only where they cannot be split."""
    asked = {"source": code, "entry_point": request.entry_point}
    tests = Launch(runner="tests", job=asked, limits=request.limits)
    program = Launch(runner="solution", job={"source": request.program}, limits=request.limits)
    judge, guest = sandbox.run_pair(tests, program)
    report = told(judge.report)
    if "unsplittable" in report:
        return _beside(request, code, sandbox, "inproc")
    if judge.reason is not Reason.OK:
        failed = guest if guest.reason not in (Reason.OK, Reason.CANCELLED) else judge
        return make_result(sandbox, [judge, guest], reason=refined(failed), integrity="split")
    if "program" in report:
        reason = Reason.NO_VERDICT if guest.reason is Reason.CANCELLED else refined(guest)
        if reason is Reason.OK:
            reason = Reason.NO_VERDICT
        error = said(guest) or str(report["program"])
        return make_result(sandbox, [judge, guest], reason=reason, error=error, integrity="split")
    return _verdict(sandbox, [judge, guest], _report(report), "split")


def by_cases(request: ExecutionRequest, code: str, sandbox: Sandbox) -> ExecutionResult:
    """Run `unittest` classes beside the program, whose files, frames and mocks they need."""
    return _beside(request, code, sandbox, "cases")


def _beside(
    request: ExecutionRequest, code: str, sandbox: Sandbox, runner: Literal["inproc", "cases"]
) -> ExecutionResult:
    """Run tests beside the program, and again for a program that passes, where some must fail."""
    ended, report = _in_process(request, code, sandbox, runner)
    if report is None:
        reason = Reason.NO_VERDICT if ended.reason is Reason.OK else refined(ended)
        return make_result(sandbox, [ended], reason=reason, integrity="inproc_control")
    if not _is_pass(report):
        return _verdict(sandbox, [ended], report, "inproc_control")
    held, chance = frozenset(report.held), random.SystemRandom()
    controls = of_asserts(code, held, chance) if runner == "inproc" else of_cases(code, chance)
    if not controls.needed <= held or not held:
        return _failed(sandbox, [ended], Reason.TAMPERED)
    runs = [ended]
    for control in controls.all:
        found = _controlled(request, control, sandbox, runner, runs, held)
        if found is not Reason.OK:
            return _failed(sandbox, runs, found)
    return _verdict(sandbox, runs, report, "inproc_control" if controls.all else "inproc")


def _failed(sandbox: Sandbox, runs: list[Ended], reason: Reason) -> ExecutionResult:
    error = _FOUND.get(reason, "")
    return make_result(sandbox, runs, reason=reason, error=error, integrity="inproc_control")


def _controlled(  # noqa: PLR0913  # one step of `_beside`
    request: ExecutionRequest,
    control: Control,
    sandbox: Sandbox,
    runner: Literal["inproc", "cases"],
    runs: list[Ended],
    held: frozenset[str],
) -> Reason:
    """Return `ok` where just those tests fail that must; twice, since honest tests may be flaky."""
    for _ in range(2):
        ended, report = _in_process(request, control.source, sandbox, runner)
        runs.append(ended)
        if ended.reason in (Reason.SANDBOX_ERROR, Reason.WALL_TIMEOUT, Reason.CPU_TIMEOUT):
            return ended.reason
        if report is not None and control.changed & set(report.held):
            return Reason.TAMPERED
        if report is not None and frozenset(report.held) == held - control.changed:
            return Reason.OK
    return Reason.NO_VERDICT


def _in_process(
    request: ExecutionRequest, code: str, sandbox: Sandbox, runner: Literal["inproc", "cases"]
) -> tuple[Ended, TestReport | None]:
    nonce = secrets.token_hex(16)
    job = {"source": request.program, "tests": code, "nonce": nonce}
    ended = sandbox.run(Launch(runner=runner, job=job, limits=request.limits))
    report = _report(told(ended.report)) if ended.reason is Reason.OK else None
    return ended, report if report is not None and report.nonce == nonce else None


def _is_pass(report: TestReport) -> bool:
    return report.reached_end and 0 < report.passed == report.total


def _verdict(
    sandbox: Sandbox, runs: list[Ended], report: TestReport | None, integrity: Integrity
) -> ExecutionResult:
    if report is None or report.passed > report.total:
        return make_result(sandbox, runs, reason=Reason.PROTOCOL_VIOLATION, integrity=integrity)
    return make_result(
        sandbox,
        runs,
        reason=Reason.OK,
        ran=report.reached_end and report.raised == 0,
        counts=(report.passed, report.total),
        error=report.error,
        integrity=integrity,
    ).model_copy(update={"passed": _is_pass(report)})


def _report(words: dict[str, object]) -> TestReport | None:
    try:
        return TestReport.model_validate(words, strict=True)
    except ValidationError:
        return None
