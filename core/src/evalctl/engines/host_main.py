"""The process that an engine runs in: `python -m evalctl.engines.host_main DESCRIPTOR`.

Four threads. The main one runs the engine; one reads from the parent and notices when the parent
is gone; one writes, gathering what has finished meanwhile, so that the engine never waits for the
parent to read; one notices when a process that the engine works with is gone.
"""

from __future__ import annotations

import faulthandler
import multiprocessing
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from queue import Empty, SimpleQueue

from evalctl.engines.asking import ask, measure
from evalctl.engines.host_feed import Feed
from evalctl.engines.host_messages import (
    Answers,
    Ask,
    Cancel,
    Close,
    Closed,
    Done,
    Open,
    Phase,
    Prompts,
    Ready,
    ToChild,
    ToParent,
    failed,
)
from evalctl.engines.host_process import LATER_PATH
from evalctl.engines.phases import listening
from evalctl.errors import EngineError, EngineUnavailableError, EvalctlError
from evalctl.protocols import Engine
from evalctl.records import Generation

MAX_ANSWERS = 128
"""Generations of one message at most."""


class Writer:
    """Sends in the order in which it was told to; generations go out in bunches."""

    def __init__(self, connection: Connection) -> None:
        """Start the writing thread."""
        self._connection = connection
        self._outbox: SimpleQueue[ToParent | tuple[int, Generation] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="host-writer", daemon=True)
        self._thread.start()

    def send(self, message: ToParent) -> None:
        """Send a message, without waiting for it."""
        self._outbox.put(message)

    def answer(self, stream: int, generation: Generation) -> None:
        """Send a generation, without waiting for it."""
        self._outbox.put((stream, generation))

    def finish(self) -> None:
        """Wait until all is sent."""
        self._outbox.put(None)
        self._thread.join()

    def _run(self) -> None:
        item = self._outbox.get()
        while item is not None:
            following = None
            if isinstance(item, tuple):
                stream, generation = item
                generations = [generation]
                for following in self._at_hand(MAX_ANSWERS - 1):
                    if not isinstance(following, tuple):
                        break
                    generations.append(following[1])
                    following = None
                message: ToParent = Answers(stream, tuple(generations))
            else:
                message = item
            try:
                self._connection.send(message)
            except OSError:
                return  # the reader notices, too, that the parent is gone
            item = following or self._outbox.get()

    def _at_hand(self, count: int) -> Iterator[ToParent | tuple[int, Generation] | None]:
        for _ in range(count):
            try:
                yield self._outbox.get_nowait()
            except Empty:
                return


class Reader:
    """Sorts what comes from the parent; ends this process with all of its children at the end."""

    def __init__(self, connection: Connection, writer: Writer) -> None:
        """Start the reading thread."""
        self.inbox: SimpleQueue[Open | Feed | Close] = SimpleQueue()
        self._connection = connection
        self._writer = writer
        self._feed: Feed | None = None
        threading.Thread(target=self._run, name="host-reader", daemon=True).start()

    def _run(self) -> None:
        while True:
            try:
                message: ToChild = self._connection.recv()
            except (EOFError, OSError):
                _end_with_children("evalctl is gone, so the engine's process ends")
            except Exception as error:  # noqa: BLE001 - unpickling imports any plugin's modules
                traceback.print_exception(error)
                reason = f"the engine's process cannot read what it is to open: {error!r:.300}"
                self._writer.send(failed(0, EngineError(reason)))
                self.inbox.put(Close())
            else:
                self._sort(message)

    def _sort(self, message: ToChild) -> None:
        match message:
            case Ask():
                self._feed = Feed(message, self._writer.send)
                self.inbox.put(self._feed)
            case Prompts() if self._feed is not None:
                self._feed.put(message)
            case Cancel() if self._feed is not None:
                self._feed.cancel()
            case Close():
                if self._feed is not None:
                    self._feed.cancel()
                self.inbox.put(message)
            case Open():
                self.inbox.put(message)


