"""A registry of small datasets, for folders to be scanned with."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from pydantic import JsonValue

from evalctl.records import Completion, Sample, Score
from evalctl.registry import Entry, Owner, Registry
from evalctl.sources import FileParts, FileSource, HubPart, HubSource, Row
from evalctl.specs import DatasetSpec, Example, MetricSpec, ScorerSpec

OWNER = Owner("quizzes", "evalctl-quizzes", "1")
SCORER = ScorerSpec(
    name="exact",
    version="1",
    score=lambda sample, completion: _score(sample, completion),
    metrics=(MetricSpec(name="exact", title="exact", reduce=lambda scores: 0.0),),
)
EXAMPLE = Example(sample=Sample(id="e", input="q", target="a"), good="a", bad="b")


def _score(sample: Sample, completion: Completion) -> Score:
    return Score(value=float(completion.text == sample.target), answer=completion.text)


def capital(row: Row) -> Sample:
    """A question with a city's name as its answer."""
    if (answer := row.text("capital"))[0].islower():
        raise ValueError(f"{answer!r} is no name of a city")
    return Sample(id=str(row.data.get("id", row.number)), input=row.text("country"), target=answer)


def labelled(row: Row) -> Sample:
    """A text with one of two labels."""
    if (label := row.text("label")) not in {"good", "bad"}:
        raise ValueError(f"column 'label' holds {label!r}, neither good nor bad")
    return Sample(id=str(row.number), input=row.text("text"), target=label)


def anything(row: Row) -> Sample:
    """A question with an answer, whatever they are."""
    return Sample(id=str(row.number), input=str(row.data["q"]), target=str(row.data["a"]))


def by_year(row: Row) -> Sample:
    """A question of a year; rows may say themselves which one, or have an id of their own."""
    if row.data.get("from", row.part) != row.part:
        raise ValueError("a row of another year")
    name = str(row.data.get("id", f"{row.part}/{row.number}"))
    return Sample(id=name, input=row.text("sum"), target=row.text("total"))


CAPITALS = DatasetSpec(
    name="capitals",
    title="t",
    version="1",
    licence="CC0-1.0",
    citation="c",
    sources=(
        FileSource(parts=(FileParts(paths=("capitals/test.jsonl",)),)),
        HubSource(parts=(HubPart(path="earth/capitals", split="test"),)),
    ),
    shot_sources=(FileSource(parts=(FileParts(paths=("capitals/train.jsonl",)),)),),
    columns=frozenset({"country", "capital"}),
    to_sample=capital,
    scorers=(SCORER,),
    headline="exact",
    examples=(EXAMPLE,),
    role="primary",
)
LABELS = CAPITALS.model_copy(
    update={
        "name": "labels",
        "sources": (
            FileSource(
                parts=(FileParts(paths=("labels/test.csv",), columns=("text", "label")),),
            ),
        ),
        "shot_sources": (),
        "columns": frozenset({"text", "label"}),
        "to_sample": labelled,
    }
)
ANYTHING = CAPITALS.model_copy(
    update={
        "name": "anything",
        "sources": (FileSource(parts=(FileParts(paths=("anything/test.jsonl",)),)),),
        "shot_sources": (),
        "columns": frozenset({"idx", "prompt"}),
        "to_sample": anything,
    }
)
YEARS = CAPITALS.model_copy(
    update={
        "name": "years",
        "sources": (
            FileSource(
                parts=(
                    FileParts(paths=("years/2001.jsonl",), label="2001"),
                    FileParts(paths=("years/2002.jsonl",), label="2002"),
                    FileParts(paths=("years/2003.jsonl",), label="2003", is_optional=True),
                )
            ),
        ),
        "shot_sources": (),
        "columns": frozenset({"sum", "total"}),
        "to_sample": by_year,
    }
)
REGISTRY = Registry(
    dataset_entries=tuple(
        Entry(spec, OWNER, "quizzes") for spec in (CAPITALS, LABELS, ANYTHING, YEARS)
    )
)
_NAMES = ["Peru", "Chad", "Mali", "Cuba", "Iran", "Iraq", "Laos", "Oman", "Togo", "Fiji"]


def capitals(count: int = 10, first: int = 0) -> list[dict[str, JsonValue]]:
    """Return good rows of the dataset `capitals`."""
    return [
        {
            "id": n,
            "country": f"What is the capital of {_NAMES[n % 10]} {n}?",
            "capital": f"City {n}",
        }
        for n in range(first, first + count)
    ]


def write(path: Path, rows: Iterable[Mapping[str, JsonValue]]) -> Path:
    """Write rows as JSON Lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path
