"""Opening a model's engine, and opening it again where it died."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from evalctl.engines.host import HostedEngine, Listener
from evalctl.engines.host_process import POLL_SECONDS
from evalctl.engines.phases import listening
from evalctl.errors import EngineError, EngineStoppedError, UsageError
from evalctl.plan import PlannedModel
from evalctl.protocols import Engine, EngineInfo
from evalctl.run.questions import Answer, Questions

MAX_FRUITLESS = 3
"""An engine that died so often in a row without any answer in between is given up."""
MAX_DEATHS = 20
"""An engine that died so often in one run is given up."""
MAX_BACK_OFF_SECONDS = 30.0


@contextmanager
def opened(model: PlannedModel, log_path: Path, listener: Listener) -> Iterator[Engine]:
    """Open a model's engine, in a process of its own where it asks for one, and close it after.

    Where the block is left early, its process is ended at once, whatever it is at.

    Args:
        model: The model.
        log_path: Where all that the engine prints is appended.
        listener: Is told what the engine is at, and of an engine in a process of its own that
            nothing comes from it.

    Raises:
        ModelError: The model cannot be loaded.
        EngineError: The engine failed.
    """
    if model.engine.is_hosted:
        engine: Engine = HostedEngine.open(
            model.engine, model.ref, model.options, log_path=log_path, listener=listener
        )
    else:
        module, _, name = model.engine.factory.partition(":")
        with listening(listener.on_phase):
            engine = getattr(import_module(module), name)(model.ref, model.options)
    try:
        with listening(listener.on_work):
            yield engine
    except BaseException:
        if isinstance(engine, HostedEngine):
            engine.kill()
        raise
    finally:
        engine.close()


@dataclass
class Asker:
    """Asks one model all that is left, with as many engines as it takes."""

    model: PlannedModel
    questions: Questions
    log_path: Path
    listener: Listener
    """Is told what the engines are at."""
    on_ready: Callable[[EngineInfo], None]
    """Called once the first engine is open."""
    _n_deaths: int = 0
    _n_fruitless: int = 0
    _is_open: bool = False

    def answers(self) -> Generator[Answer, None, None]:
        """Yield every sample with its generation; the generator must be closed.

        An engine that dies is opened again after a while. A sample that it does not survive comes
        with a generation that says so.

        Raises:
            UsageError: The model cannot be loaded.
            EngineError: The engine failed before it was open, dies again and again, or is not one
                that runs in a process of its own.
        """
        while True:
            try:
                yield from self._ask()
                return
            except EngineError as error:
                set_aside = self._survive(error)
            yield from set_aside
            self._wait()
            if not self.questions.are_left:
                return

    def _ask(self) -> Iterator[Answer]:
        with ExitStack() as stack:
            try:
                engine = stack.enter_context(opened(self.model, self.log_path, self.listener))
            except UsageError as error:
                if not self._is_open:
                    raise
                # It could be loaded once: memory that is not given back yet, say.
                raise EngineError(f"it cannot be opened again: {error}") from error
            if not self._is_open:
                self._is_open = True
                self.on_ready(engine.info)
            for answer in self.questions.answers(engine):
                self._n_fruitless = 0
                yield answer

    def _survive(self, error: EngineError) -> list[Answer]:
        """Note a death; return what was set aside for it."""
        is_final = isinstance(error, EngineStoppedError) or not self.model.engine.is_hosted
        if is_final or not self._is_open:
            raise error
        self._n_deaths += 1
        self._n_fruitless += 1
        set_aside = self.questions.on_death(str(error))
        if set_aside:
            self._n_fruitless = 0
        if self._n_fruitless >= MAX_FRUITLESS or self._n_deaths >= MAX_DEATHS:
            raise error
        return set_aside

    def _wait(self) -> None:
        seconds = min(2.0 ** (self._n_fruitless - 1), MAX_BACK_OFF_SECONDS)
        self.listener.on_phase(f"the engine died; it is started again in {seconds:.0f} s")
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.listener.on_wait()
            time.sleep(min(left, POLL_SECONDS))
