"""`evalctl list`: what is installed, and what can be used here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pydantic import JsonValue

if TYPE_CHECKING:
    from conftest import Site

KEYS = {
    "categories": "name aliases title description models primary_datasets datasets executors added",
    "models": "name title categories path revision kind parameters context_length engine presets "
    "licence is_embedded can_run reason obstacle",
    "datasets": "name category title role headline metrics needs licence citation version "
    "is_available reason obstacle is_unsafe is_added added_scorers",
    "metrics": "name title lower upper scorers datasets headline_of is_added",
    "engines": "name title model capabilities kinds options is_installed problem is_added",
    "executors": "name title isolation level is_usable problem note category is_added",
}
BROUGHT = ["plugin", "distribution", "distribution_version"]
PLUGINS = (
    "name distribution version module status error remedy traceback holder load_seconds offers"
)


def named(rows: list[dict[str, JsonValue]]) -> dict[str, dict[str, JsonValue]]:
    return {str(row["name"]): row for row in rows}


@pytest.mark.parametrize("kind", KEYS)
def test_json_rows_have_the_documented_keys(toys: Site, kind: str) -> None:
    rows = toys.rows(kind)

    assert rows
    assert all(list(row) == [*KEYS[kind].split(), *BROUGHT] for row in rows)


def test_json_rows_of_plugins_have_the_documented_keys(toys: Site) -> None:
    assert {" ".join(row) for row in toys.rows("plugins")} == {PLUGINS}


@pytest.mark.parametrize("kind", [*KEYS, "plugins", "runs"])
def test_table_fits_80_columns_when_piped(toys: Site, kind: str) -> None:
    done = toys.run("list", kind)

    assert done.returncode == 0, done.stderr
    assert max(len(line) for line in done.stdout.splitlines()) <= 80
    assert "…" not in done.stdout


@pytest.mark.parametrize("category", ["toys", "toy_specialists"])
def test_category_answers_to_its_short_and_its_long_name(toys: Site, category: str) -> None:
    models = toys.rows("models", "--category", category)

    assert {"toy_model", "toy_giant"} <= named(models).keys()
    assert {row["category"] for row in toys.rows("datasets", "-c", category)} == {"toys"}
    assert named(toys.rows("metrics", "--category", category)).keys() == {"toy_accuracy"}


@pytest.mark.parametrize("kind", ["models", "datasets", "metrics"])
def test_unknown_category_is_the_users_mistake(toys: Site, kind: str) -> None:
    done = toys.run("list", kind, "--category", "toyz")

    assert done.returncode == 2
    assert done.stdout == ""
    assert "error: unknown category 'toyz'. Did you mean toys?" in done.stderr
    assert "Traceback" not in done.stderr


def test_model_row_says_whether_it_can_run_here_and_why_not(toys: Site) -> None:
    models = named(toys.rows("models", "--category", "toys"))

    assert models["toy_model"]["can_run"] is True
    assert models["toy_model"]["reason"] == "its weights ship with the plugin"
    assert models["toy_giant"]["obstacle"] == "memory"
    assert "too large for this machine: about 2000000 GB" in str(models["toy_giant"]["reason"])
    assert models["toy_remote"]["obstacle"] == "weights"
    assert "toys/toy_remote, about 2 MB" in str(models["toy_remote"]["reason"])
    assert models["toy_stranger"]["obstacle"] == "engine"
    assert "pip install 'evalctl-toys[accelerator]'" in str(models["toy_stranger"]["reason"])


def test_model_in_the_hubs_cache_can_run(site: Site, toys: Site) -> None:
    snapshot = site.folder / "hub" / "models--toys--toy_remote" / "snapshots" / "abc"
    snapshot.mkdir(parents=True)
    (snapshot / "model.safetensors").write_bytes(b"")

    done = toys.run("list", "models", "--json", environment={"HF_HOME": str(site.folder)})

    assert named(json.loads(done.stdout))["toy_remote"]["reason"] == "weights in the hub's cache"


def test_model_row_gives_its_part_in_each_category(toys: Site) -> None:
    models = named(toys.rows("models", "--category", "toys"))

    assert models["toy_remote"]["categories"] == [
        {
            "category": "toys",
            "priority": "high",
            "specialization_weight": 1.0,
            "plugin": "toys",
            "is_added": False,
        }
    ]


def test_dataset_row_says_where_its_rows_are(toys: Site) -> None:
    datasets = named(toys.rows("datasets", "--category", "toys"))

    assert datasets["toy_sums"]["is_available"] is True
    assert datasets["toy_files"]["obstacle"] == "files"
    assert "toy_files/rows.jsonl" in str(datasets["toy_files"]["reason"])
    assert datasets["toy_hub"]["obstacle"] == "download"
    assert datasets["toy_hub"]["reason"] == "has to be downloaded: toys/rows"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data" / "toy_files"
    folder.mkdir(parents=True)
    (folder / "rows.jsonl").write_text('{"question": "1 + 2", "answer": "3"}\n')
    return folder.parent


def test_data_folder_makes_a_dataset_available(toys: Site, data: Path) -> None:
    datasets = named(toys.rows("datasets", "--data", str(data)))

    assert datasets["toy_files"]["is_available"] is True
    assert str(data / "toy_files" / "rows.jsonl") in str(datasets["toy_files"]["reason"])


def test_long_text_is_folded_and_not_cut(toys: Site, data: Path) -> None:
    lines = toys.run("list", "datasets", "--data", str(data)).stdout.splitlines()

    start = next(line.index("at hand") for line in lines if "at hand" in line)
    last_column = "".join(line[start:].strip() for line in lines)

    assert str(data / "toy_files" / "rows.jsonl") in last_column


def test_data_folder_may_come_from_the_environment(toys: Site, data: Path) -> None:
    done = toys.run("list", "datasets", "--json", environment={"EVALCTL_DATA": str(data)})

    assert named(json.loads(done.stdout))["toy_files"]["is_available"] is True


def test_data_folder_that_does_not_exist_is_the_users_mistake(toys: Site) -> None:
    done = toys.run("list", "datasets", "--data", "/nowhere")

    assert (done.returncode, done.stderr) == (2, "error: --data: /nowhere is not a folder\n")


def test_engine_row_quotes_the_pip_command_of_what_is_missing(toys: Site) -> None:
    engines = named(toys.rows("engines"))

    assert engines["toy_engine"]["is_installed"] is True
    assert engines["toy_absent"]["problem"] == (
        "toy_accelerator is not installed: pip install 'evalctl-toys[accelerator]'"
    )


GUEST = """
from evalctl import ExecutorSpec, hookimpl
from evalctl_toys import dataset, model

