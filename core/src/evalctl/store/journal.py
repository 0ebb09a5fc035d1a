"""The sample results of one model on one dataset: the lines, and checkpoints that spare reading.

The lines are the truth. A checkpoint says what had become of the first so many bytes of them: which
samples are done and what they add up to. It is believed only where the file's first bytes still
have the CRC-32 that it names, and otherwise everything is read again.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

from pydantic import JsonValue, ValidationError

from evalctl.errors import OutputError, StorageError
from evalctl.positions import Positions
from evalctl.records import Record
from evalctl.results import SampleResult
from evalctl.store.lines import LineWriter, crc_of, read_lines
from evalctl.store.mending import mend, sift
from evalctl.store.whole import write_whole

CHECKPOINT_SECONDS = 10.0
"""Between two checkpoints, at least."""

_SHARE = 50
"""A checkpoint takes no more than one in so many seconds."""


class Checkpoint(Record):
    """What the beginning of a file of sample results adds up to."""

    schema_version: Literal[1] = 1
    """Version of this file's form."""
    size_bytes: int
    """How much of the file it speaks of."""
    crc: int
    """CRC-32 of that much."""
    done: str
    """Positions of the samples in it, as `Positions` writes them."""
    state: JsonValue
    """What they add up to; the run's own."""
    own_crc: int = 0
    """CRC-32 of all of the above, by which it shows whether anything has changed it."""

    def sealed(self) -> Checkpoint:
        """Return it with its own CRC-32."""
        return self.model_copy(update={"own_crc": self.computed_crc()})

    def computed_crc(self) -> int:
        """Return what its own CRC-32 must be."""
        return zlib.crc32(self.model_dump_json(exclude={"own_crc"}).encode())


class Journal:
    """Appends sample results, and knows which are there."""

    def __init__(self, path: Path, checkpoint_path: Path) -> None:
        """Name the files; nothing is opened yet."""
        self.path = path
        self.done = Positions()
        """Positions of the samples whose results are there."""
        self.state: JsonValue = None
        """What the checkpoint holds of those before `tail`; None where there is none."""
        self._checkpoint_path = checkpoint_path
        self._writer: LineWriter | None = None
        self._start = self._crc = 0  # what the checkpoint speaks of
        self._next = time.monotonic() + CHECKPOINT_SECONDS

    def recover(self, *, trusts_checkpoint: bool = True) -> bool:
        """Mend the file and read its checkpoint; return whether a torn line was cut off.

        Args:
            trusts_checkpoint: False reads everything again.

        Raises:
            StorageError: The file cannot be mended.
        """
        was_torn = mend(self.path, SampleResult)
        found = self._checkpoint() if trusts_checkpoint else None
        if found is not None:
            self.done, self.state = Positions.from_text(found.done), found.state
            self._start, self._crc = found.size_bytes, found.crc
        return was_torn

    def tail(self, n_available: int) -> Iterator[SampleResult]:
        """Yield the results that the checkpoint does not speak of, each once, and note them.

        Args:
            n_available: Samples of the dataset.

        Raises:
            OutputError: A line is damaged, or a sample stands twice, or where there is none.
        """
        if not self.path.is_file():
            return
        for result in read_lines(self.path, SampleResult, start=self._start):
            if not 0 <= result.index < n_available:
                raise OutputError(
                    f"{self.path}: sample {result.sample_id} has the position {result.index}, and "
                    f"the dataset has {n_available} samples; the file is damaged or of another run"
                )
            if not self.done.add(result.index):
                raise OutputError(
                    f"{self.path}: sample {result.sample_id} stands twice; it was put together by "
                    "hand. Take out one of its lines."
                )
            yield result

    def open(self) -> LineWriter:
        """Begin to append; the tail must have been read.

        Raises:
            StorageError: The file cannot be written.
        """
        size = self.path.stat().st_size if self.path.is_file() else 0
        crc = crc_of(self.path, size, start=self._start, crc=self._crc) if size else 0
        self._writer = LineWriter(self.path, crc=crc or 0)
        return self._writer

    def append(self, result: SampleResult) -> None:
        """Write a sample's result.

        Raises:
            StorageError: The disk is full, or gone.
        """
        assert self._writer is not None, "a journal is opened before it is written"
        self._writer.append(result)
        self.done.add(result.index)

    def checkpoint_if_due(self, state: Callable[[], JsonValue]) -> None:
        """Write a checkpoint where the last one is old enough for what one costs."""
        began = time.monotonic()
        if began < self._next:
            return
        self.checkpoint(state())
        ended = time.monotonic()
        self._next = ended + max(CHECKPOINT_SECONDS, _SHARE * (ended - began))

    def checkpoint(self, state: JsonValue) -> None:
        """Write a checkpoint; where the disk refuses, the old one stays, which is right as well."""
        if self._writer is None or not self._writer.size:
            return
        made = Checkpoint(
            size_bytes=self._writer.size,
            crc=self._writer.crc,
            done=self.done.to_text(),
            state=state,
        ).sealed()
        try:
            self._checkpoint_path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self._checkpoint_path, made.model_dump_json())
        except OSError:
            return

    def renumber(self, index_of: Callable[[str], int | None]) -> int:
        """Give every result the position that its sample has now; return how many were left out.

        For a dataset that has changed: those whose sample is gone are moved to `FILE.gone`.

        Raises:
            StorageError: The file cannot be written.
        """

        def renumbered(result: SampleResult) -> SampleResult | None:
            index = index_of(result.sample_id)
            return None if index is None else result.model_copy(update={"index": index})

        n_gone = sift(self.path, SampleResult, renumbered)
        try:
            self._checkpoint_path.unlink(missing_ok=True)
        except OSError as error:
            raise StorageError(f"cannot write {self.path}: {error.strerror}") from error
        return n_gone

    def is_as_written(self) -> bool:
        """Return whether the file still begins with what its checkpoint speaks of.

        True where there is no checkpoint, or a damaged one: nothing is known then.
        """
        return self._read_checkpoint() is None or self._checkpoint() is not None

    def _checkpoint(self) -> Checkpoint | None:
        """Return the checkpoint where it speaks of this very file."""
        found = self._read_checkpoint()
        try:
            is_ours = found is not None and crc_of(self.path, found.size_bytes) == found.crc
        except OSError:
            return None
        return found if is_ours else None

    def _read_checkpoint(self) -> Checkpoint | None:
        """Return the checkpoint where it is whole."""
        try:
            found = Checkpoint.model_validate_json(self._checkpoint_path.read_bytes())
            Positions.from_text(found.done)
        except (OSError, ValidationError, ValueError):
            return None
        return found if found.own_crc == found.computed_crc() else None
