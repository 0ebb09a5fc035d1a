"""What a model can be asked for, as its architecture's name tells. Imports nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from pydantic import JsonValue

from evalctl.engines import encoder_decoders
from evalctl.errors import ModelError
from evalctl.protocols import Capability, ModelKind, ModelRef

_MASKED_HEADS = ("ForMaskedLM", "ForPreTraining")
_OTHER_HEADS = ("ForTokenClassification", "ForQuestionAnswering", "ForMultipleChoice")
_NO_TEXT = ("ForImageClassification", "ForCTC")
_NAMELESS: Mapping[str, str] = {
    "bert": "BertForPreTraining",
    "roberta": "RobertaForMaskedLM",
    "longformer": "LongformerForMaskedLM",
}
"""What a model is whose config.json names no architecture, as checkpoints of 2019 and 2020."""
_CLASSIFIER = "ForSequenceClassification"
_EXTRACTORS = frozenset({"LayoutLMv3ForQuestionAnswering"})
"""What reads a page's words and their places, and finds an answer among them."""
_DOCUMENT_WRITERS = frozenset({"VisionEncoderDecoderModel"})

JsonObject = Mapping[str, JsonValue]


class Abilities(NamedTuple):
    """What a model can be asked for, as its architecture tells."""

    kind: ModelKind
    """Its kind."""
    capabilities: tuple[Capability, ...]
    """What its head, or the lack of one, allows."""


def named_architecture(config: JsonObject) -> str | None:
    """Return the architecture that a configuration names, or that its kind of model then had."""
    names = config.get("architectures")
    if isinstance(names, list) and names and isinstance(names[0], str):
        return names[0]
    return _NAMELESS.get(str(config.get("model_type")))


def abilities_of(model: ModelRef, architecture: str, config: JsonObject) -> Abilities:
    """Return what a model can be asked for.

    Raises:
        ModelError: Nothing that the local engines do.
    """
    if architecture.endswith(_CLASSIFIER):
        return Abilities("encoder", ("classify",))
    if (seeing := _seeing(architecture, config)) is not None:
        return seeing
    if encoder_decoders.writes_text(architecture, config):
        return Abilities("encoder_decoder", ("generate", "embed"))
    ask = (
        "give a decoder model (…ForCausalLM), such as a Llama or a Qwen, for datasets that are "
        f"classified a …{_CLASSIFIER}, or for probes an encoder, such as a BERT"
    )
    if architecture.endswith(_NO_TEXT):
        raise ModelError(f"model {model.name}: {architecture} reads no text; {ask}")
    if config.get("is_encoder_decoder") is True and not encoder_decoders.reads_text(config):
        raise ModelError(
            f"model {model.name}: {architecture} is an encoder-decoder, but not one from text to "
            f"text; {ask}, or a T5 or BART (…ForConditionalGeneration)"
        )
    if architecture.endswith(_MASKED_HEADS):
        return Abilities("encoder", ("embed", "fill"))
    if architecture.endswith(_OTHER_HEADS) or _is_headless(architecture):
        return Abilities("encoder", ("embed",))
    return Abilities("decoder", ("generate", "choose", "embed"))


def _seeing(architecture: str, config: JsonObject) -> Abilities | None:
    """Return what a model that sees can be asked for; None for one that reads texts alone."""
    if architecture in _EXTRACTORS:
        return Abilities("document", ("extract",))
    if architecture in _DOCUMENT_WRITERS:
        return Abilities("document", ("generate",))
    writes = architecture.endswith(("ForConditionalGeneration", "ForImageTextToText"))
    if writes and isinstance(config.get("vision_config"), Mapping):
        return Abilities("vision_language", ("generate",))
    return None


def _is_headless(architecture: str) -> bool:
    """Return whether a model ends with its last layer, which vectors are made of."""
    return architecture.endswith("Model") and not architecture.endswith("LMHeadModel")
