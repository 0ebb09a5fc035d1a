"""Completions through vLLM: keeps it full, and puts the sequences of a prompt together again."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from secrets import token_hex

from evalctl.engines.failures import failed
from evalctl.engines.prompt_reader import PromptError, PromptReader, ReadPrompt, completion_seed
from evalctl.engines.reasoning import StopWatcher, as_completion
from evalctl.engines.vllm_requests import Core, RequestOutput, TokenRequest
from evalctl.engines.vllm_seeing import IMAGES
from evalctl.engines.vllm_streams import Stream
from evalctl.records import Completion, FinishReason, Generation, Prompt

_FINISH: dict[str | None, FinishReason] = {"stop": "stop", "length": "length"}


@dataclass
class _Running:
    """A prompt that vLLM works on."""

    prompt: Prompt
    read: ReadPrompt
    started: float
    done: dict[int, Completion] = field(default_factory=dict)
    first_token_seconds: float | None = None
    prompt_tokens: int = 0
    """As vLLM counts them; 0 where it is what was read."""


@dataclass
class _Sequence:
    """One of a prompt's completions while it grows."""

    running: _Running
    index: int
    watcher: StopWatcher | None
    pieces: list[str] = field(default_factory=list)
    tokens: int = 0


class GenerateStream(Stream[Core, _Sequence, RequestOutput]):
    """One call of `generate`."""

    def __init__(self, core: Core, reader: PromptReader, *, measured: int | None = None) -> None:
        """Start with nothing under way.

        Args:
            core: vLLM.
            reader: Reads prompts.
            measured: How many sequences are under way at once, where it is measured: then the
                first token of each is timed, and no prompt is found in the prefix cache.
        """
        super().__init__(core)
        self._measured = measured
        self._salt = "" if measured is None else token_hex(8)
        self._reader = reader

    def _step(self) -> Sequence[RequestOutput]:
        return self._core.step()

    def _take(self, waiting: Iterator[Prompt]) -> Iterator[Generation]:
        """Hand prompts over until vLLM has enough to do; yield what failed.

        That is twice what runs at once or, where a step's prompts are not split, one step's.
        """
        left = self._core.step_tokens
        most = self._measured or self._core.capacity * (2 if left is None else 1)
        while len(self._under_way) < most and (left is None or left > 0):
            prompt = next(waiting, None)
            if prompt is None:
                return
            try:
                tokens = self._start(prompt)
            except PromptError as error:
                yield failed(prompt, error)
                continue
            left = None if left is None else left - tokens

    def _start(self, prompt: Prompt) -> int:
        """Hand over the prompt's sequences, all or, with a PromptError, none; count their tokens.

        The sequences after the first find its blocks in the prefix cache.
        """
        read = self._reader.read(prompt)
        stops = tuple(stop for stop in prompt.sampling.stop if stop)
        is_watched = bool(stops) and self._reader.reasons
        sampling = prompt.sampling
        if self._reader.reasons:  # the schema would forbid the reasoning
            sampling = sampling.model_copy(update={"json_schema": ""})
        running = _Running(prompt, read, time.monotonic())
        for index in range(prompt.n):
            self._count += 1
            request = TokenRequest(
                id=str(self._count),
                tokens=read.tokens,
                max_tokens=read.max_tokens,
                sampling=sampling,
                seed=completion_seed(prompt.seed, index),
                stop=() if is_watched else stops,
                is_streamed=is_watched or self._measured is not None,
                keeps_special=bool(self._reader.special_tokens),
                cache_salt=f"{self._salt}-{self._count}" if self._salt else "",
                images=tuple(read.seen.get(IMAGES, ())),
            )
            self._core.add(request)
            watcher = StopWatcher(stops, starts_inside=read.starts_inside) if is_watched else None
            self._under_way[request.id] = _Sequence(running, index, watcher)
        return len(read.tokens) + (prompt.n - 1) * min(len(read.tokens), self._core.block_size)

    def _advance(self, output: RequestOutput) -> Iterator[Generation]:
        """Take in what came out for one sequence; yield its prompt's generation if that is all."""
        sequence = self._under_way.get(output.request_id)
        if sequence is None:  # it was aborted at a stop string in this very step
            return
        piece = output.outputs[0]
        sequence.pieces.append(piece.text)
        sequence.tokens += len(piece.token_ids)
        running = sequence.running
        if running.read.seen:  # an image is many tokens, and one was written for it
            running.prompt_tokens = len(output.prompt_token_ids or ())
        is_streamed = sequence.watcher is not None or self._measured is not None
        _time_first_token(running, output, is_streamed=is_streamed)
        stop = self._stop(sequence, piece.text, output)
        if stop is None and not output.finished:
            return
        del self._under_way[output.request_id]
        if not output.finished:
            self._core.abort([output.request_id])
        reason = "stop" if stop is not None else _FINISH.get(piece.finish_reason, "error")
        self._finish(sequence, reason, stop)
        if len(running.done) == running.prompt.n:
            yield _generation(running)

    def _stop(self, sequence: _Sequence, text: str, output: RequestOutput) -> int | None:
        if sequence.watcher is None:
            return None
        stop = sequence.watcher.feed(text)
        if stop is not None or not output.finished:
            return stop
        return sequence.watcher.finish(is_finished=output.outputs[0].finish_reason == "stop")

    def _finish(self, sequence: _Sequence, reason: FinishReason, stop: int | None) -> None:
        running = sequence.running
        running.done[sequence.index] = as_completion(
            "".join(sequence.pieces)[:stop],
            reason,
            sequence.tokens,
            starts_inside=running.read.starts_inside,
            special_tokens=self._reader.special_tokens,
        )


def _time_first_token(running: _Running, output: RequestOutput, *, is_streamed: bool) -> None:
    """Note the earliest first token of the prompt's sequences, where it can be told."""
    latest = running.first_token_seconds
    if output.metrics is not None and output.metrics.first_token_latency > 0:
        told = output.metrics.first_token_latency
        running.first_token_seconds = told if latest is None else min(latest, told)
    elif is_streamed and latest is None:
        running.first_token_seconds = time.monotonic() - running.started


def _generation(running: _Running) -> Generation:
    completions = tuple(running.done[index] for index in range(running.prompt.n))
    broken = any(completion.finish_reason == "error" for completion in completions)
    return Generation(
        dataset=running.prompt.dataset,
        sample_id=running.prompt.sample_id,
        completions=completions,
        is_prompt_cut=running.read.left_out > 0,
        left_out=running.read.left_out,
        prompt_tokens=running.prompt_tokens or len(running.read.tokens),
        seconds=time.monotonic() - running.started,
        first_token_seconds=running.first_token_seconds,
        error="vLLM gave up a sequence of this prompt" if broken else None,
    )
