"""The engines that come with the core. Nothing heavy is imported to declare them."""

from __future__ import annotations

from collections.abc import Iterable

from evalctl.engines.api.options import AnthropicOptions, ApiOptions, OpenaiOptions
from evalctl.engines.replay_options import ReplayOptions
from evalctl.engines.transformers_options import TransformersOptions
from evalctl.engines.vllm_options import VllmOptions
from evalctl.hookspecs import hookimpl
from evalctl.protocols import ModelFacts, ModelRef
from evalctl.specs import EngineOptions, EngineSpec


def check_local_model(model: ModelRef, options: EngineOptions) -> ModelFacts:
    """Look at a model's files; see `local_model.check`."""
    from evalctl.engines import local_model  # a listing looks at no model

    return local_model.check(model, options)


def check_vllm(model: ModelRef, options: EngineOptions) -> ModelFacts:
    """Look at a model's files; see `vllm_seeing.check`."""
    from evalctl.engines import vllm_seeing  # likewise

    return vllm_seeing.check(model, options)


def check_recording(model: ModelRef, options: EngineOptions) -> ModelFacts:
    """Look at a file of recorded completions; see `replay.check`."""
    from evalctl.engines import replay  # likewise

    return replay.check(model, options)


def check_openai(model: ModelRef, options: EngineOptions) -> ModelFacts:
    """Look at address and key of a model; nothing is sent."""
    from evalctl.engines.api import address  # likewise

    assert isinstance(options, ApiOptions)
    return address.check(model, options.key_variable, address.OPENAI)


def check_anthropic(model: ModelRef, options: EngineOptions) -> ModelFacts:
    """Look at address and key of a model; nothing is sent."""
    from evalctl.engines.api import address  # likewise

    assert isinstance(options, ApiOptions)
    return address.check(model, options.key_variable, address.ANTHROPIC)


@hookimpl
def evalctl_engines() -> Iterable[EngineSpec]:
    """Return vLLM, transformers, two kinds of server, and the replay of recorded completions."""
    return (*_local(), *_on_servers(), _replay())


def _local() -> Iterable[EngineSpec]:
    yield EngineSpec(
        name="vllm",
        title="vLLM: continuous batching, the fastest where it runs",
        capabilities=("generate", "choose", "classify"),
        kinds=("decoder", "encoder", "vision_language"),
        options=VllmOptions,
        factory="evalctl.engines.vllm:open_engine",
        check=check_vllm,
        packages=("vllm",),
        reads_images=True,
        install="pip install 'evalctl[vllm]'",
        follows_json_schema=True,
    )
    yield EngineSpec(
        name="transformers",
        title="transformers: slower than vLLM, runs wherever torch does",
        capabilities=("generate", "choose", "classify", "embed", "fill", "extract"),
        kinds=("decoder", "encoder", "encoder_decoder", "vision_language", "document"),
        options=TransformersOptions,
        factory="evalctl.engines.transformers:open_engine",
        check=check_local_model,
        packages=("torch", "transformers"),
        reads_images=True,
        install="pip install 'evalctl[transformers]'",
    )


def _on_servers() -> Iterable[EngineSpec]:
    yield EngineSpec(
        name="openai",
        title="openai: any server that speaks OpenAI's protocol, and OpenAI",
        capabilities=("generate", "choose"),
        kinds=("api",),
        options=OpenaiOptions,
        factory="evalctl.engines.api.openai:open_engine",
        check=check_openai,
        packages=("openai",),
        reads_images=True,
        install="pip install 'evalctl[openai]'",
        follows_json_schema=True,
        path_form="NAME[@URL]",
    )
    yield EngineSpec(
        name="anthropic",
        title="anthropic: Claude, and servers that speak its protocol",
        capabilities=("generate",),
        kinds=("api",),
        options=AnthropicOptions,
        factory="evalctl.engines.api.anthropic:open_engine",
        check=check_anthropic,
        packages=("anthropic",),
        reads_images=True,
        install="pip install 'evalctl[anthropic]'",
        path_form="NAME[@URL]",
    )


def _replay() -> EngineSpec:
    return EngineSpec(
        name="replay",
        title="replay: completions that were recorded before, from a JSON Lines file",
        capabilities=("generate", "classify", "embed", "extract"),
        kinds=("recorded",),
        options=ReplayOptions,
        factory="evalctl.engines.replay:open_engine",
        check=check_recording,
        is_hosted=False,
        holds_conversations=True,
        path_form="FILE",
    )
