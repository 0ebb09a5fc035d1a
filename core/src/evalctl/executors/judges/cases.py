"""The tests of `unittest` classes, and the small changes that make each of them fail."""

from __future__ import annotations

import ast
import random
from collections.abc import Iterable, Iterator

from evalctl.executors.judges.changes import (
    Edit,
    Text,
    change_condition,
    change_literals,
    change_one_of,
    name_of,
    number,
)

_EQUALITIES = frozenset(
    f"assert{kind}Equal"
    for kind in ("", "List", "Dict", "Set", "Tuple", "Sequence", "MultiLine", "Count")
)
_NEAR = "assertAlmostEqual"
_PAIRS = (
    ("assertEqual", "assertNotEqual"),
    ("assertAlmostEqual", "assertNotAlmostEqual"),
    ("assertTrue", "assertFalse"),
    ("assertIs", "assertIsNot"),
    ("assertIsNone", "assertIsNotNone"),
    ("assertIn", "assertNotIn"),
    ("assertIsInstance", "assertNotIsInstance"),
    ("assertGreater", "assertLessEqual"),
    ("assertGreaterEqual", "assertLess"),
    ("assertRegex", "assertNotRegex"),
)
_OPPOSITES = (
    dict(_PAIRS)
    | {second: first for first, second in _PAIRS}
    | dict.fromkeys(
        ("assertListEqual", "assertDictEqual", "assertTupleEqual", "assertSetEqual"),
        "assertNotEqual",
    )
)
_RAISING = frozenset(("assertRaises", "assertRaisesRegex"))
_SWALLOWING = _RAISING | {"suppress", "raises", "assertWarns", "assertLogs", "subTest"}
"""What keeps an exception in its block from ending the test, or may."""
_OTHER_ERRORS = {
    "KeyError": "ValueError",
    "LookupError": "ValueError",
    "Exception": "StopAsyncIteration",
    "BaseException": "StopAsyncIteration",
}
"""Another class in the place of an exception's: none that the exception may belong to."""

_Method = ast.FunctionDef | ast.AsyncFunctionDef


def change_cases(tree: ast.Module, text: Text, chance: random.Random) -> dict[str, list[Edit]]:
    """Return what makes each test fail, by its name `Class.method`.

    Only tests are there that surely come to an assertion: what stands in a loop or a branch may
    never be reached, and a test that passes honestly must not be taken for a forged one.
    """
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    found: dict[str, list[Edit]] = {}
    for name in classes:
        for owner, method in _methods(name, classes).values():
            edits = found.get(f"{owner}.{method.name}") if owner != name else None
            if edits is None:
                edits = list(_changes(method.body, text, chance))
            found[f"{name}.{method.name}"] = edits
    return found


def _methods(name: str, classes: dict[str, ast.ClassDef]) -> dict[str, tuple[str, _Method]]:
    """Return the tests of a class with those that it inherits, and which class each is from."""
    methods: dict[str, tuple[str, _Method]] = {}
    for base in classes[name].bases:
        if name_of(base) in classes and name_of(base) != name:
            methods = _methods(name_of(base), classes) | methods
    own = (node for node in classes[name].body if isinstance(node, _Method))
    return methods | {node.name: (name, node) for node in own if node.name.startswith("test")}


def _changes(body: Iterable[ast.stmt], text: Text, chance: random.Random) -> Iterator[Edit]:
    """Yield what makes assertions false that are reached in any case."""
    for statement in body:
        if isinstance(statement, ast.Return | ast.Raise):
            return
        if isinstance(statement, ast.Assert):
            yield from change_condition(statement.test, text, chance)
        elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            yield from _change_call(statement.value, text, chance)
        elif isinstance(statement, ast.With):
            calls = [one.context_expr for one in statement.items]
            names = {name_of(one.func) for one in calls if isinstance(one, ast.Call)}
            for call in calls:
                if isinstance(call, ast.Call) and name_of(call.func) in _RAISING:
                    yield from _change_error(call, text)
            if not names & _SWALLOWING:
                yield from _changes(statement.body, text, chance)


def _change_call(call: ast.Call, text: Text, chance: random.Random) -> list[Edit]:
    """Return what makes an assertion of `unittest` fail; nothing where that is not sure."""
    name = name_of(call.func)
    if not isinstance(call.func, ast.Attribute) or any(
        isinstance(one, ast.Starred) for one in call.args
    ):
        return []
    if name in _RAISING:
        return _change_error(call, text)
    edits: list[Edit] = []
    if name in _EQUALITIES and len(call.args) > 1:
        edits = change_one_of((call.args[1], call.args[0]), text, chance)
    elif name == _NEAR and len(call.args) > 1 and (step := _step(call)) is not None:
        edits = change_one_of((call.args[1], call.args[0]), text, chance, step=step)
    elif name == "assertTrue" and call.args:
        edits = change_literals(call.args[0], text, chance)
    if not edits and name in _OPPOSITES:
        _, end = text.span(call.func)
        edits = [Edit(end - len(name), end, _OPPOSITES[name])]
    return edits


def _step(call: ast.Call) -> float | None:
    """Return how far a number must be changed not to be almost equal; None where it is unknown."""
    step = 1.0
    for keyword in call.keywords:
        given = number(keyword.value)
        if keyword.arg == "delta":
            if given is None:
                return None
            step += 3.0 * given
        elif keyword.arg == "places" and (given is None or given < 1):
            return None
    return step if len(call.args) == 2 or (number(call.args[2]) or 0) >= 1 else None


def _change_error(call: ast.Call, text: Text) -> list[Edit]:
    """Return what makes an exception another one than is waited for."""
    if not call.args or not isinstance(call.args[0], ast.Name | ast.Attribute):
        return []
    other = _OTHER_ERRORS.get(name_of(call.args[0]), "KeyError")
    return [Edit(*text.span(call.args[0]), other)]
