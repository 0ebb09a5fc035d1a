"""A plugin's failure as data: one line, the traceback of its own code, and what to do about it."""

from __future__ import annotations

import importlib
import os
import traceback
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from evalctl.assembly import RefusedError
from evalctl.errors import EvalctlError
from evalctl.plugins.entry_points import Candidate
from evalctl.plugins.requirements import unmet_requirements
from evalctl.registry import Owner


class Failure(NamedTuple):
    """Why a plugin is not loaded."""

    error: str
    """In one line."""
    remedy: str
    """What to do."""
    traceback: str | None
    """All of it but the loader's part, which says nothing; None where no code of it raised."""
    holder: str | None
    """Who has the name that it wanted, where that is why."""


def describe(error: BaseException, candidate: Candidate) -> Failure:
    """Return the failure of a plugin as data."""
    holder = str(error.holder) if isinstance(error, RefusedError) and error.holder else None
    return Failure(
        error=summarise(error),
        remedy=_remedy(error, candidate),
        traceback=_own_traceback(error, candidate),
        holder=holder,
    )


def summarise(error: BaseException) -> str:
    """Return an error in one line, with its type where the message alone would not say it."""
    if isinstance(error, ValidationError):
        first, *rest = error.errors(include_url=False, include_context=False)
        where = ".".join([error.title, *(str(part) for part in first["loc"])])
        more = f" (and {len(rest)} more)" if rest else ""
        return f"{where}: {_line(first['msg'])}{more}"
    message = _line(text_of(error))
    if isinstance(error, _SELF_EXPLAINING) and message:
        return message
    return f"{type(error).__name__}: {message}" if message else type(error).__name__


_SELF_EXPLAINING = (EvalctlError, ModuleNotFoundError)
_LONGEST = 600


def text_of(error: BaseException) -> str:
    """Return an error's message, whatever its class makes of it."""
    try:
        return str(error)
    except BaseException:  # noqa: BLE001 - it is the plugin's own code, and may do anything
        return "(and its message cannot be shown)"


def _line(text: str) -> str:
    line = " ".join(text[: 10 * _LONGEST].split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"


def _own_traceback(error: BaseException, candidate: Candidate) -> str | None:
    """Return the traceback without how the plugin came to be imported and called."""
    told = traceback.TracebackException.from_exception(error)
    for one in _chain(told):
        frames = list(one.stack)
        while frames and not candidate.is_built_in and frames[0].filename.startswith(_CALLERS):
            frames.pop(0)
        one.stack[:] = [frame for frame in frames if not frame.filename.startswith(_BETWEEN)]
    has_code = any(one.stack for one in _chain(told)) or isinstance(error, SyntaxError)
    return _bounded("".join(told.format())) if has_code else None


def _bounded(text: str) -> str:
    """Return a text with what is endless in it left out: somebody must read it."""
    lines = [line if len(line) <= 1000 else f"{line[:1000]}…" for line in text.splitlines()]
    if len(lines) > 300:
        lines[100:-200] = [f"… ({len(lines) - 300} lines)"]
    return "".join(f"{line}\n" for line in lines)


def _chain(told: traceback.TracebackException | None) -> list[traceback.TracebackException]:
    found: list[traceback.TracebackException] = []
    while told is not None:
        found.append(told)
        told = told.__cause__ or told.__context__
    return found


_HERE = Path(__file__).parent
_BETWEEN = (f"{_HERE}{os.sep}", "<frozen importlib")
"""What stands between a plugin's own frames: the import system, and the watch over it."""
_CALLERS = (f"{_HERE.parent}{os.sep}", f"{Path(importlib.__file__).parent}{os.sep}", *_BETWEEN)
"""What stands before them: the core, and the import system."""


def _remedy(error: BaseException, candidate: Candidate) -> str:
    name = candidate.entry_point.name
    if isinstance(error, RefusedError) and error.__cause__ is None:
        return _remedy_of_refused(name, error.holder, candidate.distribution)
    if candidate.problem:
        return f"pip install --force-reinstall {candidate.distribution}"
    own = candidate.package
    missing = getattr(error, "name", None)
    if isinstance(error, ModuleNotFoundError) and isinstance(missing, str) and missing:
        missing = missing.partition(".")[0]
        if missing != own:
            return _install(candidate) or (
                f"is {missing!r} misspelt? If not, what brings it belongs into the dependencies of "
                f"{candidate.distribution}"
            )
        return f"pip install --force-reinstall {candidate.distribution}"
    return _install(candidate) or (
        f"report it to those who make {candidate.distribution}; until then leave it out with "
        f"EVALCTL_DISABLE_PLUGINS={name}"
    )


def _remedy_of_refused(name: str, holder: Owner | None, distribution: str) -> str:
    if holder is None:
        return (
            "install the plugin that brings what it builds on, or leave it out with "
            f"EVALCTL_DISABLE_PLUGINS={name}"
        )
    if holder.plugin == name:
        return f"pip uninstall {distribution}, or {holder.distribution}"
    return (
        f"leave one of the two out, with EVALCTL_DISABLE_PLUGINS={name} or "
        f"EVALCTL_DISABLE_PLUGINS={holder.plugin}, and tell those who make {distribution}"
    )


def _install(candidate: Candidate) -> str:
    """What brings the requirements that are not met; empty where there are none."""
    wanted = [one.quoted for one in unmet_requirements(candidate.requires)]
    return f"pip install {' '.join(wanted)}" if wanted else ""
