"""The equations a solution states, and the score of its steps."""

from __future__ import annotations

import pytest

from evalctl_math.steps import MAX_EQUATIONS, MAX_LINES, StepScore, stated_equations, step_score

GOLD = "She has 3 * 4 = <<3*4=12>>12. Then 12 - 2 = <<12-2=10>>10, so 10 / 2 = <<10/2=5>>5.\n#### 5"


@pytest.mark.parametrize(
    ("text", "verdicts"),
    [
        ("3 * 4 = 12", [True]),
        ("3 * 4 = 13", [False]),
        ("16 - 3 - 4 = <<16-3-4=9>>9 eggs", [True]),
        ("$2 \\times 5 = $10", [True]),
        ("$2 \\times 5 = 10$", [True]),
        ("20% of 50 = 10", [True]),
        ("1/2 * 8 = 4", [True]),
        ("1/3 of 9 = 3", [True]),
        ("\\frac{1}{2} \\cdot 8 = 4", [True]),
        ("2+3=5=10/2", [True, True]),
        ("2+3=6=5+1", [False, True]),
        ("10/3 = 3.33", [True]),
        ("10/3 = 3.34", [False]),
        ("10/3 = 3", [False]),
        ("10/3 ≈ 3", [True]),
        ("x = 3*4 = 12 apples", [True]),
        ("3 x 4 = 12.", [True]),
        ("(2+3)*4 = 20", [True]),
        ("1,000 + 2,000 = 3,000", [True]),
        ("1{,}000 + 1 = 1001", [True]),
        ("2^10 = 1024", [True]),
        ("$18 - $5 = $13", [True]),
        ("5 1/2 + 1/2 = 6", [True]),
        ("**3 + 4 = 7**", [True]),
        ("First multiply by 4: 3 * 4 = 12", [True]),
        ("1 – 3/4 = 1/4", [True]),
        ("45 + 49 = 94%", [True]),
        ("\\[ 3 \\times 4 = 12 \\]", [True]),
        ("3 + 4 = 7\n4 + 4 = 9", [True, False]),
    ],
)
def test_stated_equations_are_found_and_judged(text: str, verdicts: list[bool]) -> None:
    assert [equation.true for equation in stated_equations(text)] == verdicts


@pytest.mark.parametrize(
    "text",
    ["", "5 = 5", "x + 3 = 5", "3 apples * 4 = 12", "15 pages x 1/3 = 5", "3+4=", "= 7", "12/0 = 3",
     "9**9**9**9 = 5", "a = b", "40% = 80", "==", "1 <= 2", "f(2) = 4"],
)  # fmt: skip
def test_what_states_no_arithmetic_is_left_out(text: str) -> None:
    assert stated_equations(text) == ()


def test_the_score_is_the_mean_of_both_shares() -> None:
    text = "3 * 4 = 12, and 12 - 2 = 11."

    assert step_score(text, GOLD) == StepScore(2, 1, 2, 1, 0.5)


def test_the_gold_solution_scores_one() -> None:
    assert step_score(GOLD, GOLD) == StepScore(3, 3, 2, 2, 1.0)


def test_without_equations_the_gold_results_count_alone() -> None:
    assert step_score("There are 12, later 10.", GOLD) == StepScore(0, 0, 2, 2, 1.0)


def test_without_gold_results_the_equations_count_alone() -> None:
    assert step_score("1 + 1 = 2", "#### 2") == StepScore(1, 1, 0, 0, 1.0)


def test_without_either_there_is_no_score() -> None:
    assert step_score("It is five.", "#### 5") == StepScore(0, 0, 0, 0, None)


def test_the_number_of_equations_is_bounded() -> None:
    assert len(stated_equations("1+1=2\n" * (MAX_EQUATIONS + 5))) == MAX_EQUATIONS


@pytest.mark.parametrize(
    "text", ["f(2) = 5", "\\sqrt{9 + 16} = 5", "1 + 1 = 2x", "x -2 = 7/2 - 2", "a_1 = 3 + 4"]
)
def test_a_side_that_a_symbol_belongs_to_states_nothing(text: str) -> None:
    assert stated_equations(text) == ()


def test_lines_with_equals_signs_are_read_up_to_a_limit() -> None:
    equation = "1 + 1 = 2"

    assert len(stated_equations("=\n" * (MAX_LINES - 1) + equation)) == 1
    assert stated_equations("=\n" * MAX_LINES + equation) == ()
