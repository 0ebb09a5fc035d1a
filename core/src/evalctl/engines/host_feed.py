"""The child's end of a stream of prompts: a lazy iterator that asks the parent for more."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from queue import SimpleQueue

from evalctl.engines.host_messages import Ask, More, Prompts
from evalctl.records import Prompt

BATCH = 64
"""Prompts that are asked for at once."""

LOW = 32
"""Where fewer are left the next ones are asked for, so that an engine need not wait for them."""


class Feed(Iterator[Prompt]):
    """The prompts of one stream. Taken by one thread, filled by another."""

    def __init__(self, ask: Ask, send: Callable[[More], None]) -> None:
        """Serve the stream that `ask` begins; nothing is asked for before the first `next`."""
        self.ask = ask
        self.is_cancelled = False
        self._send = send
        self._arrived: SimpleQueue[Prompts] = SimpleQueue()
        self._waiting: deque[Prompt] = deque()
        self._is_asked = False
        self._is_ended = False

    def __next__(self) -> Prompt:
        """Return the next prompt; waits for the parent where none is here."""
        while len(self._waiting) < LOW and not self._is_ended:
            if not self._is_asked:
                self._is_asked = True
                self._send(More(self.ask.stream, BATCH))
            if self._waiting and self._arrived.empty():
                break
            self._take(self._arrived.get())
        if self.is_cancelled or not self._waiting:
            raise StopIteration
        return self._waiting.popleft()

    def put(self, prompts: Prompts) -> None:
        """Hand over prompts that have arrived."""
        self._arrived.put(prompts)

    def cancel(self) -> None:
        """End the stream, also for an engine that is waiting for its next prompt."""
        self.is_cancelled = True
        self._arrived.put(Prompts(self.ask.stream, (), is_last=True))

    def _take(self, prompts: Prompts) -> None:
        self._waiting.extend(prompts.prompts)
        self._is_asked = False
        self._is_ended = self._is_ended or prompts.is_last
