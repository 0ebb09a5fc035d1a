"""What lm-evaluation-harness's own code reads of an export is what the run found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.exporting.conftest import exported, read_with

from evalctl.errors import OutputError
from evalctl.exporting.lm_eval import folder_name
from evalctl.store import RunFolder

Read = dict[str, Any]

MODEL_AND_DATASET = ("replay:outputs.jsonl", "gsm8k")


@pytest.fixture(scope="module")
def both(
    hostile_run: RunFolder, repeated_run: RunFolder, tmp_path_factory: pytest.TempPathFactory
) -> list[Read]:
    folder = tmp_path_factory.mktemp("lm-eval")
    made = [
        exported(run, "lm-eval", folder / str(number))
        for number, run in enumerate((hostile_run, repeated_run))
    ]
    return read_with("read_lm_eval.py", *made)


@pytest.fixture(scope="module")
def whole(both: list[Read]) -> Read:
    return both[0]


@pytest.fixture(scope="module")
def repeated(both: list[Read]) -> Read:
    return both[1]


def figures(run: RunFolder) -> dict[str, tuple[float | None, float | None]]:
    (dataset,) = run.summary().models[0].datasets
    return {m.name: (m.value, m.stderr) for m in dataset.metrics if m.value is not None}


def test_every_figure_is_the_summarys(
    whole: Read, repeated: Read, hostile_run: RunFolder, repeated_run: RunFolder
) -> None:
    for read, run in ((whole, hostile_run), (repeated, repeated_run)):
        task = read["results"]["results"]["gsm8k"]
        found = {
            key.partition(",")[0]: (value, task[key.replace(",", "_stderr,", 1)])
            for key, value in task.items()
            if "," in key and "_stderr," not in key
        }
        assert found == figures(run)


def test_a_category_is_a_group(whole: Read, hostile_run: RunFolder) -> None:
    (score,) = hostile_run.summary().models[0].categories
    group = whole["results"]["groups"]["math"]
    assert group["category_score,none"] == score.value
    assert group["category_score_stderr,none"] == score.stderr
    assert whole["results"]["group_subtasks"]["math"] == ["gsm8k"]


def test_lm_evals_table_shows_values_and_errors(whole: Read, hostile_run: RunFolder) -> None:
    value, stderr = figures(hostile_run)["numerical_accuracy"]
    (line,) = [line for line in whole["table"].splitlines() if "numerical_accuracy" in line]
    cells = [cell.strip() for cell in line.split("|")]
    assert float(cells[7]) == pytest.approx(value, abs=5e-5)
    assert float(cells[9]) == pytest.approx(stderr, abs=5e-5)
    assert "category_score" in whole["groups"]


def test_the_samples_add_up_to_the_results(
    whole: Read, repeated: Read, hostile_run: RunFolder, repeated_run: RunFolder
) -> None:
    for read, run in ((whole, hostile_run), (repeated, repeated_run)):
        expected = figures(run)
        for name in expected:
            values = [line[name] for line in read["samples"]["gsm8k"] if name in line["metrics"]]
            assert sum(values) / len(values) == pytest.approx(expected[name][0], abs=1e-12)


def test_responses_are_whole_and_answers_are_what_a_scorer_read(
    whole: Read, hostile_run: RunFolder
) -> None:
    kept = {result.sample_id: result for result in hostile_run.results(*MODEL_AND_DATASET)}
    lines = [line for line in whole["samples"]["gsm8k"] if line["filter"] == "numerical_accuracy"]
    assert len(lines) == len(kept)
    for line in lines:
        result = kept[line["doc"]["id"]]
        (completion,) = result.generation.completions
        ((response,),) = line["resps"]
        assert response.endswith(completion.text)
        assert completion.reasoning in response
        (score,) = result.scores["numerical_accuracy"]
        assert line["filtered_resps"] == [score.answer or "[invalid]"]


def test_repeats_are_responses_of_one_sample(repeated: Read) -> None:
    lines = repeated["samples"]["gsm8k"]
    assert {len(line["resps"][0]) for line in lines} == {3}
    assert {len(line["filtered_resps"][0]) for line in lines} == {3}
    assert len({line["doc_id"] for line in lines}) == 6


def test_counts_settings_and_hashes_are_there(whole: Read) -> None:
    results = whole["results"]
    assert results["n-samples"]["gsm8k"] == {"original": 8, "effective": 8}
    assert results["configs"]["gsm8k"]["generation_kwargs"]["max_gen_toks"] == 512
    assert results["task_hashes"] == whole["hashes"]
    assert set(whole["rows"].values()) == {len(whole["samples"]["gsm8k"])}


def test_what_lm_eval_has_no_place_for_is_there_too(
    repeated: Read, repeated_run: RunFolder
) -> None:
    own = repeated["results"]["evalctl"]
    (dataset,) = repeated_run.summary().models[0].datasets
    assert own["status"] == "failed"
    assert own["datasets"]["gsm8k"] == json.loads(dataset.model_dump_json())


def test_a_run_without_a_summary_is_refused(hostile_run: RunFolder, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(hostile_run.path, tmp_path / "run")
    (tmp_path / "run" / "summary.json").unlink()
    with pytest.raises(OutputError, match="lm-eval needs one"):
        exported(RunFolder(tmp_path / "run"), "lm-eval", tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("model", ["../../etc", "..", "a" * 300, "vllm:/x", "é" * 150])
def test_no_model_name_leaves_the_folder(model: str) -> None:
    name = folder_name(model)
    assert "/" not in name
    assert name not in {"", ".", ".."}
    assert len(name.encode()) <= 200
