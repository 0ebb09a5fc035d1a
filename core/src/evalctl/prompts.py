"""From a sample to what a model reads: completion style, chat style, or a model's own wrapping.

Pure functions. Which style a model gets is decided by the plan; chat templates are applied by the
engines, which have the tokenizer.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from functools import partial
from typing import Literal, NamedTuple

from evalctl.records import ImageRef, Message, Prompt, Record, Sample
from evalctl.specs import PromptTemplate

Style = Literal["completion", "chat", "wrapped"]

_PLACEHOLDER = re.compile(r"\{(input|target|solution|choices|metadata:\w+)\}")
_CHOICE = re.compile(r"\{(choice|letter)\}")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Asking(Record):
    """How one model is asked, the same for all samples of a dataset."""

    style: Style = "completion"
    """Plain text to be continued, a conversation, or an instruction in the model's own wrapping."""
    system: str = ""
    """System message of a conversation."""
    wrap: str = ""
    """The wrapping, with `{instruction}` in it."""
    is_bare: bool = False
    """Whether questions come without the dataset's words on the form of the answer."""


class Body(NamedTuple):
    """What a model reads: a text or a conversation."""

    text: str
    messages: tuple[Message, ...]
    images: tuple[ImageRef, ...] = ()
    """Of a text; those of a conversation are in its messages."""


def fill(template: str, sample: Sample) -> str:
    """Return the template with its placeholders filled in, in one pass.

    What is filled in is never looked at again, so a dataset's text cannot smuggle a placeholder.
    """
    return _PLACEHOLDER.sub(lambda match: _value(sample, match[1]), template)


def worded(messages: tuple[Message, ...], asking: Asking) -> Body:
    """Return a conversation that awaits an answer, as a model is asked: as a text where it must be.

    A text has the messages one after the other, and ends where the answer begins.
    """
    if asking.style == "chat":
        return Body("", messages)
    text = "\n\n".join(message.content for message in messages)
    if asking.style == "wrapped":
        return Body(_wrap(asking.wrap, text), ())
    return Body(f"{text}\n\n", ())


def continuations(template: PromptTemplate, sample: Sample) -> tuple[str, ...]:
    """Return what may follow a question, one for each of the sample's choices, in order."""
    return tuple(
        _CHOICE.sub(partial(_part_of, choice, number), template.continuation)
        for number, choice in enumerate(sample.choices)
    )


def _part_of(choice: str, number: int, match: re.Match[str]) -> str:
    return choice if match[1] == "choice" else lettered(number)


def lettered(number: int) -> str:
    """Return the letter of a choice, from 0: A to Z, then AA, AB and so on."""
    first, last = divmod(number, len(LETTERS))
    return (lettered(first - 1) if first else "") + LETTERS[last]


def _value(sample: Sample, name: str) -> str:
    kind, _, key = name.partition(":")
    if kind == "metadata":
        return str(sample.metadata.get(key, ""))
    if kind != "choices":
        return str(getattr(sample, kind))
    return "\n".join(f"{lettered(n)}. {choice}" for n, choice in enumerate(sample.choices))


def compose(
    template: PromptTemplate, sample: Sample, shots: Sequence[Sample], asking: Asking
) -> Body:
    """Return what the model reads for one sample, worked examples first."""
    instruction = _instruction(template, asking)
    images = tuple(image for one in (*shots, sample) for image in one.images)
    match asking.style:
        case "completion":
            examples = (fill(template.question + template.answer, shot) for shot in shots)
            parts = [*examples, fill(template.question, sample)]
            text = fill(template.preamble, sample) + template.separator.join(parts)
            return Body(text, (), images)
        case "chat":
            template = template.model_copy(update={"instruction": instruction})
            return Body("", _conversation(template, sample, shots, asking.system))
        case "wrapped":
            examples = (
                _wrap(asking.wrap, fill(instruction, shot)) + fill(template.answer, shot)
                for shot in shots
            )
            parts = [*examples, _wrap(asking.wrap, fill(instruction, sample))]
            return Body(template.separator.join(parts), (), images)


def _instruction(template: PromptTemplate, asking: Asking) -> str:
    return "{input}" if asking.is_bare else template.instruction


