"""What an engine gives for a prompt that it could not answer. Imports nothing heavy."""

from __future__ import annotations

from evalctl.records import Generation, Prompt


def failed(prompt: Prompt, reason: object, n_lost: int = 0) -> Generation:
    """Return the generation of a prompt that could not be answered.

    Args:
        prompt: What was asked.
        reason: Why: an error, or words.
        n_lost: Requests that broke off on the way and may have to be paid.
    """
    return Generation(
        dataset=prompt.dataset,
        sample_id=prompt.sample_id,
        error=str(reason),
        lost_requests=n_lost,
    )
