"""The engine over a vendor's client: many requests under way, each seen through to its end.

The client lives on an event loop in a thread of its own; prompts are taken and generations given
out in the caller's thread.
"""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator, Sequence
from concurrent.futures import Future
from functools import partial
from typing import TypeVar

from evalctl.engines.api.client import (
    AgainError,
    ApiClient,
    HopelessError,
    RefusedError,
    Reply,
    ServerFacts,
    TroubleError,
)
from evalctl.engines.api.options import ApiOptions
from evalctl.engines.api.pacing import Pace
from evalctl.engines.api.retrying import MOST_PATIENCE_SECONDS, back_off
from evalctl.engines.api.secrets import without_secrets
from evalctl.engines.api.stream import Stream
from evalctl.engines.failures import failed
from evalctl.errors import EngineStoppedError, ModelError
from evalctl.images import ImageError
from evalctl.protocols import EngineInfo, ModelRef
from evalctl.records import Generation, Prompt

MOST_REFUSED = 16
"""So many refusals in the beginning, and no answer: the server will take none of them."""
MOST_LOST = 4
"""So many samples in a row that all attempts were spent on: the server is gone."""
FAREWELL_SECONDS = 120.0
"""What is being answered when the server refuses all that follows may take so long to come in."""
CLOSE_SECONDS = 5.0
LOOK_ATTEMPTS = 3

ResultT = TypeVar("ResultT")
Ask = Callable[[Prompt], Awaitable[Reply]]


