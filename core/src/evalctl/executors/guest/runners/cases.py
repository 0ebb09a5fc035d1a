"""A program and `unittest` classes in one module, for tests that need all of it at hand.

A program can forge what is reported here. The judge runs controls, of which nothing in here tells
that they are such.
"""

from __future__ import annotations

import json
import os
import sys
import types
import unittest
from collections.abc import Iterable, Mapping

from . import asserts, script
from .report import REPORT

_MODULE = "__evalctl_program__"


def run(job: Mapping[str, object]) -> int:
    """Run `source` with `tests` in one module, then its test cases; report with the job's nonce."""
    write, dumps = os.write, json.dumps
    source, tests, nonce = str(job["source"]), str(job["tests"]), job["nonce"]
    module = types.ModuleType(_MODULE)
    sys.modules[_MODULE] = module
    names = module.__dict__
    names["__file__"] = "solution.py"
    try:
        exec(compile(source, "solution.py", "exec"), names)  # noqa: S102
    except BaseException as error:  # noqa: BLE001  # SystemExit as well: nothing was tested
        script.tell(error)
        return 1
    try:
        before = dict(names)
        exec(compile(tests, "tests.py", "exec"), names)  # noqa: S102
        report = _run_cases(v for name, v in names.items() if before.get(name) is not v)
    except Exception as error:  # noqa: BLE001  # told as what the tests made of the program
        report = {"passed": 0, "total": 1, "error": f"{type(error).__name__}: {error}"[:300]}
        report |= {"raised": 1, "reached_end": False}
    data = dumps({"nonce": nonce, **report}).encode()
    while data:
        data = data[write(REPORT, data) :]
    return 0


def _run_cases(values: Iterable[object]) -> dict[str, object]:
    loader, suite = unittest.TestLoader(), unittest.TestSuite()
    for value in values:
        if isinstance(value, type) and issubclass(value, unittest.TestCase):
            suite.addTests(loader.loadTestsFromTestCase(value))
    cases = [case for case in suite if isinstance(case, unittest.TestCase)]
    result = unittest.TestResult()
    suite.run(result)
    broken = [*result.failures, *result.errors]
    bad = {id(getattr(case, "test_case", case)) for case, _ in (*broken, *result.skipped)}
    bad |= {id(case) for case in result.unexpectedSuccesses}
    # A class or module that cannot be set up is one entry for all its tests.
    is_set_up = all(isinstance(case, unittest.TestCase) for case, _ in broken)
    held = [_name(case) for case in cases if is_set_up and id(case) not in bad]
    return {
        "passed": len(held),
        "total": len(cases),
        "raised": len(result.errors),
        "reached_end": True,
        "held": held,
        "error": "; ".join(_told(case, text) for case, text in broken[: asserts.MAX_FAILURES]),
    }


def _name(case: unittest.TestCase) -> str:
    return f"{type(case).__name__}.{case._testMethodName}"


def _told(case: object, trace: str) -> str:
    last = trace.strip().splitlines()[-1] if trace.strip() else ""
    name = getattr(case, "_testMethodName", type(case).__name__)
    return f"{name}: {last}"[:200]
