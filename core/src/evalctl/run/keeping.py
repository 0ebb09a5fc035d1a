"""A model's results: on disk, and added up; what an earlier session left is taken over."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from evalctl.plan import PlannedDataset, PlannedModel
from evalctl.positions import Positions
from evalctl.results import SampleResult
from evalctl.run.interruption import Interruption
from evalctl.run.observer import Observer
from evalctl.run.open_turns import OpenTurns
from evalctl.run.tally import Tally
from evalctl.store import Journal, Judged, LineWriter, RunFolder, Syncer, mend, sift


@dataclass
class Ledger:
    """The results of one model on all of its datasets."""

    model: PlannedModel
    folder: RunFolder
    observer: Observer
    interruption: Interruption
    tallies: dict[str, Tally]
    """By dataset."""
    turns: OpenTurns = field(init=False)
    """Of conversations that have no result yet."""
    _journals: dict[str, Journal] = field(default_factory=dict)
    _failures: dict[str, LineWriter] = field(default_factory=dict)
    _syncer: Syncer | None = None

    def __post_init__(self) -> None:
        """Name the files."""
        path = self.folder.turns_path(self.model.name)
        self.turns = OpenTurns(path, self.interruption.shield)
        for dataset in self.model.datasets:
            self._journals[dataset.name] = self.folder.journal(self.model.name, dataset.name)

    def recover(self, *, is_same: bool) -> None:
        """Take over what is there; torn lines are cut off, and failures will be asked again.

        Args:
            is_same: Whether models and data are those that it was made with; otherwise every line
                is read again and set against the samples that there are now.

        Raises:
            OutputError: A file is damaged elsewhere than at its end.
            StorageError: A file cannot be mended.
        """
        for dataset in self.model.datasets:
            journal, tally = self._journals[dataset.name], self.tallies[dataset.name]
            # Whether a dataset may stop is seen from all of its results, in their order.
            if journal.recover(trusts_checkpoint=is_same and tally.stop is None):
                self.observer.phase(self.model, f"{dataset.name}: a torn line was cut off")
            if not is_same:
                self._renumber(dataset, journal)
            if journal.state is not None:
                tally.restore(journal.state)
            for result in journal.tail(dataset.loaded.n_available):
                tally.add(result)
            for result in self.folder.all_failures(self.model.name, dataset.name):
                tally.charge(result)
        self.turns.recover()

    def done(self, dataset: str) -> Positions:
        """Return the positions of a dataset's samples that have their result."""
        return self._journals[dataset].done

    def open(self, stack: ExitStack) -> None:
        """Open all files; they are synced as long as the stack lives.

        Failures of an earlier session keep another name: those samples are asked again.

        Raises:
            StorageError: One cannot be written.
        """
        self._syncer = stack.enter_context(Syncer())
        stack.callback(self._write_checkpoints)
        for name in self._journals:
            self.folder.set_failures_aside(self.model.name, name)
        for journal in self._journals.values():
            self._syncer.watch(journal.open())
        self.turns.open(self._watched)

    def keep(self, result: SampleResult) -> None:
        """Write a result, and count it; one of a dataset that was stopped meanwhile is dropped.

        Raises:
            StorageError: The disk is full, or gone.
        """
        tally = self.tallies[result.dataset]
        if tally.has_stopped:  # it was on its way when the dataset was stopped
            tally.charge(result)
            self.turns.end((result.dataset, result.sample_id))
            return
        with self.interruption.shield():
            if result.generation.error is None:
                journal = self._journals[result.dataset]
                journal.append(result)
                tally.add(result)
                journal.checkpoint_if_due(tally.state)
            else:
                self._failure_file(result.dataset).append(result)
                tally.add(result)
        self.turns.end((result.dataset, result.sample_id))
        self.observer.scored(tally.planned, tally, result)

    def _failure_file(self, dataset: str) -> LineWriter:
        if dataset not in self._failures:
            path = self.folder.failures_path(self.model.name, dataset)
            self._failures[dataset] = self._watched(path)
        return self._failures[dataset]

    def _watched(self, path: Path) -> LineWriter:
        assert self._syncer is not None, "a ledger is opened before it is written"
        return self._syncer.watch(LineWriter(path))

    def _write_checkpoints(self) -> None:
        for name, journal in self._journals.items():
            journal.checkpoint(self.tallies[name].state())

    def _renumber(self, dataset: PlannedDataset, journal: Journal) -> None:
        indices = {sample.id: index for index, sample in dataset.loaded.numbered()}
        judged = self.folder.judged_path(self.model.name, dataset.name)
        mend(judged, Judged)
        sift(judged, Judged, lambda one: one if one.sample_id in indices else None)
        if n_gone := journal.renumber(indices.get):
            gone = f"{n_gone} results were set aside: their samples are no longer in the dataset"
            self.observer.phase(self.model, f"{dataset.name}: {gone}")
