"""Parts of a dataset that another plugin brings, as datasets of their own."""

from __future__ import annotations

import pytest

from evalctl import (
    CategorySpec,
    Completion,
    DatasetSpec,
    Example,
    Excerpt,
    InlineSource,
    MetricSpec,
    Row,
    Sample,
    Score,
    ScorerSpec,
    mean_value,
)
from evalctl.assembly import Contribution, assemble
from evalctl.plan import load_dataset
from evalctl.registry import Owner, Registry

SUBJECTS = ("law", "physics", "law", "chemistry")


def to_sample(row: Row) -> Sample:
    return Sample(
        id=str(row.number), input="?", target="a", metadata={"subject": row.data["subject"]}
    )


def judge(sample: Sample, completion: Completion) -> Score:
    return Score(value=float(completion.text == sample.target))


def quiz(name: str, **changes: object) -> DatasetSpec:
    accuracy = MetricSpec(name="accuracy", title="accuracy", reduce=mean_value)
    sample = Sample(id="e", input="?", target="a")
    return DatasetSpec.model_validate(
        {
            "name": name,
            "title": name,
            "version": "3",
            "licence": "CC0-1.0",
            "citation": "none",
            "sources": (InlineSource(rows=tuple({"subject": one} for one in SUBJECTS)),),
            "columns": frozenset({"subject"}),
            "to_sample": to_sample,
            "scorers": (ScorerSpec(name="same", version="1", score=judge, metrics=(accuracy,)),),
            "headline": "accuracy",
            "examples": (Example(sample=sample, good="a", bad="b"),),
            "role": "primary",
            **changes,
        }
    )


SCIENCE = Excerpt(
    name="science",
    title="science alone",
    version="2",
    dataset="quiz",
    keep={"subject": ("physics", "chemistry")},
    headline="knowledge",
)


def owner(name: str) -> Owner:
    return Owner(name, f"evalctl-{name}", "1")


def contribution(name: str, category: CategorySpec) -> Contribution:
    return Contribution(owner=owner(name), categories=(category,))


def registry(*excerpts: Excerpt, whole: bool = True, is_first: bool = True) -> Registry:
    borrower = contribution(
        "lab", CategorySpec(name="lab", title="lab", datasets=(quiz("own"),), excerpts=excerpts)
    )
    quizzes = (
        quiz("quiz", otherwise="quiz_letters"),
        quiz("quiz_letters", role="variant"),
    )
    lender = contribution("school", CategorySpec(name="school", title="school", datasets=quizzes))
    both = (borrower, lender) if is_first else (lender, borrower)
    made, refused = assemble(both if whole else (borrower,))
    assert refused == {}
    return made


@pytest.mark.parametrize("is_first", [True, False])
def test_an_excerpt_is_a_dataset_of_its_category_whoever_comes_first(is_first: bool) -> None:
    entry = registry(SCIENCE, is_first=is_first).dataset("science")

    assert (entry.category, entry.owner) == ("lab", owner("lab"))
    assert (entry.spec.role, entry.spec.version) == ("secondary", "3.2")


def test_it_has_the_samples_that_are_kept_with_their_ids() -> None:
    spec = registry(SCIENCE).dataset("science").spec

    loaded = load_dataset(spec, "lab", [])

    assert [sample.id for sample in loaded.samples()] == ["1", "3"]


def test_its_headline_has_a_name_of_its_own_and_judges_as_the_whole_does() -> None:
    made = registry(SCIENCE)
    whole, part = made.dataset("quiz").spec, made.dataset("science").spec

    assert (whole.headline, part.headline) == ("accuracy", "knowledge")
    assert [scorer.score for scorer in part.scorers] == [scorer.score for scorer in whole.scorers]
    assert made.metric("knowledge").headline_of == ("science", "science_letters")


def test_what_stands_in_for_the_whole_has_its_excerpt_too() -> None:
    made = registry(SCIENCE)

    assert made.dataset("science").spec.otherwise == "science_letters"
    assert made.dataset("science_letters").spec.role == "variant"


def test_the_whole_stays_as_it_is() -> None:
    assert registry(SCIENCE).dataset("quiz") == registry().dataset("quiz")


def test_without_the_whole_there_is_no_excerpt() -> None:
    made = registry(SCIENCE, whole=False)

    assert [spec.name for spec in made.datasets_of("lab")] == ["own"]


def test_an_excerpt_of_an_excerpt_is_none() -> None:
    other = SCIENCE.model_copy(update={"name": "physics", "dataset": "science"})

    names = [spec.name for spec in registry(SCIENCE, other).datasets_of("lab")]

    assert names == ["own", "science", "science_letters"]


def test_a_name_that_is_taken_is_refused() -> None:
    taken = SCIENCE.model_copy(update={"name": "quiz_letters"})
    borrower = CategorySpec(name="lab", title="lab", datasets=(quiz("own"),), excerpts=(taken,))
    lender = CategorySpec(
        name="school", title="school", datasets=(quiz("quiz"), quiz("quiz_letters"))
    )

    made, refused = assemble((contribution("lab", borrower), contribution("school", lender)))

    assert "dataset 'quiz_letters', brought by" in str(refused[owner("lab")])
    assert made.dataset("quiz_letters").category == "school"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"keep": {}}, "must name values"),
        ({"keep": {"subject": ()}}, "must name values"),
        ({"name": "quiz"}, "needs a name of its own"),
    ],
)
def test_an_excerpt_that_takes_no_part_is_refused(changes: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Excerpt.model_validate({**dict(SCIENCE), **changes})
