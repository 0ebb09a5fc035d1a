"""`evalctl compare` from end to end, on real run folders."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from tests.commands import Commands
from tests.conftest import Site
from tests.quizzes import add_quizzes, edit, record, run

from evalctl import comparing
from evalctl.comparing import open_side, open_sides
from evalctl.errors import UsageError

Spoil = Callable[[list[str]], list[str]]
SCHEMAS = Path(__file__).parent.parent / "docs" / "schemas"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, commands: Commands) -> Site:
    """Runs: `good` misses 5 of 60, `poor` 20 (in `families` four families), `both` has the two,
    `asked_otherwise` is `good` with another prompt and seed."""
    site = Site(tmp_path_factory.mktemp("site"), commands)
    add_quizzes(site)
    record(site, "good", {"quiz": range(5), "families": range(5)})
    record(site, "poor", {"quiz": range(20), "families": range(20)})
    run(site, "good")
    run(site, "poor")
    run(site, "both", "--model", "replay:good.jsonl", "--model", "replay:poor.jsonl")
    settings = "datasets: {quiz: {prompt: {question: '{input} =', instruction: '{input} ='}}}\n"
    (site.folder / "settings.yaml").write_text(settings)
    changed = ("--config", "settings.yaml", "--seed", "7", "--temperature", "0.5")
    run(site, "asked_otherwise", "--model", "replay:good.jsonl", *changed)
    return site


@pytest.fixture
def copied(place: Site, tmp_path: Path) -> Site:
    """A copy of the runs, to be spoilt, without the checkpoints by which that would show."""
    without = shutil.ignore_patterns("checkpoints")
    shutil.copytree(place.folder / "runs", tmp_path / "runs", ignore=without)
    return Site(tmp_path, place.commands)


def compare(site: Site, *runs: str, baseline: str | None = None) -> dict[str, Any]:
    """Compare in this process, and return what `--json` prints."""
    out = site.folder / "runs"
    (reference,) = open_side(baseline, out) if baseline else (None,)
    sides = [
        side for side in open_sides(runs, out) if reference is None or side.key != reference.key
    ]
    return comparing.compare(sides, baseline=reference).model_dump(mode="json")


def refusal(site: Site, *runs: str) -> str:
    """Compare in this process, and return the message of the refusal."""
    with pytest.raises(UsageError) as caught:
        compare(site, *runs)
    return str(caught.value)


def test_differences_of_datasets_are_paired_and_tested_by_their_kind(place: Site) -> None:
    outcome = compare(place, "good", "poor")
    (pair,) = outcome["pairs"]
    families, quiz = pair["datasets"]
    assert (quiz["value_a"], quiz["value_b"]) == (pytest.approx(55 / 60), pytest.approx(40 / 60))
    assert quiz["difference"] == pytest.approx(15 / 60)
    assert (quiz["discordant"], quiz["test"], quiz["n_units"]) == ([15, 0], "mcnemar", 60)
    assert quiz["p_value"] == pytest.approx(2 / 2**15)
    assert quiz["interval_method"] == "tango"
    # Three families of twelve differ, and each can turn either way.
    assert (families["test"], families["n_units"]) == ("sign_flip_exact", 12)
    assert families["p_value"] == 2 / 2**3
    assert families["interval_method"] == "clustered"


def test_a_category_is_the_mean_of_its_datasets_with_their_errors(place: Site) -> None:
    (pair,) = compare(place, "good", "poor")["pairs"]
    (category,) = pair["categories"]
    errors = [dataset["stderr"] for dataset in pair["datasets"]]
    assert category["made_of"] == ["families:toy_accuracy", "quiz:toy_accuracy"]
    assert category["difference"] == pytest.approx(15 / 60)
    assert category["stderr"] == pytest.approx((errors[0] ** 2 + errors[1] ** 2) ** 0.5 / 2)
    assert category["interval_method"] == "mover"
    # 15 units of 1/60 and 3 of 5/60 all point one way.
    assert category["p_value"] == pytest.approx(2 / 2**18)


def test_holms_correction_counts_every_test_that_is_shown(place: Site) -> None:
    outcome = compare(place, "good", "poor")
    (pair,) = outcome["pairs"]
    shown = [*pair["categories"], *pair["datasets"]]
    ordered = sorted(shown, key=lambda one: one["p_value"])
    assert outcome["n_tests"] == 3
    assert [one["p_holm"] / one["p_value"] for one in ordered] == pytest.approx([3, 2, 1])


def test_verdicts_say_who_is_better_or_what_could_have_been_seen(place: Site) -> None:
    (pair,) = compare(place, "good", "poor")["pairs"]
    families, quiz = pair["datasets"]
    assert quiz["verdict"] == "a_better"
    assert quiz["words"].startswith("A is better than B on quiz by 25.0 points (")
    assert families["verdict"] == "unclear"
    assert families["words"].startswith("cannot tell A from B on families, p = 0.250")
    size = f"only differences above {100 * families['detectable']:.1f} points show"
    assert families["words"].endswith(f"at this sample size {size}")
    (turned,) = compare(place, "poor", "good")["pairs"]
    assert turned["datasets"][1]["verdict"] == "b_better"
    assert turned["datasets"][1]["words"].startswith("B is better than A on quiz by 25.0 points (")


def test_a_run_with_two_models_is_compared_with_itself(place: Site) -> None:
    outcome = compare(place, "both")
    alone = compare(place, "good", "poor")
    assert [side["model"] for side in outcome["sides"]] == [
        "replay:good.jsonl",
        "replay:poor.jsonl",
    ]
    assert outcome["pairs"] == alone["pairs"]


def test_one_model_of_a_run_is_named_after_a_colon(place: Site) -> None:
    outcome = compare(place, "both:replay:good.jsonl", "poor")
    assert [side["run_id"] for side in outcome["sides"]][1] == "poor"
    assert len(outcome["pairs"]) == 1


def test_three_sides_make_three_pairs_or_two_against_a_baseline(place: Site) -> None:
    everything = compare(place, "good", "poor", "asked_otherwise")
    assert [(pair["a"], pair["b"]) for pair in everything["pairs"]] == [
        ("A", "B"),
        ("A", "C"),
        ("B", "C"),
    ]
    against = compare(place, "poor", "asked_otherwise", "good", baseline="good")
    assert [(pair["a"], pair["b"]) for pair in against["pairs"]] == [("A", "C"), ("B", "C")]
    assert against["sides"][2]["run_id"] == "good"


def test_equal_sides_cannot_be_told_apart(place: Site) -> None:
    (pair,) = compare(place, "good", "both:replay:good.jsonl")["pairs"]
    assert {one["verdict"] for one in pair["datasets"]} == {"unclear"}
    assert all(one["interval"][0] < 0 < one["interval"][1] for one in pair["datasets"])
    assert pair["warnings"] == []


def test_other_prompts_seeds_and_sampling_are_warned_about(place: Site) -> None:
    (pair,) = compare(place, "good", "asked_otherwise")["pairs"]
    assert pair["warnings"] == [
        "seed: 0 against 7",
        "families: sampling temperature: 0.0 against 0.5",
        "quiz: sampling temperature: 0.0 against 0.5",
        "quiz: 60 of 60 shared samples were asked with another prompt",
    ]


def test_other_versions_data_and_engines_are_warned_about(copied: Site) -> None:
    path = copied.folder / "runs" / "poor" / "manifest.json"
    manifest = json.loads(path.read_text())
    (model,) = manifest["plan"]["models"]
    model["options"]["chat"] = "never"
    model["datasets"][1].update(content_hash="0" * 64, shots=["a", "b"], repeats=4)
    model["datasets"][1]["scorers"]["toy_match"]["version"] = "2"
    manifest["libraries"]["sympy"] = "0.1"
    manifest["plugins"]["evalctl-quiz"] = "9.9"
    edit(path, **manifest)
    (pair,) = compare(copied, "good", "poor")["pairs"]
    text = "\n".join(pair["warnings"])
    assert "engine option chat: auto against never" in text
    assert "version of evalctl-quiz: 1.2.3 against 9.9" in text
    assert "version of sympy: " in text
    assert "quiz: the data differ (hash " in text
    assert "quiz: worked examples: none against 2 (a, b)" in text
    assert "quiz: completions per sample: 1 against 4" in text
    assert "quiz: scorer toy_match version: 1 against 2" in text


def planned_otherwise(site: Site, repeats: int, metrics: dict[str, Any]) -> list[str]:
    """Return what is warned about where `poor` was planned with other repeats and metrics."""
    path = site.folder / "runs" / "poor" / "manifest.json"
    plan = json.loads(path.read_text())["plan"]
    quiz = plan["models"][0]["datasets"][1]
    quiz["repeats"] = repeats
    quiz["scorers"]["toy_match"]["metrics"].update(metrics)
    edit(path, plan=plan)
    (pair,) = compare(site, "good", "poor")["pairs"]
    warnings: list[str] = pair["warnings"]
    return warnings


def test_metrics_that_repeats_make_are_no_difference_of_their_own(copied: Site) -> None:
    made = {"toy_accuracy_avg@4": {"title": "mean of 4", "upper": 1.0}}
    assert planned_otherwise(copied, 4, made) == ["quiz: completions per sample: 1 against 4"]


def test_metrics_that_differ_are_named_by_what_differs(copied: Site) -> None:
    metrics = {"toy_accuracy": {"title": "share of right toys", "upper": 2.0}, "more": {}}
    told = planned_otherwise(copied, 1, metrics)
    assert "quiz: scorer toy_match metrics more: none against there" in told
    assert "quiz: scorer toy_match metrics toy_accuracy upper: 1.0 against 2.0" in told


def test_samples_of_one_side_and_without_a_value_are_left_out_and_counted(copied: Site) -> None:
    (path,) = (copied.folder / "runs" / "poor" / "samples").rglob("quiz.jsonl")
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    lines.sort(key=lambda line: int(line["sample_id"]))
    lines[10]["metrics"]["toy_accuracy"] = None
    kept = [json.dumps(line) + "\n" for line in lines[:50]]
    path.write_text("".join(kept) + '{"dataset": "quiz", "sam')  # and a torn last line
    (pair,) = compare(copied, "good", "poor")["pairs"]
    quiz = pair["datasets"][1]
    assert (quiz["n_shared"], quiz["n_only_a"], quiz["n_only_b"]) == (49, 10, 0)
    assert quiz["n_unscored"] == 1
    assert quiz["value_a"] == pytest.approx(44 / 49)


def test_the_values_of_a_judges_verdicts_are_compared_like_any_other(copied: Site) -> None:
    before = compare(copied, "good", "poor")
    for path in (copied.folder / "runs").glob("*/samples/*/quiz.jsonl"):
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        said = {"scorer": "toy_match", "judge": "j", "rubric_version": "1", "scores": []}
        judged = [
            {key: line[key] for key in ("dataset", "sample_id", "metrics")}
            | {"verdicts": ["good"], **said}
            for line in lines
        ]
        path.write_text("".join(json.dumps(line | {"metrics": {}}) + "\n" for line in lines))
        place = path.parents[2] / "judged" / path.parent.name / path.name
        place.parent.mkdir(parents=True)
        place.write_text("".join(json.dumps(line) + "\n" for line in judged))
    assert compare(copied, "good", "poor") == before


def test_the_order_of_lines_changes_nothing(copied: Site) -> None:
    before = compare(copied, "good", "poor")
    for path in (copied.folder / "runs" / "poor" / "samples").rglob("*.jsonl"):
        path.write_text("".join(reversed(path.read_text().splitlines(keepends=True))))
    assert compare(copied, "good", "poor") == before


def test_an_incomplete_run_is_named_as_such(copied: Site) -> None:
    edit(copied.folder / "runs" / "poor" / "summary.json", status="interrupted")
    outcome = compare(copied, "good", "poor")
    assert outcome["notices"] == ["B is incomplete: its run is interrupted"]
    assert outcome["sides"][1]["status"] == "interrupted"


def test_a_run_that_was_resumed_after_changes_is_named_as_such(copied: Site) -> None:
    changes = ["plugin evalctl-quiz: 1.2.3 → 9.9"]
    resumed = [{"at": "2026-01-01T00:00:00+00:00", "command": [], "changes": changes}]
    edit(copied.folder / "runs" / "poor" / "manifest.json", resumed=resumed)
    told = f"B was resumed after changes: {changes[0]}"
    assert compare(copied, "good", "poor")["notices"] == [told]


def test_the_table_is_readable_in_a_narrow_pipe(place: Site) -> None:
    done = place.run("compare", "good", "poor", environment={"COLUMNS": "80"})
    assert done.returncode == 0, done.stderr
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "\x1b" not in done.stdout
    assert "A is better than B on quiz by 25.0 points" in done.stdout
    assert "quiz: A alone right on 15, B alone on 0" in done.stdout
    narrow = place.run("compare", "good", "poor", environment={"COLUMNS": "40"})
    assert "quiz: A 91.7, B 66.7, difference +25.0" in " ".join(narrow.stdout.split())


def test_a_verdict_on_a_category_of_one_dataset_is_told_once(copied: Site) -> None:
    for path in (copied.folder / "runs").glob("*/samples/*/families.jsonl"):
        path.unlink()
    done = copied.run("compare", "good", "poor")
    assert done.stdout.count("A is better than B on") == 1
    assert "A is better than B on quizzes by 25.0 points" in done.stdout


def test_the_baseline_is_marked(place: Site) -> None:
    assert compare(place, "poor", baseline="good")["baseline"] == "B"
    shown = place.run("compare", "poor", "--baseline", "good").stdout.splitlines()
    assert [line.split()[-1] for line in shown[:2]] == ["poor", "baseline"]


def test_names_in_a_run_folder_cannot_steer_the_terminal(copied: Site) -> None:
    path = copied.folder / "runs" / "poor" / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["libraries"]["sympy"] = "\x1b[2J[bold]1"
    edit(path, **manifest)
    done = copied.run("compare", "good", "poor")
    assert "\x1b" not in done.stdout
    assert "[bold]1" in done.stdout


def test_the_json_form_is_as_its_schema_says(place: Site) -> None:
    schema = json.loads((SCHEMAS / "comparison.schema.json").read_text())
    done = place.run("compare", "good", "poor", "--metric", "toy_accuracy", "--json")
    assert json.loads(done.stdout) == compare(place, "good", "poor")
    Draft202012Validator(schema).validate(json.loads(done.stdout))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("good",), "good has one model alone; name another run"),
        (("good", "good"), "given twice"),
        (("good", "nowhere"), "no run 'nowhere' here or in runs. The newest there: poor"),
        (("both:replay:godo.jsonl", "poor"), "Did you mean replay:good.jsonl"),
        (("good", "poor", "--metric", "toy_acuracy"), "Did you mean toy_accuracy"),
        (("good", "poor", "--baseline", "both"), "name one: both:replay:good.jsonl"),
        (("good", "--baseline", "good"), "good has one model alone"),
    ],
)
def test_a_mistake_on_the_command_line_is_refused(
    place: Site, arguments: tuple[str, ...], message: str
) -> None:
    done = place.run("compare", *arguments)
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert message in " ".join(done.stderr.split())


def test_runs_without_a_sample_in_common_are_refused(copied: Site) -> None:
    for path in (copied.folder / "runs" / "poor" / "samples").rglob("*.jsonl"):
        path.write_text(path.read_text().replace('"sample_id":"', '"sample_id":"other-'))
    message = refusal(copied, "good", "poor")
    assert "no scored sample in common: good has the datasets families, quiz" in message
    assert "quiz: no sample in common." in message


def test_a_run_that_lacks_a_planned_model_is_not_taken_for_one_of_one_model(copied: Site) -> None:
    path = copied.folder / "runs" / "both" / "summary.json"
    edit(path, models=json.loads(path.read_text())["models"][:1])
    told = "replay:poor.jsonl of run both: planned, but without a result; to go on: evalctl run"
    assert f"{told} --resume {path.parent}, or name another" in refusal(copied, "both")
    assert told in refusal(copied, "good", "both:replay:poor.jsonl")


def test_a_run_without_a_summary_is_refused(copied: Site) -> None:
    (copied.folder / "runs" / "poor" / "summary.json").unlink()
    assert "summary.json is missing: the run did not end" in refusal(copied, "good", "poor")


def test_a_run_of_another_version_is_refused(copied: Site) -> None:
    path = copied.folder / "runs" / "poor" / "manifest.json"
    path.write_text(path.read_text().replace('"schema_version": 1', '"schema_version": 99'))
    assert "schema version 99; this evalctl reads version 1" in refusal(copied, "good", "poor")


def test_an_edited_manifest_is_refused(copied: Site) -> None:
    path = copied.folder / "runs" / "poor" / "manifest.json"
    path.write_text(path.read_text().replace('"seed": 0', '"seed": 1', 1))
    assert "manifest.json was edited" in refusal(copied, "good", "poor")


@pytest.mark.parametrize("plan", [{}, {"categories": [], "models": [{"model": 3}]}])
def test_a_plan_of_another_form_is_refused(copied: Site, plan: dict[str, Any]) -> None:
    edit(copied.folder / "runs" / "poor" / "manifest.json", plan=plan)
    assert "manifest.json: plan." in refusal(copied, "good", "poor")


def test_an_edited_summary_is_refused(copied: Site) -> None:
    path = copied.folder / "runs" / "poor" / "summary.json"
    summary = json.loads(path.read_text())
    summary["models"][0]["datasets"][0]["metrics"] = []
    path.write_text(json.dumps(summary))
    assert "summary.json was edited" in refusal(copied, "good", "poor")
    edit(path, models=summary["models"])
    assert "does not begin with its headline metric" in refusal(copied, "good", "poor")


def test_samples_that_were_taken_out_are_noticed(place: Site, tmp_path: Path) -> None:
    shutil.copytree(place.folder / "runs", tmp_path / "runs")
    site = Site(tmp_path)
    (path,) = (site.folder / "runs" / "poor" / "samples").rglob("quiz.jsonl")
    path.write_text("".join(path.read_text().splitlines(keepends=True)[1:]))
    said = refusal(site, "good", "poor")
    assert "quiz.jsonl was edited after it was written" in said
    assert "evalctl score poor" in said


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda lines: [*lines, lines[0]], "stands there twice"),
        (lambda lines: ["{}\n", *lines], "quiz.jsonl:1 is damaged"),
        (lambda lines: ["\x00\n", *lines], "quiz.jsonl:1 is damaged"),
        (
            lambda lines: [line.replace('_accuracy":1.0', '_accuracy":NaN') for line in lines],
            "finite number",
        ),
    ],
)
def test_damaged_samples_are_refused(copied: Site, spoil: Spoil, message: str) -> None:
    (path,) = (copied.folder / "runs" / "poor" / "samples").rglob("quiz.jsonl")
    path.write_text("".join(spoil(path.read_text().splitlines(keepends=True))))
    assert message in refusal(copied, "good", "poor")
