"""Whether a program's function returned what it had to: compared where none of its code runs."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

from pydantic import JsonValue

from evalctl.executions import CallTest, ExecutionRequest, ExecutionResult, Launch, Reason, Sandbox
from evalctl.executors.guest.runners import codec
from evalctl.executors.judges.verdicts import judged_reason, make_result, refined

TOLERANCE = 1e-9
"""Relative or absolute, between two numbers of which one is a float: sums made in another order."""
_MAX_DEPTH = 100


def by_values(
    request: ExecutionRequest, tests: Sequence[CallTest], sandbox: Sandbox
) -> ExecutionResult:
    """Call the program's function on every list of arguments and compare what comes back."""
    job: dict[str, JsonValue] = {
        "source": request.program,
        "entry_point": request.entry_point,
        "calls": [list(test.args) for test in tests],
    }
    ended = sandbox.run(Launch(runner="calls", job=job, limits=request.limits))
    lines = ended.report.splitlines()
    if len(lines) > len(tests) + 1 or ended.reason is Reason.SANDBOX_ERROR:
        reason = Reason.PROTOCOL_VIOLATION if lines else Reason.SANDBOX_ERROR
        return make_result(sandbox, [ended], reason=reason, integrity="values")
    answers = [_answer(line) for line in lines[: len(tests)]]
    passed = sum(
        "value" in answer and _is_expected(answer["value"], test.expected)
        for answer, test in zip(answers, tests, strict=False)
    )
    reason = refined(ended)
    if reason is Reason.OK and len(answers) < len(tests):
        reason = Reason.NO_VERDICT
    error = next((str(answer["error"]) for answer in answers if "value" not in answer), "")
    is_run = reason is Reason.OK
    return make_result(
        sandbox,
        [ended],
        reason=judged_reason(error, is_pass=False) if is_run and error else reason,
        ran=is_run and not error,
        counts=(passed, len(tests)),
        error=error if is_run else "",
        integrity="values",
    )


def _answer(line: bytes) -> dict[str, object]:
    """Return what one call gave: `value`, or `error`."""
    try:
        told = json.loads(line)
        if "value" in told:
            return {"value": codec.decode(told["value"])}
        return {"error": f"{told['error']}: {told['message']}"[:300]}
    except (ValueError, KeyError, TypeError, RecursionError, codec.GoneError):
        return {"error": "an answer that is not of the agreed form"}


def _is_expected(value: object, expected: JsonValue) -> bool:
    """Return whether a value is the expected one, or the first of an expected list.

    Source: Hendrycks et al. 2021 (APPS, arXiv 2105.09938): upstream's tests take an output that is
    equal to the expected one or to its first item, and tuples for lists.
    """
    if same_value(value, expected):
        return True
    return isinstance(expected, list) and len(expected) > 0 and same_value(value, expected[0])


def same_value(value: object, expected: JsonValue, depth: int = 0) -> bool:
    """Return whether two plain values are equal as Python has it, a tuple counting as a list."""
    if depth > _MAX_DEPTH:
        return False
    if isinstance(value, list | tuple):
        return (
            isinstance(expected, list)
            and len(value) == len(expected)
            and all(same_value(*pair, depth + 1) for pair in zip(value, expected, strict=True))
        )
    if isinstance(value, dict):
        return (
            isinstance(expected, dict)
            and len(value) == len(expected)
            and all(
                key in expected and same_value(item, expected[key], depth + 1)
                for key, item in _with_text_keys(value).items()
            )
        )
    if isinstance(value, float) or isinstance(expected, float):
        return _same_number(value, expected)
    return not isinstance(expected, list | dict) and bool(value == expected)


def _with_text_keys(value: dict[object, object]) -> dict[str, object]:
    """Return the value with keys as JSON has them."""
    return {key if isinstance(key, str) else str(key): item for key, item in value.items()}


def _same_number(value: object, expected: JsonValue) -> bool:
    if not isinstance(value, int | float) or not isinstance(expected, int | float):
        return False
    try:
        return math.isclose(value, expected, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    except OverflowError:  # an integer beyond all floats
        return False
