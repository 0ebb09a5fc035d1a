"""One flat row for each completion of each sample: what jsonl, csv and parquet have in common."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

from pydantic import JsonValue

from evalctl.exporting.conversations import last_prompt
from evalctl.exporting.json_text import json_text
from evalctl.exporting.source import DatasetPart, ExportSource
from evalctl.records import Completion, Message, Record, Score
from evalctl.results import SampleResult


class GivenContinuation(Record):
    """A continuation that the model was given, with its log-likelihood."""

    text: str
    """As it was given."""
    logprob: float
    """Sum of the log-probabilities of its tokens, in nats."""
    tokens: int
    """How many tokens it has."""
    is_greedy: bool
    """Whether each of its tokens was the likeliest one."""


@dataclass(frozen=True, slots=True)
class CompletionRow:
    """A sample with one of its completions. The names are the names of columns."""

    run_id: str
    """Name of the run."""
    model: str
    """Name of the model, or `ENGINE:PATH`."""
    engine: str
    """Name of the engine."""
    category: str
    """The dataset's category."""
    dataset: str
    """Name of the dataset."""
    sample_id: str
    """Id of the sample, unique within the dataset."""
    index: int
    """Its position in the dataset, from 0; rows stand in the order in which samples were scored."""
    completion: int | None
    """Which of the sample's completions, from 0; None where there is none."""
    prompt_text: str | None
    """The prompt, where it was a plain text; of several turns, all up to the last."""
    prompt_messages: tuple[Message, ...] | None
    """The prompt, where it was a conversation; of several turns, all up to the last."""
    target: str
    """The gold answer."""
    output: str | None
    """The answer, without its reasoning; of several turns, to the last."""
    reasoning: str | None
    """The reasoning, without its markers."""
    finish_reason: str | None
    """`stop`, `length` or `error`."""
    prompt_tokens: int
    """Tokens of the prompt; 0 where the engine could not tell."""
    is_prompt_cut: bool
    """Whether the model read only a part of the prompt; the prompt's text is that part, where the
    dataset says what may be left out."""
    output_tokens: int | None
    """Tokens of the completion; 0 where the engine could not tell."""
    seconds: float
    """From hand-over to the end, of all the sample's completions together."""
    first_token_seconds: float | None
    """From hand-over to the first token; None where not measured."""
    from_cache: bool
    """Whether it was given in an earlier run and kept: its times are those of then."""
    seed: int
    """Seed of the sample's prompt."""
    continuations: tuple[GivenContinuation, ...] | None
    """Log-likelihoods, where they were asked for, each with its text."""
    labels: dict[str, float] | None
    """Probability by label, where a classifier was asked, in the model's words."""
    scores: dict[str, Score]
    """The completion's scores, by scorer."""
    metrics: dict[str, float | None]
    """The sample's values, by metric; the same in all of its rows."""
    cluster: str | None
    """What the sample shares with others."""
    metadata: dict[str, JsonValue]
    """The sample's metadata."""
    error: str | None
    """Why the engine gave no answer."""

    def columns(self) -> dict[str, object]:
        """Return the values by column, in the columns' order."""
        return {name: getattr(self, name) for name in COLUMNS}


COLUMNS = tuple(field.name for field in fields(CompletionRow))
"""The names of the columns, in order."""


def all_rows(source: ExportSource) -> Iterator[CompletionRow]:
    """Yield the rows of a run as a stream: model by model, dataset by dataset.

    Raises:
        OutputError: A line of the run folder is damaged.
    """
    for part in source.parts():
        for result in part.results():
            yield from _rows(part, result)


def scorer_names(source: ExportSource) -> list[str]:
    """Return the names of all scorers of a run, in the order of its plan."""
    return list(dict.fromkeys(name for part in source.parts() for name in part.plan.scorers))


def metric_names(source: ExportSource) -> list[str]:
    """Return the names of all metrics of a run, in the order of its plan."""
    return list(dict.fromkeys(name for part in source.parts() for name in part.plan.metrics))


def _rows(part: DatasetPart, result: SampleResult) -> Iterator[CompletionRow]:
    completions = result.generation.completions
    if not completions:
        yield _row(part, result, None, None)
    for number, completion in enumerate(completions):
        yield _row(part, result, number, completion)


def _row(
    part: DatasetPart, result: SampleResult, number: int | None, completion: Completion | None
) -> CompletionRow:
    prompt = last_prompt(result.prompt, completion)
    generation, place = result.generation, number or 0
    return CompletionRow(
        run_id=part.source.manifest.run_id,
        model=part.model.model,
        engine=part.model.engine,
        category=part.plan.category,
        dataset=result.dataset,
        sample_id=result.sample_id,
        index=result.index,
        completion=number,
        prompt_text=None if prompt.messages else prompt.text,
        prompt_messages=prompt.messages or None,
        target=result.target,
        output=completion.text if completion else None,
        reasoning=completion.reasoning if completion else None,
        finish_reason=completion.finish_reason if completion else None,
        prompt_tokens=generation.prompt_tokens,
        is_prompt_cut=generation.is_prompt_cut,
        output_tokens=completion.output_tokens if completion else None,
        seconds=generation.seconds,
        first_token_seconds=generation.first_token_seconds,
        from_cache=generation.from_cache,
        seed=prompt.seed,
        continuations=continuations(result) or None,
        labels=dict(generation.labels) or None,
        scores={name: given[place] for name, given in result.scores.items() if place < len(given)},
        metrics=dict(result.metrics),
        cluster=result.cluster,
        metadata=dict(result.metadata),
        error=generation.error,
    )


def continuations(result: SampleResult) -> tuple[GivenContinuation, ...]:
    """Return the given continuations with what came back for them; none after an error."""
    pairs = zip(result.prompt.continuations, result.generation.continuations, strict=False)
    return tuple(
        GivenContinuation(
            text=text, logprob=one.logprob, tokens=one.tokens, is_greedy=one.is_greedy
        )
        for text, one in pairs
    )


def likeliest(result: SampleResult) -> str:
    """Return the text of the likeliest continuation, the first one of equals; else nothing."""
    best = max(continuations(result), key=lambda one: one.logprob, default=None)
    return best.text if best else ""


def labels_text(result: SampleResult) -> str:
    """Return the probabilities of labels as JSON, for forms that have texts alone."""
    return json_text(dict(result.generation.labels))
