"""What a probe is trained on: read, checked, and never what it is asked about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from evalctl import (
    ClassSpec,
    DatasetSpec,
    Example,
    FileParts,
    FileSource,
    InlineSource,
    MetricSpec,
    ProbeSpec,
    PromptTemplate,
    Row,
    Sample,
    Score,
    ScorerSpec,
    mean_value,
)
from evalctl.errors import DatasetError, DatasetMissingError, EngineUnavailableError
from evalctl.plan import load_dataset
from evalctl.plan import probes as module
from evalctl.plan.probes import PlannedProbe, load_probe


def to_sample(row: Row) -> Sample:
    cluster = row.text("cluster") if "cluster" in row.data else None
    return Sample(
        id=str(row.number), input=str(row.data["text"]), target=row.text("is"), cluster=cluster
    )


def judge(sample: Sample, labels: Mapping[str, float]) -> Score:
    return Score(value=float(max(labels, key=lambda name: labels[name]) == sample.target))


SCORER = ScorerSpec(
    name="s",
    version="1",
    classify=judge,
    metrics=(MetricSpec(name="right", title="share", reduce=mean_value),),
)


def inline(texts: Sequence[str], answers: str = "ab") -> InlineSource:
    rows = [{"text": text, "is": answers[at % len(answers)]} for at, text in enumerate(texts)]
    return InlineSource(rows=tuple(rows))


def dataset(asked: ProbeSpec, source: InlineSource, **changes: object) -> DatasetSpec:
    given: dict[str, object] = {
        "name": "letters_probe",
        "title": "letters",
        "version": "1",
        "licence": "CC0-1.0",
        "citation": "made for tests",
        "sources": (source,),
        "columns": frozenset({"text"}),
        "to_sample": to_sample,
        "prompt": PromptTemplate(question="{input}", answer=""),
        "needs": "embed",
        "classes": (ClassSpec(name="a"), ClassSpec(name="b")),
        "probe": asked,
        "scorers": (SCORER, SCORER.for_words()),
        "headline": "right",
        "examples": (Example(sample=Sample(id="0", input="x", target="a"), good="a", bad="b"),),
    }
    return DatasetSpec.model_validate(given | changes)


def loaded_probe(spec: DatasetSpec) -> PlannedProbe:
    found = load_probe(load_dataset(spec, "c", []), [])
    assert found is not None
    return found


TEXTS = [f"text {number}" for number in range(40)]


def split(train: Sequence[str] = TEXTS[:20], dev: Sequence[str] = TEXTS[20:30]) -> ProbeSpec:
    return ProbeSpec(train=(inline(train),), dev=(inline(dev),))


def test_rows_of_both_splits_are_kept_apart() -> None:
    found = loaded_probe(dataset(split(), inline(TEXTS[30:])))

    assert [row.text for row in found.rows] == TEXTS[:30]
    assert [row.answer for row in found.rows[:3]] == [0, 1, 0]
    assert [row.part for row in found.rows] == [0] * 20 + [1] * 10
    described = found.describe()
    assert (described["rows_by_part"], described["n_left_out"]) == ([20, 10], 0)
    assert str(described["library"]).startswith("scikit-learn 1.")


def test_training_rows_that_are_asked_about_are_left_out() -> None:
    found = loaded_probe(dataset(split(), inline([TEXTS[3], TEXTS[25], *TEXTS[30:]])))

    assert not {TEXTS[3], TEXTS[25]} & {row.text for row in found.rows}
    assert (len(found.rows), found.n_left_out) == (28, 2)


def test_folds_deal_the_datasets_own_rows() -> None:
    found = loaded_probe(dataset(ProbeSpec(folds=3), inline(TEXTS)))

    assert [row.text for row in found.rows] == TEXTS
    assert {row.part for row in found.rows} == {0, 1, 2}


def test_a_protocol_is_told_by_all_that_decides_it() -> None:
    spec = dataset(ProbeSpec(folds=3), inline(TEXTS))
    others = [
        dataset(ProbeSpec(folds=4), inline(TEXTS)),
        dataset(ProbeSpec(folds=3, method="neighbours"), inline(TEXTS)),
        dataset(ProbeSpec(folds=3), inline([*TEXTS, "one more"])),
        dataset(ProbeSpec(folds=3), inline(TEXTS), version="2"),
    ]

    first, second = (loaded_probe(spec).protocol for _ in range(2))
    protocols = {loaded_probe(one).protocol for one in others}

    assert (first == second, first.startswith("logistic:")) == (True, True)
    assert len(protocols | {first}) == 5


@pytest.mark.parametrize(
    ("probe", "source", "message"),
    [
        (
            split(train=["x", " "]),
            inline(TEXTS),
            r"row '1' that a probe learns from: it has no text",
        ),
        (ProbeSpec(train=(inline(TEXTS, "ac"),), dev=(inline(TEXTS),)), inline(["q"]), "class 'c'"),
        (ProbeSpec(train=(inline(TEXTS, "a"),), dev=(inline(TEXTS),)), inline(["q"]), "too little"),
        (split(dev=["only"]), inline(["only"]), "too little for a probe"),
        (ProbeSpec(folds=90), inline(TEXTS), "rows in all of its 90 folds"),
    ],
)
def test_rows_that_teach_nothing_are_refused(
    probe: ProbeSpec, source: InlineSource, message: str
) -> None:
    with pytest.raises(DatasetError, match=message):
        loaded_probe(dataset(probe, source))


def test_a_training_split_that_is_not_here_is_asked_for(tmp_path: Path) -> None:
    away = FileSource(parts=(FileParts(paths=("letters/train.txt",)),))
    spec = dataset(ProbeSpec(train=(away,), dev=(inline(TEXTS),)), inline(["q"]))

    with pytest.raises(DatasetMissingError, match="its training split is not on this machine"):
        load_probe(load_dataset(spec, "c", [tmp_path]), [tmp_path])


def test_without_scikit_learn_a_probe_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_version", lambda: "")

    with pytest.raises(EngineUnavailableError, match=r"pip install 'evalctl\[probes\]'"):
        loaded_probe(dataset(ProbeSpec(folds=3), inline(TEXTS)))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "either a training split"),
        ({"folds": 5, "train": (inline(TEXTS),)}, "either a training split"),
        ({"folds": 2}, "3 to 100 folds, not 2"),
        ({"train": (inline(TEXTS),)}, "`dev` goes with `train`"),
        ({"folds": 5, "dev": (inline(TEXTS),)}, "`dev` goes with `train`"),
    ],
)
def test_a_protocol_that_is_none_is_refused(given: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ProbeSpec.model_validate(given)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"probe": None, "scorers": (SCORER,)}, "for other vectors `rank`"),
        ({"needs": "classify", "scorers": (SCORER,)}, "`probe` is for datasets that need `embed`"),
        ({"classes": ()}, "needs `embed`, so give it `classes`"),
        ({"prompt": PromptTemplate()}, "the text that is read"),
    ],
)
def test_a_dataset_that_cannot_be_probed_is_refused(
    changes: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        dataset(ProbeSpec(folds=3), inline(TEXTS), **changes)


def test_only_vectors_have_words_beside_them() -> None:
    with pytest.raises(ValueError, match="only vectors have words beside them"):
        dataset(
            ProbeSpec(folds=3),
            inline(TEXTS),
            needs="classify",
            probe=None,
            scorers=(SCORER, SCORER.for_words()),
        )
