"""The training problems are reproducible and their answers are true."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import pytest

TRAINING = Path(__file__).parents[1] / "training"


@pytest.fixture
def generator(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module `problems` of the training folder, which is not an installed package."""
    monkeypatch.syspath_prepend(str(TRAINING))
    return importlib.import_module("problems")


def test_same_seed_gives_the_same_problems(generator: ModuleType) -> None:
    assert list(generator.problems(11, 300)) == list(generator.problems(11, 300))


def test_another_seed_gives_other_problems(generator: ModuleType) -> None:
    assert list(generator.problems(11, 300)) != list(generator.problems(12, 300))


def test_a_later_start_goes_on_with_the_same_problems(generator: ModuleType) -> None:
    assert list(generator.problems(11, 20, first=30)) == list(generator.problems(11, 50))[30:]


def test_every_equation_in_every_answer_is_true(generator: ModuleType) -> None:
    results = [generator.equations(row.answer) for row in generator.problems(5, 4000)]

    assert all(results)
    assert all(left == right for pairs in results for left, right in pairs)


def test_no_equation_goes_unchecked(generator: ModuleType) -> None:
    answers = [row.answer for row in generator.problems(5, 4000)]

    assert all(len(generator.equations(answer)) == answer.count("=") for answer in answers)


def test_the_last_line_states_the_last_result(generator: ModuleType) -> None:
    answers = [row.answer for row in generator.problems(5, 4000)]

    assert all(
        generator.final_number(answer) == str(generator.equations(answer)[-1][1])
        for answer in answers
    )


def test_every_family_appears(generator: ModuleType) -> None:
    families = {row.family for row in generator.problems(5, 4000)}

    assert families == {family.name for family in generator.FAMILIES} | {generator.CHAIN}


def test_no_placeholder_is_left_in_a_text(generator: ModuleType) -> None:
    texts = "".join(row.question + row.answer for row in generator.problems(5, 4000))

    assert not set("{}[]<>") & set(texts)


def test_problems_stay_short(generator: ModuleType) -> None:
    longest = max(len(row.question + row.answer) for row in generator.problems(5, 4000))

    assert longest < 700


def test_held_out_problems_are_new_and_different(generator: ModuleType) -> None:
    seen = {generator.question_hash(row.question) for row in generator.problems(5, 2000)}

    rows = generator.held_out(5, 200, seen)

    hashes = {generator.question_hash(row.question) for row in rows}
    assert len(hashes) == 200
    assert not hashes & seen


@pytest.mark.parametrize(
    ("text", "number"),
    [("2 + 2 = 4.\n#### 4", "4"), ("2 + 2 = 4.\n#### 4\n", "4"), ("4", None), ("#### x", None)],
)
def test_the_final_number_is_read(generator: ModuleType, text: str, number: str | None) -> None:
    assert generator.final_number(text) == number
