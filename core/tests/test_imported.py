"""Rows of a user's own as samples, by which column is what."""

from __future__ import annotations

from pathlib import Path

import pytest
from core.tests.scan.quizzes import CAPITALS, OWNER, REGISTRY
from pydantic import JsonValue

from evalctl.errors import ConfigError, UnknownNameError
from evalctl.imported import ColumnMap, Imported, forget, joined, keep, kept, read_mapping, spec_of
from evalctl.imported.mapping import first_choice_of, sample_of
from evalctl.records import Sample
from evalctl.registry import Entry, Registry
from evalctl.sources import OwnFile, Row
from evalctl.specs import Example


def row(**data: JsonValue) -> Row:
    return Row(data, 3, "", "f:4")


def columns(first: int = 0, **fields: str) -> ColumnMap:
    return ColumnMap(fields=fields, first_choice=first)


def imported(name: str = "mine", like: str = "capitals", **fields: str) -> Imported:
    return Imported(name=name, file=OwnFile(path="/f"), like=like, columns=columns(**fields))


def test_mappings_are_read() -> None:
    assert read_mapping(["question=prompt, answer=gold", "choices=A+B"]) == {
        "question": "prompt",
        "answer": "gold",
        "choices": "A+B",
    }


@pytest.mark.parametrize("text", ["question", "question=", "=prompt", "", "question=a,question=b"])
def test_other_forms_are_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="--map"):
        read_mapping([text])


def test_what_is_not_mapped_goes_into_the_metadata() -> None:
    sample = sample_of(
        row(prompt=" 1 + 1? ", gold=2, level="easy"),
        columns=columns(question="prompt", answer="gold"),
    )
    assert (sample.id, sample.input, sample.target) == ("3", " 1 + 1? ", "2")
    assert sample.metadata == {"level": "easy"}


@pytest.mark.parametrize(
    ("answer", "first", "letter"),
    [("two", 0, "B"), ("b", 0, "B"), ("B", 0, "B"), (1, 0, "B"), ("2", 1, "B"), (3, 1, "C")],
)
def test_the_right_choice_is_told_by_text_letter_or_number(
    answer: object, first: int, letter: str
) -> None:
    asked = row(q="which?", o=["one", "two", "three"], a=answer)
    sample = sample_of(asked, columns=columns(first, question="q", choices="o", answer="a"))
    assert (sample.target, sample.choices) == (letter, ("one", "two", "three"))


@pytest.mark.parametrize(("answer", "first"), [(3, 0), (0, 1), ("four", 0), ("D", 0)])
def test_an_answer_that_is_no_choice_is_refused(answer: object, first: int) -> None:
    asked = row(q="which?", o=["one", "two", "three"], a=answer)
    with pytest.raises(ValueError, match="is none of 3 choices"):
        sample_of(asked, columns=columns(first, question="q", choices="o", answer="a"))


def test_choices_are_a_list_several_columns_or_as_on_the_hub() -> None:
    fields = {"question": "q", "answer": "a"}
    listed = row(q="?", a="A", o=["x", "y"])
    apart = row(q="?", a="A", A="x", B="y")
    on_hub = row(q="?", a="A", o={"text": ["x", "y"], "label": ["A", "B"]})
    for one, column in ((listed, "o"), (apart, "A+B"), (on_hub, "o")):
        assert sample_of(one, columns=columns(**fields, choices=column)).choices == ("x", "y")


@pytest.mark.parametrize(
    ("answers", "first"), [([0, 1, 2], 0), ([1, 2, 3], 1), ([0, 1, 1], 0), (["A", "B", "C"], 0)]
)
def test_whether_choices_count_from_one_is_told_by_all_rows(
    answers: list[object], first: int
) -> None:
    rows = [row(a=answer, o=["x", "y", "z"]) for answer in answers]
    assert first_choice_of(rows, columns(question="q", answer="a", choices="o")) == first


