"""How often a dataset's samples are answered, and what is told where that is once in any case."""

from __future__ import annotations

from collections.abc import Iterable

from evalctl.config import UserConfig
from evalctl.errors import ConfigError
from evalctl.plan.asked import RunSpec
from evalctl.plan.planned import PlannedModel
from evalctl.specs import DatasetSpec
from evalctl.specs.scoring import WHOLE, Way

_COMPUTED: dict[Way, str] = {
    "choose": "log-likelihoods are computed",
    "classify": "probabilities of classes are computed",
    "rank": "vectors are computed",
}
"""What makes a second answer the same as the first one."""


def repeats_of(spec: DatasetSpec, asked: RunSpec) -> int:
    """Return how many completions each sample of a dataset has."""
    return 1 if spec.judged in WHOLE else asked.repeats or spec.repeats


def pass_ks_of(spec: DatasetSpec, asked: RunSpec, config: UserConfig) -> tuple[int, ...] | None:
    """Return the k's of pass@k; None where they are as many as the completions."""
    return None if spec.judged in WHOLE else asked.pass_k or config.pass_k


def why_once(spec: DatasetSpec, asked: RunSpec) -> str:
    """Return what is told of a dataset whose samples cannot be answered as often as is wanted."""
    wanted = asked.repeats or spec.repeats
    if wanted == 1 or spec.judged not in WHOLE:
        return ""
    return (
        f"{spec.name}: each sample has one answer and not {wanted}, as "
        f"{_COMPUTED[spec.judged]} and not drawn: they would be the same each time"
    )


def refuse_idle_repeats(models: Iterable[PlannedModel], asked: RunSpec) -> None:
    """Refuse repeats of which no dataset of a run can have any.

    Raises:
        ConfigError: All datasets have one answer per sample.
    """
    datasets = [dataset for model in models for dataset in model.datasets]
    if (asked.repeats or 1) > 1 and all(one.loaded.spec.judged in WHOLE for one in datasets):
        names = ", ".join(dict.fromkeys(one.name for one in datasets))
        raise ConfigError(
            f"--repeats {asked.repeats}: {names}: what is computed, and not drawn, is the same "
            "each time, so that each sample has one answer; leave out --repeats"
        )
