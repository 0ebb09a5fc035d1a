"""A model's sessions to its figures, and two models' figures to ratios. Pure functions."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from evalctl.measurements import Against, Figure, Level, Measurement, MetricFigure, Ratio
from evalctl.measuring.figures import over_sessions, ratio_of, ratio_of_runs
from evalctl.measuring.levels import LevelRun
from evalctl.measuring.sessions import Measured, Session
from evalctl.scales import counted
from evalctl.specs import MeasuredMetricSpec, MeasuringSpec

LATENCY = "seconds_p50"
EXACT = frozenset({"parameters", "active_parameters"})
"""Inputs of metrics that are known and not measured."""
OTHERS_SHARE = 0.1
"""Above this share of all CPU time, other processes make figures doubtful."""
STEAL_SHARE = 0.02
"""Likewise what the host of a virtual machine takes."""


@dataclass(frozen=True)
class Known:
    """What is known of a model besides what was measured."""

    machine: str
    """Fingerprint."""
    accuracy: Figure
    """The category's score, 0..1."""
    parameters: int | None = None
    active_parameters: int | None = None
    is_here: bool = True
    """Whether it runs on this machine."""


def reduce_sessions(measured: Measured, protocol: MeasuringSpec, known: Known) -> Measurement:
    """Return a model's measurement."""
    levels = _levels(measured.sessions)
    figures = _figures(measured.sessions, levels)
    inputs = _inputs(levels, figures, known)
    lacking = dict(measured.notes) | _not_measured(levels, figures, known)
    computed: dict[str, MetricFigure] = {}
    for metric in protocol.metrics:
        missing = [name for name in metric.inputs if inputs[name].value is None]
        if missing:
            lacking[metric.name] = f"{', '.join(missing)} not known"
        else:
            try:
                computed[metric.name] = compute(metric, inputs)
            except Exception as error:  # noqa: BLE001  # a plugin's function may raise anything
                lacking[metric.name] = f"its function failed: {type(error).__name__}: {error}"
    return Measurement(
        machine=known.machine,
        device=measured.info.device if measured.info else "",
        n_sessions=len(measured.sessions),
        protocol=protocol.model_dump(exclude={"metrics"}),
        levels=tuple(levels),
        figures=figures,
        inputs=inputs,
        metrics=computed,
        not_measured=lacking,
        surroundings=tuple(one.surroundings for one in measured.sessions),
        warnings=tuple(_warnings(measured, levels)),
    )


def compute(metric: MeasuredMetricSpec, inputs: Mapping[str, Figure]) -> MetricFigure:
    """Return a metric of inputs that all have a value.

    Each input's interval moves it so far; the squares of that add up, as for independent errors,
    in logarithms where all of it is positive. Numbers of parameters are exact; where any other
    input has no interval, nobody knows how far it moves the metric, which has none either.
    """
    values: dict[str, float] = {name: inputs[name].value or 0.0 for name in metric.inputs}
    bounds = [(name, inputs[name].interval) for name in metric.inputs if name not in EXACT]
    ends = [
        sorted(metric.compute({**values, name: end}) for end in interval)
        for name, interval in bounds
        if interval is not None
    ]
    value = metric.compute(values)
    return MetricFigure(
        value=value,
        interval=_spread_by(value, ends) if ends and len(ends) == len(bounds) else None,
        title=metric.title,
        unit=metric.unit,
        inputs=metric.inputs,
    )


def _spread_by(value: float, ends: Sequence[Sequence[float]]) -> tuple[float, float]:
    """Return an interval around a value, of what each input alone would make of it."""
    if value > 0.0 and all(low > 0.0 for low, _ in ends):
        below = math.hypot(*(math.log(value / low) for low, _ in ends))
        above = math.hypot(*(math.log(high / value) for _, high in ends))
        return value * math.exp(-below), value * math.exp(above)
    below = math.hypot(*(value - low for low, _ in ends))
    above = math.hypot(*(high - value for _, high in ends))
    return max(value - below, 0.0), value + above


def against(
    one: tuple[str, Measurement], other: tuple[str, Measurement], cautions: Sequence[str] = ()
) -> Against:
    """Return the ratios of all figures that two models, by name, have.

    Args:
        one: The first model.
        other: What it is held against.
        cautions: What else differs; with any, sessions were not in turns and are no pairs.
    """
    (name, ours), (other_name, theirs) = one, other
    take = ratio_of_runs if cautions else ratio_of
    found = []
    for figure, at, a, b in _pairs(ours, theirs):
        if not a.sessions and a.value and b.value:  # a metric has no sessions
            found.append(_ratio(figure, at, (a.value / b.value, _spread(a, b))))
        elif (ratio := take(a.sessions, b.sessions)) is not None:
            found.append(_ratio(figure, at, ratio))
    return Against(model=name, against=other_name, ratios=tuple(found), cautions=tuple(cautions))


def _ratio(name: str, at: str, ratio: tuple[float, tuple[float, float] | None]) -> Ratio:
    return Ratio(name=name, at=at, value=ratio[0], interval=ratio[1])