def test_choices_that_count_from_nobody_knows_where_are_refused() -> None:
    rows = [row(a=answer, o=["x", "y", "z"]) for answer in (1, 2, 2)]
    with pytest.raises(ValueError, match="numbers from 1 to 2, which tell not whether choices"):
        first_choice_of(rows, columns(question="q", answer="a", choices="o"))


def test_a_file_under_other_names_goes_through_the_datasets_own_adapter() -> None:
    one = imported(country="land", capital="stadt")
    sample = spec_of(one, CAPITALS).to_sample(row(land="Where?", stadt="Rom", id=7))
    assert (sample.id, sample.input, sample.target) == ("7", "Where?", "Rom")
    with pytest.raises(ValueError, match="no name of a city"):
        spec_of(one, CAPITALS).to_sample(row(land="Where?", stadt="rom"))


def test_what_is_neither_a_field_nor_a_column_is_refused() -> None:
    with pytest.raises(ConfigError, match="map a question"):
        spec_of(imported(question="q", town="t"), CAPITALS)


def test_a_dataset_of_choices_needs_them() -> None:
    base = CAPITALS.model_copy(update={"needs": "choose"})
    with pytest.raises(ConfigError, match="capitals is about choices; map choices=COLUMN"):
        spec_of(imported(question="q", answer="a"), base)


def test_a_dataset_that_is_judged_by_answers_needs_them() -> None:
    with pytest.raises(ConfigError, match="capitals is judged by its answers; map answer=COLUMN"):
        spec_of(imported(question="q"), CAPITALS)


def test_a_dataset_of_images_needs_its_own_columns() -> None:
    base = CAPITALS.model_copy(update={"has_images": True})
    with pytest.raises(ConfigError, match="asks about images; map its own columns: capital, count"):
        spec_of(imported(question="q", answer="a"), base)


def test_the_right_choice_is_told_as_the_base_tells_it() -> None:
    example = Sample(id="e", input="?", choices=("yes", "no"), target="no")
    told = Example(sample=example, good="no", bad="yes")
    base = CAPITALS.model_copy(update={"examples": (told,)})
    spec = spec_of(imported(question="q", answer="a", choices="o"), base)
    assert spec.to_sample(row(q="?", a=1, o=["yes", "no"])).target == "no"


def test_imported_datasets_are_kept_and_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    one = imported(question="q", answer="a")
    path = keep(one)
    assert path == tmp_path / "evalctl" / "datasets" / "mine.json"
    assert [*kept()] == [one]
    forget("mine")
    assert [*kept()] == []
    with pytest.raises(UnknownNameError):
        forget("mine")


def test_they_stand_beside_the_registered_ones_and_replace_none() -> None:
    every = [
        imported("mine", question="q", answer="a"),
        imported("capitals", question="q", answer="a"),
        imported("strange", like="nothing", question="q", answer="a"),
        imported("wrong", x="q"),
    ]
    registry, problems = joined(REGISTRY, every)
    assert [entry.spec.name for entry in registry.dataset_entries] == [
        *(entry.spec.name for entry in REGISTRY.dataset_entries),
        "mine",
    ]
    assert registry.dataset("mine").spec.role == "variant"
    assert [problem.partition(":")[0] for problem in problems] == [
        "imported dataset 'capitals'",
        "imported dataset 'strange'",
        "dataset 'wrong' maps x; map a question and what else of question, answer, solution, "
        "choices, id, cluster, or the columns of capitals",
    ]


def test_a_damaged_configuration_is_told_and_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    path = keep(imported(question="q"))
    path.write_text('{"name": "mine"')
    registry, (problem,) = joined(Registry((), (), (Entry(CAPITALS, OWNER, "c"),)), kept())
    assert [entry.spec.name for entry in registry.dataset_entries] == ["capitals"]
    assert problem.startswith(f"{path} is no imported dataset: ")
