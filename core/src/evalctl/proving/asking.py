"""Whether rows become prompts that ask what they should, and whether models have room for them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from pydantic import JsonValue

from evalctl.prompts import fill
from evalctl.proving.findings import Cases, Finding, Seen
from evalctl.proving.lengths import Measures, Tokens
from evalctl.records import Sample
from evalctl.scales import counted
from evalctl.specs import DatasetSpec, ModelSpec

_PLACEHOLDER = re.compile(r"(?<![\\\w{])\{([a-z_]+)\}(?!\})")
_KNOWN = frozenset({"input", "target", "solution", "choices"})
_ANSWERS = frozenset({"target", "solution"})


class Prompts:
    """Looks at the template once, and at every prompt that it makes."""

    def __init__(self, spec: DatasetSpec, n_shots: int) -> None:
        """Begin with the template's own faults."""
        self._spec = spec
        self._n_shots = n_shots
        self._total = 0
        self._blank = Cases()

    def see(self, seen: Seen) -> None:
        """Look at a sample's prompts."""
        self._total += 1
        texts = (seen.completion, seen.chat, *seen.sample.later_turns)
        if not all(text.strip() for text in texts) and not self._spec.asks_nothing:
            self._blank.add(seen.sample.id)

    def findings(self) -> Iterator[Finding]:
        """Yield what is wrong, or how many prompts were built."""
        faults = [] if self._spec.asks_nothing else [*self._faults()]
        if self._blank.total:
            text = f"prompts: {counted(self._blank.total, 'row')} whose prompt is empty"
            faults.append(self._blank.finding("empty_prompt", "failed", text))
        built = f"prompts: {self._total:,} built, in completion style"
        after = f" after {counted(self._n_shots, 'worked example')}" if self._n_shots else ""
        text = f"{built}{after} and in chat"
        if self._spec.asks_nothing:
            text = "prompts: none, whole texts are held against each other"
        yield from faults or [Finding(name="prompts", verdict="ok", text=text)]

    def _faults(self) -> Iterator[Finding]:
        prompt = self._spec.prompt
        for style, template in (("question", prompt.question), ("instruction", prompt.instruction)):
            names = set(_PLACEHOLDER.findall(template))
            if "{input}" not in template:
                text = f"prompts: `{style}` has no {{input}}: no model would read the question"
                yield Finding(name="template_input", verdict="failed", text=text)
            if told := [name for name in sorted(_ANSWERS) if f"{{{name}}}" in template]:
                text = f"prompts: `{style}` has {{{told[0]}}}: models would read the answer"
                yield Finding(name="template_answer", verdict="failed", text=text)
            if strange := sorted((names - _KNOWN) & (self._spec.columns | _FIELDS)):
                text = (
                    f"prompts: `{style}` has {{{strange[0]}}}, which is not filled in; there are "
                    "{input}, {target}, {solution} and {choices}"
                )
                yield Finding(name="template_placeholder", verdict="look", text=text)


_FIELDS = frozenset(Sample.model_fields)


class Stops:
    """Finds gold solutions that the dataset's own stop strings would cut off."""

    def __init__(self, spec: DatasetSpec) -> None:
        """Begin without any."""
        self._template = spec.prompt
        self._cut = Cases()

    def see(self, seen: Seen) -> None:
        """Look at a sample's answer as a worked example writes it."""
        prompt, sample = self._template, seen.sample
        if not prompt.stop:
            return
        answer = fill(prompt.answer, sample)
        core = (sample.solution if "{solution}" in prompt.answer else sample.target).rstrip()
        end = answer.find(core) + len(core) if core else 0
        found = {stop: at for stop in prompt.stop if (at := answer.find(stop, 0, end)) >= 0}
        if found:
            stop = min(found, key=lambda one: found[one])
            self._cut.add(sample.id, f"{stop!r} after {counted(found[stop], 'character')}")

    def findings(self) -> Iterator[Finding]:
        """Yield the solutions that are cut, where there are any."""
        if self._cut.total:
            told = counted(self._cut.total, "gold solution is", "gold solutions are")
            text = f"stop strings: {told} cut off by one in completion style"
            yield self._cut.finding("stop_strings", "look", text)


class _Context(NamedTuple):
    """Models that read the same prompts into the same length."""

    tokens: int
    is_chat: bool
    models: tuple[str, ...]
    too_long: Cases
    """Prompts that do not fit."""
    squeezed: Cases
    """Prompts that fit, but not together with the longest answer that is allowed."""


