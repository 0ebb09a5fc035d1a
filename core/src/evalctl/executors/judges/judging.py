"""From a request to a result: which guests run, and what their ends and reports prove."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import partial

from evalctl.executions import (
    Ended,
    ExecutionRequest,
    ExecutionResult,
    Launch,
    Reason,
    Sandbox,
    StdioTest,
)
from evalctl.executors.judges import building
from evalctl.executors.judges.flags import flags
from evalctl.executors.judges.output import same_output
from evalctl.executors.judges.testing import by_asserts, by_cases
from evalctl.executors.judges.values import by_values
from evalctl.executors.judges.verdicts import make_result, refined, told


def execute(request: ExecutionRequest, sandbox: Sandbox) -> ExecutionResult:
    """Run a program, judge it, and say where the verdict was formed.

    A failure on our side is tried once more, in what the sandbox then opens afresh; if it stays,
    the result has the reason `sandbox_error` and no verdict.
    """
    if request.language != "python" and (why := building.unsupported(request)):
        return _unsupported(why, sandbox)
    if missing := _missing(request, sandbox):
        return _unsupported(f"missing package: {', '.join(missing)}", sandbox)
    result = _once(request, sandbox)
    if result.reason is Reason.SANDBOX_ERROR:
        result = _once(request, sandbox)
    return result.model_copy(update={"flags": flags(request.program)})


def _unsupported(why: str, sandbox: Sandbox) -> ExecutionResult:
    return ExecutionResult(
        reason=Reason.UNSUPPORTED, isolation=sandbox.isolation, harness_error=why
    )


def _once(request: ExecutionRequest, sandbox: Sandbox) -> ExecutionResult:
    tests = request.tests
    if tests is None or tests.stdio:
        start = _started(request, sandbox)
        if isinstance(start, ExecutionResult):
            return start
        if tests is None:
            return _plain(request, sandbox, start)
        return _by_output(tests.stdio, sandbox, start)
    if tests.calls:
        return by_values(request, tests.calls, sandbox)
    if tests.unittest:
        return by_cases(request, tests.unittest, sandbox)
    return by_asserts(request, tests.code, sandbox)


def _missing(request: ExecutionRequest, sandbox: Sandbox) -> tuple[str, ...]:
    """Return the needed modules that are not there.

    A guest of its own tells, before the program is anywhere near: a program that could say so
    itself would escape its score.
    """
    unknown = [name for name in request.needs if name not in sandbox.modules]
    if unknown:
        source = (
            "import json, sys\nfrom importlib.util import find_spec\n"
            "there = {name: find_spec(name) is not None for name in json.load(sys.stdin)}\n"
            "print(json.dumps(there))"
        )
        asked = Launch(runner="script", job={"source": source}, stdin=json.dumps(unknown).encode())
        found = told(sandbox.run(asked).stdout)
        sandbox.modules.update({name: found.get(name) is True for name in unknown if found})
    return tuple(name for name in request.needs if not sandbox.modules.get(name, True))


Start = Callable[[str], Launch]
"""From what a program reads to one run of it."""


def _started(request: ExecutionRequest, sandbox: Sandbox) -> Start | ExecutionResult:
    """Return how the program is run; the result where it cannot be built."""
    if request.language == "python":
        return partial(_script, request)
    built = building.build(request, sandbox)
    if isinstance(built, ExecutionResult):
        return built
    return partial(building.launch, request, built)


def _script(request: ExecutionRequest, stdin: str) -> Launch:
    return Launch(
        runner="script",
        job={"source": request.program},
        stdin=stdin.encode("utf-8", "surrogatepass"),
        limits=request.limits,
    )


def _plain(request: ExecutionRequest, sandbox: Sandbox, start: Start) -> ExecutionResult:
    ended = sandbox.run(start(request.stdin))
    return make_result(sandbox, [ended], reason=refined(ended), ran=ended.reason is Reason.OK)


def _by_output(tests: Sequence[StdioTest], sandbox: Sandbox, start: Start) -> ExecutionResult:
    """Run the program on every input and compare here; expected output never goes inside.

    A run out of time ends the judging, and the tests behind it count as failed: a program that
    never ends would otherwise take its limit once for every test.
    """
    runs: list[Ended] = []
    passed = 0
    broken: Reason | None = None
    for test in tests:
        ended = sandbox.run(start(test.stdin))
        runs[-1:] = [*map(_light, runs[-1:]), ended]
        if ended.reason is Reason.OK:
            passed += same_output(ended.stdout, test.expected)
        else:
            broken = broken or refined(ended)
        if ended.reason in (Reason.WALL_TIMEOUT, Reason.CPU_TIMEOUT, Reason.SANDBOX_ERROR):
            break
    return make_result(
        sandbox,
        runs,
        reason=broken or Reason.OK,
        ran=broken is None,
        counts=(passed, len(tests)),
        integrity="io",
    )


def _light(ended: Ended) -> Ended:
    """Return how a run ended without what it wrote: a hundred runs may each write their most."""
    return ended.model_copy(update={"stdout": b"", "stderr": b"", "report": b""})
