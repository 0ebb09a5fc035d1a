"""A small dataset whose rows are written down in a test, and what a survey finds in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import JsonValue

from evalctl import (
    Completion,
    DatasetSpec,
    Example,
    FileParts,
    FileSource,
    InlineSource,
    MetricSpec,
    ModelSpec,
    PromptTemplate,
    Row,
    Sample,
    Sampling,
    Score,
    ScorerSpec,
)
from evalctl.estimates.tokenizer import by_characters
from evalctl.proving import Finding, Survey, Tokens, Wanted, survey

Rows = Sequence[Mapping[str, JsonValue]]


def to_sample(row: Row) -> Sample:
    choices = row.data.get("c", [])
    assert isinstance(choices, list)
    return Sample(
        id=str(row.data.get("id", row.number)),
        input=str(row.data["q"]),
        target=str(row.data.get("a", "")),
        solution=str(row.data.get("s", "")),
        choices=tuple(map(str, choices)),
    )


def exact(sample: Sample, completion: Completion) -> Score:
    return Score(value=float(completion.text == sample.target), answer=completion.text)


def first(scores: tuple[Score, ...]) -> float | None:
    return scores[0].value


def said(sample: Sample) -> str | None:
    return sample.target or None


EXACT = ScorerSpec(
    name="exact",
    version="1",
    score=exact,
    metrics=(MetricSpec(name="exact", title="share that is exact", reduce=first),),
)


def quiz(rows: Rows = (), **changes: object) -> DatasetSpec:
    """Return a dataset of these rows: `q` is asked, `a` the answer, `c` options, `s` a solution."""
    fields = {
        "name": "quiz",
        "title": "a quiz",
        "version": "1",
        "licence": "CC0-1.0",
        "citation": "made for tests",
        "sources": (InlineSource(rows=tuple(rows)),),
        "columns": frozenset({"q", "a"}),
        "to_sample": to_sample,
        "prompt": PromptTemplate(question="{input}", answer=" {target}", instruction="{input}"),
        "sampling": Sampling(max_tokens=10),
        "scorers": (EXACT,),
        "headline": "exact",
        "examples": (Example(sample=Sample(id="e", input="q", target="a"), good="a", bad="b"),),
        "gold": said,
    }
    return DatasetSpec.model_validate({**fields, **changes})


def quiz_file(name: str = "rows.jsonl", **changes: object) -> DatasetSpec:
    """Return a dataset whose rows are read from a file in a data folder."""
    return quiz(sources=(FileSource(parts=(FileParts(paths=(name,)),)),), **changes)


def model(name: str, context_length: int, **changes: object) -> ModelSpec:
    fields = {
        "name": name,
        "title": name,
        "path": f"makers/{name}",
        "parameters": 1,
        "context_length": context_length,
        "engine": "vllm",
        "licence": "CC0-1.0",
    }
    return ModelSpec.model_validate({**fields, **changes})


def look(
    spec: DatasetSpec,
    *data: Path,
    models: Sequence[ModelSpec] = (),
    limit: int | None = None,
) -> Survey:
    """Return what a survey of a dataset finds."""
    return survey(Wanted(spec, "games", data, models, Tokens(by_characters, False), limit))


def found(seen: Survey) -> dict[str, Finding]:
    """Return a survey's findings by name."""
    return {one.name: one for one in seen.findings}


def ids(finding: Finding) -> list[str]:
    """Return the rows that a finding is about."""
    return [case.id for case in finding.cases]
