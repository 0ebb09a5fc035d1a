"""What can be told about a model on disk without loading it. Imports nothing heavy.

Both local engines use `check`, so that whatever is wrong with a model is said before anything is
loaded. Weight files are looked at in `weight_files.py`, the hub's cache in `hub_cache.py`.
"""

from __future__ import annotations

import glob
import hashlib
import json
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from pydantic import JsonValue

from evalctl.engines import encoder_decoders, hub_cache, weight_files
from evalctl.engines.model_abilities import abilities_of, named_architecture
from evalctl.engines.model_config import count_parameters
from evalctl.engines.model_labels import labels_of
from evalctl.engines.quantized import check_packed, is_unpacked
from evalctl.engines.transformers_loading import context_of
from evalctl.engines.transformers_options import TransformersOptions
from evalctl.engines.vllm_arguments import ENCODERS
from evalctl.engines.vllm_options import VllmOptions
from evalctl.errors import ModelError
from evalctl.protocols import Capability, ModelFacts, ModelKind, ModelRef
from evalctl.sources.hub import reaches_hub
from evalctl.specs import EngineOptions

_CONTEXT_KEYS = (
    "max_position_embeddings",
    "n_positions",
    "max_seq_len",
    "seq_length",
    "model_max_length",
    "max_sequence_length",
    "max_target_positions",
)
_TOKENIZERS = (
    *("tokenizer.json", "tokenizer.model", "vocab.json", "tekken.json", "spiece.model"),
    "vocab.txt",  # all that older checkpoints of BERT's kind have, SciBERT among them
)
_TOKENIZER_PATTERNS = ("*.tiktoken", "tokenizer.model.v*", "tokenization_*.py")
_HASHED = ("config.json", "generation_config.json", "tokenizer_config.json", "chat_template.jinja")
_BEHIND_PADDING = frozenset(
    (
        *("roberta", "xlm-roberta", "xlm-roberta-xl", "roberta-prelayernorm", "camembert"),
        *("data2vec-text", "ibert", "longformer", "mpnet", "xmod", "luke", "layoutlmv3"),
    )
)
"""Kinds of model whose positions begin behind the padding's index, which leaves fewer of them.
Source: transformers, `create_position_ids_from_input_ids` in `modeling_roberta.py`."""
_LARGEST_JSON = 64 << 20
_NOT_IN_VLLM: Mapping[ModelKind | None, str] = {
    "encoder_decoder": "an encoder-decoder",
    "document": "a reader of documents",
}

JsonObject = Mapping[str, JsonValue]


def check(model: ModelRef, options: EngineOptions) -> ModelFacts:
    """Return what a local folder or the hub's cache tells about a model.

    A hub model that is not on this machine has empty facts: it needs a download first.

    Raises:
        ModelError: The folder is missing or incomplete, the model is of a kind that cannot be
            asked for text, or it is neither here nor can it be downloaded.
    """
    folder = find_folder(model)
    if folder is None:
        return ModelFacts(notice=_notice(model, options))
    if isinstance(options, VllmOptions):
        _refuse_pattern(model, folder)
    config = _read_config(model, folder)
    facts = read_facts(model, folder, config, options)
    if isinstance(options, VllmOptions) and facts.kind in _NOT_IN_VLLM:
        raise ModelError(
            f"model {model.name}: {facts.architecture} is {_NOT_IN_VLLM[facts.kind]}, which vllm "
            "does not serve here; take the engine transformers"
        )
    if isinstance(options, VllmOptions):
        facts = facts.model_copy(update={"capabilities": _in_vllm(model, facts)})
    if options.chat == "always" and not facts.has_chat_template:
        raise ModelError(
            f"model {model.name}: chat=always, but the tokenizer in {folder} has no chat "
            "template; take chat=never or the instruct variant"
        )
    if isinstance(options, TransformersOptions):
        is_relative = encoder_decoders.is_relative(config)
        context_of(model, options, facts.context_length, is_relative=is_relative)
    if isinstance(options, TransformersOptions) and is_unpacked(model.name, config):
        return facts.model_copy(update=_unpacked(model, folder, options))
    return facts.model_copy(update={"notice": _notice(model, options)})


def _unpacked(
    model: ModelRef, folder: Path, options: TransformersOptions
) -> dict[str, int | str | None]:
    """Return what is otherwise with weights of 4 bits, which are unpacked to whole ones."""
    check_packed(model.name, weight_files.find(folder, model.name))
    bits = 32 if options.dtype == "float32" else 16
    weights = count_parameters(folder)
    return {
        "weight_bytes": weights * bits // 8 if weights else None,
        "notice": f"{model.name} has AWQ weights of 4 bits, which are unpacked to {bits} bits",
    }


