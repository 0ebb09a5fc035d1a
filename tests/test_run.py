"""`evalctl run` from end to end, on recorded outputs: what is printed, and what is on disk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import Site

ANSWERS = ["4", "6", "8", "10"]


@pytest.fixture
def place(site: Site) -> Site:
    """Four rows of GSM8K's form, with golds 4, 6, 8, 10."""
    folder = site.folder / "data" / "gsm8k"
    folder.mkdir(parents=True)
    rows = [
        {"question": f"{n} + {n}?", "answer": f"{n} + {n} = {2 * n}\n#### {2 * n}"}
        for n in range(2, 6)
    ]
    (folder / "test.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return site


def record(place: Site, *completions: list[str]) -> None:
    rows = [
        {"dataset": "gsm8k", "id": str(index), "completions": texts}
        for index, texts in enumerate(completions)
    ]
    text = "".join(json.dumps(row) + "\n" for row in rows)
    (place.folder / "outputs.jsonl").write_text(text)


def run(place: Site, *more: str, code: int = 0) -> dict[str, Any]:
    arguments = ("--model", "replay:outputs.jsonl", "--data", "data", "--json", *more)
    done = place.run("run", *arguments)
    assert done.returncode == code, done.stdout + done.stderr
    summary: dict[str, Any] = json.loads(done.stdout)
    return summary


def metrics(summary: dict[str, Any]) -> dict[str, dict[str, Any]]:
    (dataset,) = summary["models"][0]["datasets"]
    return {metric["name"]: metric for metric in dataset["metrics"]}


def test_right_wrong_unparsed_and_missing_are_kept_apart(place: Site) -> None:
    record(place, ["#### 4"], ["#### 7"], ["I do not know."])
    summary = run(place, code=1)
    found = metrics(summary)["numerical_accuracy"]
    assert found["value"] == pytest.approx(1 / 3)
    assert (found["n_scored"], found["n_total"], found["n_unparsed"]) == (3, 4, 1)
    assert found["interval_method"] == "wilson"
    assert found["interval"] == pytest.approx([0.0615, 0.7923], abs=1e-4)
    assert summary["failures"] == {"engine": 1, "scorer": 0}
    assert summary["status"] == "failed"


def test_allowed_failures_leave_the_run_complete(place: Site) -> None:
    record(place, ["#### 4"], ["#### 6"], ["#### 8"])
    assert run(place, "--max-errors", "1")["status"] == "complete"


def test_reasoning_is_split_off_and_an_unfinished_one_is_no_answer(place: Site) -> None:
    record(
        place,
        ["<think>#### 5</think>#### 4"],
        ["<think>It is 6.\n#### 6"],
        ["#### 8"],
        ["<think>10</think>The answer is 10."],
    )
    found = metrics(run(place))["numerical_accuracy"]
    assert found["value"] == 0.75
    assert (found["n_truncated"], found["n_unparsed"]) == (1, 1)


def test_repeats_give_avg_pass_and_maj(place: Site) -> None:
    record(
        place,
        ["#### 4", "#### 4", "#### 5", "#### 4"],
        ["#### 6", "#### 1", "#### 1", "#### 1"],
        ["#### 8", "#### 8", "#### 8", "#### 8"],
        ["#### 0", "#### 1", "#### 2", "none"],
    )
    (place.folder / "settings.yaml").write_text("metrics: {pass_k: [1, 2, 4]}\n")
    found = metrics(run(place, "--repeats", "4", "--config", "settings.yaml"))
    values = {name: metric["value"] for name, metric in found.items()}
    assert values["numerical_accuracy"] == pytest.approx((3 / 4 + 1 / 4 + 1 + 0) / 4)
    assert values["numerical_accuracy_avg@4"] == values["numerical_accuracy"]
    assert values["numerical_accuracy_pass@1"] == pytest.approx(values["numerical_accuracy"])
    assert values["numerical_accuracy_pass@2"] == pytest.approx((1 + 1 / 2 + 1 + 0) / 4)
    assert values["numerical_accuracy_pass@4"] == pytest.approx(3 / 4)
    assert values["numerical_accuracy_maj@4"] == pytest.approx(2 / 4)


def test_pass_at_k_above_the_repeats_is_refused(place: Site) -> None:
    record(place, *([answer, answer] for answer in ANSWERS))
    (place.folder / "settings.yaml").write_text("metrics: {pass_k: [4]}\n")
    arguments = ("--data", "data", "--repeats", "2", "--config", "settings.yaml")
    done = place.run("run", "--model", "replay:outputs.jsonl", *arguments)
    assert done.returncode == 2
    assert "pass@4" in done.stderr


def test_the_run_folder_holds_all_that_the_run_was(place: Site) -> None:
    record(place, *([f"#### {answer}"] for answer in ANSWERS))
    summary = run(place, "--seed", "3")
    folder = place.folder / "runs" / summary["run_id"]
    manifest = json.loads((folder / "manifest.json").read_text())
    (model,) = manifest["plan"]["models"]
    (dataset,) = model["datasets"]
    assert manifest["asked"]["seed"] == 3
    assert dataset["scorers"]["numerical_accuracy"]["score"] == "evalctl_math.scorers:judge_answer"
    assert len(dataset["content_hash"]) == 64
    assert manifest["plugins"]["evalctl-math"]
    (path,) = (folder / "samples").rglob("*.jsonl")
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert sorted(line["sample_id"] for line in lines) == ["0", "1", "2", "3"]
    assert json.loads((folder / "summary.json").read_text()) == summary


def test_the_schemas_in_the_docs_accept_what_a_run_writes(place: Site) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    record(place, *([f"#### {answer}"] for answer in ANSWERS))
    folder = place.folder / "runs" / run(place)["run_id"]
    schemas = Path(__file__).parent.parent / "docs" / "schemas"
    for name in ("manifest", "summary"):
        schema = json.loads((schemas / f"{name}.schema.json").read_text())
        jsonschema.validate(json.loads((folder / f"{name}.json").read_text()), schema)
    schema = json.loads((schemas / "sample.schema.json").read_text())
    (path,) = (folder / "samples").rglob("*.jsonl")
    for line in path.read_text().splitlines():
        jsonschema.validate(json.loads(line), schema)


def test_show_prints_a_finished_run_and_json_gives_both_files(place: Site) -> None:
    record(place, *([f"#### {answer}"] for answer in ANSWERS))
    name = run(place)["run_id"]
    shown = place.run("show", name)
    assert shown.returncode == 0, shown.stderr
    assert "numerical_accuracy" in shown.stdout
    assert "100.0" in shown.stdout
    both = json.loads(place.run("show", name, "--json").stdout)
    assert set(both) == {"manifest", "summary"}
    assert both["summary"]["run_id"] == name
    (row,) = place.rows("runs")
    assert row["run_id"] == name


def test_show_of_an_unknown_run_is_the_users_mistake(place: Site) -> None:
    done = place.run("show", "nothing")
    assert done.returncode == 2
    assert "nothing" in done.stderr


def test_a_judge_grades_arguments_and_an_unreadable_verdict_is_not_scored(place: Site) -> None:
    record(place, *([f"#### {answer}"] for answer in ANSWERS))
    verdicts = ["Sound.\nGrade: 4", "A slip.\nGrade: 3", "Grade: 4 or so", "Wrong.\nGrade: 0"]
    rows = [
        {"dataset": "gsm8k/proof_correctness", "id": f"{index}#0", "completions": [text]}
        for index, text in enumerate(verdicts)
    ]
    text = "".join(json.dumps(row) + "\n" for row in rows)
    (place.folder / "verdicts.jsonl").write_text(text)
    found = metrics(run(place, "--judge", "replay:verdicts.jsonl"))["proof_correctness"]
    assert found["value"] == pytest.approx((1.0 + 0.75 + 0.0) / 3)
    assert (found["n_scored"], found["n_total"], found["n_unparsed"]) == (3, 4, 1)


def test_without_a_judge_proofs_are_not_scored(place: Site) -> None:
    record(place, *([f"#### {answer}"] for answer in ANSWERS))
    found = metrics(run(place))["proof_correctness"]
    assert found["value"] is None
    assert "--judge" in found["note"]


def test_a_few_samples_are_the_same_every_time_and_part_of_more(place: Site) -> None:
    record(place, *([f"#### {answer}"] for answer in ANSWERS))
    chosen = []
    for count in ("2", "2", "3"):
        folder = place.folder / "runs" / run(place, "--samples", count)["run_id"]
        (path,) = (folder / "samples").rglob("*.jsonl")
        chosen.append({json.loads(line)["sample_id"] for line in path.read_text().splitlines()})
    assert chosen[0] == chosen[1]
    assert chosen[0] < chosen[2]


def test_a_dataset_named_twice_is_asked_once(place: Site) -> None:
    record(place, *([f"#### {answer}"] for answer in ANSWERS))
    found = metrics(run(place, "--dataset", "gsm8k", "--dataset", "gsm8k"))["numerical_accuracy"]
    assert (found["n_scored"], found["n_total"]) == (4, 4)


def test_recorded_outputs_that_cover_a_part_are_told(place: Site) -> None:
    record(place, ["#### 4"], ["#### 6"])
    summary = run(place, code=1)
    assert any("holds outputs for 2 of 4 samples" in note for note in summary["notices"])


def test_a_disk_that_is_full_keeps_what_was_written(place: Site) -> None:
    record(place, *([f"#### {answer}" + " " * 3000] for answer in ANSWERS))
    code = """
import resource, sys
from evalctl.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (9000, 9000))
main()
"""
    arguments = ("run", "-d", "gsm8k", "--model", "replay:outputs.jsonl", "--data", "data")
    done = place.python(code, *arguments)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "bug" not in done.stderr
    (folder,) = (place.folder / "runs").glob("*")
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["status"] == "failed"
    assert "cannot write" in summary["models"][0]["error"]
    assert 0 < summary["models"][0]["datasets"][0]["n_done"] < 4


def test_progress_without_a_terminal_is_plain_lines_on_standard_error(place: Site) -> None:
    record(place, *([f"#### {answer}"] for answer in ANSWERS))
    done = place.run("run", "--model", "replay:outputs.jsonl", "--data", "data")
    assert done.returncode == 0
    assert "gsm8k: 4/4" in done.stderr
    assert "\x1b" not in done.stderr + done.stdout
    assert "numerical_accuracy" in done.stdout
