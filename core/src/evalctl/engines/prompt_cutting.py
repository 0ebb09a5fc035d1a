"""Prompts that are longer than a model reads, cut where their dataset allows it. Pure functions."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

from evalctl.records import Prompt

MOST_FOR_AN_ANSWER = 1 / 4
"""Share of the context that is kept free for the answer where a prompt is cut, or what the answer
may have if that is less."""


def room_for_prompt(prompt: Prompt, context_length: int, *, has_encoder: bool) -> int:
    """Return how many tokens of a prompt that may be cut are read.

    Args:
        prompt: The prompt.
        context_length: Tokens of prompt and answer, together or, with an encoder, each.
        has_encoder: Whether an encoder reads prompts.
    """
    if has_encoder:
        return context_length
    kept = min(prompt.sampling.max_tokens, int(context_length * MOST_FOR_AN_ANSWER))
    return context_length - max(kept, 1)


def cut_to_fit(prompt: Prompt, count: Callable[[Prompt], int], most: int) -> Prompt:
    """Return a prompt whose part that may be cut ends earlier, between two words, so that it fits.

    It comes back as it is where it fits, and without all of that part where not even that helps.

    Args:
        prompt: The prompt.
        count: Returns the tokens of one.
        most: How many of them there may be.
    """
    if prompt.cuttable is None:
        return prompt
    start, end = prompt.cuttable
    whole = prompt.messages[-1].content if prompt.messages else prompt.text
    kept, shorter = end, prompt
    while (tokens := count(shorter)) > most and kept > start:
        # So many characters as what is too much has if all tokens are alike; then once more.
        size = len(whole) - (end - kept)
        kept -= max(ceil((tokens - most) * size / tokens), 1)
        kept = max(whole.rfind(" ", start, max(kept, start)), start)
        shorter = _with_text(prompt, whole[:kept].rstrip() + whole[end:])
    return shorter


def _with_text(prompt: Prompt, text: str) -> Prompt:
    """Return a prompt with another text, or another last message."""
    if not prompt.messages:
        return prompt.model_copy(update={"text": text})
    last = prompt.messages[-1].model_copy(update={"content": text})
    return prompt.model_copy(update={"messages": (*prompt.messages[:-1], last)})
