"""`evalctl specialization` on real run folders, and what a weight decides elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.conftest import Site
from tests.specialists import add_specialists, run, write_outputs


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    site = Site(tmp_path_factory.mktemp("site"))
    add_specialists(site)
    return site


@pytest.fixture(scope="module")
def made(site: Site) -> Path:
    """A run of all five models on both categories."""
    return run(site, "special", "boasting", "failing", "plain", "modest")


def rows(site: Site, *arguments: str) -> dict[tuple[str, str], dict[str, object]]:
    done = site.run("specialization", *arguments, "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)["rows"]
    return {(row["model"], row["category"]): row for row in found}


def test_a_score_is_compared_with_the_models_own_mean_elsewhere(site: Site, made: Path) -> None:
    found = rows(site, str(made))
    own = found["special", "adding"]["over_own"]

    assert own["value"] == pytest.approx(0.4)
    assert own["interval"] == pytest.approx((0.2585, 0.5415), abs=1e-4)
    assert own["categories"] == ["wording"]
    assert found["special", "wording"]["over_own"]["value"] == pytest.approx(-0.4)


def test_a_score_is_compared_with_general_models_on_the_same_samples(
    site: Site, made: Path
) -> None:
    general = rows(site, str(made))["special", "adding"]["over_general"]

    assert general["models"] == ["plain", "modest"]
    assert general["value"] == pytest.approx(54 / 60 - (30 + 57) / 120)
    assert general["interval"][0] < 0.175 < general["interval"][1]
    assert general["n_shared"] == 120
    assert general["p_holm"] >= general["p_value"]


def test_where_declared_and_measured_disagree_is_said(site: Site, made: Path) -> None:
    remarks = {key: row["remark"] for key, row in rows(site, str(made)).items() if row["remark"]}

    assert set(remarks) == {(name, "adding") for name in ("boasting", "failing", "modest")}
    assert "declared a specialist of adding (0.8), but behind" in str(remarks["boasting", "adding"])
    assert "better at adding than declared (declared 0.1)" in str(remarks["modest", "adding"])


def test_rows_come_with_the_most_declared_first(site: Site, made: Path) -> None:
    adding = [name for name, category in rows(site, str(made)) if category == "adding"]

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

    assert "special        0.9  90.0 %  +40.0 (+25.9 to +54.1)  +17.5 (+12.2" in done.stdout
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


def test_without_a_general_model_nothing_is_claimed(site: Site) -> None:
    both = run(site, "special", "boasting")
    done = site.run("specialization", str(both))

    assert "adding: no general model with the same samples beside special, boasting" in " ".join(
        done.stdout.split()
    )
    assert rows(site, str(both))["boasting", "adding"]["remark"] == ""


def test_a_users_weight_counts(site: Site, made: Path) -> None:
    (site.folder / "weights.yaml").write_text("models: {boasting: {specialization_weight: 0.6}}")
    found = rows(site, str(made), "--config", "weights.yaml")

    assert found["boasting", "adding"]["declared_weight"] == 0.6
    assert found["boasting", "adding"]["remark"] == ""


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


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (
            ("--min-specialization", "0.95"),
            "no model of adding has that weight; there are: s",
        ),
        (("--min-specialization", "2"), "less than or equal to 1"),
        (("--min-specialization", "nan"), "--min-specialization nan"),
        (("--min-specialization", "0.5", "--model", "plain"), "leave out --model"),
    ],
)
def test_a_weight_that_chooses_nothing_is_refused(
    site: Site, arguments: tuple[str, ...], reason: str
) -> None:
    done = site.run("run", "--category", "adding", "--dry-run", *arguments)

    assert done.returncode == 2
    assert reason in done.stderr


def test_a_categorys_models_are_listed_with_their_weights_in_order(site: Site) -> None:
    listed = site.rows("models", "--category", "adding")
    shown = site.run("list", "models", "--category", "adding").stdout

    names = [row["name"] for row in listed if row["plugin"] == "specialists"]
    assert names == ["special", "boasting", "failing", "modest", "plain"]
    assert "medium, 0.9" in shown
