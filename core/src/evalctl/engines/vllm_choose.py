"""Log-likelihoods of given continuations through vLLM's `prompt_logprobs`.

vLLM computes the logits of every prompt token that is not in its prefix cache, which for long
contexts takes much memory and time. So a context of at least one block is put into the cache
first, and its continuations read it from there. Where vLLM finds more than the context in the
cache (the same continuation was asked before), there are no logits for it: it is asked again under
a salt of its own, which hides what is cached.

Continuations of one token need none of that: one request for what may follow the context tells all
of their log-likelihoods, where vLLM can be asked for those of given tokens.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from evalctl.engines.failures import failed
from evalctl.engines.prompt_reader import Choice, PromptError, PromptReader
from evalctl.engines.vllm_requests import Core, RequestOutput, RequestRole, TokenRequest
from evalctl.engines.vllm_streams import Stream
from evalctl.engines.weighing import weighed
from evalctl.errors import EngineError
from evalctl.records import Continuation, Generation, Prompt

_NOTHING = Continuation(logprob=0.0, tokens=0, is_greedy=True)


@dataclass
class _Running:
    """A prompt that vLLM works on."""

    prompt: Prompt
    choices: list[Choice]
    started: float
    done: dict[int, Continuation] = field(default_factory=dict)


@dataclass
class _Scoring:
    """Continuations that vLLM works on in one request: one, or all of one token; no warm-up's."""

    running: _Running
    role: RequestRole
    indexes: tuple[int, ...] = ()
    is_salted: bool = False


class ChooseStream(Stream[Core, _Scoring, RequestOutput]):
    """One call of `choose`."""

    def __init__(self, core: Core, reader: PromptReader) -> None:
        """Start with nothing under way."""
        super().__init__(core)
        self._reader = reader

    def _step(self) -> Sequence[RequestOutput]:
        return self._core.step()

    def _take(self, waiting: Iterator[Prompt]) -> Iterator[Generation]:
        """Hand prompts over until vLLM has enough; yield those that need or get no answer."""
        left = self._core.step_tokens
        while len(self._under_way) < self._core.capacity and (left is None or left > 0):
            prompt = next(waiting, None)
            if prompt is None:
                return
            try:
                running = self._start(prompt)
            except PromptError as error:
                yield failed(prompt, error)
                continue
            left = None if left is None else left - self._new_tokens(running.choices)
            if len(running.done) == len(running.choices):
                yield _generation(running)

    def _new_tokens(self, choices: list[Choice]) -> int:
        """Count what is not in the prefix cache; contexts but the first are there, save a block."""
        if not choices:
            return 0
        size = len(choices[0].context)
        longer = [len(choice.continuation) for choice in choices if not self._is_next(choice)]
        return size + sum(longer) + len(longer) * min(size, self._core.block_size)

    def _is_next(self, choice: Choice) -> bool:
        """Whether it is one token whose log-likelihood vLLM tells without reading it."""
        return len(choice.continuation) == 1 and self._core.most_next > 0

    def _start(self, prompt: Prompt) -> _Running:
        choices = self._reader.read_choices(prompt)
        running = _Running(prompt, choices, time.monotonic())
        running.done = {i: _NOTHING for i, one in enumerate(choices) if not one.continuation}
        following = [i for i, choice in enumerate(choices) if self._is_next(choice)]
        for indexes in _in_parts(following, self._core.most_next):
            self._add(_Scoring(running, "next", indexes), "")
        scored = [i for i in range(len(choices)) if i not in running.done and i not in following]
        if scored and len(choices[0].context) > self._core.block_size:
            self._add(_Scoring(running, "warm"), "")
        for index in scored:
            self._add(_Scoring(running, "score", (index,)), "")
        return running

    def _add(self, scoring: _Scoring, salt: str) -> None:
        """Hand over a request."""
        self._count += 1
        choices = scoring.running.choices
        read = list(choices[0].context)
        if scoring.role == "warm":
            # Without its last token, whose logits are those of a continuation's first.
            read = read[:-1]
        elif scoring.role == "score":
            read += choices[scoring.indexes[0]].continuation
        wanted = {choices[i].continuation[0] for i in scoring.indexes if scoring.role == "next"}
        request = TokenRequest(
            id=str(self._count),
            tokens=read,
            max_tokens=1,
            role=scoring.role,
            wanted=tuple(wanted),
            cache_salt=salt,
        )
        self._core.add(request)
        self._under_way[request.id] = scoring

    def _advance(self, output: RequestOutput) -> Iterator[Generation]:
        if not output.finished or output.request_id not in self._under_way:
            return
        scoring = self._under_way.pop(output.request_id)
        running, choices = scoring.running, scoring.running.choices
        if scoring.role == "warm":
            return
        size = len(choices[0].context)
        is_hidden = scoring.role == "score" and (output.num_cached_tokens or 0) >= size
        if is_hidden and not scoring.is_salted:
            salt = uuid.uuid4().hex
            if size > self._core.block_size:
                self._add(_Scoring(running, "warm"), salt)
            self._add(replace(scoring, is_salted=True), salt)
            return
        read = _read_next if scoring.role == "next" else _read
        for index in scoring.indexes:
            running.done[index] = read(output, choices[index].continuation)
        if len(running.done) == len(choices):
            yield _generation(running)


def _in_parts(indexes: list[int], most: int) -> list[tuple[int, ...]]:
    return [tuple(indexes[at : at + most]) for at in range(0, len(indexes), max(most, 1))]


def _read_next(output: RequestOutput, tokens: list[int]) -> Continuation:
    """Return the log-likelihood of a token that may follow; the one that does is the likeliest."""
    sequence = output.outputs[0]
    score = sequence.logprobs[0].get(tokens[0]) if sequence.logprobs else None
    if score is None:
        raise EngineError("engine vllm gave no log-probability for a continuation's token")
    is_greedy = sequence.token_ids[0] == tokens[0]
    return Continuation(logprob=score.logprob, tokens=1, is_greedy=is_greedy)


def _read(output: RequestOutput, tokens: list[int]) -> Continuation:
    """Return a continuation's log-likelihood from the last rows of the prompt's.

    Counted from the end: whether rows of cached tokens are there depends on vLLM's version.
    """
    rows = output.prompt_logprobs or ()
    total, is_greedy = 0.0, True
    for row, token in zip(range(len(rows) - len(tokens), len(rows)), tokens, strict=True):
        scores = rows[row]
        score = None if scores is None else scores.get(token)
        if score is None:
            raise EngineError("engine vllm gave no log-probability for a continuation's token")
        total += score.logprob
        is_greedy = is_greedy and score.rank == 1
    return Continuation(logprob=total, tokens=len(tokens), is_greedy=is_greedy)


def _generation(running: _Running) -> Generation:
    found = [running.done[index] for index in range(len(running.choices))]
    size = len(running.choices[0].context) if running.choices else 0
    return weighed(running.prompt, found, size, running.started)
