"""A third party adds a dataset, a model and a scorer to `math`, as `docs/extending.md` has it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import Site
from tests.market import dataset_of, furnish, install, ran, uninstall, values
from tests.test_docs import blocks

from evalctl.exporting import FORMATS, ExportOptions, ExportSource, export
from evalctl.store import RunFolder

LISTING = """
import json
from evalctl.cli import gather
from evalctl.plugins import load

registry = load().registry
rows = {
    "categories": gather.category_rows(registry),
    "models": gather.model_rows(registry, None),
    "datasets": gather.dataset_rows(registry, None, ()),
    "metrics": gather.metric_rows(registry, None),
    "engines": gather.engine_rows(registry),
    "executors": (
        {key: row[key] for key in row if key not in ("is_usable", "problem", "note")}
        for row in gather.executor_rows(registry)  # whether they work changes with the hour
    ),
}
print(json.dumps({kind: {row["name"]: row for row in found} for kind, found in rows.items()}))
"""
"""What `evalctl list KIND --json` prints of all kinds, by name."""
BY = {"plugin": "market", "distribution": "evalctl-market", "distribution_version": "1.2.3"}


def listed(site: Site) -> dict[str, Any]:
    done = site.python(LISTING)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site without the plugin: a run, `before`, was made there."""
    return furnish(Site(tmp_path_factory.mktemp("site")))


@pytest.fixture(scope="module")
def listings(place: Site) -> dict[str, dict[str, Any]]:
    """What is listed before the plugin is installed, while it is, and afterwards."""
    found = {"before": listed(place)}
    install(place)
    found["with"] = listed(place)
    uninstall(place)
    found["after"] = listed(place)
    return found


@pytest.fixture(scope="module")
def summaries(listings: object, place: Site) -> dict[str, dict[str, Any]]:
    """Two runs of the same outputs, `before` and `with` the plugin; it is installed since."""
    found = {"before": ran(place, "before", "--dataset", "gsm8k")}
    install(place)
    found["with"] = ran(place, "with", "-d", "gsm8k", "-d", "market_sums")
    return found


def test_the_plugin_of_the_page_keeps_the_rules(site: Site) -> None:
    for name, text in blocks("extending.md").items():
        path = site.folder / "evalctl-market" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    done = site.run("plugins", "check", str(site.folder / "evalctl-market"))

    assert done.returncode == 0, done.stdout


def test_category_lists_what_was_added_and_by_whom(listings: dict[str, dict[str, Any]]) -> None:
    row = listings["with"]["categories"]["math"]
    added = [one for one in row["added"] if one["plugin"] == "market"]

    assert row["plugin"] == "math"
    assert added == [
        {"kind": "model", "name": "qwen25_05b", "dataset": None, **BY},
        {"kind": "dataset", "name": "market_sums", "dataset": None, **BY},
        {"kind": "scorer", "name": "boxed_answer", "dataset": "gsm8k", **BY},
        {"kind": "scorer", "name": "boxed_answer", "dataset": "math", **BY},
        {"kind": "scorer", "name": "boxed_answer", "dataset": "math_sample", **BY},
    ]


@pytest.mark.parametrize(
    ("kind", "name"),
    [("models", "qwen25_05b"), ("datasets", "market_sums"), ("metrics", "boxed_answer")],
)
def test_what_was_added_names_its_plugin(
    listings: dict[str, dict[str, Any]], kind: str, name: str
) -> None:
    row = listings["with"][kind][name]

    assert {key: row[key] for key in BY} == BY
    assert name not in listings["before"][kind]


def test_dataset_lists_its_added_scorers(listings: dict[str, dict[str, Any]]) -> None:
    rows = listings["with"]["datasets"]

    assert rows["gsm8k"]["plugin"] == "math"
    assert [one["name"] for one in rows["gsm8k"]["added_scorers"]] == ["boxed_answer"]
    assert "boxed_answer" in rows["gsm8k"]["metrics"]
    assert rows["minerva_math"]["added_scorers"] == []


def test_what_was_there_is_listed_as_before(listings: dict[str, dict[str, Any]]) -> None:
    before, now = listings["before"], listings["with"]

    assert now["engines"] == before["engines"]
    assert now["executors"] == before["executors"]
    for name in ("headline", "role", "version", "plugin"):
        assert now["datasets"]["gsm8k"][name] == before["datasets"]["gsm8k"][name]
    assert now["categories"]["coding"] == before["categories"]["coding"]


def test_uninstalling_leaves_everything_as_before(listings: dict[str, dict[str, Any]]) -> None:
    assert listings["after"] == listings["before"]


TABLES = {
    ("categories",): "math: model qwen25_05b; dataset market_sums; scorer boxed_answer of gsm8k,",
    ("datasets", "-c", "math"): "+ boxed_answer by market",
    ("models", "-c", "math"): "by market",
    ("metrics", "-c", "math"): "by market: evalctl-market 1.2.3",
}


@pytest.mark.parametrize("arguments", TABLES, ids=lambda arguments: arguments[0])
def test_tables_mark_what_was_added_within_80_columns(
    summaries: object, place: Site, arguments: tuple[str, ...]
) -> None:
    shown = place.run("list", *arguments).stdout

    assert TABLES[arguments] in shown
    assert "evalctl-market 1.2.3" in shown
    assert "evalctl-math" not in shown
    assert max(len(line) for line in shown.splitlines()) <= 80


