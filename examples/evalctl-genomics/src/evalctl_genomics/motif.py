"""An engine without weights: it scans a sequence for two boxes, as was done before networks.

It is asked like any model: it reads a prompt and writes an answer. A model of it is a JSON file:

- `boxes`: two boxes, each a list of what a base is worth at each position
- `spacings`: how many bases may lie between the boxes
- `threshold`: the least sum of both boxes that is a promoter
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from evalctl import (
    Completion,
    EngineInfo,
    EngineOptions,
    EngineSpec,
    Generation,
    ModelError,
    ModelFacts,
    ModelRef,
    Prompt,
)

_SEQUENCE = re.compile(r"[ACGT]{20,}+")

Box = Sequence[Mapping[str, float]]
"""What each base is worth, by position."""


class MotifOptions(EngineOptions):
    """What `--engine-option KEY=VALUE` may set."""

    threshold: float | None = None
    """The least sum that is a promoter; None takes the model's own."""


class Hit(NamedTuple):
    """Two boxes in a sequence."""

    worth: float
    first: str
    second: str
    spacing: int


@dataclass(frozen=True)
class Motif:
    """Two boxes at a distance."""

    boxes: tuple[Box, Box]
    spacings: tuple[int, ...]
    threshold: float

    @classmethod
    def read(cls, path: Path) -> Motif:
        """Read a model's file.

        Raises:
            ModelError: It is not there, or not such a file.
        """
        try:
            told = json.loads(path.read_text(encoding="utf-8"))
            first, second = (
                [{base: float(place[base]) for base in "ACGT"} for place in box]
                for box in told["boxes"]
            )
            spacings = tuple(int(spacing) for spacing in told["spacings"])
            return cls((first, second), spacings, float(told["threshold"]))
        except OSError as error:
            raise ModelError(f"{path} cannot be read: {error.strerror}") from None
        except (ValueError, KeyError, TypeError) as error:
            reason = f"{type(error).__name__}: {error}"
            raise ModelError(f"{path} holds no motif as motif.py describes it: {reason}") from None

    def best(self, sequence: str) -> Hit | None:
        """Return the best pair of boxes; None where the sequence is too short for any."""
        first, second = (_worths(box, sequence) for box in self.boxes)
        length = len(self.boxes[0])
        hits = [
            (worth + second[at + length + spacing], at, spacing)
            for at, worth in enumerate(first)
            for spacing in self.spacings
            if at + length + spacing < len(second)
        ]
        if not hits:
            return None
        worth, at, spacing = max(hits)
        behind = at + length + spacing
        found = sequence[at : at + length], sequence[behind : behind + len(self.boxes[1])]
        return Hit(worth, *found, spacing)


def _worths(box: Box, sequence: str) -> list[float]:
    """Return what a box is worth at each place where it has room."""
    places = range(len(sequence) - len(box) + 1)
    return [sum(row[sequence[at + i]] for i, row in enumerate(box)) for at in places]


def check(model: ModelRef, options: EngineOptions) -> ModelFacts:
    """Look at a model before anything is run.

    Raises:
        ModelError: Its file is missing or broken.
    """
    del options  # none of them can be wrong by itself
    path = Path(model.path)
    Motif.read(path)
    content = path.read_bytes()
    return ModelFacts(
        architecture="two boxes at a distance",
        weight_bytes=len(content),
        content_hash=hashlib.sha256(content).hexdigest(),
    )


def open_engine(model: ModelRef, options: MotifOptions) -> MotifEngine:
    """Return the engine over a model's file."""
    motif = Motif.read(Path(model.path))
    own = motif.threshold if options.threshold is None else options.threshold
    return MotifEngine(Motif(motif.boxes, motif.spacings, own))


class MotifEngine:
    """Answers one prompt after the other."""

    def __init__(self, motif: Motif) -> None:
        """Take over a motif."""
        self.motif = motif

    @property
    def info(self) -> EngineInfo:
        """What decides the answers."""
        return EngineInfo(name="motif", settings={"threshold": self.motif.threshold})

    def generate(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        """Yield an answer to each prompt; the same one as often as it is asked for."""
        for prompt in prompts:
            text = prompt.messages[-1].content if prompt.messages else prompt.text
            completion = Completion(text=self.answer(text))
            yield Generation(
                dataset=prompt.dataset,
                sample_id=prompt.sample_id,
                completions=(completion,) * prompt.n,
            )

    def close(self) -> None:
        """There is nothing to give back."""

    def answer(self, text: str) -> str:
        """Return what is said of the last sequence in a text."""
        sequences = _SEQUENCE.findall(text)
        hit = self.motif.best(sequences[-1]) if sequences else None
        if hit is None:
            return "I see no DNA that is long enough."
        said = "Yes" if hit.worth >= self.motif.threshold else "No"
        boxes = f"{hit.first} and {hit.second}, {hit.spacing} bases apart"
        return f"{said}. The best boxes are {boxes}: {hit.worth:.2f}, of {self.motif.threshold:g}."


engine = EngineSpec(
    name="motif",
    title="motif: scans DNA for two boxes, without weights",
    capabilities=("generate",),
    kinds=("rule",),
    options=MotifOptions,
    factory="evalctl_genomics.motif:open_engine",
    check=check,
    is_hosted=False,
    path_form="FILE",
)
