"""Putting a streamed answer together, piece by piece, within bounds."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from evalctl.engines.api.client import AgainError, RefusedError
from evalctl.engines.reasoning import as_completion
from evalctl.records import Completion, FinishReason

_CHARACTERS_PER_TOKEN = 64
"""A server that sends more than so many for each token asked for is not believed."""


@dataclass
class Answer:
    """One completion while it arrives."""

    most_tokens: int
    """As many as were asked for."""
    pieces: list[str] = field(default_factory=list)
    thoughts: list[str] = field(default_factory=list)
    finish_reason: FinishReason | None = None
    n_pieces: int = 0
    n_characters: int = 0

    def add(self, text: str, *, is_thought: bool = False) -> None:
        """Take a piece of the answer, or of what comes before it.

        Raises:
            RefusedError: More came than was asked for.
        """
        if not text:
            return
        self.n_pieces += 1
        self.n_characters += len(text)
        if self.n_characters > _CHARACTERS_PER_TOKEN * max(self.most_tokens, 1_000):
            raise RefusedError(
                f"the server sends on and on: {self.n_characters:,} characters", may_cost=True
            )
        (self.thoughts if is_thought else self.pieces).append(text)

    def completion(self, output_tokens: int) -> Completion:
        """Return what arrived.

        Raises:
            AgainError: The end did not arrive.
        """
        if self.finish_reason is None:
            raise AgainError("the stream was cut off before its end")
        whole = as_completion("".join(self.pieces), self.finish_reason, output_tokens)
        if not self.thoughts:
            return whole
        reasoning = "".join((*self.thoughts, whole.reasoning))
        return whole.model_copy(update={"reasoning": reasoning})


class Stopwatch:
    """The time from sending to the first token."""

    def __init__(self) -> None:
        """Start it."""
        self._sent = time.monotonic()
        self.first_seconds: float | None = None

    def note(self) -> None:
        """Note a token; only the first one counts."""
        if self.first_seconds is None:
            self.first_seconds = time.monotonic() - self._sent


def shared_out(total: int, weights: list[int]) -> list[int]:
    """Return a total in parts that go with weights and add up to it exactly.

    Servers count the tokens of all completions of a request together.
    """
    whole = sum(weights)
    if not whole:
        return [total, *(0 for _ in weights[1:])] if weights else []
    parts = [total * weight // whole for weight in weights]
    by_rest = sorted(range(len(weights)), key=lambda i: -(total * weights[i] % whole))
    for index in by_rest[: total - sum(parts)]:
        parts[index] += 1
    return parts
