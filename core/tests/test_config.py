"""The user's YAML file: what it may say, what it is refused for, and what it changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from evalctl.config import UserConfig, apply_dataset, apply_model, load
from evalctl.errors import ConfigError
from evalctl.metrics import mean_value
from evalctl.records import Completion, Sample, Sampling, Score
from evalctl.sources import InlineSource, Row
from evalctl.specs import (
    Convention,
    DatasetSpec,
    Example,
    MetricSpec,
    ModelSpec,
    Preset,
    PromptTemplate,
    ScorerSpec,
)


def to_sample(row: Row) -> Sample:
    return Sample(id=row.text("id"), input=row.text("question"))


def judge(sample: Sample, completion: Completion) -> Score:
    return Score(value=float(sample.target in completion.text))


MODEL = ModelSpec(
    name="small_7b",
    title="Small",
    path="makers/small",
    parameters=7_000_000_000,
    context_length=4096,
    engine="vllm",
    convention=Convention(chat="always", system="Be brief."),
    presets={"balanced": Preset(engine="vllm", options={"dtype": "auto", "max_num_seqs": 8})},
    licence="Apache-2.0",
)
METRIC = MetricSpec(name="accuracy", title="Accuracy", reduce=mean_value)
DATASET = DatasetSpec(
    name="sums",
    title="Sums",
    version="1",
    licence="CC0",
    citation="us",
    sources=(InlineSource(rows=()),),
    columns=frozenset({"question"}),
    to_sample=to_sample,
    prompt=PromptTemplate(preamble="Add.", stop=("\n\n",)),
    shots=5,
    sampling=Sampling(max_tokens=256, top_p=0.9),
    scorers=(
        ScorerSpec(name="plain", version="1", metrics=(METRIC,), score=judge),
        ScorerSpec(name="apart", version="1", metrics=(METRIC,), score=judge, is_isolated=True),
    ),
    headline="accuracy",
    examples=(Example(sample=Sample(id="1", input="1 + 1"), good="2", bad="3"),),
)


def written(folder: Path, text: str) -> Path:
    path = folder / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def config(folder: Path, text: str) -> UserConfig:
    return load(written(folder, text))


def message(path: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        load(path)
    return str(caught.value)


FULL = """
models:
  small_7b:
    priority: high
    specialization_weight: 0.9
    revision: abc123
    engine: transformers
    convention: {chat: never, shots: 4}
    presets:
      balanced: {options: {max_num_seqs: 64}}
      long: {engine: vllm, options: {max_model_len: 32768}}
presets:
  balanced:
    vllm: {dtype: bfloat16, max_num_seqs: 32}
    transformers: {batch_size: 4}
datasets:
  sums:
    samples: 20
    shots: 0
    repeats: 4
    sampling: {temperature: 0.6}
    prompt: {preamble: Please add.}
