"""Vectors of texts with transformers: a model's last layer, brought down to one vector a text.

Any model with a last layer gives vectors: encoders, the encoder of an encoder-decoder, and
decoders, whose tokens see only what stands before them. `EncoderEngine` opens models that do
nothing else. Imports torch and transformers lazily.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from typing import Any

from evalctl.engines import encoder_decoders, local_model
from evalctl.engines.classifying import Encoder, Reading, TextReader
from evalctl.engines.model_abilities import abilities_of, named_architecture
from evalctl.engines.phases import report_phase
from evalctl.engines.transformers_backend import empty_cache
from evalctl.engines.transformers_fill import Filler
from evalctl.engines.transformers_loading import (
    context_of,
    device_of,
    info_of,
    refuse_missing,
    source_of,
)
from evalctl.engines.transformers_options import TransformersOptions
from evalctl.engines.transformers_texts import (
    TextBatches,
    dtype_of,
    inputs_of,
    read_in_windows,
    tokens_at_once,
)
from evalctl.errors import EngineError, EngineStoppedError, ModelError
from evalctl.protocols import EngineInfo, ModelRef
from evalctl.records import Generation, Prompt

SEED = 1111
"""Of random weights."""


class Embedder:
    """Makes vectors of texts with a model that is loaded."""

    def __init__(
        self,
        layers: Any,  # noqa: ANN401  transformers has no type for all
        tokenizer: Encoder,
        context: int,
        options: TransformersOptions,
    ) -> None:
        """Take over what gives the last layer.

        Args:
            layers: The model without its head, or the encoder of an encoder-decoder.
            tokenizer: Its tokenizer.
            context: Tokens that it reads.
            options: How vectors are made of the last layer.
        """
        self._layers = layers
        self._pooling = options.pooling
        self._reader = TextReader(tokenizer, context)
        self._batches = TextBatches(self._forward, tokens_at_once(options))

    @property
    def context_length(self) -> int:
        """Tokens that it reads of a text."""
        return self._reader.context_length

    def run(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        """Yield the vector of each text. See `EmbeddingEngine.embed`."""
        for read in read_in_windows(self._reader, prompts):
            if isinstance(read, Generation):
                yield read
                continue
            for reading, vector in self._batches.pairs(read):
                yield reading.embedding(vector)

    def _forward(self, part: Sequence[Reading]) -> list[list[float]]:
        """Return the vectors of a batch, in its order, in 32 bits."""
        inputs = inputs_of(self._layers, part)
        mask = inputs["attention_mask"]
        known = inspect.signature(self._layers.forward).parameters
        if "global_attention_mask" in known:  # of a Longformer the first token sees all others
            inputs["global_attention_mask"] = _first_alone(mask)
        if "use_cache" in known:
            inputs["use_cache"] = False
        last = self._layers(**inputs).last_hidden_state.float()
        if self._pooling == "cls":
            pooled = last[:, 0]
        else:
            weights = mask.unsqueeze(-1).float()
            pooled = (last * weights).sum(1) / weights.sum(1)
        rows: list[list[float]] = pooled.tolist()
        return rows


class EncoderEngine:
    """An encoder loaded by transformers: for vectors, and for hidden tokens where it has a head."""

    def __init__(self, model: ModelRef, options: TransformersOptions) -> None:
        """Load it, or fill it with random weights where these are asked for.

        Raises:
            ModelError: Its files do not hold all of it.
        """
        report_phase("importing torch and transformers")
        import transformers

        source = source_of(model, options)
        tokenizer: Any = transformers.AutoTokenizer.from_pretrained(model.path, **source)
        device = device_of(options.device)
        loaded, has_head = _loaded(model, options, device)
        has_adapter = _take_adapter(loaded, options.adapter)
        config = loaded.config.to_dict()
        context = context_of(
            model,
            options,
            local_model.context_length(config),
            is_relative=encoder_decoders.is_relative(config),
        )
        self._name = model.name
        self._embedder: Embedder | None = Embedder(
            layers_of(loaded.to(device).eval()), tokenizer, context, options
        )
        self._filler: Filler | None = None
        if has_head and tokenizer.mask_token_id is not None:
            self._filler = Filler(loaded, tokenizer, self._embedder.context_length, options)
        settings = {
            "pooling": options.pooling,
            "weights": f"random, seed {SEED}" if options.random_weights else "the model's",
            "adapter": options.adapter if has_adapter else None,
        }
        info = info_of(loaded, device, self._embedder.context_length, options)
        self._info = info.model_copy(update={"settings": {**info.settings, **settings}})

    @property
    def info(self) -> EngineInfo:
        """What is loaded, and how."""
        return self._info

    def embed(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        """Yield the vector of each text. See `EmbeddingEngine.embed`."""
        if self._embedder is None:
            raise EngineError(f"engine transformers: model {self._name} was closed; open it again")
        return self._embedder.run(prompts)

    def fill(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        """Yield the pseudo-log-likelihoods of continuations. See `FillingEngine.fill`."""
        if self._embedder is None:
            raise EngineError(f"engine transformers: model {self._name} was closed; open it again")
        if self._filler is None:
            raise EngineStoppedError(
                f"engine transformers: model {self._name} has no trained head, or no mask token, "
                "to fill in what is hidden"
            )
        return self._filler.run(prompts)

    def close(self) -> None:
        """Give the memory back; may be called twice."""
        if self._embedder is not None:
            self._embedder = self._filler = None
            empty_cache()


def layers_of(loaded: Any) -> Any:  # noqa: ANN401  transformers has no type for all
    """Return the part of a model whose last layer vectors are made of."""
    if getattr(loaded.config, "is_encoder_decoder", False):
        return loaded.get_encoder()
    return loaded.base_model


def _loaded(model: ModelRef, options: TransformersOptions, device: str) -> tuple[Any, bool]:
    """Return an encoder, and whether it has a trained head that fills in what is hidden."""
    import torch
    import transformers

    source = source_of(model, options)
    config: Any = transformers.AutoConfig.from_pretrained(model.path, **source)
    given = config.to_dict()
    is_masked = "fill" in abilities_of(model, named_architecture(given) or "", given).capabilities
    kind: Any = transformers.AutoModelForMaskedLM if is_masked else transformers.AutoModel
    if encoder_decoders.is_relative(given):  # a T5 that may lack its decoder
        kind = transformers.AutoModelForTextEncoding
    dtype = dtype_of(options, device)
    if options.random_weights:
        report_phase("making random weights")
        torch.manual_seed(SEED)
        made: Any = kind.from_config(config, trust_remote_code=options.trust_remote_code)
        return made.to(dtype), is_masked
    report_phase("loading weights")
    loaded, report = kind.from_pretrained(
        model.path, dtype=dtype, output_loading_info=True, **source
    )
    begin = f"{loaded.base_model_prefix}." if is_masked else ""
    missing = [name for name in report["missing_keys"] if name.startswith(begin)]
    # The layer behind the first token that BERT was pretrained with, which no vector is made of.
    refuse_missing(model, [name for name in missing if "pooler." not in name])
    return loaded, is_masked and len(missing) == len(report["missing_keys"])


def _take_adapter(loaded: Any, adapter: str) -> bool:  # noqa: ANN401  likewise
    """Put an adapter into a model; return whether there is one, and its library.

    Raises:
        ModelError: The library does not load it.
    """
    if not adapter or not local_model.has_adapters():
        return False
    report_phase(f"loading the adapter {adapter}")
    library: Any = import_module("adapters")
    try:
        library.init(loaded)
        loaded.load_adapter(adapter, set_active=True)
    except Exception as error:  # noqa: BLE001 another project's library raises anything
        words = f"{type(error).__name__}: {error}".splitlines()[0][:300]
        raise ModelError(
            f"adapter {adapter} cannot be loaded: {words}; set adapter= to go without it"
        ) from None
    return True


def _first_alone(mask: Any) -> Any:  # noqa: ANN401  tensors
    """Return a mask `[text, token]` that holds the first token of each text."""
    import torch

    alone = torch.zeros_like(mask)
    alone[:, 0] = 1
    return alone