def _in_vllm(model: ModelRef, facts: ModelFacts) -> tuple[Capability, ...] | None:
    """Return what vLLM can be asked of a model, which it opens for one thing alone."""
    own = facts.capabilities
    if own is None or "embed" not in own:
        return own
    if "generate" in own:
        return tuple(one for one in own if one not in {"embed", "fill"})
    if facts.architecture not in ENCODERS:
        raise ModelError(
            f"model {model.name}: {facts.architecture} is an encoder that vllm gives no vectors of "
            "here; take the engine transformers"
        )
    return ("embed",)


def _notice(model: ModelRef, options: EngineOptions) -> str:
    """Return what must be said of a model that is not opened as its files have it."""
    if not isinstance(options, TransformersOptions):
        return ""
    if options.random_weights:
        return f"{model.name} has random weights and nothing of its training"
    if not options.adapter:
        return ""
    if has_adapters():
        return f"{model.name} is read with the adapter {options.adapter}"
    return (
        f"{model.name} is read without its adapter {options.adapter}, as the package `adapters` is "
        "not installed"
    )


def has_adapters() -> bool:
    """Return whether the package `adapters` is installed.

    Once it is imported, it stands there without the specification that `find_spec` looks for.
    """
    return "adapters" in sys.modules or find_spec("adapters") is not None


def find_folder(model: ModelRef) -> Path | None:
    """Return the folder that holds the model; None where the hub has to be asked first.

    Raises:
        ModelError: It is nowhere on this machine, and the hub may not be asked.
    """
    path = Path(model.path).expanduser()
    if path.is_dir():
        return path
    if path.is_file():
        raise ModelError(
            f"model {model.name}: {path} is a file; give the folder with config.json and weights"
        )
    if model.is_local or not hub_cache.looks_like_id(model.path):
        raise ModelError(
            f"model {model.name}: there is no folder {path}; give one with config.json, weights "
            f"and tokenizer{_how_to_give(model)}"
        )
    snapshot = hub_cache.find_snapshot(model.path, model.revision)
    if snapshot is None and hub_cache.is_offline():
        raise ModelError(
            f"model {model.name}: {model.path} is not in the Hugging Face cache "
            f"({hub_cache.cache_folder()}), and HF_HUB_OFFLINE is set; {_remedy(model)}"
        )
    if snapshot is None and not reaches_hub():
        raise ModelError(
            f"model {model.name}: {model.path} is not on this machine and the hub cannot be "
            f"reached; {_remedy(model)}"
        )
    return snapshot


def _remedy(model: ModelRef) -> str:
    """Return how a model's files come to this machine, and how they are named."""
    revision = f" --revision {model.revision}" if model.revision else ""
    return (
        f"download it where it can be (hf download {model.path}{revision}), into that cache or "
        f"into a folder{_how_to_give(model)}"
    )


def _how_to_give(model: ModelRef) -> str:
    """Return how a folder is given in the place of a model's path."""
    engine, colon, _ = model.name.partition(":")
    if colon:
        return f": --model {engine}:DIR"
    return f": --config FILE, with `models: {{{model.name}: {{path: DIR}}}}` in FILE"


def _refuse_pattern(model: ModelRef, folder: Path) -> None:
    """Raise ModelError where vLLM, which globs for weights, takes a folder's name for a pattern."""
    if glob.has_magic(str(folder)):
        raise ModelError(
            f"model {model.name}: {folder} has one of [ ] * ? in it, which vllm takes for a "
            "pattern and then finds no weights; rename it, or give a symbolic link to it"
        )


def read_facts(
    model: ModelRef, folder: Path, config: JsonObject, options: EngineOptions
) -> ModelFacts:
    """Return the facts of a folder that holds a whole model, or all but weights that are made up.

    Raises:
        ModelError: Something is missing, broken or of an unsupported kind.
    """
    architecture = _architecture(model, folder, config)
    abilities = abilities_of(model, architecture, config)
    labels = None
    if abilities.capabilities == ("classify",):
        multi_label = getattr(options, "multi_label", None)
        labels = labels_of(model.name, config, multi_label=multi_label)
    _check_tokenizer(model, folder)
    is_made_up = isinstance(options, TransformersOptions) and options.random_weights
    weights = weight_files.WeightFiles((), 0)
    if not is_made_up:
        weights = weight_files.find(folder, model.name)
    return ModelFacts(
        context_length=context_length(config),
        has_chat_template=bool(chat_template(folder)),
        architecture=architecture,
        kind=abilities.kind,
        capabilities=abilities.capabilities,
        labels=labels.names if labels else (),
        is_multi_label=labels is not None and labels.is_multi_label,
        weight_bytes=weights.total_bytes,
        content_hash=_content_hash(folder, weights),
    )


