"""jsonl, csv and parquet hold the same, whatever models write."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from tests.exporting.conftest import HOSTILE, exported, json_lines

from evalctl.results import SampleResult
from evalctl.store import RunFolder

MODEL, DATASET = "replay:outputs.jsonl", "gsm8k"


def results(run: RunFolder) -> dict[str, SampleResult]:
    return {result.sample_id: result for result in run.results(MODEL, DATASET)}


def table(path: Path) -> list[dict[str, str]]:
    csv.field_size_limit(10_000_000)
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode(), newline="")))


def number(value: float | None) -> str:
    return "" if value is None else repr(value)


def test_jsonl_holds_every_text_as_the_model_wrote_it(
    hostile_run: RunFolder, tmp_path: Path
) -> None:
    rows = json_lines(exported(hostile_run, "jsonl", tmp_path / "out.jsonl"))
    kept = results(hostile_run)
    assert len(rows) == len(HOSTILE)
    for row in rows:
        result = kept[str(row["sample_id"])]
        (completion,) = result.generation.completions
        assert (row["output"], row["reasoning"]) == (completion.text, completion.reasoning)
        assert row["metrics"] == result.metrics
        assert row["target"] == result.target
        assert row["scores"] == {
            name: given[0].model_dump(mode="json") for name, given in result.scores.items()
        }


def test_no_line_of_jsonl_holds_what_ends_a_line_or_steers_a_terminal(
    hostile_run: RunFolder, tmp_path: Path
) -> None:
    text = exported(hostile_run, "jsonl", tmp_path / "out.jsonl").read_text(encoding="utf-8")
    assert len(text.splitlines()) == len(HOSTILE)
    assert not any(character in text for character in "\x00\x1b\x85\x9b\u2028\u2029\r")


def test_every_completion_is_a_row_and_a_sample_without_any_is_one_too(
    repeated_run: RunFolder, tmp_path: Path
) -> None:
    rows = json_lines(exported(repeated_run, "jsonl", tmp_path / "out.jsonl"))
    places = {}
    for row in rows:
        places.setdefault(row["sample_id"], []).append(row["completion"])
    assert [places[str(number)] for number in range(6)] == [[0, 1, 2]] * 6
    unanswered = [row for row in rows if row["completion"] is None]
    assert all("no completion recorded" in str(row["error"]) for row in unanswered)
    assert all(row["scores"] == {} for row in unanswered)


def test_a_judges_scores_are_with_the_completions_they_are_about(
    repeated_run: RunFolder, tmp_path: Path
) -> None:
    rows = json_lines(exported(repeated_run, "jsonl", tmp_path / "out.jsonl"))
    judged = [row["scores"]["proof_correctness"]["value"] for row in rows if row["scores"]]
    assert judged == [0.5] * 18
    values = [row["metrics"]["proof_correctness"] for row in rows if row["scores"]]
    assert values == [0.5] * 18


def test_csv_and_parquet_agree_with_jsonl(repeated_run: RunFolder, tmp_path: Path) -> None:
    from pyarrow.parquet import read_table

    flat = json_lines(exported(repeated_run, "jsonl", tmp_path / "out.jsonl"))
    cells = table(exported(repeated_run, "csv", tmp_path / "out.csv", is_raw=True))
    typed = read_table(exported(repeated_run, "parquet", tmp_path / "out.parquet")).to_pylist()
    assert len(cells) == len(typed) == len(flat)
    for row, line, record in zip(flat, cells, typed, strict=True):
        for name in ("model", "dataset", "sample_id", "target", "output", "reasoning", "error"):
            assert record[name] == row[name]
            assert line[name] == (row[name] or "")
        assert record["prompt_messages"] == row["prompt_messages"]
        assert json.loads(line["prompt_messages"]) == row["prompt_messages"]
        assert {name: value for name, value in record["metrics"].items() if value is not None} == {
            name: value for name, value in row["metrics"].items() if value is not None
        }
        for name, score in row["scores"].items():
            assert record["scores"][name]["value"] == score["value"]
            assert record["scores"][name]["answer"] == score["answer"]
            assert line[f"score.{name}.value"] == number(score["value"])
            assert line[f"score.{name}.answer"] == (score["answer"] or "")


def test_parquet_names_the_run_it_is_from(hostile_run: RunFolder, tmp_path: Path) -> None:
    import hashlib

    from pyarrow.parquet import read_schema

    schema = read_schema(exported(hostile_run, "parquet", tmp_path / "out.parquet"))
    manifest = (hostile_run.path / "manifest.json").read_bytes()
    assert schema.metadata[b"evalctl.run_id"].decode() == hostile_run.run_id
    expected = hashlib.sha256(manifest).hexdigest()
    assert schema.metadata[b"evalctl.manifest_sha256"].decode() == expected


def test_no_cell_of_csv_begins_like_a_formula(hostile_run: RunFolder, tmp_path: Path) -> None:
    guarded = table(exported(hostile_run, "csv", tmp_path / "out.csv"))
    raw = table(exported(hostile_run, "csv", tmp_path / "raw.csv", is_raw=True))
    begins = [cell[0] for row in guarded for cell in row.values() if cell and cell != "-6"]
    assert not set(begins) & set("=+-@\t\r\n")
    assert {row["output"][:1] for row in raw} > {"=", "+"}
    restored = [{name: cell.removeprefix("'") for name, cell in row.items()} for row in guarded]
    assert restored == raw


def test_plain_numbers_are_no_formulas(hostile_run: RunFolder, tmp_path: Path) -> None:
    rows = table(exported(hostile_run, "csv", tmp_path / "out.csv"))
    assert "-6" in {row["output"] for row in rows}


@pytest.mark.parametrize("cell", ["-6", "+0.5", "-1e-05"])
def test_a_number_stays_as_it_is(cell: str) -> None:
    from evalctl.exporting.csv_table import guarded

    assert guarded(cell) == cell


@pytest.mark.parametrize("cell", ["-6+1", "=1", "@x", "\t=1", "-", "＝1", "'-6", "-６", "-1\n"])
def test_what_may_be_a_formula_gets_an_apostrophe(cell: str) -> None:
    from evalctl.exporting.csv_table import guarded

    assert guarded(cell) == f"'{cell}"