limits: {samples: 50, timeout_seconds: 2.5, max_errors: 3}
metrics: {pass_k: [1, 2]}
data: [datasets, /srv/data]
"""


def test_full_file_is_read(tmp_path: Path) -> None:
    read = config(tmp_path, FULL)
    assert read.names() == (("small_7b",), ("sums",))
    assert (read.samples_of("sums"), read.samples_of("other")) == (20, 50)
    assert read.pass_k == (1, 2)
    assert read.limits.max_errors == 3
    assert read.data_folders == (tmp_path / "datasets", Path("/srv/data"))


def test_model_takes_only_what_was_given(tmp_path: Path) -> None:
    spec = apply_model(MODEL, config(tmp_path, FULL))
    assert (spec.priority, spec.specialization_weight) == ("high", 0.9)
    assert (spec.revision, spec.engine) == ("abc123", "transformers")
    assert spec.convention == Convention(chat="never", system="Be brief.", shots=4)
    assert spec.title == "Small"


def test_options_of_presets_are_merged_from_plugin_to_file_to_model(tmp_path: Path) -> None:
    presets = apply_model(MODEL, config(tmp_path, FULL)).presets
    assert presets["balanced"] == Preset(
        engine="vllm", options={"dtype": "bfloat16", "max_num_seqs": 64}
    )
    assert presets["long"] == Preset(engine="vllm", options={"max_model_len": 32768})


def test_preset_for_another_engine_replaces_the_declared_one(tmp_path: Path) -> None:
    text = "models: {small_7b: {presets: {balanced: {engine: transformers, options: {x: 1}}}}}"
    presets = apply_model(MODEL, config(tmp_path, text)).presets
    assert presets["balanced"] == Preset(engine="transformers", options={"x": 1})


def test_general_preset_is_for_models_of_its_engine_alone(tmp_path: Path) -> None:
    text = "presets: {quick: {transformers: {batch_size: 4}}}"
    assert apply_model(MODEL, config(tmp_path, text)) is MODEL


def test_dataset_takes_only_what_was_given(tmp_path: Path) -> None:
    spec = apply_dataset(DATASET, config(tmp_path, FULL))
    assert (spec.shots, spec.repeats) == (0, 4)
    assert spec.sampling == Sampling(max_tokens=256, top_p=0.9, temperature=0.6)
    assert spec.prompt == PromptTemplate(preamble="Please add.", stop=("\n\n",))
    assert [scorer.timeout_seconds for scorer in spec.scorers] == [10.0, 2.5]


@pytest.mark.parametrize("text", ["", "# nothing\n", "models: {}", "datasets: {other: {shots: 1}}"])
def test_file_that_says_nothing_of_a_spec_leaves_the_very_object(tmp_path: Path, text: str) -> None:
    read = config(tmp_path, text)
    assert apply_model(MODEL, read) is MODEL
    assert apply_dataset(DATASET, read) is DATASET


def test_no_file_changes_nothing() -> None:
    read = UserConfig()
    assert read.names() == ((), ())
    assert (read.samples_of("sums"), read.pass_k, read.data_folders) == (None, None, ())
    assert apply_model(MODEL, read) is MODEL


# Each: the file, and what the message must hold after its name.
INVALID = [
    ("modles: {}", ":1: modles: unknown key; did you mean models? known: models, presets, "),
    ("limits:\n  sample: 5", ":2: limits.sample: unknown key; did you mean samples?"),
    ("models:\n  a:\n    prioritty: low", ":3: models.a.prioritty: unknown key; did you mean pri"),
    (
        "datasets:\n  a:\n    prompt:\n      qqq: x",
        ":4: datasets.a.prompt.qqq: unknown key; known:",
    ),
    ("models:\n  a:\n    priority: highest", ":3: models.a.priority: input should be 'high', "),
    ("models:\n  a:\n    specialization_weight: 2", "weight: input should be less than or equal"),
    ("models:\n  a:\n    engine: no", ":3: models.a.engine: input should be a valid string (given"),
    ("models:\n  a b: {}", ":2: models.a b: 'a b' is not a name"),
    ("datasets: {a: {samples: 0}}", "datasets.a.samples: input should be greater than or equal"),
    ("datasets: {a: {samples: yes}}", "datasets.a.samples: input should be a valid integer"),
    ("datasets: {a: {shots: -1}}", "datasets.a.shots: input should be greater than or equal to 0"),
    ("datasets: {a: {sampling: {temperature: -1}}}", "sampling: temperature must be 0 or more"),
    ("datasets: {a: {sampling: {top_p: 0}}}", "sampling: top_p must be above 0"),
    ("datasets: {a: {sampling: {max_tokens: 0}}}", "sampling: max_tokens must be 1 or more"),
    ("metrics: {pass_k: [1, 0]}", ":1: metrics.pass_k.1: input should be greater than or equal"),
    ("limits: {timeout_seconds: .inf}", "limits.timeout_seconds: input should be a finite number"),
    ("data: somewhere", ":1: data: input should be a valid tuple"),
    ("- models", ": a mapping is needed, with keys models, presets, "),
    ("just text", ": a mapping is needed"),
]


@pytest.mark.parametrize(("text", "expected"), INVALID, ids=[text for text, _ in INVALID])
def test_invalid_value_is_refused_with_file_line_and_key(
    tmp_path: Path, text: str, expected: str
) -> None:
    path = written(tmp_path, text)
    said = message(path)
    assert said.startswith(f"{path}:")
    assert expected in said


NOT_YAML = [
    ("a: [1, 2", ":1: not valid YAML"),
    ("a: 1\nb: 2\n  c: 3", ":3: not valid YAML"),
    ("models: {}\nlimits: {}\nmodels: {}", ":3: key 'models' stands here again; first on line 1"),
    ("limits:\n  samples: 1\n  samples: 2", ":3: key 'samples' stands here again"),
    ("a: !!python/object/apply:os.system ['true']", ":1: not valid YAML: could not determine"),
    ("a: !mine 1", ":1: not valid YAML: could not determine"),
    ("1: {}", ":1: a key must be a text"),
    ("yes: {}", ":1: a key must be a text"),
    ("? [a]\n: 1", ":1: a key must be a text"),
    ("a: 1\n---\nb: 2", "not valid YAML: but found another document"),
    ("a: &x [*x]", ":1: an alias within what it stands for"),
    ("a: *nobody", ":1: not valid YAML: found undefined alias"),
    ("a: \x00", ": not valid YAML"),
    ("a: 2024-99-99", ": not valid YAML"),
    ("[" * 50_000, ": nested too deeply"),
    ("a: [" + "1," * 25_000 + "1]", ":1: more than 20000 values"),
]


@pytest.mark.parametrize(("text", "expected"), NOT_YAML, ids=[text[:20] for text, _ in NOT_YAML])
def test_what_is_not_plain_yaml_is_refused(tmp_path: Path, text: str, expected: str) -> None:
    path = written(tmp_path, text)
    said = message(path)
    assert said.startswith(f"{path}:")
    assert expected in said


REMEDIES = [
    (
        "limits: {}\na: b: c",
        "config.yaml:2: not valid YAML: mapping values are not allowed here, at"
        " column 5 of 'a: b: c'; put a text with a colon in quotes, and one key on a line",
    ),
    ("limits:\n\tsamples: 1", "indent with spaces, not with tabs"),
    ("limits:\n  samples: 1\n max_errors: 2", "begin it in the same column as the keys beside it"),
    ("a: [1, 2\nb: 3\n", "at column 2 of 'b: 3'; close the bracket (opened on line 1)"),
    ("a: 'x\nb: 2\n", "close the quotes (opened on line 1)"),
    ("a: *x", "put a value that begins with * in quotes"),
]


@pytest.mark.parametrize(("text", "expected"), REMEDIES)
def test_what_is_not_yaml_is_told_with_its_place_and_what_helps(
    tmp_path: Path, text: str, expected: str
) -> None:
    assert expected in message(written(tmp_path, text))


def test_bomb_of_aliases_is_refused_at_once(tmp_path: Path) -> None:
    lines = ["a: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"b{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)]
    assert "aliases stand for more than 20000 values" in message(
        written(tmp_path, "\n".join(lines))
    )


def test_anchors_and_merges_in_moderation_are_welcome(tmp_path: Path) -> None:
    text = (
        "datasets:\n  one: &usual {shots: 0, samples: 7}\n  two: *usual\n"
        "  three:\n    <<: *usual\n    samples: 8\n"
    )
    read = config(tmp_path, text)
    assert [read.samples_of(name) for name in ("one", "two", "three")] == [7, 7, 8]
    assert read.datasets["three"].shots == 0


def test_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    path.write_text("#" * ((1 << 20) + 1))
    assert message(path) == f"{path}: larger than 1048576 bytes; that is no configuration"


def test_file_that_is_not_text_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "binary.yaml"
    path.write_bytes(b"limits:\n  samples: \xff\n")
    assert message(path) == f"{path}:2: not UTF-8 text"


def test_missing_file_and_folder_are_refused(tmp_path: Path) -> None:
    assert "cannot be read: No such file" in message(tmp_path / "missing.yaml")
    assert "cannot be read: Is a directory" in message(tmp_path)


def test_several_problems_are_told_at_once(tmp_path: Path) -> None:
    said = message(written(tmp_path, "limits:\n  samples: 0\n  max_errors: -1\n")).splitlines()
    assert ["limits.samples" in said[0], "limits.max_errors" in said[1]] == [True, True]


def test_many_problems_are_counted(tmp_path: Path) -> None:
    path = written(tmp_path, "\n".join(f"key{number}: 1" for number in range(9)))
    assert message(path).splitlines()[-1] == f"and 4 more problems in {path}"
