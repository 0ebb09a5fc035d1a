"""Whether a program's function returned what it had to: compared where none of its code runs."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import NamedTuple

from pydantic import JsonValue

from evalctl.executions import CallTest, ExecutionRequest, ExecutionResult, Launch, Reason, Sandbox
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
    if ended.reason is Reason.SANDBOX_ERROR:
        return make_result(sandbox, [ended], reason=Reason.SANDBOX_ERROR)
    *lines, rest = ended.report.split(b"\n", len(tests) + 1)
    if len(lines) > len(tests) and rest:
        return make_result(sandbox, [ended], reason=Reason.PROTOCOL_VIOLATION, integrity="values")
    answers = [
        _answer(line, test.expected)
        for line, test in zip((*lines, rest), tests, strict=False)
        if line
    ]
    reason = refined(ended)
    if reason is Reason.OK and len(answers) < len(tests):
        reason = Reason.NO_VERDICT
    error = next((one.error for one in answers if one.error), "")
    is_run = reason is Reason.OK
    return make_result(
        sandbox,
        [ended],
        reason=judged_reason(error, is_pass=False) if is_run and error else reason,
        ran=is_run and not error,
        counts=(sum(answer.is_right for answer in answers), len(tests)),
        error=error if is_run else "",
        integrity="values",
    )


class _Answer(NamedTuple):
    """What one call gave."""

    is_right: bool
    error: str
    """Empty where it gave a value."""


def _answer(line: bytes, expected: JsonValue) -> _Answer:
    if len(line) > _most_bytes(expected):
        is_value = line.startswith(b'{"value":')
        return _Answer(False, "" if is_value else "an answer of great length")
    try:
        told = json.loads(line)
        if "value" in told:
            return _Answer(_is_expected(told["value"], expected), "")
        return _Answer(False, f"{told['error']}: {told['message']}"[:300])
    except (ValueError, KeyError, TypeError, RecursionError):
        return _Answer(False, "an answer that is not of the agreed form")


def _most_bytes(expected: JsonValue) -> int:
    """Return more bytes than any encoded value takes that is equal to the expected one.

    What is longer is not read: reading takes memory and time of ours.
    """
    return 1024 + 40 * len(json.dumps(expected))


def _is_expected(encoded: object, expected: JsonValue) -> bool:
    """Return whether a value is the expected one, or the first of an expected list.

    Source: Hendrycks et al. 2021 (APPS, arXiv 2105.09938): upstream's tests take an output that is
    equal to the expected one or to its first item, and tuples for lists.
    """
    if is_same(encoded, expected):
        return True
    return isinstance(expected, list) and len(expected) > 0 and is_same(encoded, expected[0])


def is_same(encoded: object, expected: JsonValue, depth: int = 0) -> bool:
    """Return whether a value, as `codec.encode` gives it, is equal to a plain one.

    Equal as Python has it, a tuple counting as a list. The value is never built: sets and
    dictionaries of a hostile program's keys can be made to take hours.
    """
    if depth > _MAX_DEPTH:
        return False
    if isinstance(encoded, dict):
        return _is_same_tagged(encoded, expected, depth)
    if isinstance(encoded, list):
        return (
            isinstance(expected, list)
            and len(encoded) == len(expected)
            and all(is_same(*pair, depth + 1) for pair in zip(encoded, expected, strict=True))
        )
    if isinstance(encoded, float) or isinstance(expected, float):
        return _is_same_number(encoded, expected)
    return not isinstance(expected, list | dict) and bool(encoded == expected)


def _is_same_tagged(encoded: dict[str, object], expected: JsonValue, depth: int) -> bool:
    ((tag, content),) = encoded.items()
    if tag == "t" and isinstance(content, list):
        return is_same(content, expected, depth)
    if tag == "i" and isinstance(content, str):
        return is_same(int(content, 16), expected, depth)
    if tag == "f" and isinstance(content, str):
        return _is_same_number(float(content), expected)
    if tag != "d" or not isinstance(content, list) or not isinstance(expected, dict):
        return False
    pairs = {_key(key): item for key, item in content}
    return (
        len(content) == len(pairs) == len(expected)
        and all(key in expected for key in pairs)
        and all(is_same(item, expected[key], depth + 1) for key, item in pairs.items())
    )


def _key(encoded: object) -> str:
    """Return a key as JSON has it.

    Raises:
        TypeError: It is none of the keys that JSON can have.
    """
    if isinstance(encoded, dict):
        ((tag, text),) = encoded.items()
        if tag not in ("i", "f"):
            raise TypeError(tag)
        return str(int(text, 16) if tag == "i" else float(text))
    if isinstance(encoded, list):
        raise TypeError
    return str(encoded)


def _is_same_number(value: object, expected: JsonValue) -> bool:
    if not isinstance(value, int | float) or not isinstance(expected, int | float):
        return False
    try:
        return math.isclose(value, expected, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    except OverflowError:  # an integer beyond all floats
        return False
