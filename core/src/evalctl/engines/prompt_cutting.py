"""Prompts that are longer than a model reads, cut where their dataset allows it. Pure functions."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

from evalctl.prompts import last_text, without_end
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


def left_out_to_fit(prompt: Prompt, count: Callable[[Prompt], int], most: int) -> int:
    """Return how many characters have to be left out of a prompt, up to between two words.

    Zero where it fits, and also where nothing would be left of the part that may be cut: then the
    prompt has to be refused.

    Args:
        prompt: The prompt.
        count: Returns the tokens of one.
        most: How many of them there may be.
    """
    if prompt.cuttable is None:
        return 0
    start, end = prompt.cuttable
    whole = last_text(prompt)
    kept = end
    while (tokens := count(without_end(prompt, end - kept))) > most:
        # So many characters as what is too much has if all tokens are alike; then once more.
        size = len(whole) - (end - kept)
        kept -= max(ceil((tokens - most) * size / tokens), 1)
        kept = whole.rfind(" ", start, max(kept, start))
        if kept <= start:
            return 0
        kept = start + len(whole[start:kept].rstrip())
        if kept == start:
            return 0
    return end - kept