def cuttable(
    template: PromptTemplate, sample: Sample, asking: Asking, body: Body
) -> tuple[int, int] | None:
    """Return where in what a model reads the part of the sample's input is that may be left out.

    It is in the text or the last message, behind all worked examples.
    """
    words = template.may_cut_behind
    if words is None or words not in sample.input:
        return None
    asked = template.question if asking.style == "completion" else _instruction(template, asking)
    _, found, behind = asked.rpartition("{input}")
    behind = fill(behind, sample)
    if asking.style == "wrapped":
        behind += asking.wrap.partition("{instruction}")[2]
    end = len(last_text(body)) - len(behind)
    start = end - len(sample.input) + sample.input.index(words) + len(words)
    return (start, end) if found and start < end else None


def last_text(asked: Body | Prompt) -> str:
    """Return the text, or that of a conversation's last message."""
    return asked.messages[-1].content if asked.messages else asked.text


def without_end(prompt: Prompt, left_out: int) -> Prompt:
    """Return a prompt as a model read it: without so many characters of what may be left out."""
    if not left_out or prompt.cuttable is None:
        return prompt
    end = prompt.cuttable[1]
    whole = last_text(prompt)
    text = whole[: end - left_out] + whole[end:]
    if not prompt.messages:
        return prompt.model_copy(update={"text": text})
    last = prompt.messages[-1].model_copy(update={"content": text})
    return prompt.model_copy(update={"messages": (*prompt.messages[:-1], last)})


def around_turns(template: PromptTemplate, sample: Sample, asking: Asking) -> tuple[str, str]:
    """Return what stands before and behind a later turn where a conversation is a text.

    A later turn stands where the first question stood, without the dataset's instruction: in
    completion style in the template's `question`, else in the model's own wrapping.
    """
    if asking.style == "wrapped":
        before, _, behind = asking.wrap.partition("{instruction}")
    else:
        before, _, behind = template.question.partition("{input}")
        bare = sample.model_copy(update={"target": "", "solution": "", "choices": ()})
        before, behind = fill(before, bare), fill(behind, bare)
    return template.separator + before, behind


def next_turn(prompt: Prompt, replies: Sequence[str]) -> Prompt:
    """Return the request for the turn after some replies, as a prompt of its own.

    Args:
        prompt: The conversation, from its first turn.
        replies: What the model replied so far, without reasoning; at most as many as there are
            later turns.
    """
    turns = zip(replies, prompt.later_turns, strict=False)
    changes: dict[str, object] = {"later_turns": (), "around_turns": (), "cuttable": None}
    if prompt.messages:
        said = (
            Message(role=role, content=content)
            for reply, turn in turns
            for role, content in (("assistant", reply), ("user", turn))
        )
        return prompt.model_copy(update={**changes, "messages": (*prompt.messages, *said)})
    before, behind = prompt.around_turns or ("\n\n", "\n\n")
    said_on = (f"{reply.rstrip()}{before}{turn}{behind}" for reply, turn in turns)
    return prompt.model_copy(update={**changes, "text": prompt.text + "".join(said_on)})


def sample_seed(seed: int, dataset: str, sample_id: str) -> int:
    """Return a seed in 0..2^31-1 that depends on the run's seed and the sample alone."""
    digest = hashlib.blake2b(f"{seed}\0{dataset}\0{sample_id}".encode(), digest_size=4)
    return int.from_bytes(digest.digest()) & 0x7FFFFFFF


def _wrap(wrap: str, instruction: str) -> str:
    before, _, after = wrap.partition("{instruction}")
    return before + instruction + after


def _conversation(
    template: PromptTemplate, sample: Sample, shots: Sequence[Sample], system: str
) -> tuple[Message, ...]:
    messages = [Message(role="system", content=system)] if system else []
    for shot in shots:
        messages.append(_asked(template, shot))
        reply = fill(template.reply or template.answer, shot).strip()
        messages.append(Message(role="assistant", content=reply))
    messages.append(_asked(template, sample))
    return tuple(messages)


def _asked(template: PromptTemplate, sample: Sample) -> Message:
    content = fill(template.instruction, sample)
    return Message(role="user", content=content, images=sample.images)
