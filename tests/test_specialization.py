"""`evalctl specialization` on real run folders, and what a weight decides elsewhere."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from tests.commands import Commands
from tests.conftest import Site
from tests.specialists import add_specialists, run, write_outputs

from evalctl.errors import ConfigError
from evalctl.plan import RunSpec, make
from evalctl.plugins import load

Rows = dict[tuple[str, str], dict[str, Any]]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, commands: Commands) -> Site:
    site = Site(tmp_path_factory.mktemp("site"), commands)
    add_specialists(site)
    return site


@pytest.fixture(scope="module")
def made(site: Site) -> Path:
    """A run of all five models on both categories."""
    return run(site, "special", "boasting", "failing", "plain", "modest")


def rows(site: Site, *arguments: str) -> Rows:
    done = site.run("specialization", *arguments, "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)["rows"]
    return {(row["model"], row["category"]): row for row in found}


@pytest.fixture(scope="module")
def found(site: Site, made: Path) -> Rows:
    """The table of that run, by model and category."""
    return rows(site, str(made))


def test_a_score_is_compared_with_the_models_own_mean_elsewhere(found: Rows) -> None:
    own = found["special", "adding"]["over_own"]

    assert own["value"] == pytest.approx(0.4)
    low, high = found["special", "adding"]["interval"]
    other_low, other_high = found["special", "wording"]["interval"]
    below, above = math.hypot(0.9 - low, other_high - 0.5), math.hypot(high - 0.9, 0.5 - other_low)
    assert own["interval"] == pytest.approx((0.4 - below, 0.4 + above))
    assert own["categories"] == ["wording"]
    assert found["special", "wording"]["over_own"]["value"] == pytest.approx(-0.4)


def test_a_score_is_compared_with_general_models_on_the_same_samples(found: Rows) -> None:
    general = found["special", "adding"]["over_general"]

    assert general["models"] == ["plain", "modest"]
    assert general["value"] == pytest.approx(54 / 60 - (30 + 57) / 120)
    assert general["interval"][0] < 0.175 < general["interval"][1]
    assert general["n_shared"] == 120
    assert general["p_holm"] >= general["p_value"]


def test_where_declared_and_measured_disagree_is_said(found: Rows) -> None:
    remarks = {key: row["remark"] for key, row in found.items() if row["remark"]}

    assert set(remarks) == {(name, "adding") for name in ("boasting", "failing", "modest")}
    assert "declared a specialist of adding (0.8), but behind" in str(remarks["boasting", "adding"])
    assert "better at adding than declared (declared 0.1)" in str(remarks["modest", "adding"])


def test_rows_come_with_the_most_declared_first(found: Rows) -> None:
    adding = [name for name, category in found if category == "adding"]

    assert adding == ["special", "boasting", "failing", "plain", "modest"]


def test_models_of_several_runs_are_put_together(site: Site, made: Path) -> None:
    other = run(site, "plain")
    found = rows(site, f"{made}:special", f"{made}:boasting", str(other))

    assert found["special", "adding"]["over_general"]["models"] == ["plain"]
    assert found["boasting", "adding"]["remark"] == (
        "declared a specialist of adding (0.8), but not seen to be better: "
        "only differences above 4.0 points would show"
    )


def test_a_table_tells_what_is_compared_with_what(site: Site, made: Path) -> None:
    done = site.run("specialization", str(made), environment={"COLUMNS": "100"})

    assert re.search(r"special +0\.9 +90\.0 % +\+40\.0 \(\+2\S+ to \S+\) +\+17\.5 \(", done.stdout)
    assert "general models: plain, modest" in done.stdout
    assert "boasting: declared a specialist of adding (0.8)" in done.stdout


def test_a_narrow_terminal_gets_lines(site: Site, made: Path) -> None:
    done = site.run("specialization", str(made), environment={"COLUMNS": "60"})

    assert "special: declared 0.9, score 90.0 %" in done.stdout.replace("\n", " ")


def test_a_runs_own_report_tells_of_disagreements(site: Site, made: Path) -> None:
    shown = site.run("show", str(made)).stdout

    assert shown.count("speciality: ") == 3
    assert "speciality: failing: declared a specialist of adding (0.7), but behind" in shown


def test_an_unregistered_model_is_found_by_its_path(site: Site) -> None:
    both = run(site, "replay:special.jsonl", "replay:plain.jsonl")
    found = rows(site, str(both))

    assert found["replay:special.jsonl", "adding"]["declared_weight"] == 0.9
    assert found["replay:special.jsonl", "adding"]["over_general"]["models"] == [
        "replay:plain.jsonl"
    ]


def test_without_a_general_model_nothing_is_claimed(site: Site, made: Path) -> None:
    done = site.run("specialization", f"{made}:special", f"{made}:boasting")

    told = " ".join(done.stdout.split())
    assert "adding: no general model with the same samples beside special, boasting" in told
    assert "declared a specialist" not in told


def test_a_users_weight_counts(site: Site, made: Path) -> None:
    (site.folder / "weights.yaml").write_text("models: {boasting: {specialization_weight: 0.6}}")
    found = rows(site, str(made), "--config", "weights.yaml")

    assert found["boasting", "adding"]["declared_weight"] == 0.6
    assert found["boasting", "adding"]["remark"] == ""


def test_a_model_that_is_not_registered_is_refused_in_a_users_file(site: Site, made: Path) -> None:
    (site.folder / "weights.yaml").write_text("models: {bosting: {specialization_weight: 0.6}}")
    done = site.run("specialization", str(made), "--config", "weights.yaml")

    assert done.returncode == 2
    assert "unknown model 'bosting'. Did you mean boasting" in done.stderr


def test_names_of_models_cannot_steer_the_terminal(site: Site) -> None:
    write_outputs(site, "sly\x1b[2J", {"sums": 3, "totals": 3, "words": 3})
    both = run(site, "replay:sly\x1b[2J.jsonl", "plain")

    assert "\x1b" not in site.run("specialization", str(both)).stdout


def test_a_run_that_is_not_there_is_refused(site: Site) -> None:
    done = site.run("specialization", "nowhere")

    assert done.returncode == 2
    assert "no run 'nowhere'" in done.stderr


def planned(site: Site, *arguments: str) -> list[str]:
    done = site.run("run", "--category", "adding", "--dry-run", "--json", *arguments)
    assert done.returncode == 0, done.stderr
    return [model["model"] for model in json.loads(done.stdout)["models"]]


def test_a_run_takes_models_by_priority_and_then_by_weight(site: Site) -> None:
    assert planned(site) == ["special", "boasting", "failing", "modest", "plain"]


def test_only_models_of_a_least_weight_are_taken(site: Site) -> None:
    assert planned(site, "--min-specialization", "0.7") == ["special", "boasting", "failing"]


def test_a_weight_that_no_model_has_is_refused(site: Site) -> None:
    done = site.run("run", "--category", "adding", "--dry-run", "--min-specialization", "0.95")

    assert done.returncode == 2
    assert "no model of adding has that weight; there are: special 0.9" in done.stderr


def test_a_weight_goes_without_named_models() -> None:
    asked = RunSpec(categories=("math",), min_specialization=0.5, models=("reference",))
    with pytest.raises(ConfigError, match="leave out --model"):
        make(asked, load())


@pytest.mark.parametrize("weight", [2.0, -0.1, math.nan])
def test_a_weight_outside_its_range_is_refused(weight: float) -> None:
    with pytest.raises(ValidationError, match="min_specialization"):
        RunSpec(min_specialization=weight)


def test_a_categorys_models_are_listed_with_their_weights_in_order(site: Site) -> None:
    listed = site.rows("models", "--category", "adding")
    shown = site.run("list", "models", "--category", "adding").stdout

    names = [row["name"] for row in listed if row["plugin"] == "specialists"]
    assert names == ["special", "boasting", "failing", "modest", "plain"]
    assert "medium, 0.9" in shown
