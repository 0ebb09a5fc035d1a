"""A probe: the model is loaded and asked a handful of prompts, to see how long and how fast."""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from statistics import fmean, pstdev
from threading import Event, Timer

from evalctl.engines.asking import ask
from evalctl.engines.host import HostedEngine, Listener
from evalctl.errors import EngineError
from evalctl.estimates.records import ProbeReport
from evalctl.plan import PlannedModel
from evalctl.protocols import Capability, Engine
from evalctl.records import Generation, Prompt
from evalctl.run.asking import opened

PROMPTS = 16
"""Asked at most, spread over the datasets."""
SECONDS = 30.0
"""After which it ends with what there is; loading does not count."""
NEW_TOKENS = 512
"""Of one answer in a probe, so that one that never ends does not take all of the time."""


@dataclass(frozen=True)
class Length:
    """How long answers to a dataset were."""

    mean: float
    """Tokens."""
    spread: float
    """Twice the standard error over the mean, in 0.1..0.9."""
    is_cut: bool
    """Whether one of them reached the probe's limit, below the dataset's own."""


@dataclass(frozen=True)
class Probe:
    """What a probe saw."""

    report: ProbeReport
    """Its figures."""
    lengths: Mapping[str, Length]
    """By dataset, of those with an answer."""
    prompt_ratio: float | None
    """Tokens that the engine counted over those that were estimated, for the same prompts."""

    @property
    def tokens_per_second(self) -> float | None:
        """Output tokens; None where the engine counts none."""
        report = self.report
        return report.output_tokens / report.generate_seconds if report.output_tokens else None


def probe(
    model: PlannedModel,
    prompts: Sequence[tuple[Prompt, int]],
    need: Capability,
    on_phase: Callable[[str], None],
) -> Probe:
    """Load a model, ask it some prompts, and tell what was seen.

    Args:
        model: The model.
        prompts: What is asked, each with its estimated number of tokens.
        need: What the engine must do with them.
        on_phase: Called with what is being waited for.

    Raises:
        UsageError: The model cannot be loaded.
        EngineError: The engine failed, for another reason than the probe's end.
    """
    asked = {(p.dataset, p.sample_id): (_shortened(p), tokens) for p, tokens in prompts}
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory() as folder,
        opened(model, Path(folder) / "engine.log", Listener(on_phase)) as engine,
    ):
        load_seconds = time.monotonic() - began
        on_phase(f"asking {len(asked)} prompts")
        began = time.monotonic()
        answers: list[Generation] = []
        with _ending(engine) as is_over:
            try:
                for answer in ask(engine, need, (prompt for prompt, _ in asked.values())):
                    answers.append(answer)
                    if is_over.is_set():
                        break
            except EngineError:
                if not is_over.is_set():
                    raise
        seconds = time.monotonic() - began
        peak = _peak(engine)
    good = [answer for answer in answers if answer.error is None]
    limits = {p.dataset: p.sampling.max_tokens for p, _ in prompts}
    lengths = {name: _length(good, name, limits[name]) for name in {g.dataset for g in good}}
    report = ProbeReport(
        prompts=len(asked),
        answered=len(good),
        cut=sum(_is_cut(g, limits[g.dataset]) for g in good),
        output_tokens=sum(c.output_tokens for g in good for c in g.completions),
        generate_seconds=round(seconds, 3),
        load_seconds=round(load_seconds, 3),
        peak_memory_bytes=peak,
    )
    known = {name: length for name, length in lengths.items() if length is not None}
    return Probe(report, known, _ratio(good, {key: tokens for key, (_, tokens) in asked.items()}))


def _shortened(prompt: Prompt) -> Prompt:
    tokens = min(prompt.sampling.max_tokens, NEW_TOKENS)
    sampling = prompt.sampling.model_copy(update={"max_tokens": tokens})
    # A conversation's first turn says how long replies are, and how fast they come.
    changes: dict[str, object] = {"sampling": sampling, "n": 1, "later_turns": ()}
    return prompt.model_copy(update={**changes, "around_turns": ()})


@contextmanager
def _ending(engine: Engine) -> Iterator[Event]:
    """End the engine's process when the time is up; one without a process ends by itself."""
    is_over = Event()

    def end() -> None:
        is_over.set()
        if isinstance(engine, HostedEngine):
            engine.kill()

    timer = Timer(SECONDS, end)
    timer.daemon = True
    timer.start()
    try:
        yield is_over
    finally:
        timer.cancel()
        timer.join()  # else the process may outlive what it writes to


def _is_cut(generation: Generation, limit: int) -> bool:
    return limit > NEW_TOKENS and any(c.is_truncated for c in generation.completions)


def _length(answers: Sequence[Generation], dataset: str, limit: int) -> Length | None:
    """Return how long the answers to one dataset were; None where the engine does not count."""
    own = [answer for answer in answers if answer.dataset == dataset]
    tokens = [c.output_tokens for answer in own for c in answer.completions if c.output_tokens]
    if not tokens:
        return None
    mean = fmean(tokens)
    error = pstdev(tokens) / sqrt(max(len(tokens) - 1, 1))
    spread = min(max(2 * error / mean, 0.1), 0.9) if len(tokens) > 1 else 0.5
    return Length(mean, spread, any(_is_cut(answer, limit) for answer in own))


def _ratio(answers: Sequence[Generation], estimated: Mapping[tuple[str, str], int]) -> float | None:
    pairs = [(g.prompt_tokens, estimated[g.dataset, g.sample_id]) for g in answers]
    counted = sum(count for count, _ in pairs)
    guessed = sum(guess for count, guess in pairs if count)
    return counted / guessed if counted and guessed else None


def _peak(engine: Engine) -> int | None:
    """Return the most RAM that the engine's process has held, as the kernel counts it."""
    if not isinstance(engine, HostedEngine):
        return None
    try:
        text = Path(f"/proc/{engine.pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    match = re.search(r"^VmHWM:\s+(\d+) kB", text, re.MULTILINE)
    return int(match[1]) * 1024 if match else None
