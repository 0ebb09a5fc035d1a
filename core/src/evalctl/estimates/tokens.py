"""How many prompts and tokens a dataset means for a model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil
from statistics import fmean

from evalctl.estimates.earlier import Earlier
from evalctl.estimates.probe import Probe
from evalctl.estimates.records import DatasetEstimate, OutputSource, TokenSource
from evalctl.estimates.tokenizer import Counter
from evalctl.plan import PlannedDataset, PlannedModel
from evalctl.records import Prompt, Sample

MEASURED = 200
"""Prompts of a dataset that are measured; the rest is scaled."""
LOOKED_AT = 20_000
"""Samples that are gone through for them; of a larger dataset, its beginning."""

CHAT_FACTOR = 2.0
"""How much longer than the gold solution an answer in a conversation is taken to be. A rule of
thumb, as are the next two: a probe or an earlier run takes its place."""
WITHOUT_GOLD = 256
"""Tokens that an answer is taken to have where the dataset has no gold solution."""
REASONING_SHARE = 0.5
"""Share of the limit that a model which reasons is taken to use."""

SPREAD = {"earlier_runs": (0.8, 1.25), "gold_solutions": (0.4, 2.5), "rule": (0.25, 4.0)}
"""Low and high figure over the expected one, for what is not a probe. Rules of thumb."""


@dataclass(frozen=True)
class Measured:
    """What was seen of a dataset's prompts."""

    dataset: PlannedDataset
    prompts: tuple[tuple[Sample, Prompt], ...]
    """Some, spread over the dataset."""
    tokens: tuple[int, ...]
    """Of those prompts' first turns, in their order, without continuations."""
    tails: tuple[int, ...]
    """Of the longest continuation of each; 0 where answers are written."""
    turns: tuple[tuple[int, ...], ...]
    """What is read in all turns of each, without the model's own replies."""
    gold_tokens: float
    """Of a gold solution on average; 0 where there are none."""

    def longer_than(self, context: int) -> float:
        """Return the share of prompts that have more tokens, with the longest continuation."""
        both = zip(self.tokens, self.tails, strict=True)
        return fmean(first + tail > context for first, tail in both) if self.tokens else 0.0

    def within(self, context: int) -> Measured:
        """Return it as far as a model of so many tokens reads it."""
        turns = tuple(tuple(min(turn, context) for turn in one) for one in self.turns)
        tokens = tuple(min(first, context) for first in self.tokens)
        return replace(self, tokens=tokens, turns=turns)

    @property
    def n_turns(self) -> float:
        """Turns of a prompt on average."""
        return fmean(map(len, self.turns)) if self.turns else 1.0

    @property
    def replies_read(self) -> float:
        """How many of a conversation's replies are read again, over all of its turns."""
        return fmean(len(one) * (len(one) - 1) / 2 for one in self.turns) if self.turns else 0.0

    def prompt_tokens(self, reply: float) -> float:
        """Return what a prompt's turns read on average, where a reply has so many tokens."""
        read = fmean(map(sum, self.turns)) if self.turns else 0.0
        return read + self.replies_read * reply

    def longest(self, ratio: float) -> int:
        """Return how long the last turn of the longest prompt can be, with all replies before it.

        Args:
            ratio: How much longer than counted prompts really are.
        """
        limit = self.dataset.sampling.max_tokens
        lengths = (
            ceil((first + tail + turns[-1] - turns[0]) * ratio) + (len(turns) - 1) * limit
            for first, tail, turns in zip(self.tokens, self.tails, self.turns, strict=True)
        )
        return max(lengths, default=0)


def measure(dataset: PlannedDataset, counter: Counter, seed: int) -> Measured:
    """Return the length of some of a dataset's prompts and gold solutions."""
    count = min(dataset.loaded.n_samples, LOOKED_AT)
    step = max(ceil(count / MEASURED), 1)
    taken = []
    for index, sample in enumerate(dataset.loaded.samples()):
        if index >= count:
            break
        if index % step == 0:
            taken.append((sample, dataset.prompt(sample, seed)))
    solutions = [counter.count(sample.solution) for sample, _ in taken if sample.solution]
    return Measured(
        dataset,
        tuple(taken),
        tuple(counter.prompt(prompt) for _, prompt in taken),
        tuple(counter.longest_continuation(prompt) for _, prompt in taken),
        tuple(counter.turns(prompt) for _, prompt in taken),
        fmean(solutions) if solutions else 0.0,
    )


