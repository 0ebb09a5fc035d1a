"""How many requests are under way: more while all goes well, fewer when the server has too much.

Additive increase and multiplicative decrease, as TCP does it (Chiu and Jain 1989, "Analysis of the
Increase and Decrease Algorithms for Congestion Avoidance in Computer Networks"), with a quick start
that doubles the number until the first sign of trouble.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

START = 16
"""Requests at once in the beginning."""


class Pace:
    """The number of requests that may be under way. Lives on one event loop."""

    def __init__(self, most: int) -> None:
        """Begin with a few.

        Args:
            most: Never more than these.
        """
        self._most = most
        self._limit = float(min(START, most))
        self._is_starting = True
        self._under_way = 0
        self._waiters: list[asyncio.Future[None]] = []
        self._paused_until = 0.0
        self._cut_at = 0.0
        self._closed = asyncio.Event()
        self._reason: Exception | None = None

    @property
    def limit(self) -> int:
        """How many may be under way now."""
        return int(self._limit)

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[float]:
        """Wait until one more may be under way; gives the time at which it was let go.

        Raises:
            Exception: What it was closed for.
        """
        await self._enter()
        try:
            yield time.monotonic()
        finally:
            self._under_way -= 1
            self._wake()

    async def _enter(self) -> None:
        while True:
            pause = self._paused_until - time.monotonic()
            if pause > 0 or self._reason is not None:
                await self.rest(pause)
            elif self._under_way < self.limit:
                self._under_way += 1
                return
            else:
                waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                self._waiters.append(waiter)
                await waiter

    def _wake(self) -> None:
        free = self.limit - self._under_way
        while self._waiters and free > 0:
            waiter = self._waiters.pop(0)
            if not waiter.done():
                waiter.set_result(None)
                free -= 1

    def went_well(self) -> None:
        """Note an answer; the limit grows where it was what held requests back."""
        if self._under_way >= self.limit:
            step = 1.0 if self._is_starting else 1.0 / self._limit
            self._limit = min(float(self._most), self._limit + step)
            self._wake()

    def had_too_much(self, sent: float) -> None:
        """Note that the server had too much; requests sent before the last cut do not cut again.

        Args:
            sent: When the request was let go.
        """
        if sent < self._cut_at:
            return
        self._is_starting = False
        self._limit = max(1.0, self._limit / 2)
        self._cut_at = time.monotonic()

    def pause(self, seconds: float) -> None:
        """Let nothing go for a while, because the server asked for it."""
        self._paused_until = max(self._paused_until, time.monotonic() + seconds)

    async def rest(self, seconds: float) -> None:
        """Wait so long.

        Raises:
            Exception: What it was closed for, at once.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._closed.wait()
        if self._reason is not None:
            raise self._reason

    def close(self, reason: Exception) -> None:
        """Let nothing go any more; whoever waits is told why."""
        self._reason = reason
        self._closed.set()
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)
        self._waiters.clear()
