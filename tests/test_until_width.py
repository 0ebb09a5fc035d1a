"""`evalctl run --until-width` from end to end, on recorded outputs of a dataset that is sorted."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from tests.commands import Commands
from tests.conftest import Site
from tests.test_docs import POOLED_REST, blocks

COUNT = 900
"""Rows; the model answers the first half rightly, the second half wrongly."""


def lines(path: Path, rows: list[dict[str, object]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, commands: Commands) -> Site:
    site = Site(tmp_path_factory.mktemp("site"), commands)
    folder = site.folder / "data" / "gsm8k"
    folder.mkdir(parents=True)
    lines(
        folder / "test.jsonl",
        [{"question": f"{n} + 0?", "answer": f"It is {n}.\n#### {n}"} for n in range(COUNT)],
    )
    record(site, "outputs", COUNT)
    return site


def record(site: Site, name: str, count: int) -> None:
    said = [n if n < COUNT // 2 else n + 1 for n in range(count)]
    rows: list[dict[str, object]] = [
        {"dataset": "gsm8k", "id": str(n), "completions": [f"#### {answer}"]}
        for n, answer in enumerate(said)
    ]
    lines(site.folder / f"{name}.jsonl", rows)


def run(place: Site, *more: str, code: int = 0, model: str = "outputs") -> dict[str, Any]:
    options = ("--model", f"replay:{model}.jsonl", "-d", "gsm8k", "--data", "data", "--json")
    done = place.run("run", *options, *more)
    assert done.returncode == code, done.stdout + done.stderr
    summary: dict[str, Any] = json.loads(done.stdout)
    return summary


def only(summary: dict[str, Any]) -> dict[str, Any]:
    (dataset,) = summary["models"][0]["datasets"]
    found: dict[str, Any] = dataset
    return found


@pytest.fixture(scope="module")
def stopped(place: Site) -> dict[str, Any]:
    return run(place, "--until-width", "0.12")


def test_a_sorted_dataset_is_stopped_with_an_interval_that_holds(stopped: dict[str, Any]) -> None:
    dataset = only(stopped)
    (headline, *_) = dataset["metrics"]
    low, high = headline["interval"]
    assert headline["interval_method"] == "confidence_sequence"
    assert low < 0.5 < high  # the first rows alone would have given 1
    assert high - low <= 0.12
    assert low <= headline["value"] <= high
    assert 200 < dataset["n_samples"] < 600
    assert dataset["n_done"] == dataset["n_samples"] == headline["n_scored"] == headline["n_total"]
    assert (dataset["n_available"], dataset["stopped_width"]) == (COUNT, 0.12)
    assert stopped["status"] == "complete"


def test_a_narrower_width_takes_more_samples_and_begins_with_the_same(
    place: Site, stopped: dict[str, Any]
) -> None:
    narrower = run(place, "--until-width", "0.08")
    wide, narrow = only(stopped)["n_samples"], only(narrower)["n_samples"]
    assert narrow > wide

    def asked(summary: dict[str, Any], count: int) -> set[str]:
        path = place.folder / "runs" / summary["run_id"] / "samples"
        (file,) = path.rglob("gsm8k.jsonl")
        rows = [json.loads(line) for line in file.read_text().splitlines()]
        return {row["sample_id"] for row in rows if row["index"] < count}

    assert asked(narrower, wide) == asked(stopped, wide)


def test_what_an_engine_would_have_failed_on_after_the_stop_is_no_failure(
    place: Site, stopped: dict[str, Any]
) -> None:
    """The recorded outputs of the very last sample in order are missing."""
    from evalctl.plan.order import in_order
    from evalctl.records import Sample

    samples = [Sample(id=str(n), input="?") for n in range(COUNT)]
    (*_, (_, last)) = in_order("gsm8k", lambda: iter(samples))
    text = (place.folder / "outputs.jsonl").read_text().splitlines(keepends=True)
    (place.folder / "lacking.jsonl").write_text(
        "".join(text[: int(last.id)] + text[int(last.id) + 1 :])
    )
    summary = run(place, "--until-width", "0.12", model="lacking")
    assert summary["failures"] == {"engine": 0, "scorer": 0}
    assert only(summary)["n_samples"] == only(stopped)["n_samples"]


def test_more_samples_than_are_allowed_are_not_taken(place: Site) -> None:
    dataset = only(run(place, "--until-width", "0.12", "--samples", "100"))
    assert (dataset["n_done"], dataset["n_samples"], dataset["stopped_width"]) == (100, 100, None)
    assert dataset["metrics"][0]["interval_method"] == "wilson"


@pytest.mark.parametrize("lost", [1, 40, 150])
def test_a_run_that_was_killed_goes_on_to_the_same_summary(
    place: Site, stopped: dict[str, Any], lost: int
) -> None:
    folder = place.folder / "runs" / f"killed-{lost}"
    shutil.copytree(place.folder / "runs" / stopped["run_id"], folder)
    (folder / "summary.json").unlink()
    shutil.rmtree(folder / "checkpoints", ignore_errors=True)
    (samples,) = (folder / "samples").rglob("gsm8k.jsonl")
    kept = samples.read_text().splitlines(keepends=True)
    del kept[50 : 50 + lost]
    samples.write_text("".join(kept) + '{"torn')
    done = place.run("run", "--resume", folder.name, "--json")
    assert done.returncode == 0, done.stderr
    assert only(json.loads(done.stdout)) == only(stopped)


def test_comparing_takes_the_samples_that_count(place: Site, stopped: dict[str, Any]) -> None:
    """A sample that finished ahead of its turn is on disk, and in no score."""
    whole = run(place)["run_id"]
    folder = place.folder / "runs" / "ahead"
    shutil.copytree(place.folder / "runs" / stopped["run_id"], folder)
    (samples,) = (folder / "samples").rglob("gsm8k.jsonl")
    last = json.loads(samples.read_text().splitlines()[-1])
    ahead = last | {"sample_id": "0", "index": last["index"] + 7}
    samples.write_text(samples.read_text() + json.dumps(ahead) + "\n")
    done = place.run("compare", "ahead", whole, "--json")
    assert done.returncode == 0, done.stderr
    assert f'"n_shared": {only(stopped)["n_samples"]}' in done.stdout


def test_a_stopped_dataset_tells_so_and_is_not_resumed(place: Site) -> None:
    done = place.run(
        "run",
        "-m",
        "replay:outputs.jsonl",
        "-d",
        "gsm8k",
        "--data",
        "data",
        "--until-width",
        "0.12",
    )
    told = " ".join(done.stdout.split())
    assert f"of {COUNT} samples, in random order, with an interval of at most 12 points" in told
    assert "holds however often one looked" in told
    assert "--resume" not in done.stdout + done.stderr


def test_a_dataset_whose_headline_is_no_mean_is_asked_whole_and_told(site: Site) -> None:
    site.add("found", blocks("writing-plugins.md")["found.py"] + POOLED_REST)
    lines(
        site.folder / "outputs.jsonl",
        [{"dataset": "found_data", "id": str(n), "completions": ["Yes"]} for n in range(30)],
    )
    done = site.run("run", "-m", "replay:outputs.jsonl", "-c", "found", "--until-width", "0.3")
    assert done.returncode == 0, done.stderr
    told = " ".join(done.stdout.split())
    assert "found_data cannot be stopped early: its headline is no mean" in told
    assert "stopped at" not in told


def test_the_plan_names_the_width(place: Site) -> None:
    options = ("-m", "replay:outputs.jsonl", "-d", "gsm8k", "--data", "data", "--dry-run")
    told = " ".join(place.run("run", *options, "--until-width", "0.04").stdout.split())
    assert f"until the interval is 0.04 wide, {COUNT} of {COUNT} samples" in told


@pytest.mark.parametrize("width", ["0", "1", "-0.1", "4", "nan", "narrow"])
def test_a_width_that_cannot_be_is_the_users_mistake(place: Site, width: str) -> None:
    done = place.run("run", "-m", "replay:outputs.jsonl", "--until-width", width)
    assert done.returncode == 2
    assert "--until-width" in done.stderr
    assert "Traceback" not in done.stderr


def test_scoring_again_stops_at_the_same_sample(place: Site, stopped: dict[str, Any]) -> None:
    """What had finished ahead of its turn is in no score then either."""
    folder = place.folder / "runs" / "ahead-again"
    shutil.copytree(place.folder / "runs" / stopped["run_id"], folder)
    whole = run(place)["run_id"]
    (samples,) = (folder / "samples").rglob("gsm8k.jsonl")
    (more,) = (place.folder / "runs" / whole / "samples").rglob("gsm8k.jsonl")
    done = {json.loads(line)["sample_id"] for line in samples.read_text().splitlines()}
    later = [json.loads(line) for line in more.read_text().splitlines()]
    ahead = next(row for row in later if row["sample_id"] not in done) | {"index": COUNT - 1}
    samples.write_text(samples.read_text() + json.dumps(ahead) + "\n")
    done_again = place.run("score", folder.name, "--json")
    assert done_again.returncode == 0, done_again.stderr
    assert only(json.loads(done_again.stdout)) == only(stopped)


def test_running_again_in_another_order_asks_few_more(place: Site, stopped: dict[str, Any]) -> None:
    done = place.run("rerun", stopped["run_id"], "--json")
    assert done.returncode == 0, done.stderr
    again = json.loads(done.stdout)["summary"]
    assert only(again) == only(stopped)
    (samples,) = (place.folder / "runs" / again["run_id"] / "samples").rglob("gsm8k.jsonl")
    indices = [json.loads(line)["index"] for line in samples.read_text().splitlines()]
    assert indices != sorted(indices)
    assert len(indices) < only(stopped)["n_samples"] + 300


def test_a_run_that_ended_before_its_stop_still_has_an_interval_that_holds(
    place: Site, stopped: dict[str, Any]
) -> None:
    folder = place.folder / "runs" / "killed-and-scored"
    shutil.copytree(place.folder / "runs" / stopped["run_id"], folder)
    (samples,) = (folder / "samples").rglob("gsm8k.jsonl")
    kept = samples.read_text().splitlines(keepends=True)[:100]
    samples.write_text("".join(kept))
    done = place.run("score", folder.name, "--json")
    dataset = only(json.loads(done.stdout))
    assert (dataset["n_done"], dataset["n_samples"]) == (100, COUNT)
    assert dataset["metrics"][0]["interval_method"] == "confidence_sequence"
