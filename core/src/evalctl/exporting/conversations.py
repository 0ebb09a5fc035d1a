"""Conversations of several turns in the forms of exports, most of which have single prompts."""

from __future__ import annotations

from evalctl.prompts import next_turn
from evalctl.records import Completion, Message, Prompt


def last_prompt(prompt: Prompt, completion: Completion | None) -> Prompt:
    """Return what a model read before its last reply; without a completion, the first turn."""
    return next_turn(prompt, completion.earlier if completion else ())


def transcript(prompt: Prompt, completion: Completion | None) -> tuple[Message, ...]:
    """Return all that was said, the reply to the last turn included.

    The first turn of a conversation that was asked as a text is that text.
    """
    said = list(prompt.messages or (Message(role="user", content=prompt.text),))
    if completion is None:
        return tuple(said)
    for reply, turn in zip(completion.earlier, prompt.later_turns, strict=False):
        said.append(Message(role="assistant", content=reply))
        said.append(Message(role="user", content=turn))
    return (*said, Message(role="assistant", content=completion.text))
