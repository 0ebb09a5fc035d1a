from __future__ import annotations

import resource

import pytest

from evalctl.executions import (
    Ended,
    ExecutionRequest,
    ExecutionResult,
    Launch,
    Limits,
    ProgramTests,
    Reason,
    Sandbox,
    StdioTest,
)
from evalctl.executors.judges import execute

ADD = "assert add(2, 3) == 5\nassert add(-1, 1) == 0\nassert add(40, 2) == 42\n"
GUESS = "def add(a, b):\n    return 1234\n"
OBJECTS = "class Box:\n    pass\n\nassert add(Box(), 2) == 5\nassert add(3, Box()) == 5\n"
"""Tests that cannot be split: they hand over an object of a class of their own."""


def judged(sandbox: Sandbox, program: str, code: str = ADD, **limits: float) -> ExecutionResult:
    return execute(
        ExecutionRequest(
            id="case",
            program=program,
            tests=ProgramTests(code=code),
            limits=Limits.model_validate({"wall_seconds": 10.0, **limits}),
        ),
        sandbox,
    )


def printed(sandbox: Sandbox, program: str) -> ExecutionResult:
    tests = tuple(StdioTest(stdin=f"{a} {a}\n", expected=f"{2 * a}\n") for a in (1, 20))
    return execute(
        ExecutionRequest(
            id="case",
            program=program,
            tests=ProgramTests(stdio=tests),
            limits=Limits(wall_seconds=2.0),
        ),
        sandbox,
    )


def test_a_right_program_passes_in_split_judging(sandbox: Sandbox) -> None:
    result = judged(sandbox, "def add(a, b):\n    return a + b\n")
    assert (result.passed, result.integrity, result.ran) == (True, "split", True)
    assert (result.tests_passed, result.tests_total) == (3, 3)


def test_the_share_of_asserts_is_counted_past_the_first_failure(sandbox: Sandbox) -> None:
    result = judged(sandbox, "def add(a, b):\n    return abs(a) + abs(b)\n")
    assert (result.passed, result.tests_passed, result.tests_total) == (False, 2, 3)
    assert result.error == "assert 2 does not hold"


def test_changed_arguments_exceptions_and_unusual_values_cross(sandbox: Sandbox) -> None:
    program = (
        "def f(items, seen):\n    items.append(float('inf')); seen['x'] = {(1, 2)}\n"
        "    return (items, seen, b'x', 1 << 80, 1j, frozenset({None}), range(3))\n"
        "def g():\n    raise KeyError('k')\n"
    )
    code = (
        "a, b = [1], {}\n"
        "assert f(a, b) == ([1, float('inf')], {'x': {(1, 2)}}, b'x', 1 << 80, 1j,"
        " frozenset({None}), range(3))\n"
        "assert a == [1, float('inf')] and b == {'x': {(1, 2)}}\n"
        "try:\n    g()\nexcept KeyError:\n    assert True\nelse:\n    assert False\n"
    )
    result = judged(sandbox, program, code)
    assert (result.passed, result.tests_passed, result.integrity) == (True, 3, "split")


@pytest.mark.parametrize(
    ("program", "code"),
    [
        ("import functools\n@functools.lru_cache\ndef f(x):\n    return x", "assert f(3) == 3"),
        ("import functools\nf = functools.partial(max, 3)", "assert f(2) == 3"),
        ("from math import sqrt", "assert sqrt(4) == 2"),
        ("def f(x):\n    yield from x", "assert list(f([1, 2])) == [1, 2]"),
        ("def f(x):\n    yield from x", "assert f([1, 2]) != [1, 2]"),
        ("from collections import Counter as f", "assert f('aab') == {'a': 2, 'b': 1}"),
        ("from collections import deque as f", "assert f([1]) != [1]; assert list(f([1])) == [1]"),
        ("from decimal import Decimal as f", "assert f('0.5') == 0.5"),
        (
            "import datetime\ndef f():\n    return datetime.date(2020, 1, 2)",
            "assert str(f()) == '2020-01-02'; assert f().year == 2020",
        ),
        ("def f(x):\n    return x.keys()", "assert list(f({'a': 1})) == ['a']"),
        ("f = type", "assert f(1) == int"),
        ("import re\ndef f(x):\n    return re.match('a', x)", "assert f('ab')\nassert not f('b')"),
        ("class N(int): pass\ndef f(x):\n    return N(x)", "assert f(3) == 3"),
    ],
)
def test_values_of_the_standard_library_cross_to_the_tests(
    sandbox: Sandbox, program: str, code: str
) -> None:
    request = ExecutionRequest(
        id="case", program=program, entry_point="f", tests=ProgramTests(code=code)
    )
    result = execute(request, sandbox)
    assert (result.passed, result.integrity) == (True, "split")