def fails():
    raise OSError("no kernel")

@hookimpl
def evalctl_datasets():
    return [dataset("guest_sums", category="toy_specialists")]

@hookimpl
def evalctl_models():
    return [model("guest_model", categories=("*",)), model("toy_friend", categories=("toys", "x"))]

@hookimpl
def evalctl_executors():
    return [ExecutorSpec(name="guest_box", title="t", isolation="none", probe=fails)]
"""


@pytest.fixture
def guest(site: Site) -> Site:
    """The toy plugin, and another one that adds to its category."""
    site.add("guest", GUEST)
    site.add("toys", Path(__file__).with_name("toys.py").read_text())
    return site


def test_dataset_of_another_plugin_joins_the_category(guest: Site) -> None:
    rows = named(guest.rows("datasets", "--category", "toys"))

    assert (rows["guest_sums"]["category"], rows["guest_sums"]["plugin"]) == ("toys", "guest")
    assert "guest_sums" in str(named(guest.rows("categories"))["toys"]["datasets"])


def test_model_of_another_plugin_joins_the_categories_that_it_names(guest: Site) -> None:
    rows = named(guest.rows("models", "--category", "toys"))

    assert rows["guest_model"]["plugin"] == rows["toy_friend"]["plugin"] == "guest"


def test_executor_whose_probe_fails_is_listed_as_not_usable(guest: Site) -> None:
    row = named(guest.rows("executors"))["guest_box"]

    assert row["is_usable"] is False
    assert row["problem"] == "its probe failed: OSError: no kernel"


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """Run folders: whole, unfinished, damaged, and something else."""
    score = {"category": "toys", "value": 0.5, "missing": []}
    whole = {"status": "complete", "models": [{"model": "toy_model", "categories": [score]}]}
    files = {
        "a_whole/manifest.json": json.dumps({"started": "2026-11-23T20:00:00Z"}),
        "a_whole/summary.json": json.dumps(whole),
        "b_unfinished/manifest.json": "{}",
        "c_damaged/manifest.json": "{",
        "d_strange/summary.json": "[1, 2]",
        "e_strange/summary.json": '{"status": 3, "models": [null, {"categories": 7}]}',
        "f_other/notes.txt": "",
        "g_file": "",
    }
    for name, text in files.items():
        path = tmp_path / "runs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "runs"


def test_runs_are_listed_though_some_are_broken(toys: Site, runs: Path) -> None:
    rows = {str(row["run_id"]): row for row in toys.rows("runs", "--out", str(runs))}

    assert {name: row["status"] for name, row in rows.items()} == {
        "a_whole": "complete",
        "b_unfinished": "unfinished",
        "c_damaged": "broken",
        "d_strange": "broken",
        "e_strange": "broken",
    }
    assert rows["a_whole"]["started"] == "2026-11-23T20:00:00Z"
    assert rows["a_whole"]["scores"] == [{"model": "toy_model", "category": "toys", "value": 0.5}]
    assert rows["d_strange"]["problem"] == "summary.json: a JSON object is needed, not list"


def test_table_of_runs_shows_scores_and_problems(toys: Site, runs: Path) -> None:
    shown = toys.run("list", "runs", "--out", str(runs)).stdout

    assert "toy_model: toys 50.0%" in shown
    assert "unfinished" in shown


def test_folder_without_runs_is_no_mistake(toys: Site) -> None:
    assert toys.rows("runs", "--out", "nowhere") == []
    assert toys.run("list", "runs", "--out", "nowhere").stdout == "No run in nowhere.\n"


@pytest.mark.parametrize(
    "arguments",
    [["lst"], ["list", "modells"], ["list", "models", "--jsn"], ["list", "models", "x"]],
)
def test_mistyped_command_line_is_the_users_mistake(toys: Site, arguments: list[str]) -> None:
    done = toys.run(*arguments)

    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


def test_mistyped_command_is_answered_with_a_near_one(toys: Site) -> None:
    assert "Did you mean list?" in toys.run("lst").stderr


def test_traceback_is_shown_to_those_who_ask_for_it(toys: Site) -> None:
    asked = {"EVALCTL_DEBUG": "1"}

    done = toys.run("list", "models", "--category", "toyz", environment=asked)

    assert done.returncode != 0
    assert "Traceback" in done.stderr
    assert "UnknownNameError" in done.stderr


def test_reader_that_leaves_early_causes_no_complaint(toys: Site) -> None:
    code = f"from evalctl.cli import main; main({['list', 'datasets', '--json']!r})"
    gone = "import os; reader, writer = os.pipe(); os.close(reader); os.dup2(writer, 1)"

    done = toys.python(f"{gone}; {code}")

    assert done.returncode == 1
    assert done.stderr == ""
