"""The values of a run's samples, read as a stream: of each line only what comparing needs."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from evalctl.comparing.sides import RunSide
from evalctl.errors import OutputError
from evalctl.store import mean_metrics, read_lines


class SampleValues(NamedTuple):
    """One sample on one side."""

    values: tuple[float | None, ...]
    """Of each metric that is asked for, in order; None where it was not scored."""
    cluster: str | None
    """What the sample shares with others."""
    prompt: bytes
    """Digest of what the model was asked."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)


class _Image(_Part):
    path: str
    row: int | None = None
    digest: str = ""


class _Word(_Part):
    text: str
    box: tuple[int, ...] = ()


class _Message(_Part):
    role: str
    content: str
    images: tuple[_Image, ...] = ()


class _Prompt(_Part):
    text: str = ""
    messages: tuple[_Message, ...] = ()
    later_turns: tuple[str, ...] = ()
    around_turns: tuple[str, ...] = ()
    continuations: tuple[str, ...] = ()
    images: tuple[_Image, ...] = ()
    words: tuple[_Word, ...] = ()


_Finite = Annotated[float, Field(allow_inf_nan=False)]


class _Line(_Part):
    sample_id: str
    index: int = 0
    prompt: _Prompt
    metrics: Mapping[str, _Finite | None] = {}
    cluster: str | None = None


class _Judged(_Part):
    sample_id: str
    scorer: str = ""
    metrics: Mapping[str, _Finite | None] = {}


def read_values(side: RunSide, dataset: str, metrics: Sequence[str]) -> Mapping[str, SampleValues]:
    """Return a side's values on a dataset by sample id; none where nothing was finished.

    Of a dataset that was stopped early, samples that finished ahead of their turn are left out, as
    they are in its score: those that finish first are no random part.

    Memory is some 400 bytes a sample, whatever the prompts and answers are.

    Raises:
        OutputError: A line is damaged, or a sample stands there twice.
    """
    path = side.folder.samples_path(side.model, dataset)
    found: dict[str, SampleValues] = {}
    result = side.dataset(dataset)
    end = result.n_samples if result and result.stopped_width else math.inf
    if not path.is_file():
        return found
    for line in read_lines(path, _Line):
        if line.index >= end:
            continue
        if line.sample_id in found:
            raise OutputError(
                f"{path}: sample {line.sample_id!r} stands there twice; it would count twice"
            )
        values = tuple(line.metrics.get(metric) for metric in metrics)
        found[line.sample_id] = SampleValues(values, line.cluster, _digest(line.prompt))
    _add_judged(found, side.folder.judged_path(side.model, dataset), metrics)
    return found


def _add_judged(found: dict[str, SampleValues], path: Path, metrics: Sequence[str]) -> None:
    """Add what judges' verdicts gave, which stand in a file of their own; of a panel the mean."""
    given: dict[tuple[str, str], list[Mapping[str, float | None]]] = {}
    for line in read_lines(path, _Judged) if path.is_file() else ():
        if line.sample_id in found and any(metric in line.metrics for metric in metrics):
            kept = {name: line.metrics[name] for name in metrics if name in line.metrics}
            given.setdefault((line.sample_id, line.scorer), []).append(kept)
    for (sample_id, _), panel in given.items():
        known, judged = found[sample_id], mean_metrics(panel)
        pairs = zip(metrics, known.values, strict=True)
        values = tuple(judged.get(metric, value) for metric, value in pairs)
        found[sample_id] = known._replace(values=values)


def _digest(prompt: _Prompt) -> bytes:
    parts = [prompt.text, *prompt.continuations, *prompt.later_turns, *prompt.around_turns]
    parts += [part for message in prompt.messages for part in (message.role, message.content)]
    shown = [*prompt.images, *(image for turn in prompt.messages for image in turn.images)]
    parts += [image.digest or f"{image.path}:{image.row}" for image in shown]
    parts += [f"{word.text} {word.box}" for word in prompt.words]
    digest = hashlib.blake2b(digest_size=8)
    for part in parts:
        encoded = part.encode("utf-8", "surrogatepass")
        digest.update(len(encoded).to_bytes(8, "little") + encoded)
    return digest.digest()
