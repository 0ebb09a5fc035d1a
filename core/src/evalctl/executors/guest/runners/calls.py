"""A program whose function is called with one list of arguments after another.

What it returns goes out as plain data, one line a call; what it should return never comes in.
"""

from __future__ import annotations

import json
import sys
import types
from collections.abc import Callable, Iterable, Mapping

from . import codec, report, script

_MODULE = "solution"
"""Imported, not run: a main part is no part of a function."""


class _MissingError(Exception):
    """The program does not define what is to be called."""


def run(job: Mapping[str, object]) -> int:
    """Run `source`, then call `entry_point` (a function, or `Class.method`) once for every call.

    Every line of the report is {"value": …}, or {"error": class, "message": text} where that call
    gave none. Each is written at once, so that a later call cannot take an earlier one's value.
    """
    given, name = job["calls"], str(job["entry_point"])
    assert isinstance(given, Iterable)
    module = types.ModuleType(_MODULE)
    module.__dict__["__file__"] = "solution.py"
    sys.modules[_MODULE] = module
    try:
        exec(compile(str(job["source"]), "solution.py", "exec"), module.__dict__)  # noqa: S102
        _function(module.__dict__, name)
    except BaseException as error:  # noqa: BLE001  # SystemExit as well: nothing was called
        script.tell(error)
        return 1
    for args in given:
        _tell(_answer(module.__dict__, name, args))
    return 0


def _answer(names: Mapping[str, object], name: str, args: list[object]) -> dict[str, object]:
    try:
        return {"value": codec.encode(_function(names, name)(*args))}
    except codec.UnsupportedValueError as error:
        return {"error": "UnsupportedValueError", "message": f"it returned {error}"}
    except Exception as error:  # noqa: BLE001  # this call's alone
        return {"error": type(error).__name__, "message": str(error)[:300]}


def _function(names: Mapping[str, object], name: str) -> Callable[..., object]:
    """Return the function, or the method of a fresh object, so that calls share nothing by it."""
    first, _, method = name.partition(".")
    found = names.get(first)
    if found is None and method:  # a plain function where a method was asked for is as good
        found, method = names.get(method), ""
    elif found is None and "Solution" in names:  # and the other way round
        found, method = names["Solution"], first
    if not callable(found):
        raise _MissingError(f"the program defines no {name}")
    made = getattr(found(), method, None) if method else found
    if not callable(made):
        raise _MissingError(f"the program defines no {name}")
    return made


def _tell(answer: Mapping[str, object]) -> None:
    report.write(json.dumps(answer).encode() + b"\n")