def test_added_metric_stands_behind_the_datasets_own(summaries: dict[str, dict[str, Any]]) -> None:
    before, now = (dataset_of(summaries[name]) for name in ("before", "with"))

    assert now["metrics"][:-1] == before["metrics"]
    assert now["metrics"][-1]["name"] == "boxed_answer"
    assert now["metrics"][-1]["value"] == pytest.approx(2 / 3)
    assert now["headline"] == before["headline"] == "numerical_accuracy"
    (added,) = now["added"]
    assert (added["scorer"], added["plugin"], added["version"]) == (
        "boxed_answer",
        "market",
        "1.2.3",
    )


def test_category_score_is_what_it_was(summaries: dict[str, dict[str, Any]]) -> None:
    before, now = (summaries[name]["models"][0]["categories"] for name in ("before", "with"))

    assert now == before


def test_added_dataset_is_scored_by_its_own_scorer(summaries: dict[str, dict[str, Any]]) -> None:
    assert values(dataset_of(summaries["with"], "market_sums")) == {"right_change": 0.5}


def test_table_marks_the_added_metric_and_says_whose_it_is(summaries: object, place: Site) -> None:
    shown = place.run("show", "with").stdout

    assert "\n+ boxed_answer " in shown
    assert "\n  numerical_accuracy " in shown
    assert "+ boxed_answer: added by market (evalctl-market 1.2.3)" in shown


def test_manifest_names_the_plugin_of_everything_that_took_part(
    summaries: object, place: Site
) -> None:
    before, now = (
        RunFolder(place.folder / "runs" / name).manifest() for name in ("before", "with")
    )

    assert {(part.kind, part.name, part.plugin) for part in before.parts} == {
        ("category", "math", "math"),
        ("dataset", "gsm8k", "math"),
        ("engine", "replay", "engines"),
    }
    assert {
        (part.kind, part.name, part.dataset) for part in now.parts if part.plugin == "market"
    } == {
        ("scorer", "boxed_answer", "gsm8k"),
        ("dataset", "market_sums", ""),
    }
    assert now.plugins["evalctl-market"] == "1.2.3"
    assert before.plugins.keys() == {"evalctl", "evalctl-math"}


def test_runs_with_and_without_are_compared_as_if_it_were_not_there(
    summaries: object, place: Site
) -> None:
    compared = json.loads(place.run("compare", "before", "with", "--json").stdout)

    (pair,) = compared["pairs"]
    assert [one["dataset"] for one in pair["datasets"]] == ["gsm8k"]
    assert pair["warnings"] == []


def test_comparing_an_added_metric_says_which_run_lacks_it(summaries: object, place: Site) -> None:
    done = place.run("compare", "before", "with", "--metric", "boxed_answer", "--json")

    (pair,) = json.loads(done.stdout)["pairs"]
    assert "gsm8k: scorer boxed_answer: none against there" in pair["warnings"]
    assert any("before has no boxed_answer; `evalctl score" in text for text in pair["warnings"])


def test_gate_holds_an_added_metric_where_the_run_has_it(summaries: object, place: Site) -> None:
    rule = "datasets: {gsm8k: {metrics: {boxed_answer: {floor: {at_least: 0.6}}}}}\n"
    (place.folder / "policy.yaml").write_text(rule)

    assert place.run("gate", "with", "--policy", "policy.yaml").returncode == 0
    refused = place.run("gate", "before", "--policy", "policy.yaml")
    assert refused.returncode == 2
    assert "unknown metric of gsm8k 'boxed_answer'" in refused.stderr


def test_run_with_an_added_scorer_is_exported_in_every_form(
    summaries: object, place: Site, tmp_path: Path
) -> None:
    source = ExportSource.read(RunFolder(place.folder / "runs" / "with"), None)

    for name, form in FORMATS.items():
        export(source, form, tmp_path / name, ExportOptions())

    lines = [json.loads(line) for line in (tmp_path / "jsonl").read_text().splitlines()]
    assert [
        line["metrics"].get("boxed_answer") for line in lines if line["dataset"] == "gsm8k"
    ] == [
        1.0,
        0.0,
        1.0,
    ]


def test_stored_answers_are_scored_by_the_added_scorer(
    summaries: dict[str, dict[str, Any]], place: Site
) -> None:
    done = place.run("score", "before", "--out", "runs", "--json")

    summary = json.loads(done.stdout)
    assert done.returncode == 0
    assert summary["rescored"]["boxed_answer"] == {"then": None, "now": "1"}
    assert values(dataset_of(summary)) == values(dataset_of(summaries["with"]))


@pytest.mark.parametrize("command", [("run", "--resume"), ("rerun",)])
def test_run_that_was_begun_without_it_is_not_gone_on_with(
    summaries: object, place: Site, command: tuple[str, ...]
) -> None:
    refused = place.run(*command, "before")

    assert refused.returncode == 2
    assert "scorers boxed_answer was not there before" in refused.stderr
    assert "plugin evalctl-market: nothing → 1.2.3" in refused.stderr


def test_accepted_changes_leave_unscored_what_was_there(summaries: object, site: Site) -> None:
    furnish(site)
    path = site.folder / "outputs.jsonl"
    whole = path.read_text()
    path.write_text("".join(whole.splitlines(keepends=True)[:2]))
    ran(site, "part", "-d", "gsm8k", "--max-errors", "1")
    path.write_text(whole)
    install(site)

    done = site.run("run", "--resume", "part", "--accept-changes", "--json")

    assert done.returncode == 0, done.stderr
    dataset = dataset_of(json.loads(done.stdout))
    assert {metric["name"]: metric["n_scored"] for metric in dataset["metrics"]} == {
        "numerical_accuracy": 3,
        "lm_eval_strict": 3,
        "lm_eval_flexible": 3,
        "step_by_step_reasoning": 0,
        "proof_correctness": 0,
        "boxed_answer": 1,
    }