class ApiEngine:
    """A model on a server. Made by `open_engine` of a vendor's module."""

    def __init__(
        self, model: ModelRef, options: ApiOptions, connect: Callable[[], ApiClient], key: str
    ) -> None:
        """Start the loop and ask the server whether it is there.

        Args:
            model: What is asked.
            options: The engine's own.
            connect: Makes the client; called on the loop.
            key: Kept out of all that is said.

        Raises:
            ModelError: The server is not there, or refuses.
        """
        self._model = model
        self._options = options
        self._key = key
        self._chance = random.Random()
        self._n_lost = self._n_refused = 0
        self._has_answered = False
        self._trouble: HopelessError | None = None
        self._limits: set[asyncio.Timeout] = set()
        """Of the requests that are under way."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="api", daemon=True)
        self._thread.start()
        try:
            self._client = self._on_loop(_called(connect))
            self._pace = Pace(options.max_concurrency)
            self._facts = self._on_loop(self._look_patiently())
        except TroubleError as trouble:
            self._stop_loop()
            raise ModelError(f"model {model.name}: {self._told(trouble.reason)}") from None
        except BaseException:
            self._stop_loop()
            raise

    @property
    def info(self) -> EngineInfo:
        """What is asked, and how."""
        return EngineInfo(
            name=self._model.name.partition(":")[0],
            versions=self._facts.versions,
            context_length=self._facts.context_length,
            device="the server's",
            settings=self._options.model_dump(mode="json"),
        )

    def generate(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        """Yield one generation for each prompt; see `GeneratingEngine.generate`.

        Raises:
            EngineStoppedError: The server refuses whatever is asked, or is gone.
        """
        return self._ask_all(prompts, self._client.complete)

    def measure(self, prompts: Iterable[Prompt], concurrency: int | None) -> Iterator[Generation]:
        """Yield one generation for each prompt, of so many at once; see `MeasurableEngine.measure`.

        Whether the server has read a prompt before is not up to the engine.

        Raises:
            EngineStoppedError: The server refuses whatever is asked, or is gone.
        """
        return self._ask_all(prompts, self._client.complete, concurrency)

    def choose(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        """Yield the log-likelihoods of each prompt's continuations; see `ChoosingEngine.choose`.

        Raises:
            EngineStoppedError: Likewise.
        """
        return self._ask_all(prompts, self._client.choose)

    def close(self) -> None:
        """Close all connections; may be called twice."""
        if self._loop.is_closed():
            return
        try:
            self._submit(self._client.close()).result(CLOSE_SECONDS)
        except (TimeoutError, OSError):
            pass  # the process is about to end, and its connections with it
        finally:
            self._stop_loop()

    def _stop_loop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(CLOSE_SECONDS)
        if not self._thread.is_alive():
            self._loop.close()

    def _submit(self, work: Coroutine[object, object, ResultT]) -> Future[ResultT]:
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def _on_loop(self, work: Coroutine[object, object, ResultT]) -> ResultT:
        return self._submit(work).result()

    def _told(self, reason: str) -> str:
        return without_secrets(reason, self._key)

    def _ask_all(
        self, prompts: Iterable[Prompt], ask: Ask, concurrency: int | None = None
    ) -> Iterator[Generation]:
        see_through = partial(self._see_through, ask=ask)
        most = self._options.max_concurrency
        stream = Stream(self._loop, see_through, min(most, concurrency or most))
        yield from stream.answers(prompts)
        if self._trouble is not None:
            reason = self._told(self._trouble.reason)
            raise EngineStoppedError(f"model {self._model.name}: {reason}")

    async def _see_through(self, prompt: Prompt, ask: Ask) -> Generation | None:
        """Return a prompt's generation, in as many requests as the server wants for it.

        None where nothing is sent any more, and nothing of it was that may have to be paid.
        """
        if prompt.n == 1 or not self._client.is_single:
            return await self._persist(prompt, ask)
        single = prompt.model_copy(update={"n": 1})
        parts = await asyncio.gather(*(self._persist(single, ask) for _ in range(prompt.n)))
        given = [part for part in parts if part is not None]
        if given and len(given) < len(parts):
            given.append(failed(prompt, "not all of its completions could be asked for"))
        return _joined(given) if given else None

    async def _persist(self, prompt: Prompt, ask: Ask) -> Generation | None:
        handed_over = time.monotonic()
        last: AgainError | None = None
        n_lost = 0
        for attempt in range(self._options.max_attempts):
            try:
                if last is not None:
                    await self._wait(last, attempt)
                given = await self._attempt(prompt, ask, handed_over)
                return given.model_copy(update={"lost_requests": n_lost}) if n_lost else given
            except ImageError as trouble:
                return failed(prompt, trouble, n_lost)
            except RefusedError as trouble:
                self._note_refusal(trouble)
                return failed(prompt, self._told(trouble.reason), n_lost + trouble.may_cost)
            except HopelessError as trouble:
                self._end(trouble)
                return failed(prompt, self._told(trouble.reason), n_lost) if n_lost else None
            except AgainError as trouble:
                last = trouble
                n_lost += trouble.may_cost
        return self._give_up(prompt, "" if last is None else last.reason, n_lost)

    def _give_up(self, prompt: Prompt, reason: str, n_lost: int) -> Generation:
        self._n_lost += 1
        reason = f"given up after {self._options.max_attempts} attempts: {reason}"
        if self._n_lost >= MOST_LOST:
            self._end(HopelessError(f"{self._n_lost} samples in a row {reason}"))
        return failed(prompt, self._told(reason), n_lost)

    def _end(self, trouble: HopelessError) -> None:
        """Send nothing any more; what is being answered, and paid, has a while to come in."""
        if self._trouble is not None:
            return
        self._trouble = trouble
        self._pace.close(trouble)
        latest = self._loop.time() + FAREWELL_SECONDS
        for limit in self._limits:
            if not limit.expired():
                limit.reschedule(min(limit.when() or latest, latest))

    async def _attempt(self, prompt: Prompt, ask: Ask, handed_over: float) -> Generation:
        async with self._pace.slot() as sent:
            try:
                reply = await self._reply(prompt, ask)
            except TimeoutError:
                self._pace.had_too_much(sent)
                limit = self._options.timeout_seconds
                raise AgainError(f"no whole answer within {limit:g} s") from None
            except AgainError as trouble:
                if trouble.is_overload:
                    self._pace.had_too_much(sent)
                raise
            self._pace.went_well()
        self._n_lost, self._has_answered = 0, True
        first = reply.first_token_seconds
        return Generation(
            dataset=prompt.dataset,
            sample_id=prompt.sample_id,
            completions=reply.completions,
            continuations=reply.continuations,
            prompt_tokens=reply.prompt_tokens,
            seconds=time.monotonic() - handed_over,
            first_token_seconds=None if first is None else first + sent - handed_over,
        )

    async def _reply(self, prompt: Prompt, ask: Ask) -> Reply:
        """Return what a server answers; raises TimeoutError where it takes too long."""
        async with asyncio.timeout(self._options.timeout_seconds) as limit:
            self._limits.add(limit)
            try:
                return await ask(prompt)
            finally:
                self._limits.discard(limit)

    def _note_refusal(self, trouble: RefusedError) -> None:
        self._n_refused += 1
        if self._n_refused >= MOST_REFUSED and not self._has_answered:
            why = (
                f"all of the first {self._n_refused} requests were refused: {trouble.reason}; a "
                "parameter that the server does not know is left out by --engine-option omit=NAME"
            )
            self._end(HopelessError(why))

    async def _wait(self, trouble: AgainError, attempt: int) -> None:
        wanted = trouble.wait_seconds
        if wanted is None:
            await self._pace.rest(back_off(attempt, self._chance))
            return
        if wanted > MOST_PATIENCE_SECONDS:
            raise HopelessError(
                f"{trouble.reason}; it asks to be left alone for {wanted:,.0f} s: "
                "resume the run after that"
            )
        self._pace.pause(wanted)
        await self._pace.rest(wanted + back_off(1, self._chance))

    async def _look_patiently(self) -> ServerFacts:
        for attempt in range(1, LOOK_ATTEMPTS):
            try:
                return await self._client.look()
            except AgainError as trouble:
                await self._wait(trouble, attempt)
        return await self._client.look()


def _joined(parts: Sequence[Generation]) -> Generation:
    """Return the completions of one prompt that were asked for one by one."""
    n_lost = sum(part.lost_requests for part in parts)
    failures = [part for part in parts if part.error]
    if failures:
        # What the other parts gave was paid for as well.
        n_answered = len(parts) - len(failures)
        return failures[0].model_copy(update={"lost_requests": n_lost + n_answered})
    firsts = [part.first_token_seconds for part in parts if part.first_token_seconds is not None]
    return parts[0].model_copy(
        update={
            "completions": tuple(one for part in parts for one in part.completions),
            "prompt_tokens": sum(part.prompt_tokens for part in parts),
            "seconds": max(part.seconds for part in parts),
            "first_token_seconds": min(firsts, default=None),
            "lost_requests": n_lost,
        }
    )


async def _called(connect: Callable[[], ApiClient]) -> ApiClient:
    return connect()
