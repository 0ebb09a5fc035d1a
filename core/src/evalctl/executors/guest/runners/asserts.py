"""Test code whose asserts are counted one by one, instead of stopping at the first that fails."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

_JUDGE, _CONTROL, _TRUTH = "__evalctl_judge__", "__evalctl_control__", "__evalctl_bool__"
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
    """Rewrites every assert into a call that counts it.

    Only statements are visited: expressions hold no asserts, and tests are mostly long literals.
    """

    def __init__(self, *, is_control: bool) -> None:
        self.total = 0
        self.is_control = is_control

    def visit(self, block: list[ast.stmt]) -> None:
        """Rewrite a block in place, and the blocks in its statements."""
        for place, statement in enumerate(block):
            if isinstance(statement, ast.Assert):
                block[place] = self._counted(statement)
            else:
                self._visit_blocks(statement)

    def _visit_blocks(self, node: ast.AST) -> None:
        for name in _BLOCKS:
            for part in getattr(node, name, ()):
                if isinstance(part, ast.stmt):
                    self.visit(getattr(node, name))
                    break
                if isinstance(part, ast.ExceptHandler | ast.match_case):
                    self._visit_blocks(part)

    def _counted(self, node: ast.Assert) -> ast.stmt:
        """Return `try: judge.saw(N, bool(TEST)) except Exception as e: judge.raised(N, e)`."""
        number, self.total = self.total, self.total + 1
        test = _falsified(node.test) if self.is_control else node.test
        truth = ast.Call(ast.Name(_TRUTH, ast.Load()), [test], [])
        handler = ast.ExceptHandler(
            ast.Name(_EXCEPTION, ast.Load()),
            _ERROR,
            [_call("raised", number, ast.Name(_ERROR, ast.Load()))],
        )
        made = ast.Try([_call("saw", number, truth)], [handler], [], [])
        ast.copy_location(made, node)
        return ast.fix_missing_locations(made) if node.lineno else made


def _call(method: str, number: int, value: ast.expr) -> ast.stmt:
    function = ast.Attribute(ast.Name(_JUDGE, ast.Load()), method, ast.Load())
    return ast.Expr(ast.Call(function, [ast.Constant(number), value], []))


def _falsified(test: ast.expr) -> ast.expr:
    """Return a condition that nothing honest fulfils, but whose calls are still made.

    A plain `==` is compared with a fresh object, which tells an object that equals everything;
    anything else is evaluated and then denied, which tells a judge that was tampered with.
    """
    if isinstance(test, ast.Compare) and all(isinstance(op, ast.Eq) for op in test.ops):
        fresh = ast.Call(ast.Name(_CONTROL, ast.Load()), [], [])
        kept = ast.Tuple([*test.comparators, fresh], ast.Load())
        last = ast.Subscript(kept, ast.Constant(-1), ast.Load())
        return ast.Compare(test.left, [ast.Eq()], [last])
    return ast.Subscript(
        ast.Tuple([test, ast.Constant(False)], ast.Load()), ast.Constant(1), ast.Load()
    )


def run(source: str, names: dict[str, object], *, is_control: bool = False) -> dict[str, object]:
    """Run test code and return the report of its asserts.

    Args:
        source: The tests.
        names: The namespace that they run in.
        is_control: Whether every assert is made one that must fail.
    """
    counting = _Counting(is_control=is_control)
    tree = ast.parse(source)
    counting.visit(tree.body)
    tally = Tally(counting.total)
    names |= {_JUDGE: tally, _CONTROL: object, _TRUTH: bool, _EXCEPTION: Exception}
    try:
        exec(compile(tree, "tests.py", "exec"), names)  # noqa: S102  # the dataset's own tests
    except Exception as error:  # noqa: BLE001  # a failure of the program, seen by the tests
        return tally.report(reached_end=False, error=f"{type(error).__name__}: {error}")
    return tally.report(reached_end=True)
