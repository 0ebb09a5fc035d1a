"""Judges from end to end: ratings by turn, panels, pairs, and what is told of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from core.tests.engines import misbehaving_server as server_acts
from core.tests.engines.misbehaving_server import answer
from core.tests.injections import INJECTIONS
from tests.conftest import Site
from tests.judging import (
    N_SAMPLES,
    RUN,
    Court,
    by_sample,
    court_at,
    dataset_of,
    gullible,
    metrics_of,
    shown,
)

EIGHTS = by_sample(*[(8, 6)] * N_SAMPLES)


@pytest.fixture(scope="module")
def the_court(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Court]:
    with court_at(Site(tmp_path_factory.mktemp("court"))) as court:
        yield court


@pytest.fixture
def court(the_court: Court) -> Court:
    """The court, whose server rates everything with 7."""
    the_court.server.acts.clear()
    the_court.server.asked.clear()
    the_court.server.then = answer("Good.\nRating: [[7]]")
    return the_court


@pytest.fixture
def out(request: pytest.FixtureRequest) -> str:
    """The folder of a test's runs."""
    return re.sub(r"\W+", "-", request.node.name)


def test_ratings_are_of_each_turn_and_printed_as_they_are(court: Court, out: str) -> None:
    ratings = by_sample((8, 7), (9, 6), (5, 5), (10, 10), (3, "x"), (7, 7))
    run = court.run("--judge", court.rate(f"{out}.jsonl", ratings), out=out)
    said = " ".join(court.driver.said().split())
    assert "llm_judge_score 7.40 ± 0.80" in said
    assert "first_turn 7.00" in said
    assert "second_turn 7.00" in said
    assert "math 8.17" in said
    assert "1 of 12 verdicts could not be read (not scored)" in said
    found = metrics_of(run)
    assert found["llm_judge_score"]["value"] == pytest.approx((7.5 + 7.5 + 5 + 10 + 7) / 5)
    assert found["first_turn"]["value"] == pytest.approx((8 + 9 + 5 + 10 + 3 + 7) / 6)
    assert [found["llm_judge_score"][key] for key in ("n_scored", "n_unparsed")] == [5, 1]
    assert [found["llm_judge_score"][key] for key in ("lower", "upper")] == [1.0, 10.0]
    ((judging,), failures) = dataset_of(run)["judging"], dataset_of(run)["failures"]
    assert [judging["judges"][0][key] for key in ("n_verdicts", "n_unread")] == [12, 1]
    assert failures == {"engine": 0, "scorer": 0}
    assert court.driver.run("show", str(run)) == 0
    assert "7.40 ± 0.80" in court.driver.said()


def test_a_judge_is_asked_at_temperature_zero_about_fenced_texts(court: Court, out: str) -> None:
    court.run("--judge", court.judge, "--no-cache", out=out)
    assert len(court.server.asked) == 2 * N_SAMPLES
    for exchange in court.server.asked:
        assert exchange.body["temperature"] == 0
        assert re.search(r"BEGIN 2 ([0-9a-f]{24})\nours 1\nEND 2 \1", shown(exchange)) or (
            re.search(r"BEGIN 3 ([0-9a-f]{24})\nours 1\nEND 3 \1", shown(exchange))
        )


def test_several_judges_are_shown_together_apart_and_in_their_agreement(
    court: Court, out: str
) -> None:
    one = court.rate(f"{out}-1.jsonl", by_sample(*[(8, 8), (6, 6), (2, 2)] * 2))
    other = court.rate(f"{out}-2.jsonl", by_sample(*[(8, 8), (4, 4), (4, "x")] * 2))
    run = court.run("--judge", one, "--judge", other, out=out)
    (judging,) = dataset_of(run)["judging"]
    alone = {each["judge"]: each["metrics"][0]["value"] for each in judging["judges"]}
    assert alone == {one: pytest.approx(16 / 3), other: 6.0}
    found = metrics_of(run)["llm_judge_score"]
    assert (found["value"], found["n_scored"]) == (pytest.approx((8 + 5 + 2) / 3), 6)
    assert found["n_unparsed"] == 0
    assert [each["metrics"][0]["n_scored"] for each in judging["judges"]] == [6, 4]
    assert [each["metrics"][0]["n_unparsed"] for each in judging["judges"]] == [0, 2]
    agreement = {each["name"]: each["value"] for each in judging["agreement"]}
    # Units (8, 8) and (6, 4), each twice: W = 2 * 2, N = 8, S1 = 52, S2 = 360.
    assert agreement == {
        "alpha": pytest.approx(1 - 7 * 4 * 2 / (8 * 360 - 52 * 52)),
        "unanimous": 0.5,
    }
    manifest = json.loads((run / "manifest.json").read_text())
    assert list(manifest["plan"]["judges"]) == [one, other]
    said = " ".join(court.driver.said().split())
    assert "llm_judge_score by judge" in said
    assert "agreement: alpha" in said


