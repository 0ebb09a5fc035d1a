"""What local engines do around a model that reads texts whole. Imports nothing heavy."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple, Protocol

from evalctl.engines.model_labels import Labels
from evalctl.engines.prompt_reader import PromptError
from evalctl.protocols import ModelFacts, ModelRef
from evalctl.records import Generation, Prompt

_SURELY_NO_LIMIT = 1_000_000
"""Tokenizers that know none state a number beyond all lengths."""


class Encoder(Protocol):
    """What is used of a Hugging Face tokenizer."""

    model_max_length: int

    def __call__(
        self, text: str, *, truncation: bool, max_length: int | None
    ) -> Mapping[str, Sequence[int]]:
        """Return a text's tokens with the special ones around it, under `input_ids`."""
        ...


class ReadText(NamedTuple):
    """A text as tokens."""

    tokens: list[int]
    types: list[int] | None
    """A type for each token, where the tokenizer tells."""
    is_cut: bool
    """Whether they are only the text's beginning."""


class TextReader:
    """Turns prompts into the tokens of a classifier or an encoder."""

    def __init__(self, tokenizer: Encoder, context_length: int) -> None:
        """Read no more than the context, or the tokenizer's own limit where that is less."""
        self._tokenizer = tokenizer
        self.context_length = context_length
        if 0 < tokenizer.model_max_length < _SURELY_NO_LIMIT:
            self.context_length = min(context_length, tokenizer.model_max_length)

    def read(self, prompt: Prompt) -> ReadText:
        """Return a prompt's text as tokens; one that is too long is cut as the tokenizer does it.

        Raises:
            PromptError: There is no text.
        """
        if prompt.messages:
            raise PromptError("a text is read whole, and the prompt is a conversation")
        encoded = self._tokenizer(prompt.text, truncation=False, max_length=None)
        is_cut = len(encoded["input_ids"]) > self.context_length
        if is_cut:
            encoded = self._tokenizer(prompt.text, truncation=True, max_length=self.context_length)
        tokens = list(encoded["input_ids"])
        if not tokens:
            raise PromptError("the prompt is empty; give it some text")
        types = encoded.get("token_type_ids")
        return ReadText(tokens, None if types is None else list(types), is_cut)


class Reading(NamedTuple):
    """A prompt on its way through a model that reads texts whole."""

    prompt: Prompt
    text: ReadText
    started: float
    """On the monotonic clock."""

    @property
    def width(self) -> int:
        """Tokens of the text."""
        return len(self.text.tokens)

    def embedding(self, vector: Sequence[float]) -> Generation:
        """Return what comes of an encoder's vector."""
        is_finite = all(map(math.isfinite, vector))
        return Generation(
            dataset=self.prompt.dataset,
            sample_id=self.prompt.sample_id,
            vector=tuple(vector) if is_finite else (),
            is_prompt_cut=self.text.is_cut,
            prompt_tokens=self.width,
            seconds=time.monotonic() - self.started,
            error=None if is_finite else "the vector has no numbers; take dtype=float32",
        )

    def generation(self, labels: Labels, logits: Sequence[float]) -> Generation:
        """Return what comes of the classifier's outputs."""
        found = labels.probabilities(logits)
        return Generation(
            dataset=self.prompt.dataset,
            sample_id=self.prompt.sample_id,
            labels=found or {},
            is_prompt_cut=self.text.is_cut,
            prompt_tokens=self.width,
            seconds=time.monotonic() - self.started,
            error=None if found else "the classifier gave no numbers; take dtype=float32",
        )


WholeKind = Literal["classifier", "encoder"]
"""Models that read texts whole, by what comes out."""


def kind_of(model: ModelRef, facts: ModelFacts) -> WholeKind | None:
    """Return as what a model that reads texts whole is opened: by its files, else by its kind."""
    if facts.capabilities is None:
        return "classifier" if model.kind == "encoder" else None
    if "classify" in facts.capabilities:
        return "classifier"
    return "encoder" if "generate" not in facts.capabilities else None
