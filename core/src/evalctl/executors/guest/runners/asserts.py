"""Test code whose asserts are counted one by one, instead of stopping at the first that fails."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field

_JUDGE, _TRUTH = "__evalctl_judge__", "__evalctl_bool__"
_EXCEPTION, _ERROR = "__evalctl_exception__", "__evalctl_error__"
_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")
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

    def raised(self, number: int, error: Exception) -> None:
        """Count an assert that could not be evaluated."""
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

    def counted(self, node: ast.Assert) -> ast.stmt:
        """Return `try: judge.saw(N, bool(TEST)) except Exception as e: judge.raised(N, e)`."""
        number, self.total = self.total, self.total + 1
        at = {name: getattr(node, name) for name in node._attributes}
        truth = ast.Call(ast.Name(_TRUTH, ast.Load(), **at), [node.test], [], **at)
        failed = _call("raised", number, ast.Name(_ERROR, ast.Load(), **at), at)
        kind = ast.Name(_EXCEPTION, ast.Load(), **at)
        handler = ast.ExceptHandler(kind, _ERROR, [failed], **at)
        return ast.Try([_call("saw", number, truth, at)], [handler], [], [], **at)


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


_Place = dict[str, int]
"""Line and column of an assert. Given to every new node by itself: to fill in what is missing
later, every literal of the tests would be walked through."""


def _call(method: str, number: int, value: ast.expr, at: _Place) -> ast.stmt:
    judge = ast.Name(_JUDGE, ast.Load(), **at)
    function = ast.Attribute(judge, method, ast.Load(), **at)
    return ast.Expr(ast.Call(function, [ast.Constant(number, None, **at), value], [], **at), **at)


def run(source: str, names: dict[str, object]) -> dict[str, object]:
    """Run test code in a namespace and return the report of its asserts."""
    counting = _Counting()
    tree = ast.parse(source)
    _rewrite(tree.body, counting.counted)
    tally = Tally(counting.total)
    names |= {_JUDGE: tally, _TRUTH: bool, _EXCEPTION: Exception}
    try:
        exec(compile(tree, "tests.py", "exec"), names)  # noqa: S102  # the dataset's own tests
    except Exception as error:  # noqa: BLE001  # a failure of the program, seen by the tests
        return tally.report(reached_end=False, error=f"{type(error).__name__}: {error}")
    return tally.report(reached_end=True)
