"""The category's metrics against values that were worked by hand, and a published formula."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from evalctl import Score
from evalctl.cli import main
from evalctl.metrics import expand, pass_at_k
from evalctl.records import ProgramRun
from evalctl_coding.scorers import METRICS, share_passed, share_run

RIGHT, WRONG = "    return [2 * n for n in numbers]", "    return numbers"


def product(count: int, correct: int, k: int) -> float:
    """Return pass@k as a product, the numerically stable form of Chen et al. 2021, figure 3."""
    if count - correct < k:
        return 1.0
    return 1.0 - math.prod(1.0 - k / i for i in range(count - correct + 1, count + 1))


@pytest.mark.parametrize(
    ("count", "correct", "k", "worked"),
    [
        (1, 0, 1, 0.0),
        (1, 1, 1, 1.0),
        (2, 1, 1, 1 / 2),
        (5, 2, 2, 1 - 3 / 10),  # C(3,2) = 3 of C(5,2) = 10 pairs hold no right one
        (10, 1, 10, 1.0),
        (12, 1, 10, 10 / 12),  # the right one is among ten of twelve
        (10, 3, 4, 1 - 35 / 210),
        (200, 0, 100, 0.0),
        (200, 200, 1, 1.0),
    ],
)
def test_pass_at_k_is_the_unbiased_estimate(
    count: int, correct: int, k: int, worked: float
) -> None:
    assert pass_at_k(count, correct, k) == pytest.approx(worked)
    assert product(count, correct, k) == pytest.approx(worked)


def test_pass_at_k_is_the_published_formula_everywhere() -> None:
    for count in (1, 2, 3, 7, 20, 50):
        for correct in range(count + 1):
            for k in range(1, count + 1):
                expected = product(count, correct, k)
                assert pass_at_k(count, correct, k) == pytest.approx(expected, abs=1e-12)


def test_fewer_completions_than_k_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ValueError, match="pass@10 cannot be estimated from 5 completions"):
        pass_at_k(5, 3, 10)
    recorded = tmp_path / "answers.jsonl"
    row = {"dataset": "coding_sample", "id": "sample/0", "completions": 5 * [RIGHT]}
    recorded.write_text(json.dumps(row))
    wanted = tmp_path / "evalctl.yaml"
    wanted.write_text("metrics: {pass_k: [10]}\n")
    asked = ["run", "--model", f"replay:{recorded}", "--dataset", "coding_sample"]
    with pytest.raises(SystemExit) as exit_:
        main([*asked, "--repeats", "5", "--config", str(wanted), "--out", str(tmp_path / "runs")])
    assert exit_.value.code == 2
    told = " ".join(capsys.readouterr().err.split())
    assert "pass@10 cannot be estimated from 5 completions per sample" in told


def test_pass_at_10_comes_with_ten_completions(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded = tmp_path / "answers.jsonl"
    completions = [RIGHT, *(11 * [WRONG])]
    row = {"dataset": "coding_sample", "id": "sample/0", "completions": completions}
    recorded.write_text(json.dumps(row))
    asked = ["run", "--model", f"replay:{recorded}", "--dataset", "coding_sample", "--json"]
    out = ["--max-errors", "99", "--repeats", "12", "--out", str(tmp_path / "runs")]
    with pytest.raises(SystemExit):
        main([*asked, *out])
    result = json.loads(capsys.readouterr().out)["models"][0]["datasets"][0]
    values = {metric["name"]: metric["value"] for metric in result["metrics"]}
    assert values["pass_at_1"] == pytest.approx(1 / 12)
    assert values["pass_at_10"] == pytest.approx(10 / 12)
    assert values["pass_at_12"] == 1.0
    # One program passes three asserts of three, eleven pass one: candidate([]) == [].
    assert values["functional_correctness"] == pytest.approx((1 + 11 / 3) / 12)
    assert values["code_execution"] == 1.0


def test_the_family_is_pass_at_1_and_the_ks_that_completions_allow() -> None:
    assert [m.name for m in expand(METRICS[0], 1)] == ["pass_at_1"]
    assert [m.name for m in expand(METRICS[0], 10)] == ["pass_at_1", "pass_at_10"]
    names = [m.name for m in expand(METRICS[0], 200, (1, 10, 100))]
    assert names == ["pass_at_1", "pass_at_10", "pass_at_100"]


def score(value: float | None, *, ran: bool | None) -> Score:
    program = None if ran is None else ProgramRun(reason="ok", ran=ran)
    return Score(value=value, program=program)


def test_shares_are_taken_over_scored_completions_alone() -> None:
    passed, part = score(1.0, ran=True), score(2 / 3, ran=True)
    crashed, unparsed = score(0.0, ran=False), score(0.0, ran=None)
    lost = score(None, ran=None)
    assert share_passed((passed, part, crashed, unparsed)) == 1 / 4
    assert share_run((passed, part, crashed, unparsed)) == 2 / 4
    assert METRICS[1].reduce((passed, part, crashed, unparsed)) == pytest.approx((1 + 2 / 3) / 4)
    assert share_passed((passed, lost)) == share_run((passed, lost)) == 1.0
    assert share_passed((lost,)) is None
    assert share_run((lost,)) is None
