"""Small changes to the text of tests that make a condition false that was true."""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

_OPPOSITES: dict[type[ast.cmpop], tuple[str, str]] = {
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Lt: ("<", ">="),
    ast.LtE: ("<=", ">"),
    ast.Gt: (">", "<="),
    ast.GtE: (">=", "<"),
    ast.Is: ("is", "is not"),
    ast.IsNot: (r"is\s+not", "is"),
    ast.In: ("in", "not in"),
    ast.NotIn: (r"not\s+in", "in"),
}
_CONSTRUCTORS = frozenset(("set", "frozenset", "tuple", "list", "dict", "sorted", "float"))
_DISTANCES = frozenset(("abs", "fabs"))
_NEARNESSES = frozenset(("isclose", "allclose"))
_LETTERS = ("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789", ".,;:!?-_")


class Edit(NamedTuple):
    """New text in the place of bytes of the old."""

    start: int
    end: int
    text: str


class Text:
    """A source, addressed as the parser does: by lines, and bytes within them."""

    def __init__(self, source: str) -> None:
        """Find its lines."""
        self._data = source.encode()
        self._starts = [0]
        for line in self._data.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))

    def span(self, node: ast.expr) -> tuple[int, int]:
        """Return where an expression begins and ends, without brackets around it."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        start = self._starts[node.lineno - 1] + node.col_offset
        return start, self._starts[node.end_lineno - 1] + node.end_col_offset

    def between(self, start: int, end: int) -> str:
        """Return a part of it."""
        return self._data[start:end].decode()

    def edited(self, edits: Iterable[Edit]) -> str:
        """Return the source with edits, which must not overlap."""
        data = self._data
        for start, end, text in sorted(edits, reverse=True):
            data = data[:start] + text.encode() + data[end:]
        return data.decode()


def change_condition(test: ast.expr, text: Text, chance: random.Random) -> list[Edit]:
    """Return what makes a true condition false: another literal where that will do."""
    if edits := change_literals(test, text, chance):
        return edits
    start, end = text.span(test)
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner, _ = text.span(test.operand)
        return [Edit(start, inner, text.between(start, inner).replace("not", "", 1))]
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        return [_opposite(test, text)]
    return [Edit(start, end, f"not ({text.between(start, end)})")]


def change_literals(test: ast.expr, text: Text, chance: random.Random) -> list[Edit]:
    """Return what changes the literal that a condition compares with; nothing where there is none.

    Sure to make the condition false: what is equal to a literal is not equal to another.
    """
    if isinstance(test, ast.Constant) and isinstance(test.value, bool):
        return [Edit(*text.span(test), repr(not test.value))]
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        if isinstance(test.ops[0], ast.Eq):
            return change_one_of((test.comparators[0], test.left), text, chance)
        if isinstance(test.ops[0], ast.Lt | ast.LtE):
            return _change_distance(test, text, chance)
    if isinstance(test, ast.Call) and name_of(test.func) in _NEARNESSES and len(test.args) > 1:
        allowed = [keyword.value for keyword in test.keywords] + test.args[2:]
        if all(number(one) is not None and (number(one) or 0) <= 0.1 for one in allowed):
            return change_one_of((test.args[1], test.args[0]), text, chance)
    return []


def change_one_of(
    sides: Iterable[ast.expr], text: Text, chance: random.Random, *, step: float = 1.0
) -> list[Edit]:
    """Return what changes a part of the first side that is a literal.

    Args:
        sides: What is compared.
        text: Where they stand.
        chance: Picks the part and its new value.
        step: Least change of a number.
    """
    for side in sides:
        parts = list(_parts(side) or ())
        if parts:
            part = chance.choice(parts)
            taken: list[object] = [one.value for one in parts if isinstance(one, ast.Constant)]
            return [Edit(*text.span(part), _another(part, taken, text, chance, step))]
    return []


def name_of(function: ast.expr) -> str:
    """Return the last name of what is called."""
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _opposite(test: ast.Compare, text: Text) -> Edit:
    pattern, opposite = _OPPOSITES[type(test.ops[0])]
    start, end = text.span(test.left)[1], text.span(test.comparators[0])[0]
    return Edit(start, end, re.sub(pattern, f" {opposite} ", text.between(start, end), count=1))


def _change_distance(test: ast.Compare, text: Text, chance: random.Random) -> list[Edit]:
    """Return what changes the number in `abs(VALUE - NUMBER) < ALLOWED`."""
    allowed, call = number(test.comparators[0]), test.left
    if allowed is None or not isinstance(call, ast.Call) or name_of(call.func) not in _DISTANCES:
        return []
    inner = call.args[0] if call.args else None
    if not isinstance(inner, ast.BinOp) or not isinstance(inner.op, ast.Sub):
        return []
    sides = [side for side in (inner.right, inner.left) if number(side) is not None]
    return change_one_of(sides, text, chance, step=1.0 + 3.0 * allowed)


def number(node: ast.expr) -> float | None:
    """Return the number that a literal is; None where it is none."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = number(node.operand)
        return None if inner is None else -inner
    is_number = isinstance(node, ast.Constant) and type(node.value) in (int, float)
    return float(node.value) if is_number else None  # type: ignore[attr-defined]


