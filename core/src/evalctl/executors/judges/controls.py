"""Tests of which some are changed so that they must fail: a control on programs beside their tests.

A program that shares a process with its tests can see and change all of it. So it must not be able
to tell a control from the real tests: both are text of the same form, and where tests compare with
a literal, the literal is another one of its kind. A program that makes tests pass, or reads what is
expected, passes what must fail; one that lets everything fail does not pass what must still pass.
"""

from __future__ import annotations

import ast
import random
from collections.abc import Iterator
from typing import NamedTuple

from evalctl.executors.guest.runners import asserts
from evalctl.executors.judges.cases import change_cases
from evalctl.executors.judges.changes import Edit, Text, change_condition

_MANY = 8
"""From so many tests on, one control is enough: by chance it is passed once in 256 times."""


class Control(NamedTuple):
    """Tests, and the names of those among them that must fail."""

    source: str
    changed: frozenset[str]


class Controls(NamedTuple):
    """What a pass beside its tests is worth, and how that is found out."""

    needed: frozenset[str]
    """Names of tests that every run comes to: a pass that leaves one out is made up."""
    all: tuple[Control, ...]


def of_asserts(source: str, held: frozenset[str], chance: random.Random) -> Controls:
    """Return controls of asserts, which are named by their number in the order of the source.

    Args:
        source: The tests.
        held: Names of the asserts that are said to have held.
        chance: Picks what is changed, and into what.
    """
    tree, text = ast.parse(source), Text(source)
    numbers = {id(node): str(n) for n, node in enumerate(asserts.in_order(tree.body))}
    sure = [numbers[id(node)] for node in _reached(tree.body, tree.body)]
    wanted = frozenset(sure) or held
    edits = {
        numbers[id(node)]: change_condition(node.test, text, chance)
        for node in asserts.in_order(tree.body)
        if numbers[id(node)] in wanted
    }
    return Controls(wanted, _controls(text, edits, chance))


def of_cases(source: str, chance: random.Random) -> Controls:
    """Return controls of `unittest` classes, whose tests are named `Class.method`."""
    text = Text(source)
    changes = change_cases(ast.parse(source), text, chance)
    edits = {name: edits for name, edits in changes.items() if edits}
    return Controls(frozenset(edits), _controls(text, edits, chance))


def _reached(body: list[ast.stmt], module: list[ast.stmt], depth: int = 0) -> Iterator[ast.Assert]:
    """Yield the asserts that every run comes to, in a block and the functions that it calls."""
    functions = {node.name: node for node in module if isinstance(node, ast.FunctionDef)}
    for statement in body:
        if isinstance(statement, ast.Return | ast.Raise):
            return
        if isinstance(statement, ast.Assert):
            yield statement
        elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            called = statement.value.func
            if isinstance(called, ast.Name) and called.id in functions and depth == 0:
                yield from _reached(functions[called.id].body, module, depth + 1)


def _controls(
    text: Text, edits: dict[str, list[Edit]], chance: random.Random
) -> tuple[Control, ...]:
    """Return one control of some tests, and one of the others where there are few."""
    if not edits:
        return ()
    some = frozenset(name for name in edits if chance.random() < 0.5) or frozenset(edits)
    others = frozenset(edits) - some
    groups = [some, *([others] if others and len(edits) < _MANY else [])]
    return tuple(_control(text, edits, group) for group in groups)


def _control(text: Text, edits: dict[str, list[Edit]], group: frozenset[str]) -> Control:
    """Return the control of a group of tests, and of those that share a method with one of it."""
    made = {edit for name in group for edit in edits[name]}
    changed = frozenset(name for name, changes in edits.items() if made & set(changes))
    return Control(text.edited(made), changed)
