"""Rankings in a run: how near each of a sample's choices is to its text, by vectors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from evalctl.probing import cosines, word_cosines
from evalctl.records import Generation, Prompt
from evalctl.run.turns import Ask

WINDOW = 128
"""Prompts whose texts are read together: a text that several of them have is read once."""


def ranked(ask: Ask, prompts: Iterable[Prompt]) -> Iterator[Generation]:
    """Yield for each prompt how near its continuations are to its text, by vectors and by words.

    A prompt any of whose texts has no vector comes back with the reason.

    Raises:
        EngineError: The engine cannot go on.
    """
    waiting = iter(prompts)
    while window := list(islice(waiting, WINDOW)):
        texts = dict.fromkeys(
            text for prompt in window for text in (prompt.text, *prompt.continuations)
        )
        numbered = list(texts)
        given = {
            numbered[int(one.sample_id)]: one
            for one in ask(
                Prompt(dataset=window[0].dataset, sample_id=str(at), text=text)
                for at, text in enumerate(numbered)
            )
        }
        for prompt in window:
            yield _near(prompt, [given.get(text) for text in (prompt.text, *prompt.continuations)])


def _near(prompt: Prompt, given: list[Generation | None]) -> Generation:
    found = [one for one in given if one is not None]
    made = Generation(
        dataset=prompt.dataset,
        sample_id=prompt.sample_id,
        is_prompt_cut=any(one.is_prompt_cut for one in found),
        prompt_tokens=sum(one.prompt_tokens for one in found),
        seconds=max((one.seconds for one in found), default=0.0),
    )
    reasons = [one.error for one in found if one.error is not None]
    if reasons or len(found) < len(given):
        reason = reasons[0] if reasons else "the engine gave no vector"
        return made.model_copy(update={"error": reason})
    vector, *others = (one.vector for one in found)
    changes = {
        "similarities": cosines(vector, others),
        "word_similarities": word_cosines(prompt.text, prompt.continuations),
    }
    return made.model_copy(update=changes)
