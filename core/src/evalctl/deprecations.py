"""What of the public API is going: since when, until when, and what to use instead.

A name of `evalctl` is declared in `NAMES`, a hook in `HOOKS`, and a field of a spec at the field:
`colour: Annotated[str, Deprecated(since="0.3", removed_in="0.5", instead="use `paint`")] = ""`.
Whoever uses one is warned, for two minor releases; a test fails when a removal is due.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Protocol

PERIOD = 2
"""Minor releases between a deprecation and the removal, at the least."""


class EvalctlDeprecationWarning(DeprecationWarning):
    """Something of evalctl's public API is used that a later release will not have."""


@dataclass(frozen=True)
class Deprecated:
    """How long something will still be there."""

    since: str
    """The release that deprecated it, such as `0.3`."""
    removed_in: str
    """The release that will not have it."""
    instead: str
    """What to do about it, as an order."""


NAMES: Mapping[str, Deprecated] = {}
"""Deprecated names of `evalctl`, which stay in `__all__` until they go."""

HOOKS: Mapping[str, Deprecated] = {}
"""Deprecated hooks."""


def warn(what: str, note: Deprecated, *, used_by: Callable[..., object] | None = None) -> None:
    """Warn of a use, at the line outside evalctl that made it.

    Args:
        what: What is used, as messages name it.
        note: How long it will still be there.
        used_by: The function that stands for the use, where no line made it just now.
    """
    warning = EvalctlDeprecationWarning(
        f"{what} is deprecated since evalctl {note.since} and will be gone in "
        f"{note.removed_in}: {note.instead}"
    )
    while isinstance(used_by, partial):
        used_by = used_by.func
    if code := getattr(used_by, "__code__", None):
        module = getattr(used_by, "__module__", None)
        category = EvalctlDeprecationWarning
        warnings.warn_explicit(warning, category, code.co_filename, code.co_firstlineno, module)
    elif sys._getframe(2).f_globals.get("__name__") != "importlib._bootstrap":
        # That would be `from evalctl import ...` asking whether there is a name that it then takes.
        warnings.warn(warning, stacklevel=_levels_up())


_OURS = {"evalctl", "pydantic", "importlib"}


def _levels_up() -> int:
    """Count the frames from `warn` up to the first that is neither ours nor a library's of ours."""
    frame, level = sys._getframe(1), 1
    while frame.f_back and str(frame.f_globals.get("__name__")).partition(".")[0] in _OURS:
        frame, level = frame.f_back, level + 1
    return level


class _Field(Protocol):
    """What pydantic knows of a field."""

    metadata: list[object]


@cache
def deprecated_fields(kind: type) -> Mapping[str, Deprecated]:
    """Return the deprecated fields of a model's class, by name."""
    fields: Mapping[str, _Field] = getattr(kind, "model_fields", {})
    return {
        name: note
        for name, field in fields.items()
        for note in field.metadata
        if isinstance(note, Deprecated)
    }


def declared(kinds: Iterable[type]) -> dict[str, Deprecated]:
    """Return all deprecations by what they are of: names, hooks, and fields of these classes."""
    fields = {
        f"{kind.__name__}.{name}": note
        for kind in kinds
        for name, note in deprecated_fields(kind).items()
    }
    return {**NAMES, **HOOKS, **fields}


def overdue(all_declared: Mapping[str, Deprecated], version: str) -> list[str]:
    """Return what is wrong with deprecations in a version: removals that are due, short periods."""
    return [line for what, note in all_declared.items() for line in _wrong(what, note, version)]


def _wrong(what: str, note: Deprecated, version: str) -> Iterable[str]:
    major, minor = _release(note.since)
    if (major, minor) <= _release(note.removed_in) < (major, minor + PERIOD):
        yield (
            f"{what}: deprecated since {note.since}, so it stays until {major}.{minor + PERIOD}, "
            f"not {note.removed_in}"
        )
    if _release(version) >= _release(note.removed_in):
        yield f"{what}: was to be gone in {note.removed_in}, and this is {version}: remove it"


def _release(version: str) -> tuple[int, int]:
    major, _, rest = version.partition(".")
    return int(major), int(rest.partition(".")[0] or 0)
