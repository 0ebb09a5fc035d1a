"""Gold answers and wrong ones, scored."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from core.tests.proving.quiz import EXACT, look, quiz

from evalctl import Completion, MetricSpec, Sample, Score, ScorerSpec
from evalctl.errors import DatasetError, OutputError
from evalctl.proving import (
    GoldReport,
    perturbed,
    planned_for_check,
    prove,
    render_gold,
    why_unproven,
    write_gold,
)

WORDS = [{"q": f"{n}?", "a": ("dog", "cat", "dog", "Dog!")[n]} for n in range(4)]


def both(spec_changes: Mapping[str, object], rows: list[dict[str, str]]) -> list[GoldReport]:
    spec = quiz(rows, **spec_changes)
    planned = planned_for_check(look(spec).loaded)
    return [
        prove(planned, render, must_be_right=right)
        for render, right in ((render_gold(spec), True), (perturbed(spec), False))
    ]


def test_words_are_tried_against_the_answer_of_another_row() -> None:
    right, wrong = both({}, WORDS)
    assert (right.n_rows, right.n_right) == (4, 4)
    assert (wrong.n_rows, wrong.n_right) == (3, 3)  # no row before the first has another answer


def test_a_scorer_that_takes_any_answer_is_caught() -> None:
    def lenient(sample: Sample, completion: Completion) -> Score:
        return Score(value=1.0, answer=completion.text)

    right, wrong = both({"scorers": (EXACT.model_copy(update={"score": lenient}),)}, WORDS)
    assert right.wrong == ()
    assert [(row.sample_id, row.answer) for row in wrong.wrong] == [
        ("1", "dog"),
        ("2", "cat"),
        ("3", "cat"),
    ]


def test_a_gold_function_that_fails_is_told_by_row() -> None:
    def gold(sample: Sample) -> str:
        return ["only this one"][int(sample.id)]

    right, wrong = both({"gold": gold}, WORDS[:2])
    assert (right.n_rows, right.n_right) == (2, 0)
    told = "rendering its answer failed: IndexError: list index out of range"
    assert right.wrong[1].reason == told
    assert wrong.wrong[-1].reason == told


def test_a_gold_function_that_gives_no_text_is_told() -> None:
    right, _ = both({"gold": lambda sample: 7}, WORDS[:1])
    assert right.wrong[0].reason == "its answer is rendered as int, not as a text"


def test_rows_that_cannot_be_scored_here_are_in_no_other_number() -> None:
    def lacking(sample: Sample, completion: Completion) -> Score:
        return Score(value=None, explanation="missing package: x", outcome="unsupported")

    right, _ = both({"scorers": (EXACT.model_copy(update={"score": lacking}),)}, WORDS)
    assert (right.n_rows, right.n_unproven, right.wrong) == (0, 4, ())
    assert right.unproven[0].reason == "missing package: x"


def f1(counts: Mapping[str, float]) -> float | None:
    said = 2 * counts.get("tp", 0.0) + counts.get("fp", 0.0) + counts.get("fn", 0.0)
    return 2 * counts.get("tp", 0.0) / said if said else None


def counted(sample: Sample, completion: Completion) -> Score:
    gold, said = sample.target == "yes", completion.text == "yes"
    counts = {"tp": gold and said, "fp": said and not gold, "fn": gold and not said}
    return Score(
        value=None, answer=completion.text, counts={key: float(n) for key, n in counts.items()}
    )


def test_a_pooled_headline_is_proven_by_each_rows_own_counts() -> None:
    pooled = ScorerSpec(
        name="counted",
        version="1",
        score=counted,
        metrics=(MetricSpec(name="f1", title="F1", pooled=f1),),
    )
    rows = [{"q": f"{n}?", "a": "yes" if n % 3 else "no"} for n in range(6)]
    right, wrong = both({"scorers": (pooled,), "headline": "f1"}, rows)
    # A right "no" counts nowhere in F1; a wrong answer either way does.
    assert (right.n_rows, right.n_right, right.n_unproven) == (4, 4, 2)
    assert (wrong.n_rows, wrong.n_right, wrong.n_unproven) == (5, 5, 0)


def test_what_cannot_be_proven_says_why() -> None:
    endless = MetricSpec(name="exact", title="t", reduce=lambda s: None, upper=float("inf"))
    scorer = EXACT.model_copy(update={"metrics": (endless,)})
    assert why_unproven(quiz()) == ""
    assert "has no greatest value" in why_unproven(quiz(scorers=(scorer,)))
    assert "does not say how its gold answers are rendered" in why_unproven(quiz(gold=None))


def test_full_marks_are_the_greatest_value_of_the_headline() -> None:
    def percent(sample: Sample, completion: Completion) -> Score:
        return Score(value=100.0 * (completion.text == sample.target), answer=completion.text)

    metric = EXACT.metrics[0].model_copy(update={"upper": 100.0})
    scorer = EXACT.model_copy(update={"score": percent, "metrics": (metric,)})
    right, wrong = both({"scorers": (scorer,)}, WORDS)
    assert (right.n_right, wrong.n_right) == (4, 3)


def test_recordings_hold_an_output_for_every_row_that_has_one(tmp_path: Path) -> None:
    spec = quiz([*WORDS, {"q": "5?", "a": ""}])
    loaded = look(spec).loaded
    path = tmp_path / "gold.jsonl"
    assert write_gold(loaded, render_gold(spec), path) == 4
    assert json.loads(path.read_text().splitlines()[1]) == {
        "dataset": "quiz",
        "id": "1",
        "completions": ["cat"],
    }
    with pytest.raises(OutputError, match="cannot write"):
        write_gold(loaded, render_gold(spec), tmp_path / "no" / "folder")
    with pytest.raises(
        DatasetError, match="sample '0': rendering its answer failed: KeyError: 'x'"
    ):
        write_gold(loaded, lambda sample: str(sample.metadata["x"]), path)


def test_a_limit_takes_the_samples_that_a_run_takes() -> None:
    rows = [{"q": f"{n}?", "a": str(n)} for n in range(50)]
    few = {sample.id for sample in look(quiz(rows), limit=5).loaded.samples()}
    more = {sample.id for sample in look(quiz(rows), limit=9).loaded.samples()}
    assert (len(few), len(more)) == (5, 9)
    assert few < more
