"""What all specs stand on: the base class, names, and how functions are written down."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, PlainSerializer

from evalctl.deprecations import deprecated_fields, warn
from evalctl.records import Record


def function_name(function: Callable[..., object]) -> str:
    """Return `module:qualname` of a function, seen through `functools.partial`."""
    inner = function.func if isinstance(function, partial) else function
    return f"{inner.__module__}:{getattr(inner, '__qualname__', type(inner).__qualname__)}"


def _checked_name(name: str) -> str:
    if not name.replace("_", "").replace("@", "").isalnum() or not name.isascii():
        raise ValueError(f"{name!r} is not a name: use ASCII letters, digits and underscores")
    return name


Name = Annotated[str, AfterValidator(_checked_name)]
"""ASCII letters, digits and underscores; also `@`, as in `pass@1`."""
AsName = PlainSerializer(function_name, return_type=str)
"""Marks a field that holds a function."""


class Spec(Record):
    """Base of all that plugins declare."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", defer_build=True, arbitrary_types_allowed=True
    )

    def model_post_init(self, context: object, /) -> None:
        """Warn of deprecated fields that were given."""
        if fields := deprecated_fields(type(self)):
            for name in sorted(self.model_fields_set & fields.keys()):
                warn(f"the field {type(self).__name__}.{name}", fields[name])
