"""Whether rows of a user's own are judged as another dataset's, and what they are told if not."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from core.tests.scan.quizzes import CAPITALS, SCORER, write
from pydantic import JsonValue

from evalctl.errors import DatasetError
from evalctl.executions import ExecutionRequest, ProgramTests
from evalctl.proving import Fit, prove_own
from evalctl.records import Completion, ImageRef, Sample, Score
from evalctl.sources import OwnFile, Row
from evalctl.specs import ClassSpec, ExecutionSpec, PromptTemplate, ScorerSpec

METRIC = SCORER.metrics[0].model_copy(update={"reduce": lambda scores: scores[0].value})
EXACT = SCORER.model_copy(update={"metrics": (METRIC,)})
ROWS: tuple[Mapping[str, JsonValue], ...] = ({"q": "one?", "a": "1"}, {"q": "two?", "a": "2"})


def plain(row: Row) -> Sample:
    """A question with its answer."""
    return Sample(id=f"n{row.number}", input=row.text("q"), target=str(row.data["a"]))


def own(folder: Path, rows: tuple[Mapping[str, JsonValue], ...] = ROWS, **changes: object) -> Fit:
    """Prove rows of a file as a dataset with changes."""
    path = write(folder / "mine.jsonl", rows)
    told: dict[str, object] = {
        "sources": (OwnFile(path=str(path)),),
        "to_sample": plain,
        "gold": lambda sample: sample.target,
        "shot_sources": (),
        "scorers": (EXACT,),
    }
    return prove_own(CAPITALS.model_copy(update=told | changes), "quizzes")


def test_rows_whose_answers_are_all_right_fit(tmp_path: Path) -> None:
    assert own(tmp_path) == Fit(2, 2, "")


def test_no_more_than_a_thousand_answers_are_scored(tmp_path: Path) -> None:
    rows = tuple({"q": f"{n}?", "a": str(n)} for n in range(1100))
    assert own(tmp_path, rows) == Fit(1100, 1000, "")


def test_a_right_answer_that_the_scorer_does_not_take_is_told_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(DatasetError) as error:
        own(tmp_path, gold=lambda sample: sample.target.replace("2", "two"))
    assert str(error.value).splitlines() == [
        f"{tmp_path}/mine.jsonl: of 2 answers not all are scored as right",
        f"  {tmp_path}/mine.jsonl:2: the answer '2', read as 'two'",
    ]


def test_texts_that_may_hurt_are_not_quoted(tmp_path: Path) -> None:
    with pytest.raises(DatasetError) as error:
        own(tmp_path, gold=lambda _: "x", is_unsafe=True)
    assert str(error.value).splitlines()[1] == f"  {tmp_path}/mine.jsonl:1"


def test_an_answer_that_is_no_class_is_told_with_the_classes(tmp_path: Path) -> None:
    scorer = ScorerSpec(
        name="of_class",
        version="1",
        classify=lambda sample, _: Score(value=1.0, answer=sample.target),
        metrics=SCORER.metrics,
    )
    with pytest.raises(DatasetError) as error:
        own(
            tmp_path,
            needs="classify",
            classes=(ClassSpec(name="1"), ClassSpec(name="3")),
            prompt=PromptTemplate(question="{input}"),
            scorers=(scorer,),
        )
    assert str(error.value).splitlines() == [
        f"{tmp_path}/mine.jsonl: 1 row whose target is not among the options",
        f"  {tmp_path}/mine.jsonl:2: '2' is none of 2",
        "Answers are the names of classes: 1, 3.",
    ]


def _running(tests: ProgramTests) -> ScorerSpec:
    def request(sample: Sample, completion: Completion) -> ExecutionRequest:
        return ExecutionRequest(id=sample.id, program=completion.text, tests=tests)

    return ScorerSpec(
        name="code", version="1", execution=ExecutionSpec(request=request), metrics=SCORER.metrics
    )


def test_programs_without_tests_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"mine.jsonl:1: there are no tests to run its program"):
        own(tmp_path, scorers=(_running(ProgramTests()),))


def test_programs_are_not_run(tmp_path: Path) -> None:
    fit = own(tmp_path, scorers=(_running(ProgramTests(code="assert f()")),))
    assert fit == Fit(2, 0, "`evalctl check capitals` runs their programs")


def test_a_scorer_that_finds_not_what_it_needs_is_told(tmp_path: Path) -> None:
    def request(sample: Sample, _: Completion) -> Score:
        return Score(value=float(str(sample.metadata["tests"])))

    spec = ExecutionSpec(request=request)
    scorer = ScorerSpec(name="code", version="1", execution=spec, metrics=SCORER.metrics)
    with pytest.raises(DatasetError, match=r"code cannot judge rows that are mapped so\n.*'tests'"):
        own(tmp_path, scorers=(scorer,))


def test_images_that_are_nowhere_are_told(tmp_path: Path) -> None:
    def seen(row: Row) -> Sample:
        return plain(row).model_copy(update={"images": (ImageRef(path=f"{row.data['a']}.png"),)})

    with pytest.raises(DatasetError, match=r"no sample has an image that is there\n.*1.png is not"):
        own(tmp_path, to_sample=seen, has_images=True)


def test_rows_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    with pytest.raises(
        DatasetError, match=r"1 row of 2 cannot be read\n.*mine.jsonl:2: column 'q'"
    ):
        own(tmp_path, (ROWS[0], {"a": "1"}))


def test_a_dataset_without_gold_answers_is_not_scored(tmp_path: Path) -> None:
    fit = own(tmp_path, gold=None)
    assert (fit.n_proven, fit.why_not[:18]) == (0, "dataset 'capitals'")
