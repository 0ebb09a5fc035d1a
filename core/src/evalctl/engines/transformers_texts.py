"""Texts that transformers reads whole: in windows, sorted by length, batch after batch.

Padding stands behind a text and is masked, so that no other text of its batch changes what comes
out; where a model cannot be padded (`Padding`), only texts of one length are read together.
Classifiers and encoders are read so. Imports torch lazily.
"""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import Enum
from functools import partial
from itertools import islice, takewhile
from typing import Any, Generic, Protocol, TypeVar

from evalctl.engines.classifying import Reading, ReadText, TextReader
from evalctl.engines.failures import failed
from evalctl.engines.phases import Pulse
from evalctl.engines.prompt_reader import PromptError
from evalctl.engines.transformers_backend import guarded
from evalctl.engines.transformers_branches import n_together
from evalctl.engines.transformers_choose import TOKENS_OF_A_SEQUENCE
from evalctl.engines.transformers_options import TransformersOptions
from evalctl.engines.transformers_rows import OutOfMemoryError
from evalctl.errors import EngineError
from evalctl.records import Generation, Prompt

WINDOW = 1024
"""Texts that are sorted together: more pads less, fewer are answered sooner."""

_Output = TypeVar("_Output")


class Padding(Enum):
    """How texts of different length may be read together."""

    BEHIND = "behind"
    """Padded at their ends."""
    ALIKE = "alike"
    """Not at all: those of one length together."""
    NONE = "none"
    """Nor those of one length: each alone."""


class Whole(Protocol):
    """A text that is read whole."""

    @property
    def text(self) -> ReadText:
        """As tokens."""
        ...

    @property
    def width(self) -> int:
        """Tokens of the text."""
        ...


_Text = TypeVar("_Text", bound=Whole)


class TextBatches(Generic[_Text, _Output]):
    """Reads texts in batches."""

    def __init__(
        self,
        forward: Callable[[Sequence[_Text]], list[_Output]],
        tokens: int,
        padding: Padding = Padding.BEHIND,
    ) -> None:
        """Begin with the number of tokens that were asked for.

        Args:
            forward: Texts to the model's outputs, one for each, in their order.
            tokens: How many are read at once, padding among them.
            padding: Which texts may be read together.
        """
        self._forward = forward
        self._tokens = tokens
        self._padding = padding

    def pairs(self, texts: Iterable[_Text]) -> Iterator[tuple[_Text, _Output]]:
        """Yield each text with its output, the longest first.

        Raises:
            EngineError: One text alone is too much for the memory, or the model failed.
        """
        waiting = sorted(texts, key=lambda text: -text.width)
        pulse = Pulse()
        while waiting:
            pulse.beat(f"reading texts, {len(waiting):,} of those at hand are left")
            part = waiting[: n_in_batch(waiting, self._tokens, self._padding)]
            outputs: list[_Output] = []
            try:
                guarded(partial(self._read, part, outputs), part[0].width)
            except OutOfMemoryError as error:
                if len(part) == 1:
                    raise EngineError(
                        f"engine transformers: out of memory with one text ({error}); lower "
                        "max_model_len, take a smaller dtype or another device"
                    ) from error
                self._tokens = max(len(part) * part[0].width // 2, part[0].width)
                continue
            yield from zip(part, outputs, strict=True)
            del waiting[: len(part)]

    def _read(self, part: Sequence[_Text], outputs: list[_Output]) -> None:
        """Put the outputs for a batch behind those that are there."""
        outputs.extend(self._forward(part))


def read_in_windows(
    reader: TextReader, prompts: Iterable[Prompt]
) -> Iterator[list[Reading] | Generation]:
    """Yield prompts as tokens, `WINDOW` after `WINDOW`; one without a text comes with its error."""
    waiting = iter(prompts)
    while window := list(islice(waiting, WINDOW)):
        readings = []
        for prompt in window:
            try:
                readings.append(Reading(prompt, reader.read(prompt), time.monotonic()))
            except PromptError as error:
                yield failed(prompt, error)
        yield readings


def tokens_at_once(options: TransformersOptions) -> int:
    """Return how many tokens of texts a batch size stands for."""
    return TOKENS_OF_A_SEQUENCE * options.batch_size


def n_in_batch(waiting: Sequence[Whole], most_tokens: int, padding: Padding) -> int:
    """Return how many texts, the first ones, at least one, are read together.

    Args:
        waiting: The longest first.
        most_tokens: Of the longest one times their number.
        padding: Which may be read together at all.
    """
    widths = [reading.width for reading in waiting]
    if padding is Padding.NONE:
        return 1
    if padding is Padding.ALIKE:
        widths = list(takewhile(lambda width: width == widths[0], widths))
    return n_together(widths, most_tokens)


def inputs_of(model: Any, part: Sequence[Whole]) -> dict[str, Any]:  # noqa: ANN401  torch's
    """Return what a model is called with for a batch: tensors `[text, token]`, padded behind."""
    import torch

    width = max(one.width for one in part)
    texts = [one.text for one in part]
    pad = getattr(model.config, "pad_token_id", None) or 0

    def padded(rows: Iterable[list[int]], filler: int) -> Any:  # noqa: ANN401  a tensor
        filled = [row + [filler] * (width - len(row)) for row in rows]
        return torch.tensor(filled, device=model.device)

    inputs = {
        "input_ids": padded((text.tokens for text in texts), pad),
        "attention_mask": padded(([1] * len(text.tokens) for text in texts), 0),
    }
    types = [text.types for text in texts]
    if all(types) and "token_type_ids" in inspect.signature(model.forward).parameters:
        inputs["token_type_ids"] = padded((one or [] for one in types), 0)
    return inputs


def dtype_of(options: TransformersOptions, device: str) -> Any:  # noqa: ANN401  torch's
    """Return the dtype of the weights: by itself 32 bits, but 16 on a GPU."""
    import torch

    if options.dtype != "auto":
        return getattr(torch, options.dtype)
    if device != "cuda":
        return torch.float32
    return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
