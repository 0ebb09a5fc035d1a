"""Making the plan: which models on which datasets, with every mistake found on the way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from evalctl import config as user_config
from evalctl.config import CacheChoice, UserConfig, apply_model, choose_cache
from evalctl.errors import ConfigError, OutputError, UnknownNameError
from evalctl.plan.asked import RunSpec
from evalctl.plan.choose import DatasetChooser
from evalctl.plan.datasets import Checked
from evalctl.plan.fitting import check_memory
from evalctl.plan.judges import notices_of_judges, resolve_judges
from evalctl.plan.measuring import models_named, with_measuring
from evalctl.plan.models import check_form, make_options, resolve_model
from evalctl.plan.parts import parts_of
from evalctl.plan.planned import Plan, PlannedCategory, PlannedModel
from evalctl.plan.prices import check_prices, max_cost_of
from evalctl.plan.repeating import refuse_idle_repeats
from evalctl.plan.sandbox import wish_of, with_sandbox
from evalctl.plan.select import Chosen, select_models
from evalctl.plugins import Loaded
from evalctl.registry import Registry
from evalctl.specs import CategorySpec


class Before(NamedTuple):
    """What is known of a run that was begun before."""

    config: str | None
    """Its configuration file, whole, whatever stands in the file now."""
    checked: Mapping[str, Checked]
    """What it found in its datasets, by name."""


def make(asked: RunSpec, loaded: Loaded, before: Before | None = None) -> Plan:
    """Return the plan for what was asked.

    Args:
        asked: The flags.
        loaded: What is installed.
        before: For a run that is made again: what is known of it.

    Raises:
        UsageError: Anything that the user can mend; nothing was loaded or written.
    """
    registry = loaded.registry
    text = before.config if before else _config_text(asked)
    config = user_config.load(asked.config, text) if asked.config else UserConfig()
    check_config(config, registry)
    _check_writable(asked)
    _check_models(asked, registry)
    categories = _categories(asked, registry)
    notices: list[str] = []
    chooser = DatasetChooser(asked, registry, config, notices)
    if before is not None:
        chooser = replace(chooser, checked=before.checked)
    named = [Chosen(name, tuple(categories)) for name in models_named(asked, categories)]
    max_cost = max_cost_of(asked, config)
    wanted = named or select_models(asked, categories, registry, config, notices)
    models = [_planned(one, chooser, has_limit=max_cost is not None) for one in wanted]
    refuse_idle_repeats(models, asked)
    categories = _taking_part(categories, models, asked, registry)
    if not asked.datasets:
        notices[:0] = _lacking(categories, registry)
    judges = resolve_judges(asked, registry, config, notices)
    notices.extend(notices_of_judges(models, judges))
    if before is None:  # what was begun did fit, and scoring it again needs no engine
        check_memory([*models, *judges], notices, force=asked.force)
    check_prices([*models, *judges], max_cost, notices)
    chosen, sandbox = with_sandbox(models, wish_of(asked, config), registry, notices)
    return Plan(
        asked=asked,
        models=chosen,
        categories=tuple(planned_category(category, registry) for category in categories),
        cache=_cache(asked, config, notices),
        judges=judges,
        sandbox=sandbox,
        notices=tuple(dict.fromkeys(notices)),
        config=text,
        max_errors=max_errors_of(asked, config),
        max_cost=max_cost,
        parts=parts_of(chosen, [one.name for one in categories], judges, sandbox, registry),
    )


def _planned(chosen: Chosen, chooser: DatasetChooser, *, has_limit: bool) -> PlannedModel:
    """Return a model with its datasets, and how its speed is measured."""
    config, notices = chooser.config, chooser.notices
    model = resolve_model(chosen.name, chooser.asked, chooser.registry, config, notices)
    model = replace(model, datasets=tuple(chooser.datasets_for(model, chosen.categories)))
    return with_measuring(model, chosen.categories, config, notices, has_limit=has_limit)


def _config_text(asked: RunSpec) -> str | None:
    return user_config.read_text(asked.config) if asked.config else None


def _check_models(asked: RunSpec, registry: Registry) -> None:
    """Refuse a path where a model's name is wanted, and flags that contradict each other."""
    if asked.only_recorded and asked.until_width is not None:
        raise ConfigError(
            "--only-recorded and --until-width exclude each other: a stop is sound where samples "
            "are a random part of the dataset, and what is recorded costs nothing to score"
        )
    if asked.models and asked.min_specialization is not None:
        raise ConfigError("--min-specialization chooses among registered models; leave out --model")
    check_form("--model", asked.models, registry)


def max_errors_of(asked: RunSpec, config: UserConfig) -> int:
    """Return how many failures on our side a run puts up with: the flag's before the file's."""
    given = (asked.max_errors, config.limits.max_errors)
    return next((count for count in given if count is not None), 0)


