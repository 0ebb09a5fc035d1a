"""Plain data between two guests: exact built-in types, tagged, bounded; never code.

What arrives may come from a hostile program, so nothing is built from it but values of the types
listed here, and every bound is checked before.
"""

from __future__ import annotations

import json
import socket
import struct
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable
from typing import Any

MAX_BYTES = 4 << 20
"""One message."""
MAX_DEPTH = 100
_PLAIN_INTEGER = 1 << 53
_LENGTH = struct.Struct(">I")


class UnsupportedValueError(Exception):
    """A value that cannot cross: its type, depth or size."""


class GoneError(BaseException):
    """The other side closed the socket or broke the protocol. No test may catch it by chance."""


def encode(value: object, depth: int = 0) -> Any:  # noqa: ANN401  # JSON
    """Return a value as JSON, its type kept by a tag.

    Raises:
        UnsupportedValueError: It is of another type than the plain built-in ones, or too deep.
    """
    if depth > MAX_DEPTH:
        raise UnsupportedValueError("a value nested too deeply")
    kind = type(value)
    if value is None or kind in (bool, str):
        return value
    if kind in _ENCODERS:
        return _ENCODERS[kind](value, depth + 1)
    raise UnsupportedValueError(f"a value of the type {kind.__name__}")


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
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise GoneError("a message that is not of the agreed form") from error


def send(peer: socket.socket, message: object) -> None:
    """Send a message of JSON.

    Raises:
        UnsupportedValueError: It is too large.
        GoneError: Nobody takes it.
    """
    data = json.dumps(message).encode()
    if len(data) > MAX_BYTES:
        raise UnsupportedValueError(f"a value of {len(data)} bytes")
    try:
        peer.sendall(_LENGTH.pack(len(data)) + data)
    except OSError as error:
        raise GoneError("the other side is gone") from error


def receive(peer: socket.socket) -> Any:  # noqa: ANN401  # JSON
    """Return the next message.

    Raises:
        GoneError: The other side closed the socket, or sent what is no message.
    """
    (length,) = _LENGTH.unpack(_exactly(peer, _LENGTH.size))
    if length > MAX_BYTES:
        raise GoneError("a message that is too long")
    try:
        return json.loads(_exactly(peer, length))
    except (ValueError, RecursionError) as error:
        raise GoneError("a message that is no JSON") from error


def _exactly(peer: socket.socket, length: int) -> bytes:
    data = bytearray()
    while len(data) < length:
        try:
            chunk = peer.recv(length - len(data))
        except OSError as error:
            raise GoneError("the other side is gone") from error
        if not chunk:
            raise GoneError("the other side is gone")
        data += chunk
    return bytes(data)


def _integer(value: int, _depth: int) -> object:
    return value if -_PLAIN_INTEGER < value < _PLAIN_INTEGER else {"i": hex(value)}


def _real(value: float, _depth: int) -> object:
    return value if value - value == 0 else {"f": repr(value)}


def _many(tag: str) -> Callable[[Any, int], object]:
    return lambda value, depth: {tag: [encode(item, depth) for item in value]}


def _pairs(value: dict[Any, Any], depth: int) -> dict[str, object]:
    return {"d": [[encode(key, depth), encode(item, depth)] for key, item in value.items()]}


def _mapping(tag: str) -> Callable[[Any, int], object]:
    """A dictionary of another kind crosses as one, without the function that fills a default."""
    return lambda value, depth: {tag: _pairs(value, depth)["d"]}


_TYPES: dict[str, type] = {
    kind.__name__: kind
    for kind in (bool, int, float, complex, str, bytes, list, tuple, dict, set, frozenset)
}
"""Those that may cross as values: built-in, and known by name."""


def _type(value: type, _depth: int) -> object:
    if _TYPES.get(value.__name__) is not value:
        raise UnsupportedValueError(f"the type {value.__name__}")
    return {"k": value.__name__}


_ENCODERS: dict[type, Callable[[Any, int], object]] = {
    int: _integer,
    float: _real,
    list: lambda value, depth: [encode(item, depth) for item in value],
    tuple: _many("t"),
    set: _many("s"),
    frozenset: _many("z"),
    dict: _pairs,
    bytes: lambda value, _: {"b": value.hex()},
    bytearray: lambda value, _: {"y": value.hex()},
    complex: lambda value, _: {"c": [repr(value.real), repr(value.imag)]},
    Counter: _mapping("n"),
    OrderedDict: _mapping("o"),
    defaultdict: _mapping("w"),
    type: _type,
    range: lambda value, _: {"r": [hex(value.start), hex(value.stop), hex(value.step)]},
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
    "k": lambda name: _TYPES[name],
    "b": bytes.fromhex,
    "y": bytearray.fromhex,
    "c": lambda parts: complex(float(parts[0]), float(parts[1])),
    "r": lambda parts: range(*(int(part, 16) for part in parts)),
}
