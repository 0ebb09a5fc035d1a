"""Classifiers through vLLM: keeps it full, and reads the outputs that come back."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

from evalctl.engines.classifying import Reading, TextReader
from evalctl.engines.model_labels import Labels
from evalctl.engines.prompt_reader import PromptError
from evalctl.engines.vllm_requests import PoolingCore, TokenRequest, failed
from evalctl.records import Generation, Prompt


class ClassifyStream:
    """One call of `classify`."""

    def __init__(self, core: PoolingCore, reader: TextReader, labels: Labels) -> None:
        """Start with nothing under way."""
        self._core = core
        self._reader = reader
        self._labels = labels
        self._under_way: dict[str, Reading] = {}
        self._count = 0

    def run(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        """Yield generations as they finish; takes prompts as long as there is room."""
        waiting = iter(prompts)
        try:
            while True:
                yield from self._take(waiting)
                if not self._under_way:
                    return
                for output in self._core.step_pooling():
                    reading = self._under_way.pop(output.request_id)
                    yield reading.generation(self._labels, output.outputs.data.tolist())
        finally:
            self._core.abort(list(self._under_way))
            self._under_way.clear()

    def _take(self, waiting: Iterator[Prompt]) -> Iterator[Generation]:
        """Hand prompts over until vLLM has enough to do; yield what failed."""
        left = self._core.step_tokens
        most = self._core.capacity * (2 if left is None else 1)
        while len(self._under_way) < most and (left is None or left > 0):
            prompt = next(waiting, None)
            if prompt is None:
                return
            try:
                reading = Reading(prompt, self._reader.read(prompt), time.monotonic())
                self._count += 1
                request = TokenRequest(
                    id=str(self._count), tokens=reading.text.tokens, max_tokens=1, role="classify"
                )
                self._core.add(request)
            except PromptError as error:
                yield failed(prompt, str(error))
                continue
            self._under_way[request.id] = reading
            left = None if left is None else left - reading.width
