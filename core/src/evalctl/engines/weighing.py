"""What an engine gives for a prompt whose continuations were weighed. Imports nothing heavy."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

from evalctl.engines.failures import failed
from evalctl.records import Continuation, Generation, Prompt

NO_NUMBERS = (
    "the model's log-likelihoods are no numbers (NaN): its weights are broken, or too large for "
    "their type; with 16 bits, take dtype=float32"
)


def weighed(
    prompt: Prompt, continuations: Sequence[Continuation], prompt_tokens: int, started: float
) -> Generation:
    """Return the log-likelihoods of a prompt's continuations; a failure where they are none.

    Args:
        prompt: What was asked.
        continuations: What came of each, in order.
        prompt_tokens: Tokens of the prompt.
        started: When the prompt was taken, by `time.monotonic`.
    """
    if any(math.isnan(one.logprob) for one in continuations):
        return failed(prompt, NO_NUMBERS)
    return Generation(
        dataset=prompt.dataset,
        sample_id=prompt.sample_id,
        continuations=tuple(continuations),
        prompt_tokens=prompt_tokens,
        seconds=time.monotonic() - started,
    )
