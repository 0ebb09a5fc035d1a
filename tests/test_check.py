"""`evalctl check`: what it prints, and its exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import Site

from evalctl.cli import main

ROOT = Path(__file__).parent.parent
TOKENIZER = ROOT / "plugins" / "reference" / "src" / "evalctl_reference" / "checkpoint"

PLUGIN = """
from evalctl import (
    CategorySpec, DatasetSpec, Example, FileParts, FileSource, MetricSpec, PromptTemplate, Sample,
    Score, ScorerSpec, hookimpl,
)

def to_sample(row):
    return Sample(id=str(row.data.get("id", row.number)), input=row.text("q"), target=row.text("a"))

def score(sample, completion):
    return Score(value=float(completion.text == sample.target), answer=completion.text)

scorer = ScorerSpec(name="exact", version="1", score=score, metrics=(
    MetricSpec(name="exact", title="share that is exact", reduce=lambda scores: scores[0].value),
))

def quiz(name, **changes):
    return DatasetSpec(
        name=name, title="t", version="1", licence="CC0-1.0", citation="c",
        sources=(FileSource(parts=(FileParts(paths=("quiz.jsonl",)),)),),
        columns=frozenset({"q", "a"}), to_sample=to_sample,
        prompt=PromptTemplate(question="{input}", answer="{target}"),
        scorers=(scorer,), headline="exact", role="primary",
        examples=(Example(sample=Sample(id="e", input="q", target="a"), good="a", bad="b"),),
        **changes,
    )

@hookimpl
def evalctl_categories():
    return (CategorySpec(name="quizzes", title="Quizzes", datasets=(
        quiz("quiz", gold=lambda sample: sample.target),
        quiz("quiz_without_gold"),
        quiz("quiz_with_wrong_gold", gold=lambda sample: "a1"),
    )),)
