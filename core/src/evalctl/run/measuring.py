"""Measuring the speed of a run's models, once all of them have answered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from itertools import islice

from evalctl.engines.model_config import count_parameters, find_model, has_experts
from evalctl.measurements import Against, Figure, Standing
from evalctl.measuring import (
    Known,
    Subject,
    against,
    hardware,
    measure_in_turns,
    prompts_at,
    reduce_sessions,
    standings,
)
from evalctl.plan import PlannedMeasuring, PlannedModel
from evalctl.records import Prompt
from evalctl.results import ModelResult
from evalctl.run.asking import opened
from evalctl.run.category import mean_headline
from evalctl.run.model_run import ModelRun, Surroundings
from evalctl.run.observer import listener_of
from evalctl.store import LineWriter

Part = tuple[ModelRun, ModelResult]
"""A model's part of a run, and what it answered."""


def measure_models(around: Surroundings, parts: Sequence[Part]) -> None:
    """Measure the models of a run that are to be measured and have not been, in turns.

    Raises:
        UsageError: A model cannot be loaded any more.
        EngineError: An engine failed.
        StorageError: A file cannot be written.
    """
    if around.plan.asked.against and any(part.measurement is None for part, _ in parts):
        for part, _ in parts:  # in turns, or not at all
            part.measurement = None
    by_category: dict[str, list[Part]] = {}
    for part, result in parts:
        measuring = part.model.measuring
        if measuring is not None and part.measurement is None and not part.error:
            by_category.setdefault(measuring.category, []).append((part, result))
    for together in by_category.values():
        _measure(around, together)


def ratios(parts: Sequence[ModelRun]) -> Against | None:
    """Return the ratios of the first model and the one that it is held against."""
    if len(parts) != 2:
        return None
    one, other = parts
    if one.measurement is None or other.measurement is None:
        return None
    return against((one.model.name, one.measurement), (other.model.name, other.measurement))


def standings_of(models: Sequence[ModelResult]) -> tuple[Standing, ...]:
    """Return where each measured model stands among the others; nothing below two."""
    measured = [(one.model, one.measurement) for one in models if one.measurement is not None]
    return standings(measured) if len(measured) > 1 else ()


def _measure(around: Surroundings, parts: Sequence[Part]) -> None:
    planned = {part.model.name: part.model.measuring for part, _ in parts}
    spec = next(one.spec for one in planned.values() if one is not None)
    models = {part.model.name: part.model for part, _ in parts}
    with ExitStack() as stack:
        subjects = [_subject(around, model, stack) for model in models.values()]
        measured = measure_in_turns(
            subjects,
            spec,
            lambda subject, text: around.observer.phase(models[subject.name], text),
        )
    machine = str(hardware()["fingerprint"])
    for part, result in parts:
        known = _known(part.model, result, machine)
        part.measurement = reduce_sessions(measured[part.model.name], spec, known)


def _subject(around: Surroundings, model: PlannedModel, stack: ExitStack) -> Subject:
    path = around.folder.measured_path(model.name)
    path.unlink(missing_ok=True)  # of a session that was broken off: the protocol begins anew
    writer = stack.enter_context(LineWriter(path))
    assert model.measuring is not None, "only those are measured that are to be"
    spec = model.measuring.spec
    most = prompts_at(spec.requests, spec.most_at_once)
    return Subject(
        name=model.name,
        open=partial(
            opened,
            model,
            around.folder.log_path(model.name),
            listener_of(around.observer, model),
        ),
        prompts=tuple(islice(_prompts(model, model.measuring, around.plan.asked.seed), most)),
        is_here=model.ref.kind != "api",
        keep=writer.append,
    )


def _prompts(model: PlannedModel, measuring: PlannedMeasuring, seed: int) -> Iterator[Prompt]:
    """Yield the prompts of the category's datasets in turns, so that any number is a mix."""
    writing = [one for one in model.datasets if one.loaded.spec.needs == "generate"]
    own = [one for one in writing if one.loaded.category == measuring.category]
    streams = [dataset.prompts(seed) for dataset in own or writing]
    while streams:
        for stream in tuple(streams):
            if (asked := next(stream, None)) is None:
                streams.remove(stream)
            else:
                yield _single(asked.prompt, measuring.spec.max_tokens)


def _single(prompt: Prompt, max_tokens: int) -> Prompt:
    """Return a prompt that wants one answer, to its first turn, of no more than so many tokens."""
    tokens = min(prompt.sampling.max_tokens, max_tokens)
    sampling = prompt.sampling.model_copy(update={"max_tokens": tokens})
    changes = {"sampling": sampling, "n": 1, "later_turns": (), "around_turns": ()}
    return prompt.model_copy(update=changes)


def _known(model: PlannedModel, result: ModelResult, machine: str) -> Known:
    is_here = model.ref.kind != "api"
    folder = find_model(model.ref.path, model.ref.revision) if is_here else None
    declared = model.spec.parameters if model.spec else None
    parameters = declared or (count_parameters(folder) if folder else None)
    active = model.spec.active_parameters if model.spec else None
    if active is None and not (folder and has_experts(folder)):
        active = parameters
    return Known(machine, _accuracy(model, result), parameters, active, is_here)


def _accuracy(model: PlannedModel, result: ModelResult) -> Figure:
    """Return the category's score; without one, the mean of its datasets' headlines."""
    measuring = model.measuring
    for score in result.categories:
        if measuring is not None and score.category == measuring.category:
            return Figure(value=score.value, interval=score.interval)
    mean = mean_headline(result.datasets)
    return Figure(value=mean.value, interval=mean.interval)
