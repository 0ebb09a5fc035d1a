"""A plugin's failure as data: one line, the whole traceback, and what to do about it."""

from __future__ import annotations

import re
import traceback
from importlib.metadata import PackageNotFoundError, version
from typing import NamedTuple

from pydantic import ValidationError

from evalctl.errors import EvalctlError
from evalctl.plugins.entry_points import Candidate


class Failure(NamedTuple):
    """Why a plugin is not loaded."""

    error: str
    """In one line."""
    remedy: str
    """What to do."""
    traceback: str
    """All of it."""


def describe(error: BaseException, candidate: Candidate) -> Failure:
    """Return the failure of a plugin as data."""
    return Failure(
        error=summarise(error),
        remedy=_remedy(error, candidate),
        traceback="".join(traceback.format_exception(error)),
    )


def summarise(error: BaseException) -> str:
    """Return an error in one line, with its type where the message alone would not say it."""
    if isinstance(error, ValidationError):
        first, *rest = error.errors(include_url=False, include_context=False)
        where = ".".join([error.title, *(str(part) for part in first["loc"])])
        more = f" (and {len(rest)} more)" if rest else ""
        return f"{where}: {' '.join(first['msg'].split())}{more}"
    message = " ".join(str(error).split())
    if isinstance(error, _SELF_EXPLAINING) and message:
        return message
    return f"{type(error).__name__}: {message}" if message else type(error).__name__


_SELF_EXPLAINING = (EvalctlError, ModuleNotFoundError)


def _remedy(error: BaseException, candidate: Candidate) -> str:
    own = candidate.entry_point.module.partition(".")[0]
    if isinstance(error, ModuleNotFoundError) and error.name:
        missing = error.name.partition(".")[0]
        if missing != own:
            names = _missing_requirements(candidate) or [missing]
            return f"pip install {' '.join(names)}"
        return f"pip install --force-reinstall {candidate.distribution}"
    return (
        f"report it to those who make {candidate.distribution}; until then leave it out with "
        f"EVALCTL_DISABLE_PLUGINS={candidate.entry_point.name}"
    )


def _missing_requirements(candidate: Candidate) -> list[str]:
    """The distribution's stated requirements that are not installed, quoted for a shell."""
    from packaging.requirements import InvalidRequirement, Requirement  # only after a failure

    missing = []
    for text in candidate.requires:
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            continue
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            try:
                version(requirement.name)
            except PackageNotFoundError:
                wanted = f"{requirement.name}{requirement.specifier}"
                missing.append(wanted if re.fullmatch(r"[\w.-]+", wanted) else f"'{wanted}'")
    return missing