class Guard:
    """Ends this process where one that the engine started dies: an engine may wait for it forever.

    Seen with vLLM, whose core is a process of its own by default: killed from outside, it left its
    front waiting.
    """

    def __init__(self) -> None:
        """Watch the processes that there are now."""
        self.is_over = False
        children = multiprocessing.active_children()
        if children:
            watch = threading.Thread(target=self._watch, args=(children,), daemon=True)
            watch.start()

    def _watch(self, children: list[BaseProcess]) -> None:
        while children and not self.is_over:
            wait([child.sentinel for child in children], timeout=1.0)
            for child in [child for child in children if not child.is_alive()]:
                children.remove(child)
                if child.exitcode and not self.is_over:
                    how = f"ended with {child.exitcode}"
                    _end_with_children(f"process {child.name} of the engine {how}")


def main(descriptor: int) -> None:
    """Serve one engine until the parent closes it or is gone."""
    os.set_inheritable(descriptor, False)
    later = os.environ.pop(LATER_PATH, "").split(os.pathsep)
    sys.path.extend(folder for folder in later if folder and folder not in sys.path)
    faulthandler.enable()
    _be_first_to_go()
    connection = Connection(descriptor)
    writer = Writer(connection)
    reader = Reader(connection, writer)
    asked = reader.inbox.get()
    if isinstance(asked, Open) and (engine := _open(asked, writer)) is not None:
        _serve(asked, engine, reader, writer)
    writer.finish()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # the engine is closed; taking torch apart module by module takes seconds


@contextmanager
def _failures_sent(stream: int, asked: Open, writer: Writer) -> Iterator[None]:
    """Turn whatever is raised inside the block into a message that ends the stream."""
    try:
        yield
    except EvalctlError as error:
        writer.send(failed(stream, error))
    except Exception as error:  # noqa: BLE001 - engines raise anything; here is their border
        traceback.print_exception(error)
        lines = str(error).strip().splitlines() or ["no message"]
        text = f"{type(error).__name__}: {lines[0][:300]}; see {asked.log_path}"
        writer.send(failed(stream, EngineError(f"engine {asked.engine}: {text}")))


def _open(asked: Open, writer: Writer) -> Engine | None:
    with (
        _failures_sent(0, asked, writer),
        listening(lambda text: writer.send(Phase(text))),
    ):
        engine = _load(asked, writer)
        info = engine.info
        writer.send(Phase("ready"))
        writer.send(Ready(info))
        return engine
    return None


def _load(asked: Open, writer: Writer) -> Engine:
    module_name, _, function_name = asked.factory.partition(":")
    writer.send(Phase("starting its process"))
    try:
        factory = getattr(import_module(module_name), function_name)
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in asked.packages:
            raise
        raise EngineUnavailableError(
            f"engine {asked.engine}: package {error.name} is not installed; {asked.install}"
        ) from None
    engine: Engine = factory(asked.model, asked.options)
    return engine


def _serve(asked: Open, engine: Engine, reader: Reader, writer: Writer) -> None:
    guard = Guard()
    while isinstance(feed := reader.inbox.get(), Feed):
        with (
            _failures_sent(feed.ask.stream, asked, writer),
            listening(lambda text: writer.send(Phase(text))),
        ):
            _answer(engine, feed, writer)
            writer.send(Done(feed.ask.stream))
    guard.is_over = True
    engine.close()
    writer.send(Closed())


def _answer(engine: Engine, feed: Feed, writer: Writer) -> None:
    asked = feed.ask
    generations = (
        measure(engine, feed, asked.concurrency)
        if asked.is_measured
        else ask(engine, asked.need, feed)
    )
    for generation in generations:
        if feed.is_cancelled:
            break
        writer.answer(feed.ask.stream, generation)
    if isinstance(generations, Iterator) and hasattr(generations, "close"):
        generations.close()


def _be_first_to_go() -> None:
    """When memory runs out, Linux should end the engine and not the process with the results."""
    try:
        Path("/proc/self/oom_score_adj").write_text("500")
    except OSError:
        return


def _end_with_children(reason: str) -> None:
    sys.stderr.write(f"{reason}\n")
    sys.stderr.flush()
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


if __name__ == "__main__":
    main(int(sys.argv[1]))