def context_length(config: JsonObject) -> int | None:
    """Return how many tokens a configuration allows, or None where it does not say.

    Source: vLLM `config/model.py`, `_get_and_verify_max_len`: yarn and its like state the length
    before scaling in `original_max_position_embeddings`; linear and dynamic scaling multiply.
    """
    for nested in ("text_config", "llm_config", "language_config", "decoder"):
        inner = config.get(nested)
        if isinstance(inner, Mapping):
            length = context_length(inner)
            if length is not None:
                return length
    stated = [value for key in _CONTEXT_KEYS if isinstance(value := config.get(key), int)]
    if not stated:
        return None
    length = min(stated)
    if config.get("model_type") in _BEHIND_PADDING:
        padding = config.get("pad_token_id", 1)
        length -= padding + 1 if isinstance(padding, int) and 0 <= padding < length - 1 else 0
    scaling = config.get("rope_scaling") or config.get("rope_parameters")
    if not isinstance(scaling, Mapping):
        return length
    kind = scaling.get("rope_type", scaling.get("type"))
    factor, original = scaling.get("factor"), scaling.get("original_max_position_embeddings")
    if not isinstance(factor, int | float):
        return length
    if kind == "yarn" and isinstance(original, int):
        return int(original * factor)
    return int(length * factor) if kind in {"linear", "dynamic"} else length


def chat_template(folder: Path) -> str:
    """Return the tokenizer's chat template, or an empty string."""
    for name in ("chat_template.jinja", "chat_template.json"):
        if (folder / name).is_file():
            text = (folder / name).read_text(encoding="utf-8", errors="replace")
            return text if name.endswith("jinja") else _template_in(text)
    path = folder / "tokenizer_config.json"
    return (
        _template_in(path.read_text(encoding="utf-8", errors="replace")) if path.is_file() else ""
    )


def _template_in(text: str) -> str:
    try:
        held = json.loads(text)
    except ValueError:
        return ""
    template = held.get("chat_template") if isinstance(held, dict) else None
    if isinstance(template, list):  # several named ones
        return "\n".join(str(entry.get("template", "")) for entry in template)
    return template if isinstance(template, str) else ""


def _read_config(model: ModelRef, folder: Path) -> JsonObject:
    path = folder / "config.json"
    if not path.is_file():
        hint = _hint_without_config(folder)
        raise ModelError(f"model {model.name}: {folder} has no config.json; {hint}")
    if path.stat().st_size > _LARGEST_JSON:
        raise ModelError(f"model {model.name}: {path} is too large to be a configuration")
    content = path.read_bytes()
    weight_files.refuse_pointer(content[:200], path, model.name)
    try:
        config = json.loads(content)
    except ValueError as error:
        raise ModelError(f"model {model.name}: {path} is not valid JSON: {error}") from error
    if not isinstance(config, dict):
        raise ModelError(f"model {model.name}: {path} must hold a JSON object")
    return config


def _hint_without_config(folder: Path) -> str:
    if (folder / "adapter_config.json").is_file():
        return "it is an adapter: merge it into its base model first"
    if any(folder.glob("*.gguf")):
        return "GGUF files are not supported: take the safetensors weights"
    inner = sorted(path.parent.name for path in folder.glob("*/config.json"))
    if inner:
        return f"did you mean one of its folders: {', '.join(inner[:5])}?"
    return "give the folder that a model was saved into"


def _architecture(model: ModelRef, folder: Path, config: JsonObject) -> str:
    if (name := named_architecture(config)) is None:
        raise ModelError(
            f"model {model.name}: {folder / 'config.json'} names no architecture; it needs "
            '"architectures": ["…ForCausalLM"]'
        )
    return name


def _check_tokenizer(model: ModelRef, folder: Path) -> None:
    for name in _TOKENIZERS:
        path = folder / name
        if path.is_file():
            with path.open("rb") as file:
                weight_files.refuse_pointer(file.read(200), path, model.name)
            if path.name == "tokenizer.json":
                _check_tokenizer_json(path, model.name)
            return
    if not any(any(folder.glob(pattern)) for pattern in _TOKENIZER_PATTERNS):
        raise ModelError(
            f"model {model.name}: {folder} has no tokenizer (none of {', '.join(_TOKENIZERS)}); "
            "copy it there from the model it was trained from"
        )


def _check_tokenizer_json(path: Path, model: str) -> None:
    try:
        is_whole = "model" in json.loads(path.read_bytes())
    except (ValueError, TypeError):
        is_whole = False
    if not is_whole:
        raise ModelError(
            f"model {model}: {path} is not a tokenizer (JSON with a `model`); download it again"
        )


def _content_hash(folder: Path, weights: weight_files.WeightFiles) -> str:
    """Return a SHA-256 over configuration, tokenizer and what identifies the weights."""
    total = hashlib.sha256()
    for name in (*_HASHED, *_TOKENIZERS):
        if (folder / name).is_file():
            content = (folder / name).read_bytes()
            total.update(f"{name}\0{hashlib.sha256(content).hexdigest()}\n".encode())
    for name, mark in weights.marks():
        total.update(f"{name}\0{mark}\n".encode())
    return total.hexdigest()
