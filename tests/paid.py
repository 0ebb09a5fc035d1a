"""A plugin with a hosted model that answers at once; the tests install it as `evalctl-paid`."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

from evalctl import (
    CategorySpec,
    Completion,
    DatasetSpec,
    Engine,
    EngineInfo,
    EngineOptions,
    EngineSpec,
    Example,
    Generation,
    InlineSource,
    MetricSpec,
    ModelFacts,
    ModelRef,
    ModelSpec,
    Prompt,
    Row,
    Sample,
    Score,
    ScorerSpec,
    hookimpl,
)

SECONDS_EACH = 0.01


class PaidEngine:
    """Writes 10 tokens for each prompt, and counts one token for each of its characters."""

    info = EngineInfo(name="paid_engine")

    def generate(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        for prompt in prompts:
            time.sleep(SECONDS_EACH)
            yield Generation(
                dataset=prompt.dataset,
                sample_id=prompt.sample_id,
                completions=(Completion(text="2", output_tokens=10),) * prompt.n,
                prompt_tokens=sum(len(message.content) for message in prompt.messages),
            )

    def close(self) -> None:
        pass


def open_engine(model: ModelRef, options: EngineOptions) -> Engine:
    return PaidEngine()


def check(model: ModelRef, options: EngineOptions) -> ModelFacts:
    return ModelFacts()


def to_sample(row: Row) -> Sample:
    solution = "s" * 40  # 10 tokens at 4 characters each
    return Sample(id=str(row.number), input=row.text("question"), target="2", solution=solution)


def score(sample: Sample, completion: Completion) -> Score:
    return Score(value=float(completion.text == sample.target), answer=completion.text)


def first(scores: tuple[Score, ...]) -> float | None:
    return scores[0].value


SUMS = DatasetSpec(
    name="paid_sums",
    title="sums",
    version="1",
    licence="CC0-1.0",
    citation="made for tests",
    sources=(InlineSource(rows=tuple({"question": "q" * 40, "answer": "2"} for _ in range(50))),),
    columns=frozenset({"question", "answer"}),
    to_sample=to_sample,
    scorers=(
        ScorerSpec(
            name="paid_match",
            version="1",
            score=score,
            metrics=(MetricSpec(name="paid_accuracy", title="share of right ones", reduce=first),),
        ),
    ),
    headline="paid_accuracy",
    examples=(Example(sample=Sample(id="0", input="1 + 1", target="2"), good="2", bad="3"),),
    role="primary",
)


@hookimpl
def evalctl_categories() -> Iterable[CategorySpec]:
    model = ModelSpec(
        name="paid_model",
        title="Paid",
        path="claude-opus-5-20260724",
        kind="api",
        parameters=1,
        context_length=1_000_000,
        engine="paid_engine",
        licence="not stated",
    )
    return (CategorySpec(name="paid", title="paid", models=(model,), datasets=(SUMS,)),)


@hookimpl
def evalctl_engines() -> Iterable[EngineSpec]:
    return (
        EngineSpec(
            name="paid_engine",
            title="answers at once, for money",
            capabilities=("generate",),
            kinds=("api",),
            options=EngineOptions,
            factory="evalctl_paid:open_engine",
            check=check,
            is_hosted=False,
            path_form="NAME",
        ),
    )
