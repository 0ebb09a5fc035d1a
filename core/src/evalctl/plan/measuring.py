"""Which models of a plan have their speed measured, and how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from evalctl.config import UserConfig, apply_measuring
from evalctl.errors import ConfigError
from evalctl.plan.asked import RunSpec
from evalctl.plan.measured import PlannedMeasuring
from evalctl.plan.planned import PlannedModel
from evalctl.specs import CategorySpec


def models_named(asked: RunSpec, categories: Sequence[CategorySpec]) -> tuple[str, ...]:
    """Return the models that were named, the one that another is measured against behind it.

    Raises:
        ConfigError: There is nothing, or nobody, to measure against it.
    """
    if asked.against is None:
        return tuple(dict.fromkeys(asked.models))
    if len(asked.models) != 1:
        raise ConfigError(
            f"--against {asked.against}: name the one model that is held against it with --model"
        )
    if asked.models[0] == asked.against:
        raise ConfigError(f"--against {asked.against}: that is the model itself; name another one")
    if not any(category.measuring for category in categories):
        names = ", ".join(category.name for category in categories)
        raise ConfigError(
            f"--against {asked.against}: no speed is measured in {names}; try --category efficiency"
        )
    return (asked.models[0], asked.against)


def with_measuring(
    model: PlannedModel,
    categories: Sequence[CategorySpec],
    config: UserConfig,
    notices: list[str],
    *,
    has_limit: bool,
) -> PlannedModel:
    """Return a model with how its speed is measured, where one of its categories does that.

    Args:
        model: The model with its datasets.
        categories: Those that it is asked in.
        config: The user's file.
        notices: Receives why a model is not measured.
        has_limit: Whether the run may cost no more than an amount.
    """
    measuring = next((one for one in categories if one.measuring), None)
    if measuring is None or measuring.measuring is None:
        return model
    if all(dataset.loaded.category != measuring.name for dataset in model.datasets):
        return model  # it is asked nothing of that category
    if reason := _why_not(model, has_limit=has_limit):
        notices.append(f"the speed of {model.name} is not measured: {reason}")
        return model
    if model.price is not None:
        notices.append(
            f"measuring the speed of {model.name} costs as well: that is in what --dry-run "
            "expects, and not in what a run says that it cost"
        )
    spec = apply_measuring(measuring.measuring, config)
    return replace(model, measuring=PlannedMeasuring(measuring.name, spec))


def _why_not(model: PlannedModel, *, has_limit: bool) -> str:
    if model.ref.kind in {"recorded", "rule"}:
        return "it answers without working for it"
    if model.price is not None and has_limit:
        return "--max-cost does not count what that costs"
    if all(dataset.loaded.spec.needs != "generate" for dataset in model.datasets):
        return "it writes answers to none of the datasets"
    return ""
