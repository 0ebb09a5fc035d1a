from __future__ import annotations

import time

import pytest
from pydantic import JsonValue

from evalctl.executions import CallTest, ExecutionRequest, ProgramTests, Sandbox
from evalctl.executors.guest.runners import codec
from evalctl.executors.judges import execute
from evalctl.executors.judges.values import is_same


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (5, 5),
        (True, 1),
        (5.0, 5),
        (0.1 + 0.2, 0.3),
        (1 << 80, 1 << 80),
        (float(1 << 80), 1 << 80),
        ("ä", "ä"),
        (None, None),
        ([1, (2, [3])], [1, [2, [3]]]),
        ({1: 2, "3": {}}, {"1": 2, "3": {}}),
        ({1 << 60: 1}, {str(1 << 60): 1}),
    ],
)
def test_equal_values_are_the_same(value: object, expected: JsonValue) -> None:
    assert is_same(codec.encode(value), expected)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (5, 6),
        ("5", 5),
        (None, 0),
        ([1], [1, 2]),
        ([1], 1),
        ({1, 2}, [1, 2]),
        (range(2), [0, 1]),
        (b"x", "x"),
        (float("nan"), 0.0),
        (1 << 2000, 1.0),
        ({1: 2, "1": 2}, {"1": 2, "2": 3}),
        ({1: 2, "1": 2}, {"1": 2}),
        ({"1": 2}, [["1", 2]]),
    ],
)
def test_other_values_are_not(value: object, expected: JsonValue) -> None:
    assert not is_same(codec.encode(value), expected)


def test_a_value_that_is_far_longer_than_the_expected_one_is_not_read(sandbox: Sandbox) -> None:
    program = (
        "def f():\n    return {((1 << 61) - 1) * n: 1 for n in range(1, 99)} | {'x': 'x' * 99999}"
    )
    request = ExecutionRequest(
        id="case",
        program=program,
        entry_point="f",
        tests=ProgramTests(calls=(CallTest(args=(), expected={"x": 1}),)),
    )
    began = time.monotonic()
    result = execute(request, sandbox)
    assert (result.passed, result.reason.value, result.ran) == (False, "ok", True)
    assert time.monotonic() - began < 5.0


@pytest.mark.parametrize(
    "program",
    ["raise ValueError('\\ud800' * 9)", "def f():\n    raise ValueError('\\ud800' * 9)"],
)
def test_an_error_that_is_no_text_can_be_written_down(sandbox: Sandbox, program: str) -> None:
    request = ExecutionRequest(
        id="case",
        program=program,
        entry_point="f",
        tests=ProgramTests(calls=(CallTest(args=(), expected=1),)),
    )
    result = execute(request, sandbox)
    assert result.error == "ValueError: ?????????"
    assert result.passed is False