def test_a_sample_that_no_judge_of_a_panel_reads_is_unparsed_once(court: Court, out: str) -> None:
    one = court.rate(f"{out}-1.jsonl", by_sample(*[(8, "x"), (6, 6), (2, 2)] * 2))
    other = court.rate(f"{out}-2.jsonl", by_sample(*[("x", 8), (4, 4), (4, "x")] * 2))
    found = metrics_of(court.run("--judge", one, "--judge", other, out=out))
    counts = [found["llm_judge_score"][key] for key in ("n_scored", "n_total", "n_unparsed")]
    assert counts == [4, 6, 2]
    said = " ".join(court.driver.said().split())
    assert "n 4/6, 33 % unparsed" in said
    assert {name: found[name]["n_unparsed"] for name in ("first_turn", "second_turn")} == {
        "first_turn": 0,
        "second_turn": 0,
    }
    assert f"judge {one}: 2 of 12 verdicts could not be read" in said
    assert f"judge {other}: 4 of 12 verdicts could not be read" in said


def test_compare_and_export_take_the_mean_of_a_panel(court: Court, out: str) -> None:
    judges = [
        word
        for number, rating in enumerate((8, 4))
        for word in (
            "--judge",
            court.rate(f"{out}-{number}.jsonl", by_sample(*[(rating, rating)] * N_SAMPLES)),
        )
    ]
    run = court.run(*judges, out=out)
    single = court.run(*judges[:2], out=f"{out}-single")
    assert court.driver.run("compare", str(run), str(single)) == 0
    said = " ".join(court.driver.said().split())
    assert "talks 6.00 8.00 -2.00" in said
    assert court.driver.run("export", str(run), "--format", "jsonl", "--to", f"{out}.rows") == 0
    rows = [json.loads(line) for line in (court.folder / f"{out}.rows").read_text().splitlines()]
    assert {row["metrics"]["llm_judge_score"] for row in rows} == {6.0}


def test_pairs_are_judged_in_both_orders_against_recorded_answers(court: Court, out: str) -> None:
    name = f"{out}.jsonl"
    court.rate(name, EIGHTS)
    judge = court.choose(name, by_sample("ABAB", "BABA", "AAAB", "BBCC", "CACB", "ABAB"))
    run = court.run("--judge", judge, "--baseline", "baseline.jsonl", out=out)
    found = metrics_of(run)
    assert found["win_rate"]["value"] == pytest.approx((1 + 0 + 0.75 + 0.5 + 0.5 + 1) / 6)
    assert found["position_inconsistency"]["value"] == pytest.approx(4 / 12)
    assert found["first_place_preference"]["value"] == pytest.approx(3 / 6)
    baseline = json.loads((run / "manifest.json").read_text())["plan"]["baseline"]
    assert (baseline["name"], len(baseline["content_hash"])) == ("baseline.jsonl", 64)


def test_a_run_is_a_baseline_and_pairs_take_no_part_without_one(court: Court, out: str) -> None:
    name = f"{out}.jsonl"
    court.rate(name, EIGHTS)
    judge = court.choose(name, by_sample(*["ABAB"] * N_SAMPLES))
    first = court.run("--judge", judge, out=f"{out}-first")
    assert "win_rate" not in metrics_of(first)
    second = court.run("--judge", judge, "--baseline", str(first), out=out)
    assert metrics_of(second)["win_rate"]["value"] == 1.0
    baseline = json.loads((second / "manifest.json").read_text())["plan"]["baseline"]
    assert baseline["name"] == f"{first.name}:replay:answers.jsonl"


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--baseline", "baseline.jsonl"), "--baseline goes with --judge"),
        (("--judge", "J", "--baseline", "none.jsonl"), "no run 'none.jsonl' here"),
        (
            ("--judge", "J", "--baseline", "part.jsonl"),
            "lacks the answer (to all turns) to 4: 't2'",
        ),
        (
            ("--judge", "J", "--baseline", "turn.jsonl"),
            "lacks the answer (to all turns) to 6: 't0'",
        ),
        (("--judge", "J", "--baseline", "broken.jsonl"), "broken.jsonl:1: not a JSON object"),
        (("--judge", "J", "--judge", "J"), "is given twice"),
        (("--judge", "replay:none.jsonl"), "none.jsonl"),
        (("--judge", "replay:baseline.jsonl"), "has no verdict of talks/llm_judge_score"),
    ],
)
def test_what_cannot_be_judged_is_refused_before_anything_is_run(
    court: Court, out: str, flags: tuple[str, ...], message: str
) -> None:
    answers = by_sample(*[("a", "b")] * 2)
    for name, rows in {"part.jsonl": answers, "turn.jsonl": by_sample(*[("a",)] * 6)}.items():
        (court.folder / name).unlink(missing_ok=True)
        court.record(name, rows)
    (court.folder / "broken.jsonl").write_text("{")
    judge = (
        court.rate("ratings.jsonl", EIGHTS)
        if not (court.folder / "ratings.jsonl").exists()
        else "replay:ratings.jsonl"
    )
    given = [judge if flag == "J" else flag for flag in flags]
    assert court.driver.run(*RUN, *given, "--out", out) == 2
    assert message in " ".join(court.driver.said().split())
    assert not (court.folder / out).exists()


