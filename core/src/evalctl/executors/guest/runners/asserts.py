"""Test code whose asserts are counted one by one, instead of stopping at the first that fails."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field

CONTROL = "__evalctl_control__"
"""Name of what makes a fresh object in falsified tests."""
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

    def saw(self, number: int, value: object) -> None:
        """Count an assert that was evaluated."""
        self.reached.add(number)
        if value:
            self.passed += 1
        else:
            self._fail(f"assert {number + 1} does not hold")

    def raised(self, number: int, error: Exception) -> None:
        """Count an assert that could not be evaluated."""
        self.reached.add(number)
        self.n_raised += 1
        self._fail(f"assert {number + 1}: {type(error).__name__}: {error}"[:300])

    def report(self, *, reached_end: bool, error: str = "") -> dict[str, object]:
        """Return the numbers; where the end was not reached, unreached asserts count as failed."""
        unreached = 0 if reached_end else self.total - len(self.reached)
        return {
            "passed": self.passed,
            "total": self.passed + self.n_failed + unreached,
            "raised": self.n_raised,
            "reached_end": reached_end,
            "error": error[:300] or "; ".join(self.failures),
        }

    def _fail(self, why: str) -> None:
        self.n_failed += 1
        if len(self.failures) < MAX_FAILURES:
            self.failures.append(why)


class _Counting:
    """Rewrites every assert into a call that counts it."""

    def __init__(self, *, is_control: bool) -> None:
        self.total = 0
        self.is_control = is_control

    def counted(self, node: ast.Assert) -> ast.stmt:
        """Return `try: judge.saw(N, bool(TEST)) except Exception as e: judge.raised(N, e)`."""
        number, self.total = self.total, self.total + 1
        at = {name: getattr(node, name) for name in node._attributes}
        test = _falsified(node.test, at) if self.is_control else node.test
        truth = ast.Call(ast.Name(_TRUTH, ast.Load(), **at), [test], [], **at)
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


def falsify(block: list[ast.stmt]) -> None:
    """Make every assert of a block, in place, one that nothing honest fulfils."""

    def change(node: ast.Assert) -> ast.stmt:
        at = {name: getattr(node, name) for name in node._attributes}
        return ast.Assert(_falsified(node.test, at), None, **at)

    _rewrite(block, change)


_Place = dict[str, int]
"""Line and column of an assert. Given to every new node by itself: to fill in what is missing
later, every literal of the tests would be walked through."""


def _call(method: str, number: int, value: ast.expr, at: _Place) -> ast.stmt:
    judge = ast.Name(_JUDGE, ast.Load(), **at)
    function = ast.Attribute(judge, method, ast.Load(), **at)
    return ast.Expr(ast.Call(function, [ast.Constant(number, None, **at), value], [], **at), **at)


def _falsified(test: ast.expr, at: _Place) -> ast.expr:
    """Return a condition that nothing honest fulfils, but whose calls are still made.

    A plain `==` is compared with a fresh object, which tells an object that equals everything;
    anything else is evaluated and then denied, which tells a judge that was tampered with.
    """
    if isinstance(test, ast.Compare) and all(isinstance(op, ast.Eq) for op in test.ops):
        fresh = ast.Call(ast.Name(CONTROL, ast.Load(), **at), [], [], **at)
        kept = ast.Tuple([*test.comparators, fresh], ast.Load(), **at)
        last = ast.Subscript(kept, ast.Constant(-1, None, **at), ast.Load(), **at)
        return ast.Compare(test.left, [ast.Eq()], [last], **at)
    pair = ast.Tuple([test, ast.Constant(False, None, **at)], ast.Load(), **at)
    return ast.Subscript(pair, ast.Constant(1, None, **at), ast.Load(), **at)


def run(source: str, names: dict[str, object], *, is_control: bool = False) -> dict[str, object]:
    """Run test code and return the report of its asserts.

    Args:
        source: The tests.
        names: The namespace that they run in.
        is_control: Whether every assert is made one that must fail.
    """
    counting = _Counting(is_control=is_control)
    tree = ast.parse(source)
    _rewrite(tree.body, counting.counted)
    tally = Tally(counting.total)
    names |= {_JUDGE: tally, CONTROL: object, _TRUTH: bool, _EXCEPTION: Exception}
    try:
        exec(compile(tree, "tests.py", "exec"), names)  # noqa: S102  # the dataset's own tests
    except Exception as error:  # noqa: BLE001  # a failure of the program, seen by the tests
        return tally.report(reached_end=False, error=f"{type(error).__name__}: {error}")
    return tally.report(reached_end=True)
