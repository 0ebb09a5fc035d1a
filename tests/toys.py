"""A plugin as a third party would write it; the tests install it as `evalctl-toys`."""

from __future__ import annotations

from collections.abc import Iterable

from evalctl import (
    CategorySpec,
    Completion,
    DatasetSpec,
    EngineOptions,
    EngineSpec,
    Example,
    ExecutorSpec,
    FileParts,
    FileSource,
    HubPart,
    HubSource,
    InlineSource,
    MetricSpec,
    ModelFacts,
    ModelRef,
    ModelSpec,
    Row,
    Sample,
    Score,
    ScorerSpec,
    hookimpl,
)


def to_sample(row: Row) -> Sample:
    return Sample(id=str(row.number), input=row.text("question"), target=row.text("answer"))


def score(sample: Sample, completion: Completion) -> Score:
    return Score(value=float(completion.text == sample.target), answer=completion.text)


def first(scores: tuple[Score, ...]) -> float | None:
    return scores[0].value


def check(model: ModelRef, options: EngineOptions) -> ModelFacts:
    return ModelFacts()


def works() -> str | None:
    return None


TOY_SCORER = ScorerSpec(
    name="toy_match",
    version="1",
    score=score,
    metrics=(MetricSpec(name="toy_accuracy", title="share of right toys", reduce=first),),
)


def dataset(name: str, **changes: object) -> DatasetSpec:
    fields = {
        "name": name,
        "title": "sums of two toys",
        "version": "1",
        "licence": "CC0-1.0",
        "citation": "made for tests",
        "sources": (InlineSource(rows=({"question": "1 + 1", "answer": "2"},)),),
        "columns": frozenset({"question", "answer"}),
        "to_sample": to_sample,
        "scorers": (TOY_SCORER,),
        "headline": "toy_accuracy",
        "examples": (Example(sample=Sample(id="0", input="1 + 1", target="2"), good="2", bad="3"),),
    }
    return DatasetSpec.model_validate({**fields, **changes})


def model(name: str, **changes: object) -> ModelSpec:
    fields = {
        "name": name,
        "title": "Toy",
        "path": f"toys/{name}",
        "parameters": 1_000_000,
        "context_length": 128,
        "engine": "toy_engine",
        "licence": "CC0-1.0",
    }
    return ModelSpec.model_validate({**fields, **changes})


FILES = FileSource(parts=(FileParts(paths=("toy_files/rows.jsonl",)),))
HUB = HubSource(parts=(HubPart(path="toys/rows", split="test"),))


@hookimpl
def evalctl_categories() -> Iterable[CategorySpec]:
    return (
        CategorySpec(
            name="toys",
            title="playing with toys",
            aliases=("toy_specialists",),
            models=(
                model("toy_model", is_embedded=True),
                model("toy_giant", parameters=10**15),
                model("toy_remote", priority="high", specialization_weight=1.0),
                model("toy_stranger", engine="toy_absent", kind="rule"),
            ),
            datasets=(
                dataset("toy_sums", role="primary"),
                dataset("toy_files", sources=(FILES,)),
                dataset("toy_hub", sources=(FILES, HUB)),
            ),
            executors=(ExecutorSpec(name="toy_room", title="what toys find"),),
        ),
    )


@hookimpl
def evalctl_engines() -> Iterable[EngineSpec]:
    engine = EngineSpec(
        name="toy_engine",
        title="says what a toy would say",
        capabilities=("generate",),
        kinds=("decoder",),
        options=EngineOptions,
        factory="evalctl_toys:open",
        check=check,
    )
    missing = {
        "name": "toy_absent",
        "packages": ("toy_accelerator",),
        "install": "pip install 'evalctl-toys[accelerator]'",
    }
    return (engine, engine.model_copy(update=missing))


@hookimpl
def evalctl_executors() -> Iterable[ExecutorSpec]:
    return (ExecutorSpec(name="toy_box", title="a box", isolation="none at all", probe=works),)
