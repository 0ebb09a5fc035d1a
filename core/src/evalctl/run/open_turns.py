"""Turns of conversations that have not come to their end, kept so that none is paid twice.

Each turn is a line of the run folder's file as soon as it is answered, with the prompt that it
answers. A conversation that is asked again goes on behind the turns that answer what would be asked
now. Once it has its result, a line says that it is over.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from evalctl.records import Generation, Prompt, Record
from evalctl.run.bills import Bill
from evalctl.store import LineWriter, mend, read_lines

Key = tuple[str, str]
"""Dataset and sample of a conversation."""
Opened = Callable[[Path], LineWriter]
"""Opens a file for lines that is looked after until the end of the run."""


class Turn(Record):
    """One line: a turn that was answered, or the end of its conversation."""

    dataset: str
    """Of the conversation, with `sample_id` its key."""
    sample_id: str
    """Id of the sample."""
    branch: int | None = None
    """Which of several completions it belongs to; None for the first turn, which all have."""
    prompt: Prompt | None = None
    """What was asked, without the turns that follow; None where the conversation is over."""
    generation: Generation | None = None
    """What was answered."""


@dataclass
class OpenTurns:
    """The turns of a model's open conversations."""

    path: Path | None = None
    """Their file; None keeps them in memory alone."""
    shield: Callable[[], AbstractContextManager[None]] = nullcontext
    """What holds back an interruption while a line is written."""
    _open: dict[Key, list[Turn]] = field(default_factory=dict)
    _opened: Opened | None = None
    _writer: LineWriter | None = None

    def recover(self) -> None:
        """Take over what an earlier session left.

        Raises:
            OutputError: The file is damaged elsewhere than at its end.
            StorageError: It cannot be mended.
        """
        if self.path is None or not self.path.is_file():
            return
        mend(self.path, Turn)
        for turn in read_lines(self.path, Turn):
            self._note(turn)

    def open(self, opened: Opened) -> None:
        """Write from now on; the file is made with its first line."""
        self._opened = opened

    def of(self, key: Key) -> tuple[Turn, ...]:
        """Return the turns of a conversation that were answered, in that order."""
        return tuple(self._open.get(key, ()))

    def keep(self, key: Key, branch: int | None, prompt: Prompt, generation: Generation) -> None:
        """Keep a turn that was answered.

        Raises:
            StorageError: The disk is full, or gone.
        """
        dataset, sample_id = key
        self._write(
            Turn(
                dataset=dataset,
                sample_id=sample_id,
                branch=branch,
                prompt=prompt,
                generation=generation,
            )
        )

    def end(self, key: Key) -> None:
        """Note that a conversation has its result, or begins anew.

        Raises:
            StorageError: The disk is full, or gone.
        """
        if key in self._open:
            dataset, sample_id = key
            self._write(Turn(dataset=dataset, sample_id=sample_id))

    def bill(self) -> Bill:
        """Return what the turns were asked for."""
        bill = Bill()
        for turns in self._open.values():
            for turn in turns:
                if turn.prompt is not None and turn.generation is not None:
                    bill.add(turn.prompt, turn.generation)
        return bill

    def _write(self, turn: Turn) -> None:
        self._note(turn)
        if self.path is None or self._opened is None:
            return
        with self.shield():
            if self._writer is None:
                self._writer = self._opened(self.path)
            self._writer.append(turn)

    def _note(self, turn: Turn) -> None:
        key = turn.dataset, turn.sample_id
        if turn.prompt is None:
            self._open.pop(key, None)
        else:
            self._open.setdefault(key, []).append(turn)
