from __future__ import annotations

import json
import socket
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evalctl.engines.local_model import check, context_length
from evalctl.engines.transformers_options import TransformersOptions
from evalctl.engines.vllm_options import VllmOptions
from evalctl.errors import ModelError
from evalctl.protocols import ModelFacts, ModelRef
from evalctl.specs import EngineOptions

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1234\n"
CONFIG: dict[str, Any] = {"architectures": ["LlamaForCausalLM"], "max_position_embeddings": 512}


def safetensors(size: int = 16) -> bytes:
    """Return a file of one tensor of `size` bytes."""
    header = json.dumps({"w": {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}}).encode()
    return struct.pack("<Q", len(header)) + header + bytes(size)


def write_folder(folder: Path, config: dict[str, Any] | None = None) -> Path:
    """Write a whole model folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(CONFIG if config is None else config))
    (folder / "tokenizer.json").write_text('{"model": {}}')
    (folder / "model.safetensors").write_bytes(safetensors())
    return folder


def look(path: Path, options: EngineOptions | None = None) -> ModelFacts:
    """Check a local folder."""
    model = ModelRef(name="tiny", path=str(path), is_local=True)
    return check(model, options or TransformersOptions())


def test_a_whole_folder_gives_its_facts(tmp_path: Path) -> None:
    write_folder(tmp_path)
    (tmp_path / "chat_template.jinja").write_text("{{ messages }}")
    facts = look(tmp_path)
    assert facts.context_length == 512
    assert facts.has_chat_template
    assert facts.architecture == "LlamaForCausalLM"
    assert facts.weight_bytes == len(safetensors())
    assert facts.content_hash is not None


def test_the_hash_follows_the_contents_and_not_the_place(tmp_path: Path) -> None:
    first, second = write_folder(tmp_path / "a"), write_folder(tmp_path / "b")
    assert look(first).content_hash == look(second).content_hash
    content = bytearray(safetensors())
    content[-1] = 1
    (second / "model.safetensors").write_bytes(content)
    assert look(first).content_hash != look(second).content_hash


def test_a_chat_template_is_found_in_the_tokenizers_configuration(tmp_path: Path) -> None:
    write_folder(tmp_path)
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"chat_template": "{{ x }}"}))
    assert look(tmp_path).has_chat_template


def test_bin_weights_and_indexed_weights_are_accepted(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "bin")
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(b"PK\x03\x04")
    assert look(folder).weight_bytes == 4
    folder = write_folder(tmp_path / "indexed")
    (folder / "model.safetensors").rename(folder / "model-1.safetensors")
    index = {"weight_map": {"w": "model-1.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    assert look(folder).weight_bytes == len(safetensors())


Spoil = Callable[[Path], object]


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda f: (f / "config.json").unlink(), "has no config.json"),
        (lambda f: (f / "config.json").write_text("{"), "not valid JSON"),
        (lambda f: (f / "config.json").write_text("[]"), "JSON object"),
        (lambda f: (f / "config.json").write_text("{}"), "names no architecture"),
        (lambda f: (f / "config.json").write_bytes(POINTER), "Git LFS pointer"),
        (lambda f: (f / "tokenizer.json").unlink(), "has no tokenizer"),
        (lambda f: (f / "tokenizer.json").write_bytes(POINTER), "Git LFS pointer"),
        (lambda f: (f / "tokenizer.json").write_text("{}"), "is not a tokenizer"),
        (lambda f: (f / "tokenizer.json").write_text('{"mod'), "is not a tokenizer"),
        (lambda f: (f / "model.safetensors").unlink(), "has no weights"),
        (lambda f: (f / "model.safetensors").write_bytes(POINTER), "Git LFS pointer"),
        (lambda f: (f / "model.safetensors").write_bytes(b""), "is empty"),
        (lambda f: (f / "model.safetensors").write_bytes(safetensors()[:20]), "cut off"),
        (lambda f: (f / "model.safetensors").write_bytes(safetensors()[:-3]), "cut off: it has"),
        (
            lambda f: (f / "model.safetensors").write_bytes(struct.pack("<Q", 4) + b"nope"),
            "header of .* cannot be read",
        ),
        (
            lambda f: (f / "model.safetensors.index.json").write_text(
                '{"weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors"}}'
            ),
            "2 of 2 weight files",
        ),
        (
            lambda f: (f / "model.safetensors.index.json").write_text("{}"),
            "is not a weight index",
        ),
    ],
)
def test_a_spoilt_folder_is_refused_with_the_reason(
    tmp_path: Path, spoil: Spoil, message: str
) -> None:
    spoil(write_folder(tmp_path))
    with pytest.raises(ModelError, match=message):
        look(tmp_path)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"architectures": ["ViTForImageClassification"]}, "reads no text"),
        ({"architectures": ["Wav2Vec2ForCTC"]}, "reads no text"),
        (
            {"architectures": ["WhisperForConditionalGeneration"], "is_encoder_decoder": True},
            "is an encoder-decoder, but not one from text to text",
        ),
        (
            {"architectures": ["WhisperModel"], "is_encoder_decoder": True},
            "is an encoder-decoder, but not one from text to text",
        ),
    ],
)
def test_a_model_that_neither_reads_nor_writes_text_is_refused_with_what_would_work(
    tmp_path: Path, config: dict[str, Any], message: str
) -> None:
    with pytest.raises(ModelError, match=message) as caught:
        look(write_folder(tmp_path, config))
    assert "ForCausalLM" in str(caught.value)


@pytest.mark.parametrize(
    "config",
    [
        {"architectures": ["BertForMaskedLM"]},
        {"architectures": ["RobertaForTokenClassification"]},
        {"architectures": ["MistralModel"]},
        {"architectures": ["T5EncoderModel"], "model_type": "t5"},
        {"model_type": "longformer"},
    ],
)
def test_an_encoder_is_asked_for_vectors(tmp_path: Path, config: dict[str, Any]) -> None:
    facts = look(write_folder(tmp_path, config))

    assert (facts.kind, "embed" in (facts.capabilities or ())) == ("encoder", True)
    assert "generate" not in (facts.capabilities or ())


@pytest.mark.parametrize(
    ("config", "capabilities"),
    [
        ({"architectures": ["BertModel"]}, ("embed",)),
        ({"architectures": ["BertForSequenceClassification"]}, ("classify",)),
        ({"architectures": ["LlamaForCausalLM"]}, ("generate", "choose")),
    ],
)
def test_vllm_opens_a_model_for_one_thing(
    tmp_path: Path, config: dict[str, Any], capabilities: tuple[str, ...]
) -> None:
    write_folder(tmp_path, {**config, "id2label": {"0": "a", "1": "b"}})
    model = ModelRef(name="tiny", path=str(tmp_path), is_local=True)

    assert check(model, VllmOptions()).capabilities == capabilities


def test_an_encoder_that_vllm_gives_no_vectors_of_is_refused(tmp_path: Path) -> None:
    write_folder(tmp_path, {"architectures": ["LongformerForMaskedLM"]})
    model = ModelRef(name="tiny", path=str(tmp_path), is_local=True)

    with pytest.raises(ModelError, match="vllm gives no vectors of here; take the engine trans"):
        check(model, VllmOptions())


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({}, ""),
        ({"random_weights": True}, "tiny has random weights and nothing of its training"),
        (
            {"adapter": "a/b"},
            "tiny is read without its adapter a/b, as the package `adapters` is not installed",
        ),
    ],
)
def test_a_model_that_is_not_what_its_files_have_says_so(
    tmp_path: Path, options: dict[str, Any], told: str
) -> None:
    write_folder(tmp_path, {"architectures": ["BertModel"]})
    model = ModelRef(name="tiny", path=str(tmp_path), is_local=True)

    assert check(model, TransformersOptions.model_validate(options)).notice == told


def test_a_classifier_is_told_by_its_architecture_with_its_labels(tmp_path: Path) -> None:
    config = {
        "architectures": ["LlamaForSequenceClassification"],
        "max_position_embeddings": 64,
        "id2label": {"0": "good", "1": "bad"},
        "problem_type": "multi_label_classification",
    }

    facts = look(write_folder(tmp_path, config))

    assert (facts.kind, facts.capabilities) == ("encoder", ("classify",))
    assert (facts.labels, facts.is_multi_label) == (("good", "bad"), True)


def test_a_decoder_can_write_choose_and_give_vectors(tmp_path: Path) -> None:
    facts = look(write_folder(tmp_path))

    assert (facts.kind, facts.capabilities) == ("decoder", ("generate", "choose", "embed"))
    assert facts.labels == ()


def test_gpt2_has_a_language_model_head(tmp_path: Path) -> None:
    config = {"architectures": ["GPT2LMHeadModel"], "n_positions": 1024}
    assert look(write_folder(tmp_path, config)).context_length == 1024


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({}, None),
        ({"max_position_embeddings": 4096}, 4096),
        ({"model_type": "roberta", "max_position_embeddings": 514, "pad_token_id": 1}, 512),
        ({"model_type": "longformer", "max_position_embeddings": 4098}, 4096),
        ({"model_type": "bert", "max_position_embeddings": 512, "pad_token_id": 0}, 512),
        ({"text_config": {"max_position_embeddings": 100}, "max_position_embeddings": 7}, 100),
        (
            {"max_position_embeddings": 4096, "rope_scaling": {"type": "linear", "factor": 4.0}},
            16384,
        ),
        (
            {
                "max_position_embeddings": 32768,
                "rope_scaling": {
                    "rope_type": "yarn",
                    "factor": 4.0,
                    "original_max_position_embeddings": 32768,
                },
            },
            131072,
        ),
        (
            {
                "max_position_embeddings": 131072,
                "rope_scaling": {
                    "rope_type": "llama3",
                    "factor": 8.0,
                    "original_max_position_embeddings": 8192,
                },
            },
            131072,
        ),
        ({"max_position_embeddings": 512, "rope_parameters": {"rope_type": "default"}}, 512),
    ],
)
def test_the_context_length_counts_scaling(config: dict[str, Any], expected: int | None) -> None:
    assert context_length(config) == expected


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="there is no folder"):
        look(tmp_path / "nothing")


def test_a_folder_of_models_suggests_them(tmp_path: Path) -> None:
    write_folder(tmp_path / "checkpoint-100")
    with pytest.raises(ModelError, match="checkpoint-100"):
        look(tmp_path)


def test_an_adapter_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "adapter_config.json").write_text("{}")
    with pytest.raises(ModelError, match="merge it into its base model"):
        look(tmp_path)


def test_chat_always_needs_a_template(tmp_path: Path) -> None:
    write_folder(tmp_path)
    with pytest.raises(ModelError, match="chat=never"):
        look(tmp_path, TransformersOptions(chat="always"))


def test_a_hub_model_is_found_in_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    repository = tmp_path / "models--org--tiny"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text("abc123")
    write_folder(repository / "snapshots" / "abc123")
    for revision in (None, "abc123"):
        model = ModelRef(name="tiny", path="org/tiny", revision=revision)
        assert check(model, TransformersOptions()).architecture == "LlamaForCausalLM"


def test_a_hub_model_that_is_not_cached_needs_a_download_or_is_refused_offline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.delenv("TRANSFORMERS_OFFLINE", raising=False)
    model = ModelRef(name="tiny", path="org/tiny")
    with socket.create_server(("127.0.0.1", 0)) as hub:
        point_at_hub(monkeypatch, hub)
        assert check(model, TransformersOptions()) == ModelFacts()
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ModelError, match="not in the Hugging Face cache"):
        check(model, TransformersOptions())


def point_at_hub(monkeypatch: pytest.MonkeyPatch, hub: socket.socket) -> None:
    """Take a local socket for the hub, without a proxy before it."""
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{hub.getsockname()[1]}")


def test_a_hub_model_is_refused_at_once_where_the_hub_cannot_be_reached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.delenv("TRANSFORMERS_OFFLINE", raising=False)
    with socket.create_server(("127.0.0.1", 0)) as hub:
        point_at_hub(monkeypatch, hub)
    model = ModelRef(name="tiny", path="org/tiny")
    with pytest.raises(
        ModelError, match=r"reached; download it where it can be \(hf download org/tiny\)"
    ):
        check(model, TransformersOptions())


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("scibert_random", "--config FILE, with `models: {scibert_random: {path: DIR}}` in FILE"),
        ("transformers:org/tiny", "--model transformers:DIR"),
    ],
)
@pytest.mark.parametrize("path", ["org/tiny", "/nowhere/tiny"])
def test_it_is_said_how_a_folder_is_given(
    name: str, how: str, path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ModelError) as raised:
        check(ModelRef(name=name, path=path), TransformersOptions())
    assert str(raised.value).endswith(how)


def test_random_weights_need_no_files_of_weights(tmp_path: Path) -> None:
    config = {"architectures": ["BertModel"], "model_type": "bert"}
    (tmp_path / "config.json").write_text(json.dumps(config))
    (tmp_path / "vocab.txt").write_text("[PAD]\n[UNK]\n")
    model = ModelRef(name="bert", path=str(tmp_path), kind="encoder")
    facts = check(model, TransformersOptions(random_weights=True))
    assert facts.capabilities == ("embed",)
    with pytest.raises(ModelError, match="has no weights"):
        check(model, TransformersOptions())


def test_a_folder_that_vllm_takes_for_a_pattern_is_refused_for_vllm_alone(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "a b=c [red] é")
    with pytest.raises(ModelError, match=r"takes for a pattern .* symbolic link"):
        look(folder, VllmOptions())
    assert look(folder).architecture == "LlamaForCausalLM"
    link = tmp_path / "link"
    link.symlink_to(folder)
    assert look(link, VllmOptions()).architecture == "LlamaForCausalLM"


def test_a_context_longer_than_the_models_is_refused_at_planning(tmp_path: Path) -> None:
    folder = write_folder(tmp_path)
    assert look(folder, TransformersOptions(max_model_len=512)).context_length == 512
    with pytest.raises(ModelError, match="max_model_len 513 is more than the 512 tokens"):
        look(folder, TransformersOptions(max_model_len=513))
