"""Every mistake gets one clear line, exit code 2, no traceback, and leaves nothing behind."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.commands import Commands
from tests.conftest import Site

ROW = json.dumps({"question": "1 + 1?", "answer": "1 + 1 = 2\n#### 2"})


@pytest.fixture
def place(site: Site, commands: Commands) -> Site:
    """Data with two rows of GSM8K, recorded outputs for both, and a folder for runs."""
    folder = site.folder / "data" / "gsm8k"
    folder.mkdir(parents=True)
    (folder / "test.jsonl").write_text(f"{ROW}\n{ROW}\n")
    outputs = [{"dataset": "gsm8k", "id": str(i), "completions": ["#### 2"]} for i in range(2)]
    text = "".join(json.dumps(output) + "\n" for output in outputs)
    (site.folder / "outputs.jsonl").write_text(text)
    return replace(site, commands=commands)


def refuse(place: Site, *arguments: str) -> str:
    """Run it, see that it is refused as a mistake should be, and return the message."""
    done = place.run("run", *arguments)
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert not (place.folder / "runs").exists()
    return " ".join(done.stderr.split())


def write_hollow_model(folder: Path) -> None:
    """Write a model folder that is whole for a look at its files, and holds one number."""
    folder.mkdir()
    config = {"architectures": ["LlamaForCausalLM"], "max_position_embeddings": 64}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "tokenizer.json").write_text('{"model": {}}')
    header = json.dumps({"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode()
    weights = len(header).to_bytes(8, "little") + header + bytes(4)
    (folder / "model.safetensors").write_bytes(weights)


def replay(*more: str) -> tuple[str, ...]:
    return ("--model", "replay:outputs.jsonl", "--data", "data", *more)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--category", "maths"), "unknown category 'maths'. Did you mean math"),
        (("--category", "math", "--model", "qwen25_maths"), "unknown model 'qwen25_maths'"),
        (("--dataset", "gsm8", "--model", "replay:outputs.jsonl"), "Did you mean gsm8k"),
        (("--model", "vlm:/x", "--category", "math"), "unknown engine 'vlm'. Did you mean vllm"),
        ((), "--category NAME"),
        (("--category", "math", "--model", "a" * 300), "File name too long: 'aaa"),
        (("--resume", "a" * 300), "File name too long: 'aaa"),
        (("--model", "data", "--category", "math"), "vllm:data or transformers:data"),
        (replay("--executor", "bwarp"), "unknown sandbox 'bwarp'. Did you mean bwrap"),
        (replay("--samples", "0"), "--samples 0"),
        (replay("--samples", "-3"), "--samples -3"),
        (replay("--samples", "many"), "--samples many: give a whole number, 1 or more, or `all`"),
        (replay("--repeats", "0"), "--repeats 0"),
        (replay("--shots", "-1"), "--shots -1"),
        (replay("--temperature", "-0.5"), "--temperature -0.5"),
        (replay("--engine-option", "dtype=float32"), "has no option 'dtype'"),
        (replay("--engine-option", "dtype"), "KEY=VALUE"),
        (replay("--preset", "balanced"), "--preset"),
        (replay("--engine", "vllm"), "contradicts"),
        (replay("--data", "nowhere"), "nowhere is not a folder"),
        (replay("--out", "outputs.jsonl/runs"), "outputs.jsonl is a file"),
        (replay("--config", "none.yaml"), "none.yaml"),
        (("--model", "replay:none.jsonl"), "none.jsonl"),
        (("--model", "replay:", "--category", "math"), "--model replay:: a path is missing"),
        (
            ("--model", "reference", "--category", "math", "--judge", "replay:"),
            "--judge replay:: a path is missing: replay:FILE",
        ),
        (
            ("--model", "reference", "--category", "math", "--judge", "."),
            "--judge .: a path needs its engine in front",
        ),
        (replay("--dataset", "math"), "dataset 'math' was not found"),
    ],
)
def test_a_mistake_on_the_command_line_is_refused(
    place: Site, arguments: tuple[str, ...], message: str
) -> None:
    assert message in refuse(place, *arguments)


@pytest.mark.parametrize("engine", ["vllm", "transformers"])
def test_an_unknown_engine_option_names_the_near_one(place: Site, engine: str) -> None:
    arguments = ("--model", f"{engine}:.", "--dataset", "gsm8k", "--data", "data")
    message = refuse(place, *arguments, "--engine-option", "dtyp=float32")
    assert "has no option 'dtyp'. Did you mean dtype" in message


def test_a_bad_value_of_an_engine_option_is_told_with_what_is_possible(place: Site) -> None:
    arguments = ("--model", "vllm:.", "--dataset", "gsm8k", "--data", "data")
    message = refuse(place, *arguments, "--engine-option", "dtype=float31")
    assert "float31" in message
    assert "bfloat16" in message


def test_an_unknown_preset_names_those_that_exist(place: Site) -> None:
    message = refuse(place, "--model", "qwen25_7b", "--category", "math", "--preset", "fastest")
    assert "unknown preset of qwen25_7b 'fastest'" in message
    assert "balanced, performance" in message


@pytest.mark.parametrize("engine", ["vllm", "transformers"])
def test_a_model_folder_that_is_not_there_is_refused(place: Site, engine: str) -> None:
    arguments = ("--dataset", "gsm8k", "--data", "data")
    assert "nowhere" in refuse(place, "--model", f"{engine}:./nowhere", *arguments)


def test_a_model_folder_without_weights_is_refused(place: Site) -> None:
    folder = place.folder / "model"
    folder.mkdir()
    config = {"architectures": ["LlamaForCausalLM"], "max_position_embeddings": 64}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "tokenizer.json").write_text('{"model": {}}')
    message = refuse(place, "--model", "vllm:./model", "--dataset", "gsm8k", "--data", "data")
    assert "weights" in message


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"question": "1 + 1?"', "not a JSON object"),
        ('{"question": "1 + 1?"}', "'answer' is missing"),
        ('{"question": 7, "answer": "#### 2"}', "column 'question' holds 7"),
        ('{"question": "1 + 1?", "answer": "two"}', "no `#### N`"),
        ("[1, 2]", "a JSON object is needed"),
    ],
)
def test_a_broken_row_is_named_by_file_and_line(place: Site, line: str, reason: str) -> None:
    path = place.folder / "data" / "gsm8k" / "test.jsonl"
    path.write_text(f"{ROW}\n{line}\n{ROW}\n")
    message = refuse(place, *replay())
    assert "gsm8k/test.jsonl:2" in message
    assert reason in message


def test_a_row_that_no_file_can_hold_is_refused(place: Site) -> None:
    path = place.folder / "data" / "gsm8k" / "test.jsonl"
    path.write_text('{"question": "\\ud800", "answer": "#### 5"}\n')
    message = refuse(place, *replay())
    assert "sample '0'" in message
    assert "UTF-8" in message


def test_missing_worked_examples_say_how_to_do_without(place: Site) -> None:
    write_hollow_model(place.folder / "model")
    message = refuse(place, "--model", "vllm:./model", "--dataset", "gsm8k", "--data", "data")
    assert "5 worked examples need its training split" in message
    assert "--shots 0" in message


def test_a_broken_row_is_found_even_where_few_samples_are_asked(place: Site) -> None:
    path = place.folder / "data" / "gsm8k" / "test.jsonl"
    path.write_text(f"{ROW}\n" * 50 + "{\n")
    assert "test.jsonl:51" in refuse(place, *replay("--samples", "1"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("limits:\n  sample: 5\n", "sample"),
        ("modles: {}\n", "modles"),
        ("datasets:\n  gsm9k:\n    shots: 2\n", "unknown dataset 'gsm9k'"),
        ("models:\n  qwen: {priority: high}\n", "unknown model 'qwen'"),
        ("models:\n  qwen25_7b: {priority: highest}\n", "highest"),
        ("limits: !!python/object/apply:os.system ['true']\n", "settings.yaml"),
        ("metrics: {pass_k: [4]}\n", "4"),
        ("limits: [\n", "settings.yaml"),
        ("executors: {bwrap: {packages: [x]}}\n", "unknown executor of a category 'bwrap'"),
        ("sandbox: {executor: bwarp}\n", "unknown sandbox 'bwarp'"),
        ("data: [nowhere]\n", "nowhere is not a folder"),
        ("presets: {performance: {vllm: {no_such: 1}}}\n", "no option 'no_such'"),
    ],
)
def test_a_mistake_in_the_yaml_file_is_refused(place: Site, text: str, message: str) -> None:
    (place.folder / "settings.yaml").write_text(text)
    assert message in refuse(place, *replay("--config", "settings.yaml"))


def test_a_broken_line_of_recorded_outputs_is_named(place: Site) -> None:
    with (place.folder / "outputs.jsonl").open("a") as file:
        file.write('{"dataset": "gsm8k", "id": 5}\n')
    assert "outputs.jsonl:3" in refuse(place, *replay())


def test_repeats_at_temperature_zero_are_warned_of(place: Site) -> None:
    write_hollow_model(place.folder / "model")
    arguments = ("--model", "vllm:./model", "--dataset", "gsm8k", "--data", "data", "--shots", "0")
    done = place.run("run", *arguments, "--repeats", "2", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "2 repeats at temperature 0" in " ".join(done.stdout.split())


def test_a_dry_run_writes_nothing(place: Site) -> None:
    done = place.run("run", *replay("--dry-run"))
    assert done.returncode == 0, done.stderr
    assert "1 + 1?" in done.stdout
    assert not (place.folder / "runs").exists()
