"""A model that a category knows, and how it wants to be asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, JsonValue

from evalctl.protocols import ChatUse, ModelKind
from evalctl.specs.base import Name, Spec

Priority = Literal["high", "medium", "low"]
"""How much a category wants a model."""

_ORDER: dict[Priority, int] = {"high": 0, "medium": 1, "low": 2}


class Convention(Spec):
    """How a model wants to be asked, as its card says."""

    chat: ChatUse = "auto"
    """Whether the tokenizer's chat template is used."""
    system: str = ""
    """System message of a conversation."""
    wrap: str = ""
    """For instruct models without a chat template: a text with `{instruction}` in it."""
    is_bare: bool = False
    """Whether questions come without the dataset's words on the answer's form: the model was
    trained on a form of its own, or its system message says it."""
    shots: int | None = None
    """Worked examples that the model was made for; None leaves it to the dataset."""


class Preset(Spec):
    """Named engine settings of a model."""

    engine: Name
    """The engine whose options these are."""
    options: Mapping[str, JsonValue] = {}
    """Validated by that engine's own options model."""


def vllm_presets(
    max_model_len: int, *, dtype: str = "bfloat16", gpus: int = 1
) -> dict[str, Preset]:
    """Return the presets of a model that vLLM opens: `balanced` and `performance`.

    `performance` takes 95 % of the GPU's memory in the place of 90 %, and works on 512 sequences
    at once in the place of 256: quicker where nothing else is on that GPU.

    Args:
        max_model_len: Tokens of prompt and completion together.
        dtype: Of the weights in memory.
        gpus: As many as the weights need.
    """
    common: dict[str, JsonValue] = {"dtype": dtype, "max_model_len": max_model_len}
    if gpus > 1:
        common["tensor_parallel_size"] = gpus
    fast: dict[str, JsonValue] = {"gpu_memory_utilization": 0.95, "max_num_seqs": 512}
    return {
        "balanced": Preset(engine="vllm", options=common),
        "performance": Preset(engine="vllm", options={**common, **fast}),
    }


class ModelSpec(Spec):
    """A model that a category knows."""

    name: Name
    """Unique in the registry; the same model may serve several categories."""
    title: str
    """As its makers call it."""
    path: str
    """Hub id, or a folder."""
    revision: str | None = None
    """Hub commit that was reviewed; None follows the hub's main branch, and is shown as such."""
    kind: ModelKind = "decoder"
    """The architecture's kind."""
    is_instruct: bool = False
    """Whether it was tuned to follow instructions."""
    may_reason: bool = False
    """Whether it writes reasoning before its answer."""
    parameters: int | None = None
    """How many, all experts included; None where its makers do not tell."""
    active_parameters: int | None = None
    """How many work on a token, for mixtures of experts."""
    context_length: int
    """Tokens, as its configuration states."""
    engine: Name
    """The engine it is made for."""
    convention: Convention = Convention()
    """How it wants to be asked."""
    presets: Mapping[str, Preset] = {}
    """By name; `balanced` is the default where there is one."""
    priority: Priority = "medium"
    """How much a category wants it."""
    specialization_weight: float = Field(default=0.5, ge=0.0, le=1.0)
    """How far the category is the model's speciality."""
    licence: str
    """As its card states."""
    labels: Mapping[str, str] = {}
    """Of a classifier: by label in its own words, what it means (`hateful`, `toxic`). Labels that
    are called like a dataset's classes need none."""
    datasets: tuple[Name, ...] = ()
    """The only datasets that it can answer, for a model that was made for one question; empty
    means all that its engine can be asked."""
    categories: tuple[str, ...] = ()
    """Only for `evalctl_models`: the categories it serves; `*` for all."""
    is_embedded: bool = False
    """Whether its weights ship with the plugin: a run that names no model takes it where none of
    the category's others can run."""
    notice: str = ""
    """What every output with this model must say."""

    @property
    def preference(self) -> tuple[int, float]:
        """What sorts a category's models, its favourites first: priority, then weight."""
        return _ORDER[self.priority], -self.specialization_weight