def _pairs(ours: Measurement, theirs: Measurement) -> Iterator[tuple[str, str, Figure, Figure]]:
    """Yield the figures that both have, each with its name and at how many prompts at once."""
    for level in ours.levels:
        for at, same in _counterparts(level, theirs):
            for name, figure in level.figures.items():
                if name in same.figures:
                    yield name, at, figure, same.figures[name]
    whole = {**theirs.figures, **theirs.metrics}
    for name, figure in {**ours.figures, **ours.metrics}.items():
        if name in whole:
            yield name, "", figure, whole[name]


def _counterparts(level: Level, other: Measurement) -> list[tuple[str, Level]]:
    """Return the other's level of as many prompts, and its saturation where this is one."""
    found = []
    same = other.level(level.concurrency)
    if level.concurrency is not None and same is not None:
        found.append((str(level.concurrency), same))
    if level.is_saturation and other.saturation is not None:
        found.append(("saturation", other.saturation))
    return found


def _spread(ours: Figure, theirs: Figure) -> tuple[float, float] | None:
    """Return bounds of the ratio of two metrics: the least over the greatest, and the other way.

    That is wider than an interval of 95 % need be.
    """
    if ours.interval is None or theirs.interval is None or theirs.interval[0] <= 0.0:
        return None
    return ours.interval[0] / theirs.interval[1], ours.interval[1] / theirs.interval[0]


def _levels(sessions: Sequence[Session]) -> list[Level]:
    by_level = list(zip(*(session.levels for session in sessions), strict=True))
    levels = [_level(runs) for runs in by_level]
    rates = [_rate(level) for level in levels]
    return [
        level.model_copy(update={"is_saturation": rate == max(rates)})
        for level, rate in zip(levels, rates, strict=True)
    ]


def _rate(level: Level) -> float:
    return level.figures.get("samples_per_second", Figure(value=None)).value or 0.0


def _level(runs: Sequence[LevelRun]) -> Level:
    found = [run.figures() for run in runs]
    names = [name for name in found[0] if all(name in one for one in found)]
    tokens = [run.mean_tokens() for run in runs]
    return Level(
        concurrency=runs[0].concurrency,
        is_saturation=False,
        n_requests=len(runs[0].requests),
        n_failed=sum(len(run.requests) - len(run.answered) for run in runs),
        prompt_tokens=sum(prompt for prompt, _ in tokens) / len(runs),
        output_tokens=sum(output for _, output in tokens) / len(runs),
        figures={name: over_sessions([one[name] for one in found]) for name in names},
    )


def _figures(sessions: Sequence[Session], levels: Sequence[Level]) -> dict[str, Figure]:
    """Return those of the model as a whole; energy is that of the saturation."""
    found = {"load_seconds": over_sessions([one.load_seconds for one in sessions])}
    sizes = {
        "memory_bytes": [one.host_bytes for one in sessions],
        "gpu_memory_bytes": [one.gpu_bytes for one in sessions],
    }
    for name, values in sizes.items():
        known = [float(value) for value in values if value]
        if len(known) == len(sessions):
            found[name] = over_sessions(known)
    saturation = next((one for one in levels if one.is_saturation), None)
    for name in ("joules_per_token", "joules_per_sample"):
        if saturation is not None and name in saturation.figures:
            found[name] = saturation.figures[name]
    return found


def _inputs(
    levels: Sequence[Level], figures: Mapping[str, Figure], known: Known
) -> dict[str, Figure]:
    nothing = Figure(value=None)
    alone = levels[0].figures if levels else {}
    gpu = figures.get("gpu_memory_bytes")
    return {
        "accuracy": known.accuracy,
        "parameters": _exact(known.parameters),
        "active_parameters": _exact(known.active_parameters),
        "latency_seconds": alone.get(LATENCY, nothing),
        "memory_bytes": gpu or figures.get("memory_bytes", nothing),
    }


def _exact(count: int | None) -> Figure:
    return Figure(value=None if count is None else float(count))


def _not_measured(
    levels: Sequence[Level], figures: Mapping[str, Figure], known: Known
) -> dict[str, str]:
    """Return, by figure, why there is none."""
    lacking: dict[str, str] = {}
    if not any("first_token_seconds_p50" in level.figures for level in levels):
        lacking["first_token_seconds"] = "the engine does not tell when the first token was there"
    if not known.is_here:
        lacking |= dict.fromkeys(("memory_bytes", "joules_per_token"), "the model is on a server")
        return lacking
    if "gpu_memory_bytes" not in figures:
        lacking["gpu_memory_bytes"] = "no GPU that NVIDIA's driver tells of is in use"
    return lacking


def _warnings(measured: Measured, levels: Sequence[Level]) -> list[str]:
    """Return what makes figures doubtful."""
    found = []
    others = max((one.surroundings.others_share or 0.0 for one in measured.sessions), default=0.0)
    if others > OTHERS_SHARE:
        found.append(f"other processes took up to {100 * others:.0f} % of the CPU time meanwhile")
    steal = max((one.surroundings.steal_share or 0.0 for one in measured.sessions), default=0.0)
    if steal > STEAL_SHARE:
        found.append(f"the host of this virtual machine took up to {100 * steal:.0f} % of it")
    if n_failed := sum(level.n_failed for level in levels):
        found.append(f"no answer to {counted(n_failed, 'prompt')}; they are in no figure")
    return found
