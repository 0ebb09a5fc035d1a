"""The program of a pair: it is run once, then its functions are called from the other sandbox."""

from __future__ import annotations

import sys
import types
from collections.abc import Mapping

from . import codec, foreign, script
from .report import PEER


def run(job: Mapping[str, object]) -> int:
    """Run `source` as a module, tell its functions and modules, and serve calls until the end."""
    peer = codec.Channel(PEER)
    module = types.ModuleType("solution")
    sys.modules["solution"] = module
    names = module.__dict__
    try:
        exec(compile(str(job["source"]), "solution.py", "exec"), names)  # noqa: S102
    except (SyntaxError, ValueError, Exception, SystemExit) as error:  # noqa: BLE001
        script.tell(error)
        peer.send({"failed": f"{type(error).__name__}: {error}"[:300]})
        return 1
    peer.send(
        {
            "functions": [n for n, v in names.items() if _is_function(v)],
            "modules": {n: v.__name__ for n, v in names.items() if isinstance(v, types.ModuleType)},
            "others": [n for n, v in names.items() if isinstance(v, type)],
        },
    )
    while True:
        try:
            call = peer.receive()
        except codec.GoneError:
            return 0
        peer.send(_answer(names, call))


def _is_function(value: object) -> bool:
    """Return whether tests may call it through a proxy: what decorators make counts as well."""
    return callable(value) and not isinstance(value, type | types.ModuleType)


def _answer(names: dict[str, object], call: dict[str, object]) -> dict[str, object]:
    """Return what a call gave: a value with the arguments that it changed, or an exception."""
    args, kwargs = codec.decode(call["args"]), codec.decode(call["kwargs"])
    try:
        value = names[str(call["name"])](*args, **kwargs)  # type: ignore[operator]
    except Exception as error:  # noqa: BLE001  # goes to whoever called
        bases = [kind.__name__ for kind in type(error).__mro__ if kind.__module__ == "builtins"]
        return {"error": bases[0], "message": str(error)[:500]}
    given = {"value": foreign.encode(value)}
    after = [foreign.encode(args), foreign.encode(kwargs)]
    if after != [call["args"], call["kwargs"]]:
        given["args"], given["kwargs"] = after
    return given
