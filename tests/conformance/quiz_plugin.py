"""A plugin that keeps every rule; tests change one thing of it and expect one rule to break."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from evalctl import (
    CategorySpec,
    Completion,
    Convention,
    DatasetSpec,
    Engine,
    EngineOptions,
    EngineSpec,
    Example,
    HubPart,
    HubSource,
    InlineSource,
    JudgeSpec,
    Message,
    MetricSpec,
    ModelFacts,
    ModelRef,
    ModelSpec,
    Preset,
    PromptTemplate,
    Row,
    Sample,
    Score,
    ScorerSpec,
    fenced,
    hookimpl,
    mean_value,
)


class Options(EngineOptions):
    """What the quiz engine can be told."""

    size: int = 1


def open_engine(model: ModelRef, options: Options) -> Engine:
    raise NotImplementedError


def check(model: ModelRef, options: EngineOptions) -> ModelFacts:
    return ModelFacts()


def to_sample(row: Row) -> Sample:
    return Sample(
        id=str(row.number),
        input=row.text("question"),
        target=row.text("answer"),
        solution=row.text("answer"),
    )


def score(sample: Sample, completion: Completion) -> Score:
    answer = completion.text.strip().lower().removesuffix(".")
    if not answer:
        return Score(value=0.0, answer=None)
    right = answer == sample.target
    counts = {"right": right, "wrong": not right}
    return Score(value=float(right), answer=answer, counts=counts)


def reduce(scores: tuple[Score, ...]) -> float | None:
    return mean_value(scores)


def share(sums: Mapping[str, float]) -> float | None:
    total = sums.get("right", 0) + sums.get("wrong", 0)
    return sums.get("right", 0) / total if total else None


def ask(sample: Sample, completion: Completion) -> tuple[Message, ...]:
    question, text = fenced(sample.input, completion.text)
    asked = f"{question}\nIs this right?\n{text}\nSay yes or no."
    return (Message(role="user", content=asked),)


def read(verdict: str) -> Score:
    said = verdict.strip().lower()
    if said not in {"yes", "no"}:
        return Score(value=None, failed=True, explanation="neither yes nor no")
    return Score(value=float(said == "yes"), answer=said)


MATCH = ScorerSpec(
    name="quiz_match",
    version="1",
    score=score,
    metrics=(
        MetricSpec(name="quiz_accuracy", title="right answers", reduce=reduce, proportion=True),
        MetricSpec(name="quiz_share", title="right answers of all", pooled=share),
    ),
)
JUDGED = ScorerSpec(
    name="quiz_judged",
    version="1",
    judge=JudgeSpec(prompt=ask, parse=read, version="1"),
    metrics=(MetricSpec(name="quiz_grade", title="a judge's grade", reduce=reduce),),
)
ROWS = InlineSource(
    rows=(
        {"question": "What barks?", "answer": "dog"},
        {"question": "What purrs?", "answer": "cat"},
    )
)
REVISION = "0123456789abcdef0123456789abcdef01234567"
HUB = HubSource(parts=(HubPart(path="quizzes/animals", split="test", revision=REVISION),))
SAMPLE = Sample(id="example", input="What moos?", target="cow", solution="cow")
EXAMPLE = Example(sample=SAMPLE, good="Cow.", bad="Pig.")

ANIMALS = DatasetSpec(
    name="quiz_animals",
    title="two questions on animals",
    version="1",
    licence="CC0-1.0",
    citation="made for tests",
    sources=(ROWS, HUB),
    columns=frozenset({"question", "answer"}),
    to_sample=to_sample,
    prompt=PromptTemplate(question="Q: {input}\nA:", instruction="{input} Use one word."),
    shots=1,
    shot_sources=(ROWS,),
    scorers=(MATCH, JUDGED),
    headline="quiz_accuracy",
    examples=(EXAMPLE,),
    role="primary",
)
ENGINE = EngineSpec(
    name="quiz_engine",
    title="an engine for quizzes",
    capabilities=("generate",),
    kinds=("decoder",),
    options=Options,
    factory="evalctl_quiz:open_engine",
    check=check,
)
MODEL = ModelSpec(
    name="quiz_model",
    title="Quiz 1M",
    path="quizzes/model",
    revision=REVISION,
    parameters=1_000_000,
    context_length=128,
    engine="quiz_engine",
    convention=Convention(wrap="Ask: {instruction}\nSay:"),
    presets={"balanced": Preset(engine="quiz_engine", options={"size": 2})},
    licence="MIT",
)


@hookimpl
def evalctl_categories() -> Iterable[CategorySpec]:
    return (CategorySpec(name="quiz", title="Quizzes", models=(MODEL,), datasets=(ANIMALS,)),)


@hookimpl
def evalctl_engines() -> Iterable[EngineSpec]:
    return (ENGINE,)
