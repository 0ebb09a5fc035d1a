"""How a judge model is asked about a completion, and how its verdicts become a score."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Self

from pydantic import model_validator

from evalctl.records import Completion, Message, Sample, Score
from evalctl.specs.base import AsName, Spec

Conversation = tuple[Message, ...]
"""What a judge is asked at once; it answers with one verdict."""


class JudgeSpec(Spec):
    """How a judge model is asked about a completion, and how its verdicts become a score.

    Exactly one of `prompt`, `prompts` and `pair` says what it is asked. All text that others wrote
    must be fenced there: see `evalctl.fenced`.
    """

    prompt: Annotated[Callable[[Sample, Completion], Conversation], AsName] | None = None
    """The conversation that asks for the one verdict on a completion."""
    prompts: Annotated[Callable[[Sample, Completion], tuple[Conversation, ...]], AsName] | None = (
        None
    )
    """Several conversations about a completion: one for each of its turns, say."""
    pair: (
        Annotated[Callable[[Sample, Completion, Completion], tuple[Conversation, ...]], AsName]
        | None
    ) = None
    """The conversations that hold a completion against the baseline's, which comes last. Such a
    scorer takes part in runs with `--baseline` alone, and is no dataset's headline."""
    parse: Annotated[Callable[[str], Score], AsName]
    """One verdict as a score, without a value where it cannot be read: that is *not scored*."""
    combine: Annotated[Callable[[tuple[Score, ...]], Score], AsName] | None = None
    """The scores of all verdicts on a completion, in the order of the conversations, to its score;
    None only where there is one conversation. Verdicts that could not be read have no value."""
    version: str
    """Changes whenever the rubric changes."""
    max_tokens: int = 1024
    """Limit on one verdict; one that is cut off there is not read."""

    @model_validator(mode="after")
    def _asks_in_one_way(self) -> Self:
        ways = [way for way in (self.prompt, self.prompts, self.pair) if way is not None]
        if len(ways) != 1:
            raise ValueError("a judge: set exactly one of `prompt`, `prompts` and `pair`")
        if (self.prompt is None) == (self.combine is None):
            raise ValueError("a judge: `combine` goes with `prompts` and `pair`, and they with it")
        return self

    def conversations(
        self, sample: Sample, completion: Completion, baseline: Completion | None = None
    ) -> tuple[Conversation, ...]:
        """Return what the judge is asked about a completion.

        Args:
            sample: What the model was asked.
            completion: What it gave.
            baseline: What it is held against, where it is judged in pairs.
        """
        if self.pair is not None:
            assert baseline is not None, "pairs are judged in runs with a baseline alone"
            return tuple(map(tuple, self.pair(sample, completion, baseline)))
        if self.prompts is not None:
            return tuple(map(tuple, self.prompts(sample, completion)))
        assert self.prompt is not None, "validated above"
        return (tuple(self.prompt(sample, completion)),)