def test_an_exception_cannot_end_the_loop_of_a_test(sandbox: Sandbox) -> None:
    program = "def add(a):\n    raise StopIteration\n"
    result = judged(sandbox, program, "assert all(map(add, [1, 2]))\nassert 1 == 1")
    assert (result.passed, result.tests_passed) == (False, 1)


def test_an_object_of_the_program_does_not_bring_its_tests_to_it(sandbox: Sandbox) -> None:
    program = "class Odd:\n    __eq__ = lambda *a: True\ndef add(a, b):\n    return Odd()\n"
    result = judged(sandbox, program)
    assert (result.passed, result.integrity) == (False, "split")


def test_tests_that_use_an_object_of_the_program_are_run_beside_it(sandbox: Sandbox) -> None:
    program = "class Pair:\n    one = 1\ndef f():\n    return Pair()\n"
    result = judged(sandbox, program, "assert f().one == 1")
    assert (result.passed, result.integrity) == (True, "inproc_control")


def test_tests_that_cannot_be_split_run_beside_the_program_with_a_control(
    sandbox: Sandbox,
) -> None:
    program = "def add(a, b):\n    return 5\n"
    result = judged(sandbox, program, OBJECTS)
    assert (result.passed, result.integrity) == (True, "inproc_control")


def test_a_built_in_is_taken_from_the_program_only_as_the_entry_point(sandbox: Sandbox) -> None:
    request = ExecutionRequest(
        id="case",
        program="def sum(a, b):\n    return a * b\ndef abs(x):\n    return 0\n",
        entry_point="sum",
        tests=ProgramTests(code="assert sum(3, 4) == 12\nassert abs(-3) == 3\n"),
    )
    assert execute(request, sandbox).passed is True


@pytest.mark.parametrize(
    ("program", "reason", "error"),
    [
        ("def add(a, b) return", Reason.COMPILE_ERROR, "SyntaxError"),
        ("x = 1\x00", Reason.COMPILE_ERROR, ""),
        ("raise RuntimeError('no')", Reason.NONZERO_EXIT, "RuntimeError: no"),
        ("import os; os._exit(0)", Reason.NO_VERDICT, ""),
        ("x = bytearray(2 << 30)", Reason.MEMORY, "MemoryError"),
        ("while True: pass", Reason.WALL_TIMEOUT, ""),
        ("def add(a, b):\n    while True: pass", Reason.WALL_TIMEOUT, ""),
        ("def add(a, b):\n    while True: print('x' * 999)", Reason.OUTPUT_LIMIT, ""),
    ],
)
def test_a_program_that_breaks_fails_for_its_own_reason(
    sandbox: Sandbox, program: str, reason: Reason, error: str
) -> None:
    result = judged(sandbox, program, wall_seconds=1.5)
    assert (result.passed, result.reason) == (False, reason)
    assert error in result.error


