"""The public names of `evalctl`, by what they are, and the types that they are declared with."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from docs.building import declared
from docs.building.names import Names

import evalctl

TESTING = "evalctl.testing"
"""The module of those who test plugins, where it is there."""


@dataclass(frozen=True)
class PublicApi:
    """The public names, by what they are."""

    values: Mapping[str, type]
    errors: Mapping[str, type]
    functions: Mapping[str, Callable[..., object]] = field(default_factory=dict)
    constants: Mapping[str, object] = field(default_factory=dict)
    """Whatever else there is, such as the marker of hooks."""
    types: Mapping[str, object] = field(default_factory=dict)
    """What the others are declared with, although it cannot be imported from `evalctl`."""
    testing: Mapping[str, object] = field(default_factory=dict)
    """What `evalctl.testing` offers."""

    def names(self) -> Names:
        """Return the names to link to, fields and methods among them."""
        public = (*self.values, *self.errors, *self.functions, *self.constants)
        full = {name: name for name in self.types}
        # A function's bare name may be a word of the text.
        types = [name for name, value in self.testing.items() if isinstance(value, type)]
        full |= {name: f"{TESTING}.{name}" for name in types}
        full |= {f"{TESTING}.{name}": f"{TESTING}.{name}" for name in self.testing}
        full |= {name: f"evalctl.{name}" for name in public}
        for name, value in self.classes().items():
            own = [member.name for member in declared.class_of(value).members()]
            full |= {f"{name}.{member}": f"{full[name]}.{member}" for member in own}
        return Names(full)

    def classes(self) -> dict[str, type]:
        """Return all classes: values, errors, and those of types and tests."""
        others = {**self.types, **self.testing}
        found = {name: one for name, one in others.items() if isinstance(one, type)}
        return {**found, **self.values, **self.errors}


def public_api() -> PublicApi:
    """Return all public names, and the types that they are declared with."""
    found: dict[str, object] = {name: getattr(evalctl, name) for name in sorted(evalctl.__all__)}
    classes = {name: value for name, value in found.items() if isinstance(value, type)}
    errors = {name: one for name, one in classes.items() if issubclass(one, BaseException)}
    values = {name: one for name, one in classes.items() if name not in errors}
    functions = {name: one for name, one in found.items() if inspect.isfunction(one)}
    rest = {name: one for name, one in found.items() if name not in {*classes, *functions}}
    testing = _testing()
    parts = [*values.values(), *functions.values()]
    parts += [one for one in testing.values() if isinstance(one, type) or inspect.isfunction(one)]
    types = _reached(parts, known={*found, *testing})
    return PublicApi(values, errors, functions, rest, types, testing)


def undocumented(api: PublicApi) -> list[str]:
    """Return what the reference would show without a word, such as `DatasetSpec.shots`."""
    missing = []
    for name, value in api.classes().items():
        one = declared.class_of(value)
        missing += [name] if not one.doc.text else []
        # The values of an enumeration may say by their names what they are.
        parts = one.methods if issubclass(value, Enum) else one.members()
        missing += [f"{name}.{part.name}" for part in parts if not part.doc.text]
    for name, other in {**api.functions, **api.constants, **api.types, **api.testing}.items():
        if inspect.isfunction(other):
            missing += [] if other.__doc__ else [name]
        elif not isinstance(other, type) and not declared.assigned(name, other).doc.text:
            missing.append(name)
    return missing


def _testing() -> dict[str, object]:
    if not importlib.util.find_spec(TESTING):
        return {}
    module = importlib.import_module(TESTING)
    return {name: getattr(module, name) for name in sorted(module.__all__)}


def _reached(parts: Iterable[object], *, known: set[str]) -> dict[str, object]:
    """Return the types of ours that others are declared with, and those behind them, by name."""
    found: dict[str, object] = {}
    waiting = [_declared_with(one) for one in parts]
    while waiting:
        names, space = waiting.pop()
        for name in names - known - set(found):
            value = space.get(name)
            if isinstance(value, type) and value.__module__.split(".")[0] == declared.PACKAGE:
                waiting.append(_declared_with(value))
            elif not isinstance(value, type) and (home := declared.home_of(name, value)):
                written = declared.assigned(name, value).default or "None"
                waiting.append((declared.names_in(written), vars(home)))
            else:  # Python's own, or another package's
                continue
            found[name] = value
    return dict(sorted(found.items()))


def _declared_with(value: object) -> tuple[set[str], Mapping[str, object]]:
    if isinstance(value, type):
        return declared.class_of(value).type_names(), vars(sys.modules[value.__module__])
    assert inspect.isfunction(value)
    return declared.function_named(value).type_names(), vars(sys.modules[value.__module__])
