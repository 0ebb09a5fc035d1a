"""What `evalctl datasets scan` says of the benchmark rows at hand, file by file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import Site

TABLE = """
aime                 samples              2     60  ready
apps                 samples              1    150  warnings
arc_challenge        samples              1  1,150  ready
arc_challenge        worked examples      1    294  ready
bbq                  samples              6  2,400  warnings
bigcodebench         samples              1    450  ready
bioasq               samples              5    500  warnings
chartqa              another release      4    733  unusable
chartqa              another release      4  1,640  unusable
chartqa              samples              7     69  ready
chemprot             samples              1  3,469  warnings
codecontests         samples              1    165  unusable
crows_pairs          samples              1  1,508  warnings
docvqa               samples              1     12  ready
docvqa_words         samples              1  5,349  warnings
gsm8k                samples              1  1,319  ready
gsm8k                worked examples      1    200  ready
hellaswag            samples              1  1,000  ready
humaneval            samples              1    164  ready
math                 samples              1  5,000  ready
math_500             samples              1    500  ready
mbpp                 samples              1    974  ready
mediqa               samples              2    380  warnings
mediqa               another split        1     25  ready
mediqa_rqe           worked examples      1    302  warnings
minerva_math         samples              1    272  ready
mmlu                 samples             57  2,850  warnings
mmlu                 worked examples     57    285  warnings
mt_bench             samples              2    110  ready
pubmed_abstracts     samples              1  2,064  warnings
pubmedqa             samples              1  1,000  ready
safety_eval          samples              3  1,290  warnings
safety_eval          another split        1     80  ready
scienceqa            samples              1    361  warnings
scicite              samples              1  1,861  warnings
scientific_papers    samples              2      4  ready
scientific_papers    worked examples      2      4  ready
scientific_papers    another split        2      4  ready
scierc               samples              1    551  ready
scierc_relations     samples              1    974  ready
scitldr              samples              1    618  ready
toxicity_davidson    samples              1  2,000  ready
toxicity_detection   samples              1  3,728  ready
truthfulqa           samples              1    817  ready
truthfulqa           another release      1    790  ready
"""
"""Dataset, what a run takes it for, files, rows and status."""
UNKNOWN = {
    "mt_bench/judge_prompts.jsonl",
    "pubmedqa/test_ground_truth.json",
    "scienceqa/captions.json",
    "truthfulqa/TruthfulQA.csv",
    "truthfulqa/data/v1/TruthfulQA.csv",
}
"""Files that are no rows of a dataset: prompts of judges, ids of a split, captions, lists."""


@pytest.fixture(scope="module")
def scanned(benchmark_data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    site = Site(tmp_path_factory.mktemp("scanned"))
    done = site.run("datasets", "scan", str(benchmark_data), "--json")
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def test_every_data_set_has_its_files_its_rows_and_its_status(scanned: dict[str, Any]) -> None:
    rows = sorted(
        f"{one['dataset']:20} {one['use']:18} {len(one['files']):3} {one['rows']:6,}"
        f"  {one['status']}"
        for one in scanned["sets"]
    )
    assert rows == sorted(TABLE.strip().splitlines())


def test_files_that_are_no_rows_of_a_dataset_are_unknown(scanned: dict[str, Any]) -> None:
    unknown = {one["file"] for one in scanned["unknown"]}
    assert unknown == UNKNOWN


def test_images_that_are_not_there_are_counted(scanned: dict[str, Any]) -> None:
    (one,) = (one for one in scanned["sets"] if one["dataset"] == "scienceqa")
    assert one["reasons"][0] == "images of 127 of 167 samples are not there"
    (lost, *_) = (one for one in scanned["sets"] if one["status"] == "unusable")
    assert lost["reasons"][0] == "images of 733 of 733 samples are not there"


def test_what_makes_a_data_set_unusable_is_told_with_its_place(scanned: dict[str, Any]) -> None:
    (one,) = (one for one in scanned["sets"] if one["dataset"] == "codecontests")
    file = "codecontests/CodeContests_zeroshot_for_test_case_generation.jsonl"
    (finding,) = (f for f in one["findings"] if f["verdict"] == "failed")
    assert finding["n_cases"] == 165
    assert finding["cases"][0]["id"] == file
    assert finding["cases"][0]["what"].startswith(f"{file}:1 has no tests")


def test_everything_else_is_left_out_by_what_it_is(scanned: dict[str, Any]) -> None:
    assert {one["why"] for one in scanned["skipped"]} == {"an image", "documentation"}


def test_a_run_reads_what_a_scan_counts(scanned: dict[str, Any]) -> None:
    taken = {one["dataset"]: one["samples"] for one in scanned["sets"] if one["use"] == "samples"}
    assert taken["mbpp"] == 500
    assert taken["pubmedqa"] == 500
    assert taken["bioasq"] == 390
    assert taken["mt_bench"] == 80
    assert taken["safety_eval"] == 1210