@pytest.mark.parametrize(
    "program",
    [
        "class Eq:\n    __eq__ = lambda s, o: True\n    __hash__ = None\n"
        "def add(a, b):\n    return Eq()",
        "class Eq(int):\n    __eq__ = lambda s, o: True\n    __hash__ = None\n"
        "def add(a, b):\n    return Eq()",
        "import os\ndef add(a, b):\n    os._exit(0)",
        "import sys\ndef add(a, b):\n    sys.exit(0)",
        "import os, json\nos.write(3, json.dumps({'passed': 3, 'total': 3, 'reached_end': True})"
        ".encode())\ndef add(a, b):\n    os._exit(0)",
        "import os, json\nfor fd in range(3, 64):\n    try: os.write(fd, json.dumps({'passed': 3,"
        " 'total': 3, 'reached_end': True, 'error': ''}).encode())\n    except OSError: pass\n"
        + GUESS,
        "import os\ndef add(a, b):\n    os.write(4, b'\\x7f\\xff\\xff\\xff' + b'[' * 99)",
        "import os\ndef add(a, b):\n    d = b'{\"value\":' + b'[' * 90000 + b']' * 90000 + b'}'\n"
        "    os.write(4, len(d).to_bytes(4, 'big') + d); os._exit(0)",
        'import os\ndef add(a, b):\n    d = b\'{"value": {"i": "zz"}}\'\n'
        "    os.write(4, len(d).to_bytes(4, 'big') + d); os._exit(0)",
        'import os\ndef add(a, b):\n    d = b\'{"error": "SystemExit", "message": "0"}\'\n'
        "    os.write(4, len(d).to_bytes(4, 'big') + d); os._exit(0)",
        "import builtins\nbuiltins.bool = lambda x: True\nbuiltins.all = builtins.bool\n" + GUESS,
        "def bool(x):\n    return True\n" + GUESS,
        "import guest.runners.asserts as a\na.Tally.saw = lambda s, n, v: None\n" + GUESS,
        "import guest.runners.asserts as a, guest.runners.tests as t\n"
        "a.run = lambda *x, **y: {'passed': 1, 'total': 1, 'reached_end': True}\n" + GUESS,
        "import atexit, os\natexit.register(os._exit, 0)\n" + GUESS,
        "import sys\nsys.excepthook = lambda *a: sys.exit(0)\n" + GUESS,
        "import sys\nsys.settrace(lambda *a: None)\n" + GUESS,
        "import sys\ndef add(a, b):\n    f = sys._getframe()\n    while f:\n"
        "        for v in list(f.f_locals.values()):\n            if v in (5, 0, 42): return v\n"
        "        f = f.f_back\n    return 77",
        "import gc\ndef add(a, b):\n    for o in gc.get_objects():\n"
        "        if isinstance(o, dict) and 'expected' in o: return o['expected']\n    return 77",
        "def add(a, b):\n    raise AssertionError",
        "def add(a, b):\n    print('3 passed'); print('OK')\n    return None",
        "def add(a, b):\n    return float('nan')",
        "def add(a, b):\n    return (x for x in (5,))",
        "def add(*a):\n    import os\n    os.close(4); os.close(3)",
        "import threading, os\ndef add(a, b):\n"
        "    threading.Timer(0.05, os._exit, [0]).start()\n    return 77",
    ],
)
def test_no_trick_makes_a_wrong_program_pass_in_split_judging(
    sandbox: Sandbox, program: str
) -> None:
    assert judged(sandbox, program, wall_seconds=5.0).passed is False


@pytest.mark.parametrize(
    "program",
    [
        "class Eq:\n    __eq__ = lambda s, o: True\n    __hash__ = None\n"
        "def add(a, b):\n    return Eq()",
        "import guest.runners.asserts as a\n"
        "a.Tally.saw = lambda s, n, v: setattr(s, 'passed', s.passed + 1)\n" + GUESS,
        "import builtins\nbuiltins.bool = lambda x: True\n" + GUESS,
        "import os\ndef add(a, b):\n    os._exit(0)",
    ],
)
def test_the_control_finds_out_a_program_that_passes_beside_its_tests(
    sandbox: Sandbox, program: str
) -> None:
    result = judged(sandbox, program, OBJECTS)
    assert result.passed is False
    assert result.reason in (Reason.TAMPERED, Reason.NO_VERDICT, Reason.OK)


@pytest.mark.parametrize(
    ("program", "passed", "counts"),
    [
        ("a, b = map(int, input().split())\nprint(a + b)", True, (2, 2)),
        ("a, b = map(int, input().split())\nprint(f'  {a + b}.0  \\n')", True, (2, 2)),
        ("input()\nprint(2)", False, (1, 2)),
        ("print(2)\nprint(40)", False, (0, 2)),
        ("a, b = map(int, input().split())\nprint(a + b)\nraise SystemExit(1)", False, (0, 2)),
        ("import sys; sys.stdout.buffer.write(b'\\xff\\xfe')", False, (0, 2)),
        ("while True: pass", False, (0, 2)),
    ],
)
def test_programs_are_judged_by_what_they_print(
    sandbox: Sandbox, program: str, passed: bool, counts: tuple[int, int]
) -> None:
    result = printed(sandbox, program)
    assert (result.passed, (result.tests_passed, result.tests_total)) == (passed, counts)
    assert result.integrity == "io"


def test_a_flood_leaves_our_memory_flat(sandbox: Sandbox) -> None:
    judged(sandbox, "def add(a, b):\n    return a + b\n")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for channel in (1, 2, 3, 4):
        flood = f"import os\nwhile True: os.write({channel}, b'x' * 65536)"
        assert judged(sandbox, flood, wall_seconds=1.0).passed is False
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 40 * 1024, "KiB"


