"""Putting a plan's estimates together, model by model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import repeat

from evalctl.estimates.costs import against_limit, cost
from evalctl.estimates.earlier import Earlier, look_back
from evalctl.estimates.measuring import Pace, estimate_measuring
from evalctl.estimates.probe import PROMPTS, Probe, probe
from evalctl.estimates.records import DatasetEstimate, Estimates, ModelEstimate, TimeEstimate
from evalctl.estimates.seconds import from_earlier, from_probe
from evalctl.estimates.tokenizer import Counter, counter_of
from evalctl.estimates.tokens import Measured, estimate_dataset, measure
from evalctl.estimates.training import Training, training_of
from evalctl.estimates.verdicts import Answers, estimate_judge
from evalctl.memory import MemoryEstimate, SequenceLength
from evalctl.plan import Plan, PlannedModel, memory_of
from evalctl.protocols import Capability
from evalctl.records import Prompt

LONGER_PROMPT = 1.2
"""How much longer than the longest prompt that was measured the longest of all may be."""


def estimate_plan(plan: Plan, on_phase: Callable[[str], None] | None = None) -> Estimates:
    """Return what a plan will take.

    Args:
        plan: The plan.
        on_phase: Makes a probe of each model, and is told what is being waited for; None makes
            none.

    Raises:
        UsageError: A model that is probed cannot be loaded.
        EngineError: The engine of a model that is probed failed.
    """
    answers: list[Answers] = []
    models = tuple(_estimate(plan, model, on_phase, answers) for model in plan.models)
    judges = tuple(estimate_judge(judge, answers) for judge in plan.judges)
    limit = None
    if plan.max_cost is not None:
        limit = against_limit(plan.max_cost, models, judges)
    return Estimates(models=models, judges=judges, limit=limit)


def _estimate(
    plan: Plan,
    model: PlannedModel,
    on_phase: Callable[[str], None] | None,
    answers: list[Answers],
) -> ModelEstimate:
    """Return what a model will take; `answers` receives what judges will be asked about."""
    counter = counter_of(model.ref)
    is_recorded = model.ref.kind == "recorded"
    seen = [measure(dataset, counter, plan.asked.seed) for dataset in model.datasets]
    earlier = Earlier((), (), {}) if is_recorded else look_back(plan, model)
    found = None
    if on_phase is not None and not is_recorded:
        found = probe(model, spread_prompts(seen), _need(seen), on_phase)
    datasets = [estimate_dataset(model, one, counter, earlier, found) for one in seen]
    datasets = _with_training(model, datasets, counter, found)
    answers.extend(map(Answers, repeat(model.name), seen, datasets))
    memory = memory_of(model, _longest(model, datasets))
    at_once = _at_once(memory)
    if found is not None:
        time = from_probe(found, datasets, at_once or PROMPTS)
    else:
        time = from_earlier(earlier, datasets)
    measuring = estimate_measuring(model, seen, datasets, Pace(time, at_once))
    return ModelEstimate(
        model=model.name,
        memory=memory,
        datasets=tuple(datasets),
        time=time,
        measuring=measuring,
        price=cost(model.price, datasets, measuring) if model.price else None,
        probe=found.report if found else None,
        notices=tuple(_notices(model, datasets, memory, found, time)),
    )


def _with_training(
    model: PlannedModel,
    datasets: Sequence[DatasetEstimate],
    counter: Counter,
    found: Probe | None,
) -> list[DatasetEstimate]:
    """Return the estimates with what is read for probes to learn from."""
    ratio = (found.prompt_ratio if found else None) or 1.0
    by_dataset = training_of(model.datasets, counter)
    more = [by_dataset.get(one.dataset, Training()) for one in datasets]
    return [
        one.model_copy(
            update={"training_rows": extra.rows, "training_tokens": round(ratio * extra.tokens)}
        )
        for one, extra in zip(datasets, more, strict=True)
    ]


def _at_once(memory: MemoryEstimate | None) -> int | None:
    """Return how many sequences the engine works on at once; None where that is not known."""
    if memory is None or memory.sequences_asked is None:
        return None
    return min(memory.sequences_asked, memory.sequences_that_fit or memory.sequences_asked)


def spread_prompts(seen: Sequence[Measured]) -> list[tuple[Prompt, int]]:
    """Return at most `PROMPTS` of the prompts that were measured, as evenly as it goes.

    Only datasets with the need of the first one are taken: a probe asks in one way.
    """
    need = _need(seen)
    able = [one for one in seen if one.dataset.loaded.spec.needs == need and one.prompts]
    queues = []
    for one in able:
        pairs = [(p, t) for (_, p), t in zip(one.prompts, one.tokens, strict=True)]
        step = max(len(pairs) // PROMPTS, 1)
        queues.append(pairs[::step][:PROMPTS])
    rounds = (queue[i] for i in range(PROMPTS) for queue in queues if i < len(queue))
    return [pair for pair, _ in zip(rounds, range(PROMPTS), strict=False)]


def _need(seen: Sequence[Measured]) -> Capability:
    return seen[0].dataset.loaded.spec.needs


def _longest(model: PlannedModel, datasets: Sequence[DatasetEstimate]) -> SequenceLength | None:
    """Return the length of the longest sequence that is to be expected."""
    lengths = [
        SequenceLength(
            prompt_tokens=int(estimate.longest_prompt_tokens * LONGER_PROMPT),
            new_tokens=planned.sampling.max_tokens
            if planned.loaded.spec.needs == "generate"
            else 0,
        )
        for estimate, planned in zip(datasets, model.datasets, strict=True)
    ]
    return max(lengths, key=sum, default=None)


def _notices(
    model: PlannedModel,
    datasets: Sequence[DatasetEstimate],
    memory: MemoryEstimate | None,
    found: Probe | None,
    time: TimeEstimate,
) -> list[str]:
    """Return which numbers are guesses, and why."""
    notices = list(memory.guesses) if memory else []
    if any(dataset.prompt_tokens_source == "characters" for dataset in datasets):
        notices.append("prompt tokens are counted as characters / 4: the tokenizer is not here")
    by_source = {
        "gold_solutions": "answers are taken to be as long as gold solutions, twice in chat",
        "rule": "how long answers will be is a rule of thumb",
    }
    for source, said in by_source.items():
        names = [d.dataset for d in datasets if d.output_tokens_source == source]
        if names:
            notices.append(f"{', '.join(names)}: {said}")
    if found and found.report.cut:
        notices.append(
            f"{found.report.cut} of {found.report.answered} answers reached the probe's limit"
        )
    if found and time.source == "unknown":
        notices.append("no prompt was answered within the probe's time: the run will take long")
    return notices
