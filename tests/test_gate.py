"""`evalctl gate` from end to end, on real run folders."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from tests.commands import Commands
from tests.conftest import Site
from tests.quizzes import add_quizzes, edit, record, run

from evalctl.cli.completing import answer_lines
from evalctl.comparing import hold_against, open_side
from evalctl.comparisons import GateCheck, GateResult
from evalctl.errors import UsageError

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, commands: Commands) -> Site:
    """Runs: `before` misses 10 of 60, `same` misses as many others, `worse` 30; `both` has two."""
    site = Site(tmp_path_factory.mktemp("site"), commands)
    add_quizzes(site)
    for name, missed in (("before", range(10)), ("same", range(1, 11)), ("worse", range(30))):
        record(site, name, {"quiz": missed, "families": missed})
        run(site, name)
    run(site, "both", "--model", "replay:same.jsonl", "--model", "replay:worse.jsonl")
    return site


@pytest.fixture
def copied(place: Site, tmp_path: Path) -> Site:
    """A copy of the runs, to be spoilt, without the checkpoints by which that would show."""
    without = shutil.ignore_patterns("checkpoints")
    shutil.copytree(place.folder / "runs", tmp_path / "runs", ignore=without)
    return Site(tmp_path, place.commands)


def hold(site: Site, policy: str, name: str, *, baseline: str | None = None) -> GateResult:
    """Hold a run against a policy in this process."""
    path = site.folder / "policy.yaml"
    path.write_text(policy)
    out = site.folder / "runs"
    reference = open_side(baseline, out) if baseline else ()
    return hold_against(open_side(name, out), path, baseline=reference)


def only(result: GateResult, rule: str) -> GateCheck:
    (check,) = [check for check in result.checks if check.rule == rule]
    return check


def refusal(site: Site, policy: str, name: str = "same", *, baseline: str | None = None) -> str:
    with pytest.raises(UsageError) as caught:
        hold(site, policy, name, baseline=baseline)
    return str(caught.value)


@pytest.mark.parametrize(
    ("floor", "passed"),
    [
        ("{at_least: 0.83}", True),
        ("{at_least: 0.84}", False),
        ("{at_least: 0.71, holds_for: lower_bound}", True),
        ("{at_least: 0.72, holds_for: lower_bound}", False),
    ],
)
def test_a_floor_holds_for_the_value_or_for_its_lower_bound(
    place: Site, floor: str, passed: bool
) -> None:
    check = only(hold(place, f"datasets: {{quiz: {{floor: {floor}}}}}", "same"), "floor")
    assert check.passed is passed
    assert check.words.startswith("dataset quiz: 83.3 %")
    assert check.source.endswith("policy.yaml:1")


def test_a_floor_of_a_category_and_of_another_metric(place: Site) -> None:
    policy = """
    categories: {quizzes: {floor: {at_least: 0.5}}}
    datasets: {quiz: {metrics: {toy_accuracy: {floor: {at_least: 0.9}}}}}
    """
    result = hold(place, policy, "same")
    floors = [(c.subject, c.passed) for c in result.checks if c.rule == "floor"]
    assert floors == [("category quizzes", True), ("dataset quiz:toy_accuracy", False)]
    assert not result.passed


def test_a_regression_is_ruled_out_cannot_be_ruled_out_or_is_seen(place: Site) -> None:
    policy = "datasets: {quiz: {regression: {beyond: 0.15}}}"
    near = only(hold(place, policy, "same", baseline="before"), "regression")
    assert near.passed
    assert "+0.0 points against the baseline on 60 shared samples (90 % interval" in near.words
    assert near.words.endswith("a fall beyond 15.0 points at level 0.05 is ruled out")
    strict = "datasets: {quiz: {regression: {beyond: 0.01}}}"
    unsure = only(hold(place, strict, "same", baseline="before"), "regression")
    assert not unsure.passed
    assert unsure.words.endswith("cannot be ruled out")
    fallen = only(hold(place, policy, "worse", baseline="before"), "regression")
    assert not fallen.passed
    assert fallen.words.endswith("it fell by more than 15.0 points at level 0.05")


def test_the_level_of_a_regression_decides_its_interval(place: Site) -> None:
    at_ten, at_one = (
        only(hold(place, policy, "same", baseline="before"), "regression")
        for policy in (
            "categories: {quizzes: {regression: {beyond: 0.1, level: 0.1}}}",
            "categories: {quizzes: {regression: {beyond: 0.1, level: 0.01}}}",
        )
    )
    assert "80 % interval" in at_ten.words
    assert "98 % interval" in at_one.words
    assert (at_one.seen or 0) < (at_ten.seen or 0) < 0


def test_a_category_is_not_judged_by_a_part_of_its_datasets(copied: Site) -> None:
    for path in (copied.folder / "runs" / "before" / "samples").rglob("families.jsonl"):
        path.unlink()
    policy = "categories: {quizzes: {regression: {beyond: 0.5}}}"
    check = only(hold(copied, policy, "same", baseline="before"), "regression")
    assert not check.passed
    assert "not both runs have samples of families" in check.words


def test_no_shared_sample_rules_no_regression_out(copied: Site) -> None:
    for path in (copied.folder / "runs" / "before" / "samples").rglob("quiz.jsonl"):
        path.unlink()
    policy = "datasets: {quiz: {regression: {beyond: 0.5}}}"
    check = only(hold(copied, policy, "same", baseline="before"), "regression")
    assert (check.passed, check.seen) == (False, None)
    assert "no scored sample in common" in check.words


def spoil_summary(site: Site, **changes: object) -> None:
    """Change the result of `same` on `quiz` as if things had gone wrong there."""
    path = site.folder / "runs" / "same" / "summary.json"
    summary = json.loads(path.read_text())
    results = {result["dataset"]: result for result in summary["models"][0]["datasets"]}
    results["quiz"]["metrics"][0].update(changes)
    results["quiz"]["failures"] = {"engine": 12, "scorer": 3}
    edit(path, models=summary["models"])


@pytest.mark.parametrize(
    ("limit", "passed", "words"),
    [
        ("unparsed: 0.25", True, "12 of 48 answered samples unparsed (25.0 %)"),
        ("unparsed: 0.24", False, "at most 24.0 % may be"),
        ("cut_off: 0.5", True, "24 of 48 answered samples cut off (50.0 %)"),
        ("cut_off: 0.4", False, "at most 40.0 % may be"),
        ("failed: 0.25", True, "15 of 60 planned samples failed on our side (25.0 %)"),
        ("failed: 0", False, "at most 0.0 % may be"),
        ("not_scored: 0.25", True, "15 of 60 planned samples not scored (25.0 %)"),
        ("not_scored: 0.2", False, "at most 20.0 % may be"),
        ("samples: 45", True, "45 samples scored; at least 45 are needed"),
        ("samples: 46", False, "45 samples scored; at least 46 are needed"),
    ],
)
def test_limits_on_what_went_wrong(copied: Site, limit: str, passed: bool, words: str) -> None:
    spoil_summary(copied, n_unparsed=12, n_truncated=24, n_scored=45)
    check = only(hold(copied, f"datasets: {{quiz: {{{limit}}}}}", "same"), limit.partition(":")[0])
    assert check.passed is passed
    assert words in check.words


def test_a_datasets_own_limit_replaces_that_of_every_dataset(place: Site) -> None:
    policy = "every_dataset: {samples: 61, failed: 0}\ndatasets: {quiz: {samples: 60}}"
    result = hold(place, policy, "same")
    found = [(c.rule, c.subject, c.passed, c.source[-2:]) for c in result.checks[1:]]
    assert found == [
        ("samples", "dataset families", False, ":1"),
        ("failed", "dataset families", True, ":1"),
        ("samples", "dataset quiz", True, ":2"),
        ("failed", "dataset quiz", True, ":1"),
    ]


def test_an_interrupted_run_fails_unless_it_may_be_incomplete(copied: Site) -> None:
    edit(copied.folder / "runs" / "same" / "summary.json", status="interrupted")
    policy = "datasets: {quiz: {samples: 1}}"
    result = hold(copied, policy, "same")
    assert not result.passed
    assert only(result, "complete").words.startswith("the run is interrupted: 120 of 120 samples")
    assert hold(copied, f"allow_incomplete: true\n{policy}", "same").passed


def test_every_model_of_a_run_must_hold_against_the_one_of_its_name(place: Site) -> None:
    policy = "datasets: {quiz: {regression: {beyond: 0.2}}}"
    alone = hold(place, policy, "both", baseline="before")
    assert [check.passed for check in alone.checks if check.rule == "regression"] == [True, False]
    assert hold(place, policy, "both", baseline="both").passed
    assert hold(place, policy, "both:replay:same.jsonl", baseline="before").passed
    message = refusal(place, policy, "before", baseline="both")
    assert "has no model 'replay:before.jsonl'" in message


def test_a_planned_model_without_a_result_fails_unless_another_is_meant(copied: Site) -> None:
    path = copied.folder / "runs" / "both" / "summary.json"
    edit(path, models=json.loads(path.read_text())["models"][:1])
    policy = "allow_incomplete: true\ndatasets: {quiz: {samples: 1}}"
    result = hold(copied, policy, "both")
    assert not result.passed
    lacking = only(result, "complete")
    assert (lacking.model, lacking.seen) == ("replay:worse.jsonl", None)
    assert "replay:worse.jsonl of run both: planned, but without a result" in lacking.words
    assert f"evalctl run --resume {path.parent}" in lacking.words
    alone = hold(copied, policy, "both:replay:same.jsonl")
    assert alone.passed
    told = "replay:worse.jsonl was planned and has no result: it was not checked"
    assert alone.notices == (told,)


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ("", "checks nothing"),
        ("allow_incomplete: true", "checks nothing"),
        ("datasets: {quiz: {}}", "checks nothing"),
        ("every_dataset: {unparsed: }", "policy.yaml:1: every_dataset: unparsed has no value"),
        ("- floor", "a mapping is needed, with keys allow_incomplete"),
        ("dataset: {}", "policy.yaml:1: dataset: unknown key; did you mean datasets?"),
        (
            "datasets:\n  quiz: {flor: {}}",
            ":2: datasets.quiz.flor: unknown key; did you mean floor",
        ),
        (
            "datasets:\n  quiz:\n    floor: {at_lest: 1}",
            ":3: datasets.quiz.floor.at_lest: unknown key; did you mean at_least",
        ),
        (
            "datasets: {quiz: {floor: 0.75}}",
            "policy.yaml:1: datasets.quiz.floor: write it as {at_least: 0.75}; known: at_least",
        ),
        ("datasets: {quiz: {floor: high}}", "a mapping is needed, with keys at_least, holds_for"),
        ("datasets: [quiz]", "datasets: a mapping is needed (given: ['quiz'])"),
        (
            "datasets:\n  quiz:\n    floor:\n      at_least: 75",
            ":4: a floor of 75 for quiz, which is from 0 to 1; figures are shares: 0.75 is 75 %",
        ),
        ("datasets: {quiz: {metrics: {toy_accuracy: {floor: {at_least: -0.1}}}}}", "from 0 to 1"),
        ("categories: {quizzes: {floor: {at_least: 75}}}", "for quizzes, which is from 0 to 1"),
        ("datasets: {quiz: {samples: 0}}", "greater than or equal to 1 (given: 0)"),
        ("datasets: {quiz: {unparsed: 2}}", "less than or equal to 1 (given: 2)"),
        ("datasets: {quiz: {unparsed: .nan}}", "given: nan"),
        ("datasets: {quiz: {unparsed: '0.1'}}", "given: '0.1'"),
        ("datasets: {quiz: {floor: {at_least: yes}}}", "given: True"),
        ("datasets: {quiz: {regression: {beyond: 0.1, level: 0.5}}}", "less than 0.5"),
        ("datasets: {quiz: {samples: 1}, quiz: {samples: 2}}", "stands here again"),
        ("datasets: {quiz: !!python/name:os.system {}}", "not valid YAML"),
        ("datasets: &a {quiz: *a}", "an alias within what it stands for"),
        ("datasets: {quizz: {samples: 1}}", ":1: unknown dataset 'quizz'. Did you mean quiz"),
        (
            "categories:\n  quizes: {floor: {at_least: 1}}",
            ":2: unknown category 'quizes'. Did you mean quizzes",
        ),
        (
            "datasets:\n  quiz:\n    metrics:\n      accuracy: {floor: {at_least: 1}}",
            ":4: unknown metric of quiz 'accuracy'. Did you mean toy_accuracy",
        ),
        ("datasets: {quiz: {regression: {beyond: 0.1}}}", "--baseline RUN"),
    ],
)
def test_a_policy_that_cannot_be_meant_is_refused(place: Site, policy: str, message: str) -> None:
    assert message in refusal(place, policy)


def test_a_yaml_bomb_is_refused(place: Site) -> None:
    lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert "aliases stand for more than" in refusal(place, "\n".join(lines))


def test_a_baseline_that_nothing_is_compared_with_is_refused(place: Site) -> None:
    policy = "datasets: {quiz: {samples: 1}}"
    assert "no rule `regression`" in refusal(place, policy, baseline="before")


def test_the_exit_code_tells_passed_from_failed_from_mistaken(place: Site) -> None:
    policy = place.folder / "policy.yaml"
    policy.write_text("datasets:\n  quiz:\n    regression: {beyond: 0.15}\n")
    common = ("--policy", "policy.yaml", "--baseline", "before")
    passed, failed = place.run("gate", "same", *common), place.run("gate", "worse", *common)
    mistaken = place.run("gate", "same", "--policy", "absent.yaml")
    assert (passed.returncode, failed.returncode, mistaken.returncode) == (0, 1, 2)
    assert passed.stdout.endswith("gate passed: 2 checks\n")
    assert re.search(r"^FAILED dataset quiz: -33.3 points .*:3\]$", failed.stdout, re.MULTILINE)
    assert failed.stdout.endswith("gate failed: 1 of 2 checks did not hold\n")
    assert "policy absent.yaml cannot be read" in mistaken.stderr
    assert "Traceback" not in mistaken.stderr


def test_the_json_form_is_as_its_schema_says(place: Site) -> None:
    (place.folder / "policy.yaml").write_text("every_dataset: {samples: 100}")
    done = place.run("gate", "both", "--policy", "policy.yaml", "--json")
    schema = json.loads((ROOT / "docs" / "schemas" / "gate.schema.json").read_text())
    Draft202012Validator(schema).validate(json.loads(done.stdout))
    assert done.returncode == 1
    assert [check["passed"] for check in json.loads(done.stdout)["checks"]] == [
        True,
        False,
        False,
    ] * 2


def test_completion_knows_the_models_and_metrics_of_runs(place: Site) -> None:
    out = ("--out", str(place.folder / "runs"))
    models = ["replay:same.jsonl\t", "replay:worse.jsonl\t"]
    sides = [f"both:{model}" for model in models]
    assert answer_lines("zsh", "both:", "compare", *out) == ["folders", *sides]
    assert answer_lines("fish", "both:replay:w", "gate", *out) == ["folders", sides[1]]
    assert answer_lines("bash", f"evalctl compare {' '.join(out)} both:replay:w", "w") == [
        "folders",
        "worse.jsonl",
    ]
    assert answer_lines("zsh", "", "export", "both", *out, "--model") == ["nothing", *models]
    _, metric = answer_lines("zsh", "", "compare", "same", *out, "--metric")
    assert metric.startswith("toy_accuracy\tof ")
