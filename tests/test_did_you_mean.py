"""A name that is nearly right is answered with what was meant, wherever a user gives one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from tests.conftest import Site
from tests.killing import N_SAMPLES, Driver, driver_at

from evalctl.cli.mistakes import OF_OTHERS


class Near(NamedTuple):
    """A name that is nearly right, and what is said of it."""

    line: str
    """The command line."""
    meant: str
    """What must be suggested."""
    known: str
    """One more name that must be listed."""
    file: str = ""
    """What `file.yaml` holds, where the name stands there."""


REPLAY = "run --model replay:outputs.jsonl --data data"
WITH_FILE = f"{REPLAY} --config file.yaml"
GATE = "gate latest --policy file.yaml"
NEAR = {
    "command": Near("lst", "list", "compare"),
    "command_in_capitals": Near("RUN", "run", "compare"),
    "command_of_list": Near("list modells", "models", "datasets"),
    "command_of_cache": Near("cache inf", "info", "clear"),
    "command_of_sandbox": Near("sandbox docter", "doctor", "doctor"),
    "command_of_plugins": Near("plugins docter", "doctor", "doctor"),
    "option": Near("list models --jsn", "--json", "--category"),
    "option_of_run": Near("run --categroy math", "--category", "--max-errors"),
    "option_with_a_value": Near("run --temprature=0.5", "--temperature", "--seed"),
    "option_of_evalctl": Near("--verson", "--version", "--help"),
    "category": Near("run --category steadyness", "steadiness", "math"),
    "category_in_capitals": Near("list models -c Math", "math", "coding"),
    "category_of_datasets": Near("list datasets -c codng", "coding", "math"),
    "category_of_metrics": Near("list metrics -c maths", "math", "coding"),
    "model": Near("run --model qwen2.5-7b -c math", "qwen25_7b", "reference"),
    "engine_of_a_path": Near("run --model vlm:/x -c math", "vllm", "steady"),
    "engine": Near("run --model qwen25_7b -c math --engine vlm", "vllm", "replay"),
    "engine_option": Near(f"{REPLAY} --engine-option chatt=auto", "chat", "chat"),
    "preset": Near("run --model qwen25_7b -c math --preset balance", "balanced", "performance"),
    "dataset": Near(f"{REPLAY} --dataset steady-row", "steady_rows", "gsm8k"),
    "dataset_to_check": Near("check gsm-8k", "gsm8k", "steady_rows"),
    "executor": Near(f"{REPLAY} --executor bwarp", "bwrap", "landlock"),
    "executor_of_the_doctor": Near("sandbox doctor --executor bwarp", "bwrap", "landlock"),
    "judge": Near(f"{REPLAY} --judge referense", "reference", "qwen25_7b"),
    "judge_engine": Near(f"{REPLAY} --judge repaly:x", "replay", "vllm"),
    "run": Near("show REPLACED", "RUN", "RUN"),
    "run_to_resume": Near("run --resume REPLACED", "RUN", "RUN"),
    "run_to_score": Near("score REPLACED", "RUN", "RUN"),
    "run_to_repeat": Near("rerun REPLACED", "RUN", "RUN"),
    "run_to_export": Near("export REPLACED --format csv", "RUN", "RUN"),
    "run_as_baseline": Near("compare latest --baseline REPLACED", "RUN", "RUN"),
    "model_of_a_run": Near(
        "compare latest:replay:output.jsonl latest", "replay:outputs.jsonl", "replay:outputs.jsonl"
    ),
    "model_to_export": Near(
        "export latest --format csv --model replay:output", "replay:outputs.jsonl", "replay"
    ),
    "format": Near("export latest --format lm_evall", "lm-eval", "parquet"),
    "metric": Near("compare latest earlier --metric likness", "likeness", "likeness"),
    "yaml_key": Near(WITH_FILE, "limits", "sandbox", "limit: {samples: 5}"),
    "yaml_key_inside": Near(WITH_FILE, "samples", "max_errors", "limits: {sample: 5}"),
    "yaml_dataset": Near(WITH_FILE, "gsm8k", "steady_rows", "datasets: {gsm9k: {shots: 2}}"),
    "yaml_model": Near(WITH_FILE, "qwen25_7b", "reference", "models: {qwen25: {priority: high}}"),
    "yaml_engine": Near(WITH_FILE, "vllm", "replay", "models: {qwen25_7b: {engine: vlm}}"),
    "yaml_preset_engine": Near(WITH_FILE, "vllm", "replay", "presets: {balanced: {vlm: {}}}"),
    "yaml_engine_option": Near(
        WITH_FILE, "dtype", "max_model_len", "presets: {balanced: {vllm: {dtyp: x}}}"
    ),
    "yaml_sandbox": Near(WITH_FILE, "bwrap", "landlock", "sandbox: {executor: bwarp}"),
    "yaml_executor": Near(
        WITH_FILE, "coding_contests", "coding_libraries", "executors: {coding_contest: {}}"
    ),
    "policy_key": Near(GATE, "datasets", "categories", "dataset: {}"),
    "policy_key_inside": Near(GATE, "unparsed", "cut_off", "every_dataset: {unparse: 0.1}"),
    "policy_dataset": Near(
        GATE, "steady_rows", "steady_rows", "datasets: {steady_row: {unparsed: 0.1}}"
    ),
    "policy_category": Near(
        GATE, "steadiness", "steadiness", "categories: {steady: {floor: {at_least: 0.1}}}"
    ),
    "policy_metric": Near(
        GATE,
        "likeness",
        "likeness",
        "datasets: {steady_rows: {metrics: {likely: {floor: {at_least: 0.1}}}}}",
    ),
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driver]:
    """A category, recorded outputs, and two runs of them."""
    with driver_at(Site(tmp_path_factory.mktemp("site"))) as driver:
        rows = [
            {"dataset": "steady_rows", "id": f"s{n}", "completions": ["4", "4"]}
            for n in range(N_SAMPLES)
        ]
        text = "".join(json.dumps(row) + "\n" for row in rows)
        (driver.folder / "outputs.jsonl").write_text(text)
        for name in ("earlier", "latest_but_one"):
            driver.start(*REPLAY.split(), "--out", f"making-{name}", "-n", "5")
            assert driver.wait() == 0, driver.said()
            (made,) = (driver.folder / f"making-{name}").iterdir()
            (driver.folder / "runs").mkdir(exist_ok=True)
            made.rename(driver.folder / "runs" / name)
        yield driver


@pytest.mark.parametrize("what", NEAR)
def test_near_miss_is_answered_with_what_was_meant_and_what_there_is(
    place: Driver, what: str
) -> None:
    near = NEAR[what]
    meant, known = (name.replace("RUN", "latest_but_one") for name in (near.meant, near.known))
    (place.folder / "file.yaml").write_text(near.file)

    place.start(*near.line.replace("REPLACED", "latest_but_on3").split())

    assert place.wait() == 2, place.said()
    said = " ".join(place.said().split())
    assert "Traceback" not in said
    assert f"did you mean {meant}" in said.replace("Did you", "did you")
    rest = said.split("did you mean")[-1].split("Did you mean")[-1]
    assert known in rest.partition("?")[2]


@pytest.mark.parametrize("name", OF_OTHERS)
def test_what_other_tools_call_an_option_is_answered_with_our_word(
    place: Driver, name: str
) -> None:
    place.start("run", name.replace("-", "_").replace("__", "--", 1), "3")

    assert place.wait() == 2, place.said()
    said = " ".join(place.said().split())
    ours = OF_OTHERS[name]
    assert f" is {ours} here." in said
    known = said.partition("Known: ")[2].partition(". What")[0].split(", ")
    named = {word for word in ours.replace(",", "").split() if word.startswith("--")}
    assert named
    assert named <= set(known)
