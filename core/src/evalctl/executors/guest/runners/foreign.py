"""Values of a program that are none of the plain types: what of them crosses to its tests.

Types of the standard library that tests compare with cross by value, and so do values of subclasses
of plain types. Anything else stays where it is, and a stand-in crosses.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from . import codec

MAX_ITEMS = 100_000
"""Of an iterator; what is behind them does not cross."""
_MAX_TEXT = 1_000
_PLAIN: dict[type, Callable[[Any], Any]] = {
    int: int.__index__,
    float: float.__float__,
    str: str.__str__,
    bytes: lambda value: b"".join([value]),
    dict: lambda value: dict(dict.items(value)),
    list: lambda value: list(list.__iter__(value)),
    tuple: lambda value: tuple(tuple.__iter__(value)),
    set: lambda value: set(set.__iter__(value)),
    frozenset: lambda value: frozenset(frozenset.__iter__(value)),
}
"""How a value of a subclass is made one of the built-in type; its own methods have no say."""
_TEXTS: dict[type, tuple[str, Callable[[Any], object]]] = {
    Decimal: ("decimal", str),
    Fraction: ("fraction", str),
    datetime: ("datetime", datetime.isoformat),
    date: ("date", date.isoformat),
    timedelta: ("timedelta", lambda value: [value.days, value.seconds, value.microseconds]),
}
_MANY: dict[type, str] = {
    deque: "deque",
    type({}.keys()): "keys",
    type({}.values()): "values",
    type({}.items()): "items",
}


def encode(value: object, depth: int = 0) -> Any:  # noqa: ANN401  # JSON
    """Return any value as JSON, what cannot cross as what tells of it."""
    return codec.encode(value, depth, _foreign)


def _foreign(value: Any, depth: int) -> object:  # noqa: ANN401  # anything
    kind = type(value)
    if depth > codec.MAX_DEPTH:
        return _stand_in(value)
    if kind in _TEXTS:
        tag, text = _TEXTS[kind]
        return {tag: text(value)}
    if kind in _MANY:
        return {_MANY[kind]: [encode(item, depth + 1) for item in value]}
    if isinstance(value, Iterator) and kind.__module__ in ("builtins", "itertools"):
        items = itertools.islice(value, MAX_ITEMS)
        return {"iterator": [encode(item, depth + 1) for item in items]}
    for base in kind.__mro__:
        if base in _PLAIN:
            return encode(_PLAIN[base](value), depth)
    return _stand_in(value)


def _stand_in(value: object) -> object:
    return {"other": [_truth(value), type(value).__name__[:100], _text(value)]}


def _truth(value: object) -> bool:
    try:
        return bool(value)
    except Exception:  # noqa: BLE001  # the program's own method
        return True


def _text(value: object) -> str:
    try:
        return str(value)[:_MAX_TEXT]
    except Exception:  # noqa: BLE001  # the program's own method
        return ""
