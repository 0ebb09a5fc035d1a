"""Test code whose asserts are counted one by one, instead of stopping at the first that fails."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from dataclasses import dataclass, field

_SAW, _RAISED = "__evalctl_saw__", "__evalctl_raised__"
_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")
OWN = frozenset({_SAW, _RAISED})
"""Names that tests get from here, whatever a program calls its own."""
MAX_FAILURES = 3
"""Failed asserts that a report quotes."""


@dataclass
class Tally:
    """What became of the asserts."""

    total: int
    """Asserts written in the tests."""
    passed: int = 0
    failures: list[str] = field(default_factory=list)
    n_failed: int = 0
    n_raised: int = 0
    reached: set[int] = field(default_factory=set)
    broken: set[int] = field(default_factory=set)
    """Those that did not hold at least once."""

    def saw(self, number: int, value: object) -> None:
        """Count an assert that was evaluated."""
        self.reached.add(number)
        if value:
            self.passed += 1
        else:
            self._fail(number, f"assert {number + 1} does not hold")

    def raised(self, number: int) -> None:
        """Count an assert that could not be evaluated; called where its error is handled.

        What is no `Exception` goes on: an exit, or what ends these tests.
        """
        error = sys.exc_info()[1]
        if not isinstance(error, Exception):
            raise
        self.reached.add(number)
        self.n_raised += 1
        self._fail(number, f"assert {number + 1}: {type(error).__name__}: {error}"[:300])

    def report(self, *, reached_end: bool, error: str = "") -> dict[str, object]:
        """Return the numbers; where the end was not reached, unreached asserts count as failed."""
        unreached = 0 if reached_end else self.total - len(self.reached)
        return {
            "passed": self.passed,
            "total": self.passed + self.n_failed + unreached,
            "raised": self.n_raised,
            "reached_end": reached_end,
            "held": [str(number) for number in sorted(self.reached - self.broken)],
            "error": error[:300] or "; ".join(self.failures),
        }

    def _fail(self, number: int, why: str) -> None:
        self.n_failed += 1
        self.broken.add(number)
        if len(self.failures) < MAX_FAILURES:
            self.failures.append(why)


class _Counting:
    """Rewrites every assert into a call that counts it."""

    def __init__(self) -> None:
        self.total = 0
        self._saw = ast.Name(_SAW, ast.Load(), **_ANYWHERE)
        self._raised = ast.Name(_RAISED, ast.Load(), **_ANYWHERE)

    def counted(self, node: ast.Assert) -> ast.stmt:
        """Return `try: saw(N, TEST)` with a bare `except: raised(N)`.

        The shortest form that goes on after an error: making and compiling these nodes is most of
        what a short test costs. A bare `except` compiles to less than one with a class, and
        `raised` passes on what it is not to catch.
        """
        number = ast.Constant(self.total, None, **_ANYWHERE)
        self.total += 1
        handler = ast.ExceptHandler(None, None, [_call(self._raised, number)], **_ANYWHERE)
        return ast.Try([_call(self._saw, number, node.test)], [handler], [], [], **_ANYWHERE)


def _rewrite(block: list[ast.stmt], change: Callable[[ast.Assert], ast.stmt]) -> None:
    """Replace every assert of a block in place, and of the blocks in its statements.

    Only statements are visited: expressions hold no asserts, and tests are mostly long literals.
    """
    for place, statement in enumerate(block):
        if isinstance(statement, ast.Assert):
            block[place] = change(statement)
        else:
            _rewrite_within(statement, change)


def _rewrite_within(node: ast.AST, change: Callable[[ast.Assert], ast.stmt]) -> None:
    for name in _BLOCKS:
        for part in getattr(node, name, ()):
            if isinstance(part, ast.stmt):
                _rewrite(getattr(node, name), change)
                break
            if isinstance(part, ast.ExceptHandler | ast.match_case):
                _rewrite_within(part, change)


def in_order(block: list[ast.stmt]) -> list[ast.Assert]:
    """Return the asserts of a block in the order in which they are counted."""
    found: list[ast.Assert] = []

    def note(node: ast.Assert) -> ast.Assert:
        found.append(node)
        return node

    _rewrite(block, note)
    return found


_ANYWHERE = {"lineno": 1, "col_offset": 0, "end_lineno": 1, "end_col_offset": 0}
"""The place of every node that is put in: one is needed, and nobody looks at it."""


def _call(function: ast.expr, *given: ast.expr) -> ast.stmt:
    return ast.Expr(ast.Call(function, [*given], [], **_ANYWHERE), **_ANYWHERE)


class CountedTests:
    """Test code made ready to run."""

    def __init__(self, source: str) -> None:
        """Compile test code, each assert counted."""
        counting = _Counting()
        tree = ast.parse(source)
        _rewrite(tree.body, counting.counted)
        self.code = compile(tree, "tests.py", "exec")
        """Its names are what the tests use, and `OWN`."""
        self._total = counting.total

    def run(self, names: dict[str, object]) -> dict[str, object]:
        """Run in a namespace and return the report of the asserts."""
        tally = Tally(self._total)
        names |= {_SAW: tally.saw, _RAISED: tally.raised}
        try:
            exec(self.code, names)  # noqa: S102  # the dataset's own tests
        except Exception as error:  # noqa: BLE001  # a failure of the program, seen by the tests
            return tally.report(reached_end=False, error=f"{type(error).__name__}: {error}")
        return tally.report(reached_end=True)
