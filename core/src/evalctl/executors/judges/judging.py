"""From a request to a result: which guests run, and what their ends and reports prove."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence

from pydantic import Field, ValidationError

from evalctl.executions import (
    Ended,
    ExecutionRequest,
    ExecutionResult,
    Integrity,
    Launch,
    Reason,
    Sandbox,
    StdioTest,
)
from evalctl.executors.judges.output import same_output
from evalctl.records import Record


class AssertReport(Record):
    """What a guest says of its asserts."""

    passed: int = Field(ge=0)
    total: int = Field(ge=0)
    raised: int = Field(default=0, ge=0)
    reached_end: bool
    error: str = ""
    nonce: str = ""


def execute(request: ExecutionRequest, sandbox: Sandbox) -> ExecutionResult:
    """Run a program, judge it, and say where the verdict was formed.

    A failure on our side is tried once more, in what the sandbox then opens afresh; if it stays,
    the result has the reason `sandbox_error` and no verdict.
    """
    result = _once(request, sandbox)
    if result.reason is Reason.SANDBOX_ERROR:
        result = _once(request, sandbox)
    return result


def _once(request: ExecutionRequest, sandbox: Sandbox) -> ExecutionResult:
    if request.tests is None:
        return _plain(request, sandbox)
    if request.tests.stdio:
        return _by_output(request, request.tests.stdio, sandbox)
    return _by_asserts(request, request.tests.code, sandbox)


def _script(request: ExecutionRequest, stdin: str) -> Launch:
    return Launch(
        runner="script",
        job={"source": request.program},
        stdin=stdin.encode("utf-8", "surrogatepass"),
        limits=request.limits,
    )


def _plain(request: ExecutionRequest, sandbox: Sandbox) -> ExecutionResult:
    ended = sandbox.run(_script(request, request.stdin))
    return _result(sandbox, [ended], reason=_refined(ended), ran=ended.reason is Reason.OK)


def _by_output(
    request: ExecutionRequest, tests: Sequence[StdioTest], sandbox: Sandbox
) -> ExecutionResult:
    """Run the program on every input and compare here; expected output never goes inside.

    A run out of time ends the judging, and the tests behind it count as failed: a program that
    never ends would otherwise take its limit once for every test.
    """
    runs: list[Ended] = []
    passed = 0
    for test in tests:
        ended = sandbox.run(_script(request, test.stdin))
        runs.append(ended)
        if ended.reason is Reason.OK and same_output(ended.stdout, test.expected):
            passed += 1
        if ended.reason in (Reason.WALL_TIMEOUT, Reason.CPU_TIMEOUT, Reason.SANDBOX_ERROR):
            break
    broken = next((ended for ended in runs if ended.reason is not Reason.OK), None)
    return _result(
        sandbox,
        runs,
        reason=Reason.OK if broken is None else _refined(broken),
        ran=broken is None,
        counts=(passed, len(tests)),
        integrity="io",
    )


def _by_asserts(request: ExecutionRequest, code: str, sandbox: Sandbox) -> ExecutionResult:
    """Run tests and program in two sandboxes; beside each other only where they cannot be split."""
    asked = {"source": code, "entry_point": request.entry_point}
    tests = Launch(runner="tests", job=asked, limits=request.limits)
    program = Launch(runner="solution", job={"source": request.program}, limits=request.limits)
    judge, guest = sandbox.run_pair(tests, program)
    told = _json(judge.report)
    if "unsplittable" in told:
        return _beside(request, code, sandbox)
    if judge.reason is not Reason.OK:
        failed = guest if guest.reason not in (Reason.OK, Reason.CANCELLED) else judge
        return _result(sandbox, [judge, guest], reason=_refined(failed), integrity="split")
    if "program" in told:
        reason = Reason.NO_VERDICT if guest.reason is Reason.CANCELLED else _refined(guest)
        if reason is Reason.OK:
            reason = Reason.NO_VERDICT
        error = _error(guest) or str(told["program"])
        return _result(sandbox, [judge, guest], reason=reason, error=error, integrity="split")
    return _verdict(sandbox, [judge, guest], _asserts(told), "split")


def _beside(request: ExecutionRequest, code: str, sandbox: Sandbox) -> ExecutionResult:
    """Run tests beside the program, and a passing program once more where nothing may pass."""
    runs, report = _in_process(request, code, sandbox, is_control=False)
    first = runs[0]
    if report is None:
        reason = Reason.NO_VERDICT if first.reason is Reason.OK else _refined(first)
        return _result(sandbox, runs, reason=reason, integrity="inproc_control")
    if not _is_pass(report):
        return _verdict(sandbox, runs, report, "inproc_control")
    again, control = _in_process(request, code, sandbox, is_control=True)
    if again[0].reason is Reason.SANDBOX_ERROR:
        return _result(sandbox, again, reason=Reason.SANDBOX_ERROR)
    if control is None or control.passed > 0:
        return _result(
            sandbox,
            [*runs, *again],
            reason=Reason.TAMPERED,
            error="it passes tests that nothing can pass",
            integrity="inproc_control",
        )
    return _verdict(sandbox, [*runs, *again], report, "inproc_control")


def _in_process(
    request: ExecutionRequest, code: str, sandbox: Sandbox, *, is_control: bool
) -> tuple[list[Ended], AssertReport | None]:
    nonce = secrets.token_hex(16)
    job = {"source": request.program, "tests": code, "nonce": nonce, "is_control": is_control}
    ended = sandbox.run(Launch(runner="inproc", job=job, limits=request.limits))
    report = _asserts(_json(ended.report)) if ended.reason is Reason.OK else None
    return [ended], report if report is not None and report.nonce == nonce else None


def _is_pass(report: AssertReport) -> bool:
    return report.reached_end and 0 < report.passed == report.total


def _verdict(
    sandbox: Sandbox, runs: list[Ended], report: AssertReport | None, integrity: Integrity
) -> ExecutionResult:
    if report is None or report.passed > report.total:
        return _result(sandbox, runs, reason=Reason.PROTOCOL_VIOLATION, integrity=integrity)
    return _result(
        sandbox,
        runs,
        reason=Reason.OK,
        ran=report.reached_end and report.raised == 0,
        counts=(report.passed, report.total),
        error=report.error,
        integrity=integrity,
    ).model_copy(update={"passed": _is_pass(report)})


def _result(  # noqa: PLR0913  # the parts of one value, each named where it is given
    sandbox: Sandbox,
    runs: Sequence[Ended],
    *,
    reason: Reason,
    ran: bool = False,
    counts: tuple[int, int] = (0, 0),
    error: str = "",
    integrity: Integrity | None = None,
) -> ExecutionResult:
    last = runs[-1]
    passed, total = counts
    is_judged = integrity is not None and reason is not Reason.SANDBOX_ERROR
    return ExecutionResult(
        reason=reason,
        passed=(0 < passed == total and reason is Reason.OK) if is_judged else None,
        tests_passed=passed,
        tests_total=total,
        ran=ran,
        error=error or _error(last),
        exit_code=last.exit_code,
        signal=last.signal,
        stdout=last.stdout,
        stderr=last.stderr,
        is_truncated=any(ended.is_truncated for ended in runs),
        wall_seconds=sum(ended.wall_seconds for ended in runs),
        cpu_seconds=sum(ended.cpu_seconds for ended in runs),
        max_rss_bytes=max(ended.max_rss_bytes for ended in runs),
        integrity=integrity if is_judged else None,
        isolation=sandbox.isolation,
        harness_error=next((e.harness_error for e in runs if e.harness_error), ""),
    )


def _refined(ended: Ended) -> Reason:
    """Return why a program failed, as far as its own last words tell; no verdict rests on it."""
    name = str(_json(ended.report).get("error", ""))
    if ended.reason is not Reason.NONZERO_EXIT:
        return ended.reason
    if name in ("SyntaxError", "IndentationError", "TabError"):
        return Reason.COMPILE_ERROR
    return Reason.MEMORY if name == "MemoryError" else ended.reason


def _error(ended: Ended) -> str:
    told = _json(ended.report)
    if "message" in told:
        return f"{told.get('error', '')}: {told['message']}"[:500]
    return ""


def _json(report: bytes) -> dict[str, object]:
    """Return a report as an object; an empty one where it is none."""
    try:
        told = json.loads(report)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _asserts(told: dict[str, object]) -> AssertReport | None:
    try:
        return AssertReport.model_validate(told, strict=True)
    except ValidationError:
        return None