def check_config(config: UserConfig, registry: Registry) -> None:
    """Refuse what does not exist or does not validate, whether or not a run needs it.

    Raises:
        UnknownNameError: A model, a dataset, an engine or an executor is not registered.
        ConfigError: A folder of data is missing, or options do not validate.
    """
    _check_names(config, registry)
    for folder in config.data_folders:
        if not folder.is_dir():
            raise ConfigError(f"data: {folder} is not a folder")
    engines = {engine.name: engine for engine in registry.engines}
    for entry in registry.models_in():
        for preset in apply_model(entry.spec, config).presets.values():
            if preset.engine in engines:
                make_options(engines[preset.engine], preset.options)


def _check_names(config: UserConfig, registry: Registry) -> None:
    models, datasets = config.names()
    for name in models:
        registry.model(name)
    for name in datasets:
        registry.dataset(name)
    own = {spec.name for category in registry.categories for spec in category.executors}
    for name in config.executors:
        if name not in own:
            raise UnknownNameError("executor of a category", name, own)
    for name in _engines_in(config):
        registry.engine(name)


def _engines_in(config: UserConfig) -> Iterator[str]:
    """Yield the engines that a file names."""
    for by_engine in config.presets.values():
        yield from by_engine
    for override in config.models.values():
        own = (override.engine, *(preset.engine for preset in override.presets.values()))
        yield from (name for name in own if name is not None)


def _check_writable(asked: RunSpec) -> None:
    """Refuse an output folder that cannot be made or written, without making it."""
    folder = asked.out.absolute()
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if not existing.is_dir():
        raise OutputError(f"--out {asked.out}: {existing} is a file; name a folder")
    if not _can_write(existing):
        raise OutputError(f"--out {asked.out}: {existing} is not writable; name another folder")


def _can_write(folder: object) -> bool:
    """Try it: permission bits do not tell about root or about read-only file systems."""
    import tempfile

    try:
        with tempfile.TemporaryFile(dir=str(folder)):
            return True
    except OSError:
        return False


def _categories(asked: RunSpec, registry: Registry) -> list[CategorySpec]:
    """The categories whose score is wanted."""
    if asked.all_categories:
        return list(registry.categories)
    names = list(asked.categories)
    if not names and asked.datasets:
        names = [registry.dataset(name).category for name in asked.datasets]
    if not names:
        for name in asked.models:
            engine, _, path = name.partition(":")
            if not path:
                registry.model(name)
                names.extend(category.name for category in registry.categories_of(name))
            elif registry.engine(engine).kinds == ("recorded",):
                names.extend(category.name for category in registry.categories)
    if not names:
        raise ConfigError("say what to run: --category NAME, --dataset NAME, or --all-categories")
    found = {(spec := registry.category(name)).name: spec for name in names}
    return list(found.values())


def _taking_part(
    categories: list[CategorySpec],
    models: Iterable[PlannedModel],
    asked: RunSpec,
    registry: Registry,
) -> list[CategorySpec]:
    """Return the categories in which something is asked, where recorded outputs decide it.

    Before their file was looked at, they could be of any.
    """
    if asked.categories or asked.all_categories or asked.datasets:
        return categories
    names = {dataset.name for model in models for dataset in model.datasets}
    return [
        category
        for category in categories
        if any(spec.name in names for spec in registry.datasets_of(category.name))
    ]


def _lacking(categories: Iterable[CategorySpec], registry: Registry) -> list[str]:
    """Return what to tell of datasets that would count, had somebody installed them."""
    wholes = [
        f"left out: {excerpt.name}, a part of dataset {excerpt.dataset!r}, as no installed plugin "
        "brings that"
        for category in categories
        for excerpt in registry.absent_excerpts(category.name)
    ]
    return wholes + [
        f"left out: dataset {name!r} counts in the category {category.name} as well, but no "
        "installed plugin brings it"
        for category in categories
        for name in registry.lacking(category.name)
    ]


def _cache(asked: RunSpec, config: UserConfig, notices: list[str]) -> CacheChoice | None:
    choice = choose_cache(config) if asked.cache else None
    if choice is None and asked.cache and config.cache.enabled:
        notices.append(
            "no generations are kept, as this user has no home folder; set EVALCTL_CACHE"
        )
    return choice


def planned_category(category: CategorySpec, registry: Registry) -> PlannedCategory:
    """Return a category with all datasets that its score is made of."""
    primary = [spec for spec in registry.datasets_of(category.name) if spec.role == "primary"]
    absent = registry.absent_excerpts(category.name)
    lacking = [excerpt.name for excerpt in absent if excerpt.role == "primary"]
    return PlannedCategory(
        category.name,
        category.title,
        (*(spec.name for spec in primary), *lacking, *registry.lacking(category.name)),
        {spec.name: spec.otherwise for spec in primary if spec.otherwise},
    )