"""

GOOD: list[dict[str, Any]] = [{"q": f"{n}?", "a": f"a{n}"} for n in range(5)]


@pytest.fixture(scope="module")
def quizzes(tmp_path_factory: pytest.TempPathFactory) -> Site:
    site = Site(tmp_path_factory.mktemp("quizzes"))
    site.add("quizzes", PLUGIN)
    return site


def check(site: Site, dataset: str, rows: list[dict[str, Any]], *more: str) -> tuple[int, str]:
    """Check a dataset of these rows; return the exit code and what was printed."""
    (site.folder / "quiz.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = site.run("check", dataset, "--data", ".", *more)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout + done.stderr


def check_here(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as exit_:
        main(["check", *arguments])
    assert isinstance(exit_.value.code, int)
    return exit_.value.code, capsys.readouterr().out


def test_gsm8k_can_be_trusted(
    benchmark_data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    data = ("--data", str(benchmark_data))
    code, told = check_here(capsys, "gsm8k", *data, "--samples", "20")
    lines = [line.rstrip() for line in told.splitlines()]
    assert lines[2:14] == [
        "ok  rows: 1,319 read",
        "ok  ids: each stands once",
        "ok  gold answers that score 1.0: 20 of 20",
        "ok  perturbed answers that do not: 20 of 20",
        "ok  prompts: 1,319 built, in completion style after 5 worked examples and in",
        "    chat",
        "ok  worked examples: 5, none of them among the questions; their split shares no",
        "    question",
        "ok  answers: every question can have one",
        "ok  questions: no two are the same",
        "ok  labels: always answering '5' scores 3.0 %",
        "ok  text: nothing odd",
    ]
    assert "prompt                   1,951     2,100     2,308     2,726" in lines
    assert lines[-1] == "Nothing failed."
    assert max(map(len, lines[2:])) <= 80
    assert code == 0


def test_everything_is_in_the_json(
    benchmark_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = ("--data", str(benchmark_data))
    code, told = check_here(capsys, "aime", *data, "--json")
    report = json.loads(told)
    assert (code, report["verdict"], report["n_rows"], report["n_samples"]) == (0, "look", 60, 60)
    assert (report["gold"]["n_right"], report["perturbed"]["n_right"]) == (60, 60)
    verdicts = {one["name"]: one["verdict"] for one in report["findings"]}
    assert verdicts == {
        "rows": "ok",
        "ids": "ok",
        "gold": "ok",
        "perturbed": "ok",
        "prompts": "ok",
        "answers": "ok",
        "duplicates": "ok",
        "labels": "ok",
        "text": "ok",
        "room": "look",
    }
    labels = next(one for one in report["findings"] if one["name"] == "labels")
    assert labels["figures"]["majority_share"] == pytest.approx(3 / 60)
    (target,) = [one for one in report["lengths"] if one["text"] == "target"]
    assert (target["count"], target["least"], target["longest"]) == (60, 2, 3)


def test_good_rows_exit_with_0(quizzes: Site) -> None:
    code, told = check(quizzes, "quiz", GOOD)
    assert code == 0, told
    assert "gold answers that score 1.0: 5 of 5" in told
    assert told.endswith("Nothing failed.\n")


def test_a_dataset_without_gold_is_looked_at_and_called_not_proven(quizzes: Site) -> None:
    code, told = check(quizzes, "quiz_without_gold", GOOD)
    assert code == 0, told
    plain = " ".join(told.split())
    assert "look gold answers are not proven: dataset 'quiz_without_gold' does not say" in plain
    assert "ok rows: 5 read" in plain
    code, told = check(quizzes, "quiz_without_gold", GOOD, "--write-gold", "gold.jsonl")
    assert (code, told.startswith("error: dataset 'quiz_without_gold'")) == (2, True)


def test_a_gold_answer_that_falls_short_exits_with_1(quizzes: Site) -> None:
    code, told = check(quizzes, "quiz_with_wrong_gold", GOOD)
    assert code == 1
    assert "FAILED  gold answers that score 1.0: 1 of 5" in told
    assert "0  target 'a0', read 'a1'" in told


def test_advice_alone_exits_with_0_and_broken_rows_with_1(quizzes: Site) -> None:
    code, told = check(quizzes, "quiz", [*GOOD, GOOD[0]])
    assert (code, told.endswith("Nothing failed; 1 line to look at.\n")) == (0, True), told
    code, told = check(quizzes, "quiz", [*GOOD, {"q": "5?"}, {"q": 6, "a": "6"}, {"q": "7?"}])
    assert code == 1
    assert "FAILED  rows: 3 rows of 8 cannot be read" in told
    assert "quiz.jsonl:6  column 'a' is missing; a text is needed (2 rows)" in told
    assert "gold answers that score 1.0: 5 of 5" in told


def test_nothing_in_a_dataset_acts_on_a_terminal_or_as_markup(quizzes: Site) -> None:
    row = {"id": "\x1b[31mred\x07 [bold]", "q": "\x1b]0;title\x07 [/red] q", "a": ":smile: [/b]"}
    code, told = check(quizzes, "quiz", [*GOOD, row, row])
    assert code == 1
    assert not {"\x1b", "\x07"} & set(told)
    assert "\\x1b[31mred\\x07 [bold]" in told


def test_tokens_are_counted_by_a_tokenizer_that_is_given(quizzes: Site) -> None:
    code, told = check(quizzes, "quiz", GOOD, "--tokenizer", str(TOKENIZER), "--json")
    assert code == 0, told
    (prompt,) = [
        one
        for one in json.loads(told)["lengths"]
        if (one["text"], one["unit"]) == ("prompt", "tokens")
    ]
    assert (prompt["least"], prompt["longest"]) == (2, 2)  # the figure, and the question mark


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--tokenizer", "nowhere"), "nowhere is not there; a folder with a tokenizer.json"),
        (("--tokenizer", "quiz.jsonl"), "quiz.jsonl cannot be used as a tokenizer"),
        (("--write-gold", "no/folder/gold.jsonl"), "cannot write no/folder/gold.jsonl"),
        (("--executor", "bwrapp"), "Did you mean bwrap?"),
    ],
)
def test_mistakes_exit_with_2(quizzes: Site, more: tuple[str, ...], message: str) -> None:
    code, told = check(quizzes, "quiz", GOOD, *more)
    assert code == 2
    assert message in told
