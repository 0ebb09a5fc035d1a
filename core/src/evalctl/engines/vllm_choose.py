"""Log-likelihoods of given continuations through vLLM's `prompt_logprobs`.

vLLM computes the logits of every prompt token that is not in its prefix cache, which for long
contexts takes much memory and time. So a context of at least one block is put into the cache
first, and its continuations read it from there. Where vLLM finds more than the context in the
cache (the same continuation was asked before), there are no logits for it: it is asked again under
a salt of its own, which hides what is cached.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from evalctl.engines.prompt_reader import Choice, PromptError, PromptReader
from evalctl.engines.vllm_requests import Core, RequestOutput, TokenRequest, failed
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
    """One continuation that vLLM works on; None for the index of a warm-up."""

    running: _Running
    index: int | None
    is_salted: bool = False


class ChooseStream:
    """One call of `choose`."""

    def __init__(self, core: Core, reader: PromptReader) -> None:
        """Start with nothing under way."""
        self._core = core
        self._reader = reader
        self._scorings: dict[str, _Scoring] = {}
        self._count = 0

    def run(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        """Yield generations as they finish; takes prompts as long as there is room."""
        waiting = iter(prompts)
        try:
            while True:
                yield from self._take(waiting)
                if not self._scorings:
                    return
                for output in self._core.step():
                    yield from self._advance(output)
        finally:
            self._core.abort(list(self._scorings))
            self._scorings.clear()

    def _take(self, waiting: Iterator[Prompt]) -> Iterator[Generation]:
        """Hand prompts over until vLLM has enough; yield those that need or get no answer."""
        left = self._core.step_tokens
        while len(self._scorings) < self._core.capacity and (left is None or left > 0):
            prompt = next(waiting, None)
            if prompt is None:
                return
            try:
                running = self._start(prompt)
            except PromptError as error:
                yield failed(prompt, str(error))
                continue
            left = None if left is None else left - self._new_tokens(running.choices)
            if len(running.done) == len(running.choices):
                yield _generation(running)

    def _new_tokens(self, choices: list[Choice]) -> int:
        """Count what is not in the prefix cache; contexts but the first are there, save a block."""
        contexts = [len(choice.context) for choice in choices[:1]]
        contexts += [min(len(choice.context), self._core.block_size) for choice in choices]
        return sum(contexts) + sum(len(choice.continuation) for choice in choices)

    def _start(self, prompt: Prompt) -> _Running:
        choices = self._reader.read_choices(prompt)
        running = _Running(prompt, choices, time.monotonic())
        scored = [index for index, choice in enumerate(choices) if choice.continuation]
        running.done = {i: _NOTHING for i in range(len(choices)) if i not in scored}
        if scored and len(choices[0].context) > self._core.block_size:
            self._add(_Scoring(running, None), "")
        for index in scored:
            self._add(_Scoring(running, index), "")
        return running

    def _add(self, scoring: _Scoring, salt: str) -> str:
        """Hand over a warm-up or a continuation; return its id."""
        self._count += 1
        choice = scoring.running.choices[scoring.index or 0]
        is_warm_up = scoring.index is None
        request = TokenRequest(
            id=str(self._count),
            # Without its last token, whose logits are those of a continuation's first.
            tokens=choice.context[:-1] if is_warm_up else choice.context + choice.continuation,
            max_tokens=1,
            role="warm" if is_warm_up else "score",
            cache_salt=salt,
        )
        self._core.add(request)
        self._scorings[request.id] = scoring
        return request.id

    def _advance(self, output: RequestOutput) -> Iterator[Generation]:
        if not output.finished or output.request_id not in self._scorings:
            return
        scoring = self._scorings.pop(output.request_id)
        running = scoring.running
        if scoring.index is None:
            return
        choice = running.choices[scoring.index]
        if (output.num_cached_tokens or 0) >= len(choice.context) and not scoring.is_salted:
            salt = uuid.uuid4().hex
            scoring.is_salted = True
            if len(choice.context) > self._core.block_size:
                self._add(_Scoring(running, None), salt)
            self._add(scoring, salt)
            return
        running.done[scoring.index] = _read(output, choice.continuation)
        if len(running.done) == len(running.choices):
            yield _generation(running)


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
    return Generation(
        dataset=running.prompt.dataset,
        sample_id=running.prompt.sample_id,
        continuations=tuple(running.done[index] for index in range(len(running.choices))),
        prompt_tokens=len(running.choices[0].context) if running.choices else 0,
        seconds=time.monotonic() - running.started,
    )
