"""The transformers engine. It and the files named after it import torch, and lazily.

Slower than vLLM, but it runs wherever torch does and loads what vLLM does not support. What is
done with whole streams of prompts is in `transformers_stream.py`, classifiers are in
`transformers_classify.py`, encoders in `transformers_embed.py`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import Any

from evalctl.engines import encoder_decoders, local_model
from evalctl.engines.captured_output import captured_output
from evalctl.engines.load_errors import model_error
from evalctl.engines.model_abilities import abilities_of, named_architecture
from evalctl.engines.phases import report_phase
from evalctl.engines.prompt_reader import PromptReader
from evalctl.engines.quantized import is_unpacked
from evalctl.engines.transformers_awq import load_unpacked
from evalctl.engines.transformers_backend import TorchBackend, empty_cache
from evalctl.engines.transformers_embed import Embedder, EncoderEngine, layers_of
from evalctl.engines.transformers_loading import (
    context_of,
    device_of,
    info_of,
    refuse_missing,
    source_of,
)
from evalctl.engines.transformers_options import TransformersOptions
from evalctl.engines.transformers_stream import Streams
from evalctl.errors import EngineError, EngineUnavailableError, ModelError
from evalctl.protocols import Engine, EngineInfo, ModelFacts, ModelRef
from evalctl.records import Generation, Prompt
from evalctl.specs import EngineOptions

_ENVIRONMENT = {
    "TRANSFORMERS_VERBOSITY": "error",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    # How often a thread of torch's looks for work before it sleeps, 30 times less than by default:
    # where other programs want the cores, threads that wait awake are in each other's way. Measured
    # on 2 cores, 2 prompts of the reference model, tokens/s: alone 80 against 95, beside four busy
    # programs 14 against less than 2.
    "GOMP_SPINCOUNT": "10000",
}


def open_engine(model: ModelRef, options: EngineOptions) -> Engine:
    """Load a model: as a classifier, or as an encoder, where it is one.

    Sets environment variables that are not set yet, and diverts the output of this process while
    it loads.

    Raises:
        ModelError: The model cannot be found, fitted or loaded.
        EngineUnavailableError: torch or transformers is not installed.
    """
    if not isinstance(options, TransformersOptions):
        options = TransformersOptions.model_validate(options.model_dump())
    facts = local_model.check(model, options)
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    if model.is_local:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    with captured_output():
        try:
            return _open(model, options, facts)
        except ModelError:
            raise
        except ImportError as error:
            if error.name in {"torch", "transformers"}:
                raise EngineUnavailableError(
                    f"engine transformers: {error.name} is not installed; "
                    "pip install 'evalctl[transformers]'"
                ) from None
            raise model_error(model.name, "transformers", f"ImportError: {error}") from None
        except Exception as error:  # noqa: BLE001 another project's whole stack raises anything
            said = f"{type(error).__name__}: {error}"
            raise model_error(model.name, "transformers", said, lower="batch_size") from None


def _open(model: ModelRef, options: TransformersOptions, facts: ModelFacts) -> Engine:
    """Open a model as what it is."""
    abilities = facts.capabilities
    if abilities is None and model.kind == "encoder":  # its files are not here to tell
        import transformers

        config = transformers.AutoConfig.from_pretrained(model.path, **source_of(model, options))
        given = config.to_dict()
        architecture = named_architecture(given) or ""
        abilities = abilities_of(model, architecture, given).capabilities
    if abilities is not None and "classify" in abilities:
        from evalctl.engines.transformers_classify import ClassifierEngine

        return ClassifierEngine(model, options)
    if abilities == ("extract",):
        from evalctl.engines.transformers_extract import ExtractorEngine

        return ExtractorEngine(model, options)
    if abilities is not None and "generate" not in abilities:
        return EncoderEngine(model, options)
    if options.random_weights:
        raise ModelError(f"model {model.name}: random_weights is for encoders, and it is none")
    if (facts.kind or model.kind) in {"vision_language", "document"}:
        from evalctl.engines.transformers_seeing import load_seeing

        return TransformersEngine(model.name, *load_seeing(model, options))
    return _open_text(model, options)


def _open_text(model: ModelRef, options: TransformersOptions) -> TransformersEngine:
    """Return a model that reads texts."""
    report_phase("importing torch and transformers")
    import transformers

    report_phase("loading weights")
    source = source_of(model, options)
    tokenizer: Any = transformers.AutoTokenizer.from_pretrained(model.path, **source)
    loaded, report, has_encoder = _load(model, options, source)
    refuse_missing(model, report["missing_keys"])
    device = device_of(options.device)
    backend = TorchBackend(loaded.to(device).eval(), tokenizer, is_shared=options.share_contexts)
    config = loaded.config.to_dict()
    context = context_of(
        model,
        options,
        local_model.context_length(config),
        is_relative=encoder_decoders.is_relative(config),
    )
    reader = PromptReader(tokenizer, context, may_reason=model.may_reason, has_encoder=has_encoder)
    return TransformersEngine(
        model.name,
        Streams(backend, reader, options),
        info_of(loaded, device, context, options),
        Embedder(layers_of(loaded), tokenizer, context, options),
    )


class TransformersEngine:
    """A model loaded by transformers."""

    def __init__(
        self, name: str, streams: Streams, info: EngineInfo, embedder: Embedder | None = None
    ) -> None:
        """Take over a loaded model, and what makes vectors of texts with it."""
        self._name = name
        self._streams: Streams | None = streams
        self._embedder = embedder
        self._info = info

    @property
    def info(self) -> EngineInfo:
        """What is loaded, and how."""
        return self._info

    def generate(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        """Yield completions, batch by batch. See `GeneratingEngine.generate`."""
        return self._open_streams().generate(prompts)

    def measure(self, prompts: Iterable[Prompt], concurrency: int | None) -> Iterator[Generation]:
        """Yield completions of so many at once. See `MeasurableEngine.measure`."""
        return self._open_streams().measure(prompts, concurrency)

    def choose(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        """Yield the log-likelihoods for each prompt. See `ChoosingEngine.choose`."""
        return self._open_streams().choose(prompts)

    def embed(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        """Yield the vector of each text. See `EmbeddingEngine.embed`."""
        self._open_streams()
        if self._embedder is None:
            raise EngineError(f"engine transformers: model {self._name} makes no vectors of texts")
        return self._embedder.run(prompts)

    def close(self) -> None:
        """Give the memory back; may be called twice."""
        if self._streams is None:
            return
        self._streams = self._embedder = None
        empty_cache()

    def _open_streams(self) -> Streams:
        if self._streams is None:
            raise EngineError(f"engine transformers: model {self._name} was closed; open it again")
        return self._streams


def _load(
    model: ModelRef, options: TransformersOptions, source: dict[str, Any]
) -> tuple[Any, dict[str, Any], bool]:
    """Return the model, what was found of its weights, and whether it has an encoder."""
    import torch
    import transformers

    dtype = options.dtype if options.dtype == "auto" else getattr(torch, options.dtype)
    config = transformers.AutoConfig.from_pretrained(model.path, **source)
    has_encoder = bool(getattr(config, "is_encoder_decoder", False))
    kind: Any = (
        transformers.AutoModelForSeq2SeqLM if has_encoder else transformers.AutoModelForCausalLM
    )
    if is_unpacked(model.name, config.to_dict()):
        loaded, report = load_unpacked(model, config, dtype)
    else:
        loaded, report = kind.from_pretrained(
            model.path, dtype=dtype, output_loading_info=True, **source
        )
    return loaded, report, has_encoder
