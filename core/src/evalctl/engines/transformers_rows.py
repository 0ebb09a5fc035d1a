"""The rows of the transformers engine's batches, and how they grow. Imports nothing heavy."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from evalctl.engines.reasoning import StopWatcher
from evalctl.records import FinishReason, Sampling

Decode = Callable[[Sequence[int]], str]

_PRIMING_TOKENS = 6
"""Of the prompt, before the new ones, so that spaces and cut characters come out right."""


class TextStream:
    """Turns tokens into text one by one, as vLLM and tokenizers' `DecodeStream` do.

    A character whose bytes are not complete is held back, and lost if it never is.
    """

    def __init__(self, decode: Decode, prompt: Sequence[int]) -> None:
        """Start behind a prompt."""
        self._decode = decode
        self._tokens = list(prompt[-_PRIMING_TOKENS:])
        self._before = 0
        self._read = len(self._tokens)

    def push(self, token: int) -> str:
        """Return the text that the next token completes."""
        self._tokens.append(token)
        known = self._decode(self._tokens[self._before : self._read])
        text = self._decode(self._tokens[self._before :])
        if len(text) <= len(known) or text.endswith("\ufffd"):
            return ""
        self._before, self._read = self._read, len(self._tokens)
        return text[len(known) :]


@dataclass
class Row:
    """One completion while it grows."""

    tokens: list[int]
    """Of the prompt."""
    max_tokens: int
    sampling: Sampling
    seed: int
    begin: Callable[[], tuple[TextStream, StopWatcher]]
    """Makes what its text is written and watched with."""
    seen: Mapping[str, Any] = field(default_factory=dict)
    """What the model reads besides: tensors by name, of the images of its prompt."""
    pieces: list[str] = field(default_factory=list)
    new_tokens: int = 0
    finish_reason: FinishReason | None = None
    """None while it grows."""
    stop: int | None = None
    """Where in the text a stop string begins."""
    first_token_at: float | None = None
    """When the first new token was there, by the monotonic clock."""

    def __post_init__(self) -> None:
        """Be ready for the first token."""
        self.stream, self.watcher = self.begin()

    def restart(self) -> None:
        """Forget what was written, as a batch that did not fit is done again."""
        self.stream, self.watcher = self.begin()
        self.pieces, self.new_tokens, self.finish_reason, self.stop = [], 0, None, None
        self.first_token_at = None

    def take(self, token: int, ends: frozenset[int]) -> None:
        """Append a new token, which ends the row if it is one of `ends`."""
        self.new_tokens += 1
        if self.first_token_at is None:
            self.first_token_at = time.monotonic()
        if token in ends:
            self.stop, self.finish_reason = self.watcher.finish(is_finished=True), "stop"
            return
        piece = self.stream.push(token)
        self.pieces.append(piece)
        self.stop = self.watcher.feed(piece)
        is_last = self.new_tokens >= self.max_tokens
        if self.stop is None and is_last:
            self.stop = self.watcher.finish()
        if self.stop is not None:
            self.finish_reason = "stop"
        elif is_last:
            self.finish_reason = "length"

    @property
    def text(self) -> str:
        """What was written, up to the stop string."""
        return "".join(self.pieces)[: self.stop]


class OutOfMemoryError(Exception):
    """A batch did not fit; caught by `BatchSize` and `Budget`, never seen outside."""


class BatchSize:
    """How many rows go into a batch; learns from what did not fit."""

    def __init__(self, size: int) -> None:
        """Start with the size that was asked for."""
        self.size = size

    def run(self, rows: list[Row], work: Callable[[list[Row]], None]) -> None:
        """Do the work on all rows in batches; halve the size where memory runs out.

        Raises:
            OutOfMemoryError: Not even one row fits.
        """
        waiting = list(rows)
        while waiting:
            batch = waiting[: self.size]
            try:
                work(batch)
            except OutOfMemoryError:
                if len(batch) == 1:
                    raise
                self.size = max(1, len(batch) // 2)
                continue
            del waiting[: len(batch)]
