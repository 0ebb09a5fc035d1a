"""What measuring a model's speed, memory and energy gives, as data.

How it is measured is in `measuring/`; the accuracy beside it is in `results.py`.
"""

from __future__ import annotations

from collections.abc import Mapping

from evalctl.records import Record


class MeasuredRequest(Record):
    """One prompt that was answered while a model was measured: a line of `measured/MODEL.jsonl`."""

    session: int
    """The session, from 1: one loading of the model."""
    concurrency: int | None
    """Prompts under way at once; None for as many as the engine takes."""
    dataset: str
    """The prompt's dataset."""
    sample_id: str
    """The prompt's sample; behind a `#`, which time it was asked in this level."""
    prompt_tokens: int
    """Tokens read."""
    output_tokens: int
    """Tokens written."""
    first_token_seconds: float | None
    """From hand-over to the first token; None where the engine does not tell."""
    seconds: float
    """From hand-over to the end."""
    finished_seconds: float
    """When the answer was there, from the level's beginning."""
    error: str | None = None
    """Why there is none."""


class Figure(Record):
    """A figure over all sessions."""

    value: float | None
    """The geometric mean of the sessions' figures; None where it was not measured."""
    interval: tuple[float, float] | None = None
    """95 % confidence interval, by Student's t on the logarithms; None below two sessions."""
    sessions: tuple[float, ...] = ()
    """The figure of each session."""


class MetricFigure(Figure):
    """A metric of a category, computed from what was measured."""

    title: str
    """What it is, in a line."""
    unit: str
    """What stands behind its figures."""
    inputs: tuple[str, ...]
    """What it is computed from: names in `Measurement.inputs`."""


class Level(Record):
    """A number of prompts at once, and what was measured at it."""

    concurrency: int | None
    """How many; None for as many as the engine takes."""
    is_saturation: bool
    """Whether it brought the most answers a second of all that were tried."""
    n_requests: int
    """Prompts that were asked in each session."""
    n_failed: int
    """Prompts of all sessions without an answer; they are in no figure."""
    prompt_tokens: float
    """Mean over the answered prompts."""
    output_tokens: float
    """Likewise."""
    figures: Mapping[str, Figure]
    """By name: `first_token_seconds_p50`, `token_seconds_p90`, `seconds_p99` and the like,
    `tokens_per_second`, `samples_per_second`."""


class Surroundings(Record):
    """What else went on while a session measured."""

    load_before: float | None
    """The machine's load average over a minute, before the model was loaded; None if unknown."""
    load_after: float | None
    """Likewise when all was measured; the model's own work is in it."""
    steal_share: float | None
    """Share of all CPU time that the host of this virtual machine took."""
    others_share: float | None
    """Share of all CPU time that other processes took."""


class Measurement(Record):
    """How fast a model is, and what it takes, on this machine."""

    machine: str
    """Fingerprint of the machine; figures of others are not comparable."""
    device: str
    """Where the engine says it runs."""
    n_sessions: int
    """How often the model was loaded and measured."""
    protocol: Mapping[str, float]
    """What `MeasuringSpec` and the user's file set."""
    levels: tuple[Level, ...] = ()
    """In ascending order."""
    figures: Mapping[str, Figure] = {}
    """Of the model as a whole: `load_seconds`, `memory_bytes`, `gpu_memory_bytes`,
    `joules_per_token`, `joules_per_sample`."""
    inputs: Mapping[str, Figure] = {}
    """What `metrics` are computed from: accuracy, parameters, latency, memory."""
    metrics: Mapping[str, MetricFigure] = {}
    """The category's own, such as `latency` and `efficiency_score`."""
    not_measured: Mapping[str, str] = {}
    """By figure, why there is none."""
    surroundings: tuple[Surroundings, ...] = ()
    """By session."""
    warnings: tuple[str, ...] = ()
    """What makes figures doubtful."""

    def level(self, concurrency: int | None) -> Level | None:
        """Return what was measured at so many prompts at once, or None."""
        return next((one for one in self.levels if one.concurrency == concurrency), None)

    @property
    def saturation(self) -> Level | None:
        """The level with the most answers a second; None where nothing was measured."""
        return next((one for one in self.levels if one.is_saturation), None)


class Standing(Record):
    """A model among others: what it gives and takes, and where no other one beats it."""

    model: str
    """Its name."""
    accuracy: float | None
    """The category's score, 0..1."""
    costs: Mapping[str, float | None]
    """`latency_seconds`, `memory_bytes` and `parameters`; None where not known."""
    unbeaten_in: tuple[str, ...] = ()
    """The costs for which no other model is as good in accuracy and cost and better in one of them;
    `all` where that holds of accuracy and all costs together."""


class Ratio(Record):
    """A figure of one model over another's."""

    name: str
    """The figure."""
    at: str
    """`1` or another number of prompts at once, `saturation`; empty for the model as a whole."""
    value: float
    """The geometric mean of the sessions' ratios: above 1 the first one's is larger."""
    interval: tuple[float, float] | None
    """95 % confidence interval over pairs of sessions, or over both runs' sessions; None below two
    of them."""


class Against(Record):
    """Two measured models held against each other."""

    model: str
    """The one."""
    against: str
    """The other."""
    ratios: tuple[Ratio, ...]
    """Of all figures that both have."""
    cautions: tuple[str, ...] = ()
    """Why they are not of the models alone: other machines, protocols or runs."""
