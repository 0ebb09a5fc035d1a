"""A plan of one dataset and one model that runs in this process, for tests of runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from evalctl import (
    Completion,
    DatasetSpec,
    EngineInfo,
    EngineOptions,
    EngineSpec,
    Example,
    Generation,
    InlineSource,
    MetricSpec,
    ModelFacts,
    ModelRef,
    Prompt,
    Row,
    Sample,
    Score,
    ScorerSpec,
    mean_value,
)
from evalctl.plan import LoadedDataset, Plan, PlannedCategory, PlannedDataset, PlannedModel, RunSpec
from evalctl.prompts import Asking
from evalctl.records import Sampling
from evalctl.sources import locate


class Steady:
    """Answers with the question's length."""

    info = EngineInfo(name="steady")

    def generate(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        for prompt in prompts:
            completion = Completion(text=str(len(prompt.text) % 3), output_tokens=1)
            yield Generation(
                dataset=prompt.dataset, sample_id=prompt.sample_id, completions=(completion,)
            )

    choose = generate

    def close(self) -> None:
        return


def open_engine(model: ModelRef, options: EngineOptions) -> Steady:
    return Steady()


def check(model: ModelRef, options: EngineOptions) -> ModelFacts:
    return ModelFacts()


def to_sample(row: Row) -> Sample:
    return Sample(id=f"é{row.number}", input=row.text("q"), cluster=str(row.number % 2))


def score(sample: Sample, completion: Completion) -> Score:
    return Score(value=int(completion.text) / 2, answer=completion.text)


METRIC = MetricSpec(name="length", title="length", reduce=mean_value)
SCORER = ScorerSpec(name="length_score", version="1", score=score, metrics=(METRIC,))
ENGINE = EngineSpec(
    name="steady",
    title="steady",
    capabilities=("generate",),
    kinds=("decoder",),
    options=EngineOptions,
    factory="core.tests.run.steady:open_engine",
    check=check,
    is_hosted=False,
)


def make_plan(folder: Path, count: int) -> Plan:
    """Return a plan of `count` samples whose runs go into a folder."""
    source = InlineSource(rows=tuple({"q": "?" * (number + 1)} for number in range(count)))
    spec = DatasetSpec(
        name="lengths",
        title="lengths",
        version="1",
        licence="CC0-1.0",
        citation="made for tests",
        sources=(source,),
        columns=frozenset({"q"}),
        to_sample=to_sample,
        scorers=(SCORER,),
        headline="length",
        examples=(Example(sample=Sample(id="0", input="?"), good="2", bad="0"),),
        role="primary",
    )
    located = locate(source, [])
    assert located is not None
    loaded = LoadedDataset(spec, "steadiness", located, "hash", count, None)
    metrics = {SCORER.name: (METRIC,)}
    dataset = PlannedDataset(loaded, Asking(), (), Sampling(), 1, metrics)
    ref = ModelRef(name="steady:x", path="x")
    model = PlannedModel(ref, None, ENGINE, EngineOptions(), ModelFacts(), (dataset,))
    category = PlannedCategory("steadiness", "steadiness", ("lengths",))
    return Plan(RunSpec(out=folder), (model,), (category,))
