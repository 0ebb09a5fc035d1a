"""Small engines for the tests of the host; what they do is said by the model's path."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from itertools import islice

from evalctl.engines.phases import report_phase
from evalctl.errors import EngineError, ModelError
from evalctl.protocols import EngineInfo, ModelRef
from evalctl.records import Completion, Continuation, Generation, Prompt
from evalctl.specs import EngineOptions


def open_engine(model: ModelRef, options: EngineOptions) -> SmallEngine:
    """Open an engine that behaves as `model.path` says, or fails to."""
    print("noise on stdout")
    print("noise on stderr", file=sys.stderr)
    report_phase("loading weights")
    match model.path:
        case "model error":
            raise ModelError(f"model {model.name}: no such folder")
        case "surprise":
            raise ZeroDivisionError("one\nby zero")
        case "exit while opening":
            sys.exit(3)
        case "killed while opening":
            os.kill(os.getpid(), signal.SIGKILL)
        case "sleep while opening":
            time.sleep(60)
        case "grandchild":
            subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        case "forked grandchild":
            if os.fork() == 0:
                time.sleep(60)
                os._exit(0)
    return SmallEngine(model, options)


class SmallEngine:
    """Answers each prompt with its own text."""

    def __init__(self, model: ModelRef, options: EngineOptions) -> None:
        self._path = model.path
        self.info = EngineInfo(name="small", settings={"chat": options.chat, "pid": os.getpid()})

    def generate(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        """Answer, with the accident that the path names after the tenth generation."""
        if self._path == "pairs swapped":
            yield from self._swapped(iter(prompts))
            return
        if self._path == "talkative":
            report_phase("half of the first batch is written")
        if self._path == "deaf":
            time.sleep(60)
        for count, prompt in enumerate(prompts):
            if self._path == "slow":
                time.sleep(1.0)
            if count == 10:
                self._have_accident()
            yield answer(prompt)

    def choose(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        """Give every continuation its length as log-likelihood."""
        for prompt in prompts:
            yield Generation(
                dataset=prompt.dataset,
                sample_id=prompt.sample_id,
                continuations=tuple(
                    Continuation(logprob=-float(len(text)), tokens=1, is_greedy=False)
                    for text in prompt.continuations
                ),
            )

    def close(self) -> None:
        """Say so in the log."""
        print("closed in order")

    def _swapped(self, prompts: Iterator[Prompt]) -> Iterator[Generation]:
        while pair := list(islice(prompts, 2)):
            yield from (answer(prompt) for prompt in reversed(pair))

    def _have_accident(self) -> None:
        match self._path:
            case "engine error":
                raise EngineError("the device is gone")
            case "surprise at eleven":
                raise KeyError("eleven")
            case "killed at eleven":
                time.sleep(0.3)
                os.kill(os.getpid(), signal.SIGKILL)
            case "stuck at eleven":
                time.sleep(60)


def answer(prompt: Prompt) -> Generation:
    """Return the prompt's text as its completion."""
    return Generation(
        dataset=prompt.dataset,
        sample_id=prompt.sample_id,
        completions=(Completion(text=prompt.text, output_tokens=1),),
    )
