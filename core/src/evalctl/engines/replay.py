"""The replay engine: completions or labels that were recorded before, from a JSON Lines file.

It makes a run of another system's outputs, or of gold answers, without any model. How the file is
read and looked up is in `replay_file.py`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

from evalctl.engines.model_labels import MOST_LABELS
from evalctl.engines.reasoning import as_completion
from evalctl.engines.replay_file import (
    Index,
    Place,
    RecordedRow,
    Recording,
    read_ids,
    read_rows,
)
from evalctl.engines.replay_options import ReplayOptions
from evalctl.errors import EngineError, ModelError
from evalctl.protocols import EngineInfo, ModelFacts, ModelRef
from evalctl.recorded_ids import RecordedIds
from evalctl.records import Completion, FinishReason, Generation, Prompt
from evalctl.specs import EngineOptions


def check(model: ModelRef, options: EngineOptions) -> ModelFacts:
    """Read the whole file once; return its datasets and the SHA-256 of its bytes.

    Raises:
        ModelError: It cannot be read, holds nothing, or a line of it is broken or a duplicate;
            the message names file and line.
    """
    del options  # nothing that can be set decides what the file holds
    path, digest, index = Path(model.path), hashlib.sha256(), Index()
    datasets: dict[str, RecordedIds] = {}

    def noted() -> Iterator[tuple[RecordedRow, Place]]:
        for row, place in read_rows(path, digest.update):
            if row.dataset not in datasets:
                read = partial(read_ids, path, row.dataset)
                datasets[row.dataset] = RecordedIds(read, holds=row.holds)
            _note(row, datasets[row.dataset], f"{path}:{place.number}")
            yield row, place

    try:
        index.fill(noted(), path)
    except OSError as error:
        raise ModelError(_cannot_read(path, error)) from None
    finally:
        index.close()
    if not datasets:
        raise ModelError(
            f"{path} holds no recorded completions; each line must be "
            + json.dumps({"dataset": "NAME", "id": "SAMPLE", "completions": ["TEXT"]})
        )
    return ModelFacts(
        architecture="recorded completions",
        weight_bytes=0,
        content_hash=digest.hexdigest(),
        datasets=dict(sorted(datasets.items())),
    )


def _note(row: RecordedRow, known: RecordedIds, where: str) -> None:
    if row.holds != known.holds:
        raise ModelError(
            f"{where}: dataset {row.dataset!r} has labels in some rows and completions in others; "
            "put them into two files"
        )
    known.add(row.id, row.labels)
    if len(known.labels) > MOST_LABELS:
        raise ModelError(f"{where}: more than {MOST_LABELS:,} different labels are no labels")


def open_engine(model: ModelRef, options: ReplayOptions) -> ReplayEngine:
    """Return the engine over the file that `model.path` names.

    Raises:
        ModelError: The file cannot be opened.
    """
    del options
    path = Path(model.path)
    try:
        return ReplayEngine(Recording(path))
    except OSError as error:
        raise ModelError(_cannot_read(path, error)) from None


class ReplayEngine:
    """Gives back what was recorded, one prompt after the other, in the prompts' order."""

    def __init__(self, recording: Recording) -> None:
        """Take over an open recording."""
        self._recording = recording

    @property
    def info(self) -> EngineInfo:
        """What is replayed."""
        return EngineInfo(name="replay", settings={"file": str(self._recording.path)})

    def generate(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        """Yield each prompt's recorded completions, the first `n` of them, or its labels.

        A prompt without enough of them comes back with `error` set.

        Raises:
            EngineError: The file changed since it was checked and is broken now.
        """
        for prompt in prompts:
            try:
                row = self._recording.find(prompt.dataset, prompt.sample_id)
            except (ModelError, OSError) as error:
                raise EngineError(f"replay: the file broke since it was checked: {error}") from None
            yield self._answer(prompt, row)

    def classify(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        """Yield each prompt's recorded labels.

        Raises:
            EngineError: The file changed since it was checked and is broken now.
        """
        return self.generate(prompts)

    def extract(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        """Yield each prompt's recorded answer.

        Raises:
            EngineError: The file changed since it was checked and is broken now.
        """
        return self.generate(prompts)

    def embed(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        """Yield what a probe made of each prompt's vector, which is recorded as its labels.

        Raises:
            EngineError: The file changed since it was checked and is broken now.
        """
        return self.generate(prompts)

    def close(self) -> None:
        """Close the file; may be called twice."""
        self._recording.close()

    def _answer(self, prompt: Prompt, row: RecordedRow | None) -> Generation:
        dataset, sample_id = prompt.dataset, prompt.sample_id
        if row is None:
            error = f"no completion recorded for {dataset}/{sample_id} in {self._recording.path}"
            return Generation(dataset=dataset, sample_id=sample_id, error=error)
        if row.labels:
            return Generation(
                dataset=dataset,
                sample_id=sample_id,
                labels=row.labels,
                is_prompt_cut=row.is_prompt_cut,
            )
        if error := _shortage(prompt, row):
            error = f"{error} recorded for {dataset}/{sample_id} in {self._recording.path}"
            return Generation(dataset=dataset, sample_id=sample_id, error=error)
        pairs = zip(row.completions[: prompt.n], row.finish_reasons, strict=False)
        completions = tuple(as_conversation(replies, reason) for replies, reason in pairs)
        return Generation(
            dataset=dataset,
            sample_id=sample_id,
            completions=completions,
            is_prompt_cut=row.is_prompt_cut,
        )


def as_conversation(replies: Sequence[str], finish_reason: FinishReason) -> Completion:
    """Return the replies to all turns as one completion, each without its reasoning."""
    if len(replies) == 1:
        return as_completion(replies[0], finish_reason, 0)
    *earlier, last = replies
    parts = [as_completion(reply, "stop", 0) for reply in earlier]
    whole = as_completion(last, finish_reason, 0)
    thoughts = [part.reasoning for part in (*parts, whole) if part.reasoning]
    is_cut = any(part.is_truncated for part in parts)
    return whole.model_copy(
        update={
            "earlier": tuple(part.text for part in parts),
            "reasoning": "\n\n".join(thoughts),
            "finish_reason": "length" if is_cut else whole.finish_reason,
        }
    )


def _shortage(prompt: Prompt, row: RecordedRow) -> str:
    """Return what is recorded where it is not what the prompt wants; nothing where it is."""
    if len(row.completions) < prompt.n:
        return f"{len(row.completions)} of {prompt.n} completions"
    turns = len(prompt.later_turns) + 1
    for replies in row.completions[: prompt.n]:
        if len(replies) != turns:
            return f"replies to {len(replies)} turns, and not to {turns},"
    return ""


def _cannot_read(path: Path, error: OSError) -> str:
    return f"recorded completions {path} cannot be read: {error.strerror or error}"