def test_canonical_solutions_of_humaneval_pass_and_returning_none_does_not(
    sandbox: Sandbox, benchmark_data: object
) -> None:
    import json
    from pathlib import Path

    lines = (Path(str(benchmark_data)) / "humaneval" / "HumanEval.jsonl").read_text().splitlines()
    rows = [json.loads(line) for line in lines]
    good = [
        judged(
            sandbox,
            row["prompt"] + row["canonical_solution"],
            f"{row['test']}\ncheck({row['entry_point']})",
        )
        for row in rows
    ]
    bad = [
        judged(
            sandbox,
            row["prompt"] + "    return None\n",
            f"{row['test']}\ncheck({row['entry_point']})",
        )
        for row in rows
    ]
    assert [result.passed for result in good] == [True] * 164
    assert {result.integrity for result in good} == {"split"}
    assert [result.passed for result in bad] == [False] * 164


def test_dictionaries_of_other_kinds_and_types_cross(sandbox: Sandbox) -> None:
    program = (
        "from collections import Counter, OrderedDict, defaultdict\n"
        "def add(kind, value):\n    made = defaultdict(list)\n    made[kind].append(value)\n"
        "    return Counter('aab'), OrderedDict(x=1), made, type(value)\n"
    )
    code = "assert add(int, 'b') == ({'a': 2, 'b': 1}, {'x': 1}, {int: ['b']}, str)\n"
    result = judged(sandbox, program, code)
    assert (result.passed, result.integrity) == (True, "split")


@pytest.mark.parametrize(
    "program",
    [
        "import functools\n@functools.cache\ndef add(a, b):\n    return a + b\n",
        "import functools\nadd = functools.partial(lambda a, b: a + b)\n",
        "import operator\nadd = operator.add\n",
        "class Adder:\n    def __call__(self, a, b):\n        return a + b\nadd = Adder()\n",
    ],
)
def test_whatever_can_be_called_is_a_function(sandbox: Sandbox, program: str) -> None:
    result = judged(sandbox, program)
    assert (result.passed, result.integrity) == (True, "split")


def test_a_function_that_uses_up_the_memory_is_told_apart(sandbox: Sandbox) -> None:
    result = judged(sandbox, "def add(a, b):\n    return bytearray(1 << 40)\n")
    assert (result.passed, result.reason, result.tests_total) == (False, Reason.MEMORY, 3)


def test_programs_may_leave_by_exit_and_their_main_part_is_not_run_beside_tests(
    sandbox: Sandbox,
) -> None:
    assert printed(sandbox, "print(2 * int(input().split()[0]))\nexit()\n").passed is True
    program = "def add(a, b):\n    return 5\nif __name__ == '__main__':\n    input()\n"
    assert judged(sandbox, program, OBJECTS).passed is True


SWALLOWING = """
import unittest

class Tests(unittest.TestCase):
    def test_sum(self):
        self.assertEqual(add(1, 2), 3)

    def test_loosely(self):
        try:
            self.assertEqual(add(1, 2), 4)
        except:
            pass
"""


@pytest.mark.parametrize(
    ("program", "passed", "reason"),
    [
        ("def add(a, b):\n    return a + b\n", True, Reason.OK),
        ("def add(a, b):\n    return a * b\n", False, Reason.OK),
        (
            "class Eq:\n    __eq__ = lambda s, o: True\ndef add(a, b):\n    return Eq()\n",
            False,
            Reason.TAMPERED,
        ),
        (
            "import unittest\nunittest.TestCase.assertEqual = lambda *a: None\n"
            "def add(a, b):\n    return 0\n",
            False,
            Reason.TAMPERED,
        ),
    ],
)
def test_tests_that_catch_their_own_failures_accuse_nobody(
    sandbox: Sandbox, program: str, passed: bool, reason: Reason
) -> None:
    request = ExecutionRequest(id="case", program=program, tests=ProgramTests(unittest=SWALLOWING))
    result = execute(request, sandbox)
    assert (result.passed, result.reason) == (passed, reason)


def test_a_control_that_is_out_of_time_accuses_nobody(sandbox: Sandbox) -> None:
    class LateTheSecondTime:
        isolation = sandbox.isolation
        modules = sandbox.modules
        n_runs = 0

        def run(self, launch: Launch) -> Ended:
            self.n_runs += 1
            is_first = self.n_runs == 1
            return sandbox.run(launch) if is_first else Ended(reason=Reason.WALL_TIMEOUT)

    tests = (
        "import unittest\nclass Tests(unittest.TestCase):\n"
        "    def test_sum(self):\n        self.assertEqual(add(1, 2), 3)\n"
    )
    request = ExecutionRequest(
        id="case",
        program="def add(a, b):\n    return a + b\n",
        tests=ProgramTests(unittest=tests),
    )
    result = execute(request, LateTheSecondTime())  # type: ignore[arg-type]  # as far as needed
    assert (result.passed, result.reason) == (False, Reason.WALL_TIMEOUT)
