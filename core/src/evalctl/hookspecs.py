"""The hooks that a plugin may implement. Each is called once and returns values.

A plugin is a module (or object) named by an entry point of the group `evalctl`. It implements any
of these with `@evalctl.hookimpl`, takes no argument and returns an iterable of specs. Nothing is
registered by a call, so order cannot matter.

`docs/hooks.md` is made of the docstrings here: `python docs/make_hooks.py`.
"""

from __future__ import annotations

from collections.abc import Iterable

import pluggy

from evalctl.specs import (
    CategorySpec,
    DatasetSpec,
    EngineSpec,
    ExecutorSpec,
    ModelSpec,
    ScorerSpec,
)

PROJECT = "evalctl"
"""Name of the entry-point group and of pluggy's project."""

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)
"""Marks a function of a plugin as its implementation of the hook of that name."""

RESULT_TYPES: dict[str, type] = {
    "evalctl_categories": CategorySpec,
    "evalctl_datasets": DatasetSpec,
    "evalctl_models": ModelSpec,
    "evalctl_scorers": ScorerSpec,
    "evalctl_engines": EngineSpec,
    "evalctl_executors": ExecutorSpec,
}
"""What each hook's results must be."""


@hookspec
def evalctl_categories() -> Iterable[CategorySpec]:
    """Return categories: kinds of work, each with its models, datasets, scorers and metrics.

    The one hook that almost every plugin implements. A name or an alias that another plugin has
    refuses the plugin.

    Called once, after the plugin was imported and before anything is listed or run.
    """
    return ()


@hookspec
def evalctl_datasets() -> Iterable[DatasetSpec]:
    """Return datasets for categories of other plugins; `DatasetSpec.category` names which.

    A dataset whose category is not installed refuses the plugin, and so does one with the role
    `primary`: what makes a category's score is up to the category's own plugin.

    Called once, before any plugin's results are put together: neither the order of plugins nor
    that of hooks matters.
    """
    return ()


@hookspec
def evalctl_models() -> Iterable[ModelSpec]:
    """Return models for any category; `ModelSpec.categories` names which, `*` means all.

    The model's engine need not be installed: listings say what is missing. A model that is known
    already must be the very same weights, and cannot be added twice to one category.

    Called once, before any plugin's results are put together.
    """
    return ()


@hookspec
def evalctl_scorers() -> Iterable[ScorerSpec]:
    """Return scorers for datasets of other plugins; `ScorerSpec.datasets` names which.

    Their metrics are reported beside the dataset's own: never as its headline, and never in place
    of one. A scorer or a metric that the dataset has already refuses the plugin, and so does a
    dataset that is not installed. What goes wrong in an added scorer is counted apart.

    Called once, before any plugin's results are put together.
    """
    return ()


@hookspec
def evalctl_engines() -> Iterable[EngineSpec]:
    """Return engines: how models are loaded and asked.

    `EngineSpec.factory` is a name (`module:function`) that is imported when a model is opened, in
    the engine's own process; `EngineSpec.check` looks at a model without loading it. Import nothing
    heavy in the plugin's module.

    What the factory returns has `info`, `close` and the methods that the spec's `capabilities`
    name: `generate`, `choose`, `classify`. A model that lacks some of them is told by
    `ModelFacts.capabilities`, or by its kind. With `measure` its speed is measured at any number of
    prompts at once, and not only at one and at all. A baseline is an engine as well: its models
    have the kind `rule`, which no other engine stands in for, and `ModelSpec.datasets` names what
    they were made for.

    Called once, before any plugin's results are put together.
    """
    return ()


@hookspec
def evalctl_executors() -> Iterable[ExecutorSpec]:
    """Return executors: places where untrusted or unbounded work is done.

    A sandbox says its `level` and its `factory` (`module:function`, called with a `Profile`);
    without a `probe`, which listings call and which must be quick, it is opened and tried. What a
    category's own programs find and may use is no sandbox: it comes with the category, in
    `CategorySpec.executors`.

    Called once, before any plugin's results are put together.
    """
    return ()
