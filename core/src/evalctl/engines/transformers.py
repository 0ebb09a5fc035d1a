"""The transformers engine. With `transformers_backend.py`, all that imports torch, and lazily.

Slower than vLLM, but it runs wherever torch does and loads what vLLM does not support. What is
done with whole streams of prompts is in `transformers_stream.py`.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from evalctl.engines import encoder_decoders, local_model
from evalctl.engines.captured_output import captured_output
from evalctl.engines.load_errors import model_error
from evalctl.engines.phases import report_phase
from evalctl.engines.prompt_reader import PromptReader
from evalctl.engines.transformers_backend import TorchBackend, empty_cache
from evalctl.engines.transformers_options import TransformersOptions
from evalctl.engines.transformers_stream import Streams
from evalctl.errors import EngineError, EngineUnavailableError, ModelError
from evalctl.protocols import EngineInfo, ModelRef
from evalctl.records import Generation, Prompt
from evalctl.specs import EngineOptions

UNKNOWN_CONTEXT = 2048
"""Tokens, for the few models whose configuration does not say."""

_QUIET = {
    "TRANSFORMERS_VERBOSITY": "error",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TOKENIZERS_PARALLELISM": "false",
}


def open_engine(model: ModelRef, options: EngineOptions) -> TransformersEngine:
    """Load a model.

    Sets environment variables that are not set yet, and diverts the output of this process while
    it loads.

    Raises:
        ModelError: The model cannot be found, fitted or loaded.
        EngineUnavailableError: torch or transformers is not installed.
    """
    if not isinstance(options, TransformersOptions):
        options = TransformersOptions.model_validate(options.model_dump())
    local_model.check(model, options)
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    if model.is_local:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    with captured_output():
        try:
            return TransformersEngine(model, options)
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


class TransformersEngine:
    """A model loaded by transformers."""

    def __init__(self, model: ModelRef, options: TransformersOptions) -> None:
        """Load it."""
        report_phase("importing torch and transformers")
        import torch
        import transformers

        report_phase("loading weights")
        source: dict[str, Any] = {
            "revision": model.revision,
            "trust_remote_code": options.trust_remote_code,
            "local_files_only": model.is_local,
        }
        tokenizer: Any = transformers.AutoTokenizer.from_pretrained(model.path, **source)
        loaded, report, has_encoder = _load(model, options, source)
        _refuse_missing(model, report["missing_keys"])
        device = _device(options.device)
        self._name = model.name
        self._backend: TorchBackend | None = TorchBackend(
            loaded.to(device).eval(), tokenizer, is_shared=options.share_contexts
        )
        context = _context(model, options, loaded.config.to_dict())
        reader = PromptReader(
            tokenizer, context, may_reason=model.may_reason, has_encoder=has_encoder
        )
        self._streams: Streams | None = Streams(self._backend, reader, options)
        self._info = EngineInfo(
            name="transformers",
            versions={
                "torch": str(torch.__version__),
                "transformers": str(transformers.__version__),
            },
            context_length=context,
            dtype=str(loaded.dtype).removeprefix("torch."),
            device=torch.cuda.get_device_name() if device == "cuda" else device,
            settings={"batch_size": options.batch_size},
        )

    @property
    def info(self) -> EngineInfo:
        """What is loaded, and how."""
        return self._info

    def generate(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        """Yield one generation for each prompt, as its batch ends. See `Engine.generate`."""
        return self._open_streams().generate(prompts)

    def choose(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        """Yield the log-likelihoods for each prompt. See `Engine.choose`."""
        return self._open_streams().choose(prompts)

    def close(self) -> None:
        """Give the memory back; may be called twice."""
        if self._backend is None:
            return
        self._backend = self._streams = None
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
    loaded, report = kind.from_pretrained(
        model.path, dtype=dtype, output_loading_info=True, **source
    )
    return loaded, report, has_encoder


def _refuse_missing(model: ModelRef, missing: Collection[str]) -> None:
    """Raise ModelError where transformers had to fill weights at random."""
    if missing:
        raise ModelError(
            f"model {model.name}: its weight files do not belong to its config.json: "
            f"{len(missing)} weights are missing, the first is {min(missing)}; download it again"
        )


def _device(wanted: str) -> str:
    import torch

    has = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if wanted == "auto":
        return next((name for name, is_there in has.items() if is_there), "cpu")
    if not has.get(wanted, True):
        raise ModelError(f"engine transformers: device={wanted} is not on this machine; take auto")
    return wanted


def _context(model: ModelRef, options: TransformersOptions, config: dict[str, Any]) -> int:
    """Return the context in force, from what the model's configuration states."""
    stated = local_model.context_length(config)
    if stated is None:
        return options.max_model_len or UNKNOWN_CONTEXT
    wanted = options.max_model_len
    if wanted is not None and wanted > stated and not encoder_decoders.is_relative(config):
        raise ModelError(
            f"model {model.name}: max_model_len {wanted} is more than the {stated} tokens that it "
            "was made for; lower it"
        )
    return wanted or stated