class Room:
    """Counts the prompts that models of the category have no room for."""

    def __init__(
        self, spec: DatasetSpec, models: Sequence[ModelSpec], tokens: Tokens, measures: Measures
    ) -> None:
        """Begin with the models' context lengths."""
        self._most = self._needed = 0 if spec.judged == "classify" else spec.sampling.max_tokens
        self._tokens = tokens
        self._measures = measures
        self._contexts = _contexts(_asked(spec, models))
        self._long = Cases()

    def see(self, seen: Seen) -> None:
        """Count a sample's tokens."""
        completion = self._tokens.count(seen.completion)
        chat = self._tokens.count(seen.chat)
        if seen.gold is not None:
            gold = self._tokens.count(seen.gold)
            self._measures.add_tokens("gold output", gold)
            if gold > self._most > 0:
                self._long.add(seen.sample.id, counted(gold, "token"))
        self._measures.add_tokens("prompt", completion)
        self._measures.add_tokens("prompt in chat", chat)
        later = sum(map(self._tokens.count, seen.sample.later_turns))
        room = self._most * (len(seen.sample.later_turns) + 1)
        self._needed = max(self._needed, room)
        for context in self._contexts:
            size = (chat if context.is_chat else completion) + later
            if size > context.tokens:
                context.too_long.add(seen.sample.id, counted(size, "token"))
            elif size + room > context.tokens:
                context.squeezed.add(seen.sample.id, counted(size, "token"))

    def findings(self) -> Iterator[Finding]:
        """Yield how prompts fit into the shortest context, and gold answers into `max_tokens`."""
        about = "" if self._tokens.is_exact else ", by estimate"
        if self._long.total:
            told = counted(self._long.total, "gold output is", "gold outputs are")
            text = f"room: {told} longer than the {self._most:,} tokens of an answer{about}"
            yield self._long.finding("gold_length", "look", text)
        if self._contexts:
            yield self._told(min(self._contexts, key=lambda one: one.tokens), about)

    def _told(self, context: _Context, about: str) -> Finding:
        """Return the finding on the models with the shortest context."""
        names = ", ".join(context.models[:2]) + (", …" if len(context.models) > 2 else "")
        where = f"the {context.tokens:,} tokens of {names}{about}"
        figures: dict[str, JsonValue] = {"contexts": [_figures(one) for one in self._contexts]}
        if context.too_long.total:
            told = counted(context.too_long.total, "prompt does", "prompts do")
            text = f"room: {told} not fit into {where}"
            if not self._most:
                told = counted(context.too_long.total, "text is cut", "texts are cut")
                text = f"room: {told} to {where}"
            return context.too_long.finding("room", "look", text, figures)
        if context.tokens < self._most:
            text = f"room: answers of {self._most:,} tokens do not fit into {where}"
            return Finding(name="room", verdict="look", text=text, figures=figures)
        if context.squeezed.total:
            told = counted(context.squeezed.total, "prompt leaves", "prompts leave")
            text = f"room: {told} less than {self._needed:,} for {self._answers} in {where}"
            return context.squeezed.finding("room", "look", text, figures)
        more = f" and {self._needed:,} more fit" if self._needed else " fits"
        text = f"room: every prompt{more} into {where}"
        return Finding(name="room", verdict="ok", text=text, figures=figures)

    @property
    def _answers(self) -> str:
        return "an answer" if self._needed == self._most else "the replies to all turns"


def _asked(spec: DatasetSpec, models: Sequence[ModelSpec]) -> list[ModelSpec]:
    """Return the models that can be asked: encoders where texts are classified, else the others.

    Who reads documents reads a page in parts, however long it is, or has its answer alone to write.
    """
    if spec.needs == "extract":
        return []
    wants_encoders = spec.judged == "classify"
    able = (model for model in models if not model.datasets or spec.name in model.datasets)
    return [
        model
        for model in able
        if (model.kind == "encoder") == wants_encoders and model.kind != "document"
    ]


def _contexts(models: Sequence[ModelSpec]) -> tuple[_Context, ...]:
    """Put models together that have the same length and style; embedded ones only if alone.

    What is recorded, or a rule, has no context that a prompt could be too long for.
    """
    reading = [model for model in models if model.kind not in {"recorded", "rule"}]
    real = [model for model in reading if not model.is_embedded] or reading
    kinds = sorted(real, key=_kind)
    return tuple(
        _Context(*kind, tuple(model.name for model in group), Cases(), Cases())
        for kind, group in groupby(kinds, key=_kind)
    )


def _kind(model: ModelSpec) -> tuple[int, bool]:
    return model.context_length, model.is_instruct


def _figures(context: _Context) -> dict[str, JsonValue]:
    return {
        "context_length": context.tokens,
        "style": "chat" if context.is_chat else "completion",
        "models": list(context.models),
        "too_long": context.too_long.total,
        "squeezed": context.squeezed.total,
    }
