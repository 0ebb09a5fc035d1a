"""What makes an object a plugin: its hooks are known, take nothing, and return the right specs.

pluggy accepts a misspelled hook in silence and never passes a parameter that has a default, so
both are looked for here.
"""

from __future__ import annotations

import difflib
import inspect
import types
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, TypeVar

import pluggy

from evalctl import deprecations
from evalctl.assembly import Contribution
from evalctl.errors import PluginError
from evalctl.hookspecs import PROJECT, RESULT_TYPES
from evalctl.registry import Owner
from evalctl.specs import (
    CategorySpec,
    DatasetSpec,
    EngineSpec,
    ExecutorSpec,
    ModelSpec,
    ScorerSpec,
    Spec,
)

_SpecT = TypeVar("_SpecT", bound=Spec)


class _Hook(NamedTuple):
    """A function of a plugin that is, or looks like, an implementation of a hook."""

    name: str
    function: Callable[[], object]
    options: pluggy.HookimplOpts | None


class _Held:
    """The hooks of a plugin, and nothing else of it."""

    def __init__(self, hooks: Iterable[_Hook]) -> None:
        """Take them as attributes, as pluggy looks for them."""
        vars(self).update({hook.name: hook.function for hook in hooks})


def collect(manager: pluggy.PluginManager, plugin: object, owner: Owner) -> Contribution:
    """Return all that a plugin offers, and leave it registered with the manager.

    Raises:
        PluginError: It breaks the contract; the message says where and what to write instead.
    """
    # pluggy would look at every name of a module once more: it gets the hooks alone.
    hooks = _Held(_checked(plugin))
    manager.register(hooks, owner.plugin)
    offered: dict[str, tuple[Spec, ...]] = {}
    for caller in manager.get_hookcallers(hooks) or ():
        for implementation in caller.get_hookimpls():
            # An optional hook may be one of a later evalctl.
            if implementation.plugin is hooks and caller.name in RESULT_TYPES:
                offered[caller.name] = tuple(_results(caller.name, implementation.function()))
    return Contribution(
        owner,
        categories=_only(CategorySpec, offered.get("evalctl_categories", ())),
        datasets=_only(DatasetSpec, offered.get("evalctl_datasets", ())),
        models=_only(ModelSpec, offered.get("evalctl_models", ())),
        scorers=_only(ScorerSpec, offered.get("evalctl_scorers", ())),
        engines=_only(EngineSpec, offered.get("evalctl_engines", ())),
        executors=_only(ExecutorSpec, offered.get("evalctl_executors", ())),
    )


def check_hooks(plugin: object) -> None:
    """Check the hooks of a plugin without calling them.

    Raises:
        PluginError: A hook is unknown, not marked, a wrapper, or takes parameters; or there is
            none at all.
    """
    _checked(plugin)


def _checked(plugin: object) -> list[_Hook]:
    hooks = list(_hooks(plugin))
    for hook in hooks:
        _check(hook)
    if not hooks:
        raise PluginError(f"it implements no hook; there are: {', '.join(RESULT_TYPES)}")
    return hooks


_PREFIX = f"{PROJECT}_"
_MARK = f"{PROJECT}_impl"  # where pluggy keeps what `hookimpl` was called with


def _hooks(plugin: object) -> Iterator[_Hook]:
    # A module, which nearly all plugins are, is looked through ten times as fast.
    own = vars(plugin) if type(plugin) is types.ModuleType else None
    for name in sorted(own) if own is not None else dir(plugin):
        found = own[name] if own is not None else inspect.getattr_static(plugin, name, None)
        if not inspect.isroutine(found):
            continue  # never touch a property: it may do anything
        function = getattr(plugin, name)
        options = getattr(function, _MARK, None)
        if options or name.startswith(_PREFIX):
            yield _Hook(name, function, options)


def _check(hook: _Hook) -> None:
    if hook.options is None:
        known = "" if hook.name in RESULT_TYPES else f" (and is no hook{_near(hook.name)})"
        raise PluginError(f"{hook.name} is not marked with @evalctl.hookimpl{known}")
    target = hook.options["specname"] or hook.name
    if target not in RESULT_TYPES:
        if hook.options["optionalhook"]:
            return
        raise PluginError(f"unknown hook {target}{_near(target)}")
    if hook.options["wrapper"] or hook.options["hookwrapper"]:
        raise PluginError(f"{hook.name}: a hook returns values and cannot wrap those of others")
    for parameter in inspect.signature(hook.function).parameters.values():
        default = "" if parameter.default is parameter.empty else ", which would never be passed"
        raise PluginError(
            f"{hook.name} has a parameter {parameter.name!r}{default}; hooks take no arguments"
        )
    if note := deprecations.HOOKS.get(target):
        deprecations.warn(f"the hook {target}", note, used_by=hook.function)


def _near(name: str) -> str:
    near = difflib.get_close_matches(name, RESULT_TYPES, n=1, cutoff=0.0)
    return f"; did you mean {near[0]}?"


def _results(hook: str, returned: object) -> Iterator[Spec]:
    wanted = RESULT_TYPES[hook]
    if not isinstance(returned, Iterable) or isinstance(returned, Spec | str):
        hint = " (is a `return` missing?)" if returned is None else ""
        raise PluginError(
            f"{hook} returned {_kind(returned)}, not a tuple of {wanted.__name__}{hint}"
        )
    for index, spec in enumerate(returned):
        if not (isinstance(spec, wanted) and isinstance(spec, Spec)):
            raise PluginError(
                f"{hook} returned {_kind(spec)} at position {index}, not {wanted.__name__}"
            )
        yield spec


def _only(kind: type[_SpecT], specs: Iterable[Spec]) -> tuple[_SpecT, ...]:
    return tuple(spec for spec in specs if isinstance(spec, kind))


def _kind(value: object) -> str:
    if value is None:
        return "None"
    article = "an" if type(value).__name__[0] in "AEIOUaeiou" else "a"
    return f"{article} {type(value).__name__}"
