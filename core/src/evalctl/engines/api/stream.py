"""Prompts on their way from the caller's thread over the event loop and back.

Some prompts wait on the loop, so that the next one is sent in the moment in which one is answered:
a thread that has to be woken first may wait some milliseconds for the interpreter's lock, in which
the server would have nothing to do.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import suppress
from queue import Empty, SimpleQueue

from evalctl.engines.phases import PULSE_SECONDS, report_phase
from evalctl.records import Generation, Prompt

MOST_AHEAD = 32
"""Prompts that wait on the loop at most."""


class Stream:
    """The prompts of one call."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        see_through: Callable[[Prompt], Awaitable[Generation | None]],
        most: int,
    ) -> None:
        """Begin with nothing under way.

        Args:
            loop: Where prompts are seen through; it runs in another thread.
            see_through: Returns a prompt's generation; None where nothing is sent any more.
            most: How many prompts are seen through at once.
        """
        self._loop = loop
        self._see_through = see_through
        self._most = most
        self._finished: SimpleQueue[Generation | BaseException | None] = SimpleQueue()
        """Ends with None where not all prompts are answered."""
        # These three are changed on the loop's thread alone.
        self._waiting: deque[Prompt] = deque()
        self._workers: set[asyncio.Task[None]] = set()
        self._is_over = False

    def answers(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        """Yield one generation for each prompt, in the order in which they are answered.

        Once nothing is sent any more, those that are under way come in, and no others.

        Raises:
            BaseException: What `see_through` raised; no other prompt is begun after it.
        """
        left, is_more, n_out = iter(prompts), True, 0
        most_out = self._most + min(self._most, MOST_AHEAD)
        try:
            while is_more or n_out:
                while is_more and n_out < most_out and not self._is_over:
                    if (prompt := next(left, None)) is None:
                        is_more = False
                    else:
                        n_out += 1
                        self._loop.call_soon_threadsafe(self._take, prompt)
                if n_out:
                    found = self._next()
                    n_out -= 1
                    if found is None:
                        return
                    if isinstance(found, BaseException):
                        raise found
                    yield found
        finally:
            with suppress(RuntimeError):  # the engine was closed meanwhile, and its loop with it
                self._loop.call_soon_threadsafe(self._end)

    def _next(self) -> Generation | BaseException | None:
        """Wait for what is finished next, and tell what is waited for."""
        while True:
            with suppress(Empty):
                return self._finished.get(timeout=PULSE_SECONDS)
            count = len(self._workers)
            last = "the last " if self._is_over else ""
            report_phase(f"the server works on {last}{count} requests")

    def _take(self, prompt: Prompt) -> None:
        self._waiting.append(prompt)
        if len(self._workers) < self._most and not self._is_over:
            worker = self._loop.create_task(self._work())
            self._workers.add(worker)
            worker.add_done_callback(self._leave)
        elif self._is_over and not self._workers:
            self._finished.put(None)

    def _leave(self, worker: asyncio.Task[None]) -> None:
        self._workers.discard(worker)
        if self._is_over and not self._workers:
            self._finished.put(None)

    async def _work(self) -> None:
        while self._waiting and not self._is_over:
            prompt = self._waiting.popleft()
            try:
                given = await self._see_through(prompt)
            except asyncio.CancelledError:
                raise
            except BaseException as error:  # noqa: BLE001 - the caller's thread raises it
                self._is_over = True
                self._finished.put(error)
            else:
                if given is None:
                    self._is_over = True
                else:
                    self._finished.put(given)

    def _end(self) -> None:
        self._is_over = True
        for worker in self._workers:
            worker.cancel()
