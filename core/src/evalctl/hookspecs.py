"""The hooks that a plugin may implement. Each is called once and returns values.

A plugin is a module (or object) named by an entry point of the group `evalctl`. It implements any
of these with `@evalctl.hookimpl`, takes no argument and returns an iterable of specs. Nothing is
registered by a call, so order cannot matter.
"""

from __future__ import annotations

from collections.abc import Iterable

import pluggy

from evalctl.specs import CategorySpec, DatasetSpec, EngineSpec, ExecutorSpec, ModelSpec

PROJECT = "evalctl"
"""Name of the entry-point group and of pluggy's project."""

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)
"""Marks a function of a plugin as its implementation of the hook of that name."""

RESULT_TYPES: dict[str, type] = {
    "evalctl_categories": CategorySpec,
    "evalctl_datasets": DatasetSpec,
    "evalctl_models": ModelSpec,
    "evalctl_engines": EngineSpec,
    "evalctl_executors": ExecutorSpec,
}
"""What each hook's results must be."""


@hookspec
def evalctl_categories() -> Iterable[CategorySpec]:
    """Return categories, each with its models, datasets, scorers and metrics.

    Called once, after the plugin was imported and before anything is listed or run. This is the
    one hook that almost every plugin implements.
    """
    return ()


@hookspec
def evalctl_datasets() -> Iterable[DatasetSpec]:
    """Return datasets for categories of other plugins; `DatasetSpec.category` names which.

    Called once, after all plugins returned their categories. A dataset whose category is not
    installed is refused with the plugin.
    """
    return ()


@hookspec
def evalctl_models() -> Iterable[ModelSpec]:
    """Return models for any category; `ModelSpec.categories` names which, `*` means all.

    Called once. The model's engine need not be installed: listings say what is missing.
    """
    return ()


@hookspec
def evalctl_engines() -> Iterable[EngineSpec]:
    """Return engines: how models are loaded and asked.

    Called once. Import nothing heavy: `EngineSpec.factory` is a name that is imported later, in
    the engine's own process.
    """
    return ()


@hookspec
def evalctl_executors() -> Iterable[ExecutorSpec]:
    """Return executors: places where untrusted or unbounded work is done.

    Called once. `ExecutorSpec.probe` is called by listings and must be quick.
    """
    return ()
