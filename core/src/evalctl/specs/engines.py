"""Engines, which load and ask models."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field, PlainSerializer

from evalctl.protocols import Capability, ChatUse, ModelFacts, ModelKind, ModelRef
from evalctl.specs.base import AsName, Name, Spec, function_name
from evalctl.specs.classes import read_labels


class EngineOptions(Spec):
    """Base of every engine's own options: what `--engine-option KEY=VALUE` may set."""

    speed_options: ClassVar[frozenset[str]] = frozenset()
    """Those that change speed alone and never an answer: with other values of these, generations
    that were kept are still found."""

    chat: ChatUse = "auto"
    """Whether prompts go through the tokenizer's chat template."""
    labels: Annotated[Mapping[str, str], BeforeValidator(read_labels)] = {}
    """What a classifier's labels mean: by label, a class of the dataset. As a text
    `LABEL=CLASS,LABEL=CLASS`, or JSON."""


class ImageOptions(EngineOptions):
    """Options of engines that read images."""

    max_image_pixels: int | None = Field(default=None, ge=1)
    """The most pixels that a model is shown of an image; a larger one is made smaller, in
    proportion. None leaves that to the model's own processor, or to the server."""


class EngineSpec(Spec):
    """An engine: what it can do, what it needs, and how it is opened."""

    name: Name
    """Unique in the registry."""
    title: str
    """One line for listings."""
    capabilities: tuple[Capability, ...]
    """What it can be asked for."""
    kinds: tuple[ModelKind, ...]
    """Kinds of model it opens."""
    options: Annotated[type[EngineOptions], PlainSerializer(function_name, return_type=str)]
    """Its own options model."""
    factory: str
    """`module:function`, imported when a model is opened: `(ModelRef, EngineOptions) -> Engine`."""
    check: Annotated[Callable[[ModelRef, EngineOptions], ModelFacts], AsName]
    """Looks at a model without loading it or importing anything heavy; raises ModelError."""
    packages: tuple[str, ...] = ()
    """Import names that must be installed."""
    install: str = ""
    """The pip command that brings them."""
    is_hosted: bool = True
    """Whether it runs in a process of its own."""
    holds_conversations: bool = False
    """Whether it answers all turns of a prompt with `later_turns`; others are given one turn after
    the other, each as a prompt of its own, and never see later ones."""
    reads_images: bool = False
    """Whether its models are given the images of prompts, where they are of a kind that sees."""
    follows_json_schema: bool = False
    """Whether it holds completions to `Sampling.json_schema`."""
    path_form: str = "DIR"
    """What stands behind the colon of `ENGINE:`."""
