"""The tests of a pair: they see the program through proxies, and only plain data comes back."""

from __future__ import annotations

import builtins
import json
import os
import sys
import types
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from . import asserts, codec, report
from .report import PEER
from .standin import UnsplittableError


def run(job: Mapping[str, object]) -> int:
    """Run `source` against the program at the other end and report the asserts.

    The report is that of `asserts.CountedTests`, or {"unsplittable": why}, or {"program": why it
    failed}.
    """
    # Before the greeting is taken: meanwhile the program is made ready at the other end.
    tests = asserts.CountedTests(str(job["source"]))
    try:
        found = _report(tests, str(job["entry_point"]), codec.Channel(PEER))
    except UnsplittableError as error:
        found = {"unsplittable": str(error)}
    except codec.GoneError as error:
        found = {"program": str(error)}
    os.close(PEER)  # the program's guest ends while this one does
    report.write(json.dumps(found).encode())
    return 0


def _report(
    tests: asserts.CountedTests, entry_point: str, peer: codec.Channel
) -> dict[str, object]:
    told = peer.receive()
    if not isinstance(told, dict) or "failed" in told:
        return {"program": str(told["failed"]) if isinstance(told, dict) else "no greeting"}
    names: dict[str, object] = {"__name__": "tests"}
    for name in _wanted(tests.code, entry_point):
        if name in told["functions"]:
            names[name] = _proxy(peer, name)
        elif told["modules"].get(name) in sys.stdlib_module_names:
            names[name] = import_module(told["modules"][name])
        elif name in told["others"] and name == entry_point:
            # A class in the place of the function: what it makes stays with the program.
            names[name] = _proxy(peer, name)
        elif name in told["others"]:
            raise UnsplittableError(f"the tests use {name}, which is no function")
    found = tests.run(names)
    del found["held"]  # of use where a control is made
    return found


def _wanted(tests: types.CodeType, entry_point: str) -> set[str]:
    """Return the names that tests may take from the program: none of a built-in but one."""
    waiting = [tests]
    read: set[str] = set()
    while waiting:
        code = waiting.pop()
        read.update(code.co_names)
        waiting += [part for part in code.co_consts if isinstance(part, types.CodeType)]
    return read - asserts.OWN - (set(vars(builtins)) - {entry_point})


def _proxy(peer: codec.Channel, name: str) -> Callable[..., Any]:
    def call(*args: object, **kwargs: object) -> Any:  # noqa: ANN401
        try:
            peer.send(
                {
                    "name": name,
                    "args": codec.encode(list(args)),
                    "kwargs": codec.encode(kwargs),
                },
            )
        except codec.UnsupportedValueError as error:
            raise UnsplittableError(f"{name} is given {error}") from None
        answer = peer.receive()
        if not isinstance(answer, dict):
            raise codec.GoneError("an answer that is not of the agreed form")
        if "error" in answer:
            raise _exception(answer)
        if "args" in answer:
            _apply(list(args), codec.decode(answer["args"]))
        return codec.decode(answer.get("value"))

    call.__name__ = name
    return call


def _exception(answer: dict[str, object]) -> Exception:
    kind = getattr(builtins, str(answer["error"]), None)
    if not (isinstance(kind, type) and issubclass(kind, Exception)):
        kind = Exception
    if issubclass(kind, StopIteration):  # it would end a test's own loop over calls, and pass it
        kind = RuntimeError
    try:
        made = kind(str(answer.get("message", "")))
    except TypeError:  # such as UnicodeDecodeError, which wants more
        return Exception(str(answer.get("message", "")))
    return made


def _apply(args: list[Any], changed: object) -> None:
    """Bring the changes that a function made to its arguments over to the caller's."""
    if not isinstance(changed, list) or len(changed) != len(args):
        raise codec.GoneError("an answer that is not of the agreed form")
    for old, new in zip(args, changed, strict=True):
        if type(old) is not type(new):
            continue
        if isinstance(old, list):
            old[:] = new
        elif isinstance(old, dict | set):
            old.clear()
            old.update(new)
