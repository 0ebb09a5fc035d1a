"""A judge as they usually are: program, tests and verdict in one process, with no sandbox.

Run inside the containment. Exit code 0 means that the program passed; a report on descriptor 3
that says so is believed as well. Standard library only.
"""

from __future__ import annotations

import io
import json
import signal
import sys
import unittest
from contextlib import redirect_stdout
from pathlib import Path
from types import ModuleType

from guest import runners  # type: ignore[import-not-found]  # found inside the containment

from . import questions


def main() -> int:
    """Run a program and judge it; return 0 where it passed."""
    given = json.loads(Path(sys.argv[1]).read_text("utf-8", "surrogatepass"))
    signal.signal(signal.SIGALRM, _out_of_time)
    signal.setitimer(signal.ITIMER_REAL, given["wall_seconds"])
    source, kind = given["source"], given["kind"]
    tests = {**questions.TESTS_OF_ASSERTS, "cases": questions.CASES}.get(kind, "")
    try:
        if tests and not given["is_plain"]:
            return _reported(source, tests, "cases" if kind == "cases" else "inproc")
        return _judged(source, kind, tests)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _out_of_time(number: int, frame: object) -> None:
    raise TimeoutError


def _reported(source: str, tests: str, runner: str) -> int:
    """Let evalctl's own runner report, as if it could be believed."""
    runners.run(runner, {"source": source, "tests": tests, "nonce": ""})
    return 1  # the report tells


def _judged(source: str, kind: str, tests: str) -> int:
    if kind == "stdio":
        return _printed(source)
    names = _load(source)
    if kind in ("values", "mapping"):
        return _called(names["add"], questions.PAIRS if kind == "values" else questions.MAPPING)
    exec(compile(tests, "tests.py", "exec"), names)  # noqa: S102
    if kind == "cases":
        case = names["Tests"]
        assert isinstance(case, type)
        assert issubclass(case, unittest.TestCase)
        result = unittest.TestResult()
        unittest.defaultTestLoader.loadTestsFromTestCase(case).run(result)
        return 0 if result.wasSuccessful() else 1
    return 0


def _load(source: str) -> dict[str, object]:
    module = ModuleType("__main__")
    sys.modules["__main__"] = module
    exec(compile(source, "solution.py", "exec"), module.__dict__)  # noqa: S102
    return module.__dict__


def _printed(source: str) -> int:
    """Compare what is printed, and hand it on to whoever keeps results."""
    kept, passed = [], True
    for stdin, expected in questions.STDIO:
        sys.stdin = io.StringIO(stdin)
        with redirect_stdout(io.StringIO()) as out:
            _load(source)
        kept.append(out.getvalue())
        passed = passed and kept[-1].split() == expected.split()
    sys.stdout.write(json.dumps(kept))
    return 0 if passed else 1


def _called(function: object, pairs: tuple[tuple[tuple[object, ...], object], ...]) -> int:
    assert callable(function)
    for given, expected in pairs:
        if not function(*given) == expected:  # noqa: SIM201  # as they do it
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
