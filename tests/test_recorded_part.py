"""Recorded outputs that are of a part of a dataset, of other samples, or of none of them."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.commands import Commands
from tests.conftest import Site

RUN = ("run", "--model", "replay:outputs.jsonl", "--data", "data")


@pytest.fixture
def place(site: Site, commands: Commands) -> Site:
    """Ten rows of GSM8K's form, of which number N has the gold 2 N."""
    folder = site.folder / "data" / "gsm8k"
    folder.mkdir(parents=True)
    rows = [{"question": f"{n} + {n}?", "answer": f"Twice.\n#### {2 * n}"} for n in range(10)]
    (folder / "test.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return replace(site, commands=commands)


def record(place: Site, *ids: str, file: str = "outputs.jsonl") -> None:
    rows = [
        {"dataset": "gsm8k", "id": id_, "completions": [f"#### {2 * n}"]}
        for n, id_ in enumerate(ids)
    ]
    (place.folder / file).write_text("".join(json.dumps(row) + "\n" for row in rows))


def told(place: Site, *arguments: str, code: int = 0) -> str:
    done = place.run(*arguments)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return " ".join((done.stdout + done.stderr).split())


def result(place: Site, *arguments: str, code: int = 0) -> dict[str, Any]:
    done = place.run(*arguments, "--json")
    assert done.returncode == code, done.stdout + done.stderr
    summary: dict[str, Any] = json.loads(done.stdout)
    return summary


def dataset(summary: dict[str, Any]) -> dict[str, Any]:
    (found,) = summary["models"][0]["datasets"]
    return dict(found)


def ids(run: Path) -> set[str]:
    (file,) = (run / "samples").glob("*/*.jsonl")
    return {json.loads(line)["sample_id"] for line in file.read_text().splitlines()}


def folder_of(place: Site, summary: dict[str, Any]) -> Path:
    return place.folder / "runs" / str(summary["run_id"])


def test_a_file_of_which_no_row_fits_is_refused_with_both_kinds_of_ids(place: Site) -> None:
    record(place, *(f"gsm8k-{n}" for n in range(10)))
    message = told(place, *RUN, code=2)
    assert "none of its 10 rows belongs to a sample" in message
    assert "ids such as 'gsm8k-0', and ids of gsm8k look like '0'" in message
    assert not (place.folder / "runs").exists()


def test_rows_of_no_sample_are_told_and_not_counted_as_outputs(place: Site) -> None:
    record(place, "0", "1", "2", "gsm8k-3", "eleven")
    notices = result(place, *RUN, "--max-errors", "7")["notices"]
    assert "outputs.jsonl, gsm8k: 2 of its 5 rows belong to no sample" in notices[0]
    assert "such as 'gsm8k-3'; ids of gsm8k look like '0'" in notices[0]
    assert "holds outputs for 3 of 10 samples" in notices[1]


def test_a_whole_file_with_one_row_too_many_is_told_of_alone(place: Site) -> None:
    record(place, *map(str, range(11)))
    summary = result(place, *RUN)
    assert len(summary["notices"]) == 1
    assert "1 of its 11 rows belong to no sample" in summary["notices"][0]
    assert dataset(summary)["n_done"] == 10


def test_each_of_two_files_is_told_of_what_is_its_own(place: Site) -> None:
    record(place, *map(str, range(10)))
    record(place, *map(str, range(10)), "x", file="other.jsonl")
    notices = result(place, *RUN, "--model", "replay:other.jsonl")["notices"]
    assert [notice.partition(",")[0] for notice in notices] == ["other.jsonl"]


def test_a_resume_tells_again_what_the_run_told(place: Site) -> None:
    record(place, "0", "1", "x")
    before = result(place, *RUN, "--max-errors", "8")
    again = result(place, "run", "--resume", before["run_id"])
    assert len(before["notices"]) == 2
    assert again["notices"] == before["notices"]


def test_a_run_of_a_file_with_gaps_says_what_is_missing_and_goes_on_once_it_is_there(
    place: Site,
) -> None:
    record(place, *map(str, range(9)))
    told_first = told(place, *RUN, code=1)
    assert "gsm8k: 10/10 (1 without an answer) 100.0%" in told_first
    assert "outputs.jsonl lacks outputs for 1 of 10 samples of gsm8k" in told_first
    (run,) = (place.folder / "runs").iterdir()
    assert told_first.count("to go on: ") == 1
    assert f"evalctl run --resume {run} --accept-changes" in told_first

    record(place, *map(str, range(10)))
    again = result(place, "run", "--resume", run.name, "--accept-changes")
    assert dataset(again)["metrics"][0]["n_scored"] == 10
    assert again["notices"] == []


def test_only_what_a_file_has_outputs_for_takes_part(place: Site) -> None:
    record(place, *map(str, range(10)))
    summary = result(place, *RUN)
    manifest = json.loads((folder_of(place, summary) / "manifest.json").read_text())
    assert manifest["plan"]["categories"] == ["math"]
    assert {part["name"] for part in manifest["parts"]} == {"math", "gsm8k", "replay"}
    assert manifest["plugins"].keys() == {"evalctl", "evalctl-math"}


def test_only_recorded_samples_are_taken_and_the_table_says_so(place: Site) -> None:
    record(place, "0", "1", "2")
    table = told(place, *RUN, "--only-recorded")
    assert "gsm8k: 3 of 10 samples: those that the file has" in table
    assert "not answered" not in table
    (run,) = (place.folder / "runs").iterdir()
    assert ids(run) == {"0", "1", "2"}


def test_a_limit_takes_the_first_of_the_random_order_among_the_recorded(place: Site) -> None:
    record(place, "0", "1", "2", "3", "4", "5")
    one = result(place, *RUN, "--only-recorded", "--samples", "2")
    two = result(place, *RUN, "--only-recorded", "--samples", "4")
    assert len(ids(folder_of(place, one))) == 2
    assert ids(folder_of(place, one)) < ids(folder_of(place, two)) < set("012345")
    found = dataset(one)
    assert (found["n_samples"], found["n_recorded"], found["n_available"]) == (2, 6, 10)
    assert "2 of 10 samples, a fixed random subset of the 6 that the file has" in told(
        place, *RUN, "--only-recorded", "--samples", "2"
    )


def test_a_run_of_recorded_samples_goes_on_where_it_was_cut_off(place: Site) -> None:
    record(place, "0", "1", "2", "3")
    run = folder_of(place, whole := result(place, *RUN, "--only-recorded"))
    (samples,) = (run / "samples").glob("*/*.jsonl")
    samples.write_text("".join(samples.read_text().splitlines(keepends=True)[:2]))
    shutil.rmtree(run / "checkpoints")
    (run / "summary.json").unlink()
    again = result(place, "run", "--resume", run.name)
    assert dataset(again) == dataset(whole)
    assert ids(run) == {"0", "1", "2", "3"}


@pytest.mark.parametrize("limit", [(), ("--samples", "3")])
def test_answers_are_scored_again_without_the_file(place: Site, limit: tuple[str, ...]) -> None:
    record(place, "0", "1", "2", "3")
    whole = result(place, *RUN, "--only-recorded", *limit)
    (place.folder / "outputs.jsonl").unlink()
    again = result(place, "score", whole["run_id"])
    assert dataset(again) == dataset(whole)
    assert ids(folder_of(place, again)) == ids(folder_of(place, whole))


def test_a_run_of_recorded_samples_is_repeated_and_compared(place: Site) -> None:
    record(place, "0", "1", "2", "3")
    whole = result(place, *RUN, "--only-recorded")
    told(place, "rerun", whole["run_id"])
    runs = sorted(path.name for path in (place.folder / "runs").iterdir())
    assert len(runs) == 2
    assert [ids(place.folder / "runs" / run) for run in runs] == [{"0", "1", "2", "3"}] * 2
    compared = result(place, "compare", *runs)
    (found,) = compared["pairs"][0]["datasets"]
    assert (found["n_shared"], found["difference"]) == (4, 0.0)


REFUSED = [
    (("--model", "reference", "--dataset", "gsm8k"), "reference is asked"),
    (("--model", "replay:outputs.jsonl", "--until-width", "0.1"), "exclude each other"),
    (("--model", "replay:outputs.jsonl", "--dataset", "math_sample"), "has no row of it"),
]


@pytest.mark.parametrize(("arguments", "message"), REFUSED)
def test_only_recorded_is_refused_where_it_means_nothing(
    place: Site, arguments: tuple[str, ...], message: str
) -> None:
    record(place, "0")
    assert message in told(place, "run", "--data", "data", "--only-recorded", *arguments, code=2)


@pytest.mark.parametrize("more", [(), ("--dry-run",), ("--dataset", "gsm8k")])
def test_a_dataset_of_which_no_row_is_recorded_is_refused_before_anything_is_run(
    place: Site, more: tuple[str, ...]
) -> None:
    record(place, *map(str, range(10)))
    message = told(place, *RUN, "--dataset", "math_sample", *more, code=2)
    assert "outputs.jsonl, math_sample: the file has no row of it; it has rows of gsm8k" in message
    assert "--dataset" in message.partition("rows of gsm8k")[2]
    assert not (place.folder / "runs").exists()


def test_the_plan_tells_how_many_samples_are_recorded(place: Site) -> None:
    record(place, "0", "1", "2")
    assert "3 of 10 samples (3 are recorded)" in told(place, *RUN, "--only-recorded", "--dry-run")
