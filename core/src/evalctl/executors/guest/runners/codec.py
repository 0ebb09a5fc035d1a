"""Plain data between two guests: exact types, tagged, bounded; never code.

What arrives may come from a hostile program, so nothing is built from it but values of the types
listed here, and every bound is checked before.
"""

from __future__ import annotations

import builtins
import json
import os
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from .standin import StandIn

MAX_BYTES = 4 << 20
"""One message."""
MAX_DEPTH = 100
_PLAIN_INTEGER = 1 << 53
Foreign = Callable[[object, int], object]
_Encoder = Callable[[Any, int, "Foreign | None"], object]
_LENGTH_BYTES = 4
_CHUNK = 65_536
_to_json = json.JSONEncoder(check_circular=False).encode
"""What is sent is made of copies, so it holds no circle."""


class UnsupportedValueError(Exception):
    """A value that cannot cross: its type, depth or size."""


class GoneError(BaseException):
    """The other side closed the socket or broke the protocol. No test may catch it by chance."""


def encode(value: object, depth: int = 0, foreign: Foreign | None = None) -> Any:  # noqa: ANN401  # JSON
    """Return a value as JSON, its type kept by a tag.

    Args:
        value: What is to cross.
        depth: Of what holds it.
        foreign: Encodes what is of another type than the plain built-in ones, or too deep.

    Raises:
        UnsupportedValueError: There is such a value, and no `foreign`.
    """
    kind = type(value)
    if value is None or kind in (bool, str):
        return value
    if kind in _ENCODERS and depth <= MAX_DEPTH:
        return _ENCODERS[kind](value, depth + 1, foreign)
    if foreign is None:
        too_deep = "a value nested too deeply"
        raise UnsupportedValueError(
            too_deep if depth > MAX_DEPTH else f"a value of the type {kind.__name__}"
        )
    return foreign(value, depth)


def decode(data: Any) -> Any:  # noqa: ANN401  # JSON in, any plain value out
    """Return the value that `encode` was given.

    Raises:
        GoneError: The data is not of the agreed form.
    """
    if isinstance(data, list):
        return [decode(item) for item in data]
    if not isinstance(data, dict):
        return data
    try:
        ((tag, content),) = data.items()
        return _DECODERS[tag](content)
    except (ValueError, LookupError, TypeError, ArithmeticError) as error:
        raise GoneError("a message that is not of the agreed form") from error


class Channel:
    """Messages of JSON over one descriptor, in both directions.

    The descriptor is read and written as it is: a socket object costs a guest more than its first
    message does.
    """

    def __init__(self, fd: int) -> None:
        """Take an open descriptor."""
        self._fd = fd
        self._unread = b""

    def send(self, message: object) -> None:
        """Send a message of JSON.

        Raises:
            UnsupportedValueError: It is too large.
            GoneError: Nobody takes it.
        """
        data = _to_json(message).encode()
        if len(data) > MAX_BYTES:
            raise UnsupportedValueError(f"a value of {len(data)} bytes")
        data = len(data).to_bytes(_LENGTH_BYTES, "big") + data
        try:
            while data:
                data = data[os.write(self._fd, data) :]
        except OSError as error:
            raise GoneError("the other side is gone") from error

    def receive(self) -> Any:  # noqa: ANN401  # JSON
        """Return the next message.

        Raises:
            GoneError: The other side closed the socket, or sent what is no message.
        """
        length = int.from_bytes(self._take(_LENGTH_BYTES), "big")
        if length > MAX_BYTES:
            raise GoneError("a message that is too long")
        try:
            return json.loads(self._take(length).decode())
        except (ValueError, RecursionError) as error:
            raise GoneError("a message that is no JSON") from error

    def _take(self, length: int) -> bytes:
        data = self._unread
        if len(data) < length:
            data = self._more(length)
        self._unread = data[length:]
        return data[:length]

    def _more(self, length: int) -> bytes:
        data = bytearray(self._unread)
        while len(data) < length:
            try:
                chunk = os.read(self._fd, _CHUNK)
            except OSError as error:
                raise GoneError("the other side is gone") from error
            if not chunk:
                raise GoneError("the other side is gone")
            data += chunk
        return bytes(data)


def _integer(value: int, _depth: int, _foreign: object) -> object:
    return value if -_PLAIN_INTEGER < value < _PLAIN_INTEGER else {"i": hex(value)}


def _real(value: float, _depth: int, _foreign: object) -> object:
    return value if value - value == 0 else {"f": repr(value)}


def _many(tag: str) -> _Encoder:
    return lambda value, *rest: {tag: [encode(item, *rest) for item in value]}


def _mapping(tag: str) -> _Encoder:
    """Encode a dictionary of some kind, without a function that fills a default."""
    return lambda value, *rest: {
        tag: [[encode(key, *rest), encode(item, *rest)] for key, item in value.items()]
    }


def _type(value: type, depth: int, foreign: Foreign | None) -> object:
    if vars(builtins).get(value.__name__) is value:
        return {"type": value.__name__}
    if foreign is None:
        raise UnsupportedValueError(f"the type {value.__name__}")
    return foreign(value, depth)


_ENCODERS: dict[type, _Encoder] = {
    int: _integer,
    float: _real,
    list: lambda value, *rest: [encode(item, *rest) for item in value],
    tuple: _many("t"),
    set: _many("s"),
    frozenset: _many("z"),
    dict: _mapping("d"),
    Counter: _mapping("n"),
    OrderedDict: _mapping("o"),
    defaultdict: _mapping("w"),
    type: _type,
    bytes: lambda value, *_: {"b": value.hex()},
    bytearray: lambda value, *_: {"y": value.hex()},
    complex: lambda value, *_: {"c": [repr(value.real), repr(value.imag)]},
    range: lambda value, *_: {"r": [hex(value.start), hex(value.stop), hex(value.step)]},
}
_DECODERS: dict[str, Callable[[Any], Any]] = {
    "i": lambda text: int(text, 16),
    "f": lambda text: float(text),
    "t": lambda items: tuple(decode(item) for item in items),
    "s": lambda items: {decode(item) for item in items},
    "z": lambda items: frozenset(decode(item) for item in items),
    "d": lambda items: {decode(key): decode(item) for key, item in items},
    "n": lambda items: Counter(_DECODERS["d"](items)),
    "o": lambda items: OrderedDict(_DECODERS["d"](items)),
    "w": lambda items: defaultdict(None, _DECODERS["d"](items)),
    "b": bytes.fromhex,
    "y": bytearray.fromhex,
    "c": lambda parts: complex(float(parts[0]), float(parts[1])),
    "r": lambda parts: range(*(int(part, 16) for part in parts)),
    "decimal": Decimal,
    "fraction": Fraction,
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "timedelta": lambda parts: timedelta(parts[0], parts[1], parts[2]),
    "deque": lambda items: deque(decode(item) for item in items),
    "keys": lambda items: dict.fromkeys(decode(item) for item in items).keys(),
    "values": lambda items: dict(enumerate(decode(item) for item in items)).values(),
    "items": lambda items: dict(decode(item) for item in items).items(),
    "iterator": lambda items: iter([decode(item) for item in items]),
    "type": lambda name: _builtin(name),
    "other": StandIn,
}
"""The tags in full are those that `foreign` encodes, but for `type`."""


def _builtin(name: str) -> type:
    kind = vars(builtins)[name]
    if not isinstance(kind, type):
        raise TypeError(name)
    return kind
