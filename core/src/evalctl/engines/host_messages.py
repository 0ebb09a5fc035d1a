"""What the two ends of a hosted engine say to each other. Pickled values over a private socket.

The parent's end is `host.py`, the child's `host_main.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

from evalctl import errors
from evalctl.errors import EngineError, EvalctlError
from evalctl.protocols import Capability, EngineInfo, ModelRef
from evalctl.records import Generation, Prompt
from evalctl.specs import EngineOptions


@dataclass(frozen=True, slots=True)
class Open:
    """To the child, first of all: open this engine."""

    engine: str
    factory: str
    packages: tuple[str, ...]
    install: str
    model: ModelRef
    options: EngineOptions
    log_path: str


@dataclass(frozen=True, slots=True)
class Ask:
    """To the child: begin a stream, whose prompts it will ask for."""

    stream: int
    need: Capability
    is_measured: bool = False
    """Whether the engine is held to a number of prompts at once: see `asking.measure`."""
    concurrency: int | None = None
    """That number; None for as many as it takes."""


@dataclass(frozen=True, slots=True)
class Prompts:
    """To the child: some of the prompts that it asked for, none twice."""

    stream: int
    prompts: tuple[Prompt, ...]
    is_last: bool


@dataclass(frozen=True, slots=True)
class Cancel:
    """To the child: nobody wants the rest of this stream."""

    stream: int


@dataclass(frozen=True, slots=True)
class Close:
    """To the child: close the engine and end."""


@dataclass(frozen=True, slots=True)
class Phase:
    """To the parent: what is being waited for, or how far an open engine has come."""

    text: str


@dataclass(frozen=True, slots=True)
class Ready:
    """To the parent: the engine is open."""

    info: EngineInfo


@dataclass(frozen=True, slots=True)
class More:
    """To the parent: so many more prompts are wanted."""

    stream: int
    count: int


@dataclass(frozen=True, slots=True)
class Answers:
    """To the parent: generations that have finished."""

    stream: int
    generations: tuple[Generation, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """To the parent: the stream has ended well."""

    stream: int


@dataclass(frozen=True, slots=True)
class Failed:
    """To the parent: opening (stream 0) or a stream has ended in an error."""

    stream: int
    error_class: str
    message: str

    def error(self) -> EvalctlError:
        """Return the error to raise in the parent: the same class, the same message."""
        kind = getattr(errors, self.error_class, EngineError)
        error: EvalctlError = kind.__new__(kind, self.message)  # some constructors build messages
        return error


@dataclass(frozen=True, slots=True)
class Closed:
    """To the parent: the engine is closed and the process is about to end."""


ToChild = Open | Ask | Prompts | Cancel | Close
ToParent = Phase | Ready | More | Answers | Done | Failed | Closed


def failed(stream: int, error: EvalctlError) -> Failed:
    """Return the message that carries an error of ours across.

    A class that `errors.py` does not have travels as its nearest base that is there, so that the
    parent need not import the engine's module.
    """
    known = (kind for kind in type(error).__mro__ if getattr(errors, kind.__name__, None) is kind)
    return Failed(stream, next(known).__name__, str(error))