def _parts(node: ast.expr) -> Iterator[ast.expr] | None:
    """Return the constants and empty brackets that a literal is made of; None where it is none."""
    if isinstance(node, ast.Constant):
        return iter([node]) if node.value is not ... else None
    if isinstance(node, ast.UnaryOp) and number(node) is not None:
        return iter([node.operand])
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return _parts_of_all(node.elts) if node.elts else iter([node])
    if isinstance(node, ast.Dict):
        items = [*node.keys, *node.values]
        return _parts_of_all(items) if items else iter([node])
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        is_made = node.func.id in _CONSTRUCTORS and len(node.args) == 1 and not node.keywords
        return _parts(node.args[0]) if is_made else None
    return None


def _parts_of_all(nodes: Iterable[ast.expr | None]) -> Iterator[ast.expr] | None:
    found: list[ast.expr] = []
    for node in nodes:
        parts = _parts(node) if node is not None else None
        if parts is None:
            return None
        found += parts
    return iter(found)


def _another(
    part: ast.expr, taken: list[object], text: Text, chance: random.Random, step: float
) -> str:
    """Return the text of another value of the same kind, which is none of those taken."""
    if not isinstance(part, ast.Constant):
        filled = {ast.Tuple: "({},)", ast.List: "[{}]", ast.Dict: "{{{}: 1}}", ast.Set: "{{{}}}"}
        return filled[type(part)].format(chance.randint(0, 9))
    while True:
        value = _other_value(part.value, chance, step)
        if value not in taken:
            break
        step += 1.0
    written = repr(value)
    is_double = text.between(*text.span(part)).startswith('"')
    if isinstance(value, str) and is_double and '"' not in value and "\\" not in written:
        return f'"{value}"'
    return written


def _other_value(value: object, chance: random.Random, step: float) -> object:
    if isinstance(value, bool):
        return not value if step < 2.0 else chance.randint(2, 9)
    if isinstance(value, int):
        return value + chance.randint(1, 9) + int(step)
    if isinstance(value, float):
        grown = value + step * chance.choice((1.0, 1.5, 2.0, 3.0))
        return grown if abs(value) < 1e9 else value * chance.choice((1.5, 2.0, 3.0))
    if isinstance(value, complex):
        return value + step
    if isinstance(value, bytes):
        return _other_text(value.decode("latin-1"), chance).encode("latin-1", "replace")
    return _other_text(value, chance) if isinstance(value, str) else chance.randint(0, 9)


def _other_text(value: str, chance: random.Random) -> str:
    """Return a text with another letter of the same kind, or with one more."""
    if not value or chance.random() < 0.2:
        return value + chance.choice(_LETTERS[0])
    place = chance.randrange(len(value))
    kind = next((letters for letters in _LETTERS if value[place] in letters), _LETTERS[0])
    return value[:place] + chance.choice(kind) + value[place + 1 :]
