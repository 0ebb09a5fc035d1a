"""A program and `unittest` classes in one module, for tests that need all of it at hand.

A program can forge what is reported here; the judge runs a control, and says so in the result. In
a control no assertion can hold that honest code meets: `assertEqual` compares with a fresh object,
which only an object that equals everything is equal to, and all others fail.
"""

from __future__ import annotations

import ast
import json
import os
import sys
import types
import unittest
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from . import asserts, script

REPORT = 3
_MODULE = "__evalctl_program__"
_EQUALITIES = frozenset(
    f"assert{kind}Equal"
    for kind in ("", "Almost", "List", "Dict", "Set", "Tuple", "Sequence", "MultiLine", "Count")
)


_CATCHES_ALL = ("Exception", "AssertionError")


class _Control:
    """What became of the assertions of a control."""

    def __init__(self) -> None:
        self.n_evaluated = 0
        self.n_held = 0
        self.swallowing: frozenset[str] = frozenset()
        """Tests that catch the failures of their own assertions: to pass proves nothing there."""
        self.put: dict[str, object] = {}

    def deny_all(self) -> None:
        """Replace the assertions of `unittest.TestCase`."""
        for name in dir(unittest.TestCase):
            if name.startswith("assert") and not name.endswith("_"):
                real = getattr(unittest.TestCase, name)
                self.put[name] = self._denied(name, real)
                setattr(unittest.TestCase, name, self.put[name])

    @property
    def is_intact(self) -> bool:
        """Whether the program left these replacements alone."""
        return all(getattr(unittest.TestCase, name) is put for name, put in self.put.items())

    def has_seen(self, case: object, before: tuple[int, int]) -> bool:
        """Return whether a test that passed this control did so by a forgery.

        Args:
            case: The test.
            before: `n_evaluated` and `n_held` before it ran.
        """
        if self.n_held > before[1] or not self.is_intact:
            return True
        return self.n_evaluated > before[0] and _name(case) not in self.swallowing

    def _denied(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def denied(case: unittest.TestCase, *args: object, **kwargs: object) -> None:
            self.n_evaluated += 1
            if name not in _EQUALITIES or not _is_forged(case, real, args, kwargs):
                raise case.failureException("a control")
            self.n_held += 1

        return denied


def _is_forged(
    case: unittest.TestCase,
    real: Callable[..., Any],
    args: tuple[object, ...],
    kwargs: Mapping[str, object],
) -> bool:
    """Return whether one of two compared values equals a fresh object."""
    if len(args) < 2:
        return False
    first, second, *rest = args
    for pair in ((first, object()), (object(), second)):
        try:
            real(case, *pair, *rest, **kwargs)
        except BaseException:  # noqa: BLE001  # as it should be
            continue
        return True
    return False


def run(job: Mapping[str, object]) -> int:
    """Run `source` with `tests` in one module, then its test cases; report with the job's nonce."""
    write, dumps, is_control = os.write, json.dumps, bool(job["is_control"])
    source, tests, nonce = str(job["source"]), str(job["tests"]), job["nonce"]
    control = _Control()
    if is_control:
        control.deny_all()
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
        exec(_tests(tests, names, control), names)  # noqa: S102
        theirs = [value for name, value in names.items() if before.get(name) is not value]
        report = _run_cases(theirs, control)
    except Exception as error:  # noqa: BLE001  # told as what the tests made of the program
        report = {"passed": 0, "total": 1, "error": f"{type(error).__name__}: {error}"[:300]}
        report |= {"raised": 1, "reached_end": False}
    write(REPORT, dumps({"nonce": nonce, **report}).encode())
    return 0


def _tests(source: str, names: dict[str, object], control: _Control) -> types.CodeType:
    if not control.put:
        return compile(source, "tests.py", "exec")
    tree = ast.parse(source)
    control.swallowing = frozenset(_swallowing(tree))
    asserts.falsify(tree.body)
    names[asserts.CONTROL] = object
    return compile(tree, "tests.py", "exec")


def _swallowing(tree: ast.AST) -> Iterator[str]:
    """Yield the functions that catch whatever is raised, or failures of assertions."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            handlers = [n for n in ast.walk(function) if isinstance(n, ast.ExceptHandler)]
            caught = [ast.unparse(h.type) if h.type else "Exception" for h in handlers]
            if any(name in text for text in caught for name in _CATCHES_ALL):
                yield function.name


def _run_cases(values: list[object], control: _Control) -> dict[str, object]:
    loader, suite = unittest.TestLoader(), unittest.TestSuite()
    for value in values:
        if isinstance(value, type) and issubclass(value, unittest.TestCase):
            suite.addTests(loader.loadTestsFromTestCase(value))
    total = suite.countTestCases()
    result = unittest.TestResult()
    forged = uncontrolled = 0
    for case in list(suite) if control.put else ():
        before = (control.n_evaluated, control.n_held)
        n_broken = len(result.failures) + len(result.errors)
        case.run(result)
        if len(result.failures) + len(result.errors) == n_broken:
            is_seen = control.has_seen(case, before)
            forged, uncontrolled = forged + is_seen, uncontrolled + (not is_seen)
    if not control.put:
        suite.run(result)
    broken = [*result.failures, *result.errors]
    # A class or module that cannot be set up is one entry for all its tests.
    bad = {id(case) for case, _ in broken} | {id(case) for case, _ in result.skipped}
    is_set_up = all(isinstance(case, unittest.TestCase) for case, _ in broken)
    passed = max(total - len(bad), 0) if is_set_up else 0
    return {
        "passed": forged if control.put else passed,
        "total": total,
        "raised": len(result.errors),
        "reached_end": True,
        "uncontrolled": uncontrolled,
        "error": "; ".join(_told(case, text) for case, text in broken[: asserts.MAX_FAILURES]),
    }


def _told(case: object, trace: str) -> str:
    last = trace.strip().splitlines()[-1] if trace.strip() else ""
    return f"{_name(case)}: {last}"[:200]


def _name(case: object) -> str:
    return str(getattr(case, "_testMethodName", type(case).__name__))