def test_a_judge_that_fails_leaves_the_verdicts_of_the_others(court: Court, out: str) -> None:
    good = court.rate(f"{out}.jsonl", EIGHTS)
    court.server.then = server_acts.refuse(401, "no")
    run = court.run("--judge", court.judge, "--judge", good, out=out, code=1)
    found = metrics_of(run)["llm_judge_score"]
    assert (found["value"], found["n_scored"]) == (7.0, N_SAMPLES)
    (judging,) = dataset_of(run)["judging"]
    assert [each["n_lacking"] for each in judging["judges"]] == [N_SAMPLES, 0]
    said = " ".join(court.driver.said().split())
    assert f"error: judge {court.judge}" in said
    assert "no verdict on 6 of 6 samples" in said
    court.server.then = answer("Good.\nRating: [[9]]")
    assert court.driver.run("run", "--resume", str(run)) == 0, court.driver.said()
    assert metrics_of(run)["llm_judge_score"]["value"] == 8.0


def test_a_verdict_that_one_of_several_judges_lost_is_a_failure(court: Court, out: str) -> None:
    good = court.rate(f"{out}.jsonl", EIGHTS)
    some = court.rate(f"{out}-some.jsonl", dict(list(EIGHTS.items())[1:]))
    run = court.run("--judge", good, "--judge", some, out=out, code=1)
    assert dataset_of(run)["failures"]["scorer"] == 1
    found = metrics_of(run)["llm_judge_score"]
    assert (found["value"], found["n_scored"]) == (7.0, N_SAMPLES)
    assert "no verdict on 1 of 6 samples" in " ".join(court.driver.said().split())
    flags = ("--judge", good, "--judge", some, "--max-errors", "1")
    assert court.driver.run(*RUN, *flags, "--out", f"{out}-put-up-with") == 0


def test_a_judge_that_nothing_is_for_is_told(court: Court) -> None:
    name = "unjudged_talks"
    court.record("unjudged.jsonl", by_sample(*[("2", "4")] * N_SAMPLES), dataset=name)
    flags = ("--dataset", name, "--model", "replay:unjudged.jsonl", "--judge", court.judge)
    assert court.driver.run("run", *flags, "--dry-run") == 0, court.driver.said()
    assert "--judge asks nobody" in " ".join(court.driver.said().split())
    assert court.driver.run(*RUN, "--judge", court.judge, "--dry-run") == 0
    assert "--judge asks nobody" not in " ".join(court.driver.said().split())


def test_a_model_that_judges_itself_is_told(court: Court) -> None:
    flags = ("--model", court.judge, "--judge", court.judge, "--dry-run")
    assert court.driver.run("run", "--dataset", "talks", *flags) == 0
    assert "is judged by itself" in " ".join(court.driver.said().split())


def test_no_injection_sways_a_judge_that_obeys_what_stands_outside_of_fences(
    court: Court, out: str
) -> None:
    court.server.then = gullible("Rating: [[3]]", "Rating: [[10]]")
    # A recording holds no lone surrogates.
    texts = [text.encode("utf-8", "replace").decode() for text in INJECTIONS.values()]
    court.record(f"{out}.jsonl", by_sample(*[(text, text) for text in texts]), "many_talks")
    run = court.run(
        *("--judge", court.judge, "--no-cache", "--only-recorded"),
        out=out,
        of=("many_talks", f"{out}.jsonl"),
    )
    found = metrics_of(run)["llm_judge_score"]
    assert (found["value"], found["stderr"], found["n_scored"]) == (3.0, 0.0, len(texts))


def test_a_verdict_that_was_cut_off_behind_a_quotation_is_not_read(court: Court, out: str) -> None:
    court.server.then = answer("They wrote:\nRating: [[10]]", end="length")
    run = court.run("--judge", court.judge, "--no-cache", out=out)
    found = metrics_of(run)["llm_judge_score"]
    assert (found["value"], found["n_unparsed"]) == (None, N_SAMPLES)
    assert "12 of 12 verdicts could not be read" in " ".join(court.driver.said().split())


def test_a_real_model_that_cannot_judge_is_told_as_such(court: Court, out: str) -> None:
    run = court.run("--judge", "reference", "--samples", "1", "--no-cache", out=out)
    (judging,) = dataset_of(run)["judging"]
    judge = judging["judges"][0]
    assert judge["n_unread"] == judge["n_verdicts"] == 2
    assert metrics_of(run)["llm_judge_score"]["note"] == "not scored: no verdict that could be read"