def estimate_dataset(
    model: PlannedModel, seen: Measured, counter: Counter, earlier: Earlier, probe: Probe | None
) -> DatasetEstimate:
    """Return how many tokens a dataset's prompts mean for a model."""
    dataset = seen.dataset
    prompts = dataset.loaded.n_samples
    completions = prompts * dataset.repeats
    if model.ref.kind in {"recorded", "rule"}:
        return _nothing(dataset.name, prompts, completions)
    longer = 0.0
    if (context := context_of(model)) is not None:
        longer, seen = seen.longer_than(context), seen.within(context)
    ratio = probe.prompt_ratio if probe and probe.prompt_ratio else 1.0
    method: TokenSource = "tokenizer" if counter.is_exact else "characters"
    limit = dataset.sampling.max_tokens
    length, source = _answer(model, seen, earlier, probe)
    length = min(length, float(limit))
    low, high = _range(dataset.name, length, source, probe)
    replies = seen.n_turns * completions
    mean = seen.prompt_tokens(length)
    return DatasetEstimate(
        dataset=dataset.name,
        prompts=prompts,
        completions=completions,
        prompt_tokens=round(mean * ratio * prompts),
        prompts_longer=ceil(longer * prompts),
        prompt_tokens_source="probe" if ratio != 1.0 else method,
        prompts_measured=len(seen.tokens),
        longest_prompt_tokens=seen.longest(ratio),
        output_tokens=round(length * replies),
        output_tokens_source=source,
        output_tokens_low=round(low * replies),
        output_tokens_high=round(min(high, limit) * replies),
        output_tokens_at_most=round(limit * replies) if source != "none" else 0,
    )


def context_of(model: PlannedModel) -> int | None:
    """Return how many tokens a model reads at most; None where that is not known here."""
    asked = getattr(model.options, "max_model_len", None)
    return asked if isinstance(asked, int) else model.context_length


def _answer(
    model: PlannedModel, seen: Measured, earlier: Earlier, probe: Probe | None
) -> tuple[float, OutputSource]:
    """Return how many tokens one reply is expected to have, and what says so."""
    dataset = seen.dataset
    if dataset.loaded.spec.needs != "generate":
        return 0.0, "none"
    found = probe.lengths.get(dataset.name) if probe else None
    if found is not None and not found.is_cut:
        return found.mean, "probe"
    if dataset.name in earlier.output_tokens:
        return earlier.output_tokens[dataset.name], "earlier_runs"
    least = found.mean if found else 0.0
    if model.ref.may_reason:
        return max(dataset.sampling.max_tokens * REASONING_SHARE, least), "rule"
    if seen.gold_tokens:
        factor = 1.0 if dataset.asking.style == "completion" else CHAT_FACTOR
        return max(seen.gold_tokens * factor, least), "gold_solutions"
    return max(float(WITHOUT_GOLD), least), "rule"


def _range(
    name: str, length: float, source: OutputSource, probe: Probe | None
) -> tuple[float, float]:
    if source == "probe" and probe is not None:
        spread = probe.lengths[name].spread
        return length * (1 - spread), length * (1 + spread)
    low, high = SPREAD.get(source, (1.0, 1.0))
    return length * low, length * high


def _nothing(name: str, prompts: int, completions: int) -> DatasetEstimate:
    """Recorded outputs: no model reads or writes anything."""
    return DatasetEstimate(
        dataset=name,
        prompts=prompts,
        completions=completions,
        prompt_tokens=0,
        prompt_tokens_source="none",
        prompts_measured=0,
        longest_prompt_tokens=0,
        output_tokens=0,
        output_tokens_source="none",
        output_tokens_low=0,
        output_tokens_high=0,
        output_tokens_at_most=0,
    )
