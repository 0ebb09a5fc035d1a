from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from core.tests.cache.making import DRAWN, ENGINE, identity, model_at, prompt

from evalctl.cache import address, key_of, model_files, model_identity
from evalctl.engines.transformers_options import TransformersOptions
from evalctl.engines.vllm_options import VllmOptions
from evalctl.protocols import ModelFacts
from evalctl.records import Message, Sampling

COMMIT = "a" * 40


def test_the_same_question_has_one_address_in_all_datasets() -> None:
    other = prompt(dataset="other_sums", sample_id="7")

    assert key_of(identity(), "generate", prompt()) == key_of(identity(), "generate", other)


@pytest.mark.parametrize(
    "changes",
    [
        {"text": "1 + 1 = "},
        {"text": "", "messages": (Message(role="user", content="1 + 1 ="),)},
        {"text": "", "messages": (Message(role="system", content="1 + 1 ="),)},
        {"continuations": ("2",)},
        {"n": 2},
        {"sampling": Sampling(max_tokens=1023)},
        {"sampling": Sampling(stop=("\n",))},
        {"sampling": Sampling(top_k=1)},
        {"sampling": Sampling(json_schema="{}")},
        {"sampling": DRAWN},
    ],
    ids=str,
)
def test_whatever_decides_an_answer_changes_its_address(changes: dict[str, object]) -> None:
    assert key_of(identity(), "generate", prompt(**changes)) != key_of(
        identity(), "generate", prompt()
    )


def test_what_is_wanted_changes_the_address() -> None:
    assert key_of(identity(), "choose", prompt()) != key_of(identity(), "generate", prompt())


def test_the_seed_counts_where_tokens_are_drawn_and_nowhere_else() -> None:
    def of(seed: int, sampling: Sampling) -> object:
        return key_of(identity(), "generate", prompt(seed=seed, sampling=sampling))

    assert of(1, Sampling()) == of(2, Sampling())
    assert of(1, DRAWN) != of(2, DRAWN)


def test_likelihoods_depend_on_no_sampling() -> None:
    asked = prompt(continuations=("2", "3"))
    drawn = prompt(continuations=("2", "3"), sampling=DRAWN, seed=4, n=2)

    assert key_of(identity(), "choose", asked) == key_of(identity(), "choose", drawn)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    (folder / "code").mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    (folder / "code" / "model.py").write_text("pass")
    (folder / "model.safetensors").write_bytes(bytes(range(256)) * 4096)
    return folder


def test_a_model_is_told_by_engine_options_and_versions(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = model_at(folder, VllmOptions())
    first = model_identity(model)
    others = [
        model_at(folder, VllmOptions(dtype="float16")),
        model_at(folder, VllmOptions(chat="never")),
        model_at(folder, VllmOptions(), may_reason=True),
        replace(model, engine=ENGINE.model_copy(update={"name": "other"})),
        replace(model, engine=ENGINE.model_copy(update={"factory": "evalctl.other:open"})),
        replace(model, engine=ENGINE.model_copy(update={"packages": ("pluggy",)})),
    ]
    identities = [first, *map(model_identity, others)]
    monkeypatch.setattr(address, "__version__", "99")
    identities.append(model_identity(model))

    assert len(set(identities)) == 8


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (VllmOptions(), VllmOptions(max_num_seqs=4, engine_process=True)),
        (TransformersOptions(), TransformersOptions(batch_size=2)),
    ],
    ids=["vllm", "transformers"],
)
def test_options_of_speed_change_no_address(
    folder: Path, one: VllmOptions, other: VllmOptions
) -> None:
    assert model_identity(model_at(folder, one)) == model_identity(model_at(folder, other))


def test_versions_are_those_of_the_distributions(folder: Path) -> None:
    engine = ENGINE.model_copy(update={"packages": ("pydantic", "yaml")})

    assert set(address._versions(engine)) >= {"evalctl", "pydantic", "PyYAML"}


@pytest.mark.parametrize("name", ["config.json", "code/model.py", "model.safetensors"])
def test_a_changed_file_changes_a_models_identity(folder: Path, name: str) -> None:
    before = model_identity(model_at(folder))
    content = bytearray((folder / name).read_bytes())
    content[-1] ^= 1
    (folder / name).write_bytes(content)

    assert model_identity(model_at(folder)) != before


def test_a_folder_that_moved_and_its_description_change_nothing(folder: Path) -> None:
    before = model_identity(model_at(folder))
    (folder / "README.md").write_text("a toy")
    (folder / ".git").mkdir()
    (folder / ".git" / "HEAD").write_text("x")
    moved = folder.rename(folder.with_name("elsewhere"))

    assert model_identity(model_at(moved)) == before


def test_of_large_files_size_time_and_samples_count(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_files, "HASHED_BYTES", 1000)
    monkeypatch.setattr(model_files, "SAMPLE_BYTES", 100)
    path = folder / "model.safetensors"
    content = bytearray(path.read_bytes())
    os.utime(path, ns=(0, 5))
    marks = [model_files.mark_of(folder)]
    for change in (lambda: content.append(1), lambda: content.__setitem__(-20, 99), lambda: None):
        change()
        path.write_bytes(content)
        os.utime(path, ns=(0, 5))
        marks.append(model_files.mark_of(folder))
    os.utime(path, ns=(0, 6))
    marks.append(model_files.mark_of(folder))

    assert marks[2] == marks[3]
    assert len(set(marks)) == 4


def test_a_hub_model_needs_a_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    repository = tmp_path / "models--toys--model"
    (repository / "snapshots" / COMMIT).mkdir(parents=True)
    (repository / "snapshots" / COMMIT / "config.json").write_text("{}")
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(COMMIT)
    on_main = replace(model_at("toys/model"), facts=ModelFacts(content_hash="x"))
    pinned = model_identity(model_at("toys/model", revision=COMMIT))

    assert pinned is not None
    assert model_identity(on_main) is None
    assert model_identity(on_main, is_open=True) == pinned
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert model_identity(on_main) == pinned


def test_recorded_outputs_and_models_of_unknown_content_are_not_kept(tmp_path: Path) -> None:
    recording = tmp_path / "outputs.jsonl"
    recording.write_text("{}")

    assert model_identity(model_at(recording, kind="recorded")) is None
    assert model_identity(model_at(recording, kind="rule")) is None
    assert model_identity(model_at("toys/unknown")) is None


def test_an_engine_may_say_what_a_model_is_made_of() -> None:
    told = [replace(model_at("toys/unknown"), facts=ModelFacts(content_hash=mark)) for mark in "ab"]

    assert len({model_identity(model) for model in told} | {None}) == 3


def test_a_model_behind_an_api_is_its_name_and_address() -> None:
    assert identity("M@http://one") != identity("M@http://two")
