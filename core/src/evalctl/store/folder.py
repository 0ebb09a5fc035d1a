"""One run on disk, and finding one."""

from __future__ import annotations

import difflib
import hashlib
import re
import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from pydantic import BaseModel

from evalctl.errors import OutputError, StorageError
from evalctl.results import RunResult, SampleResult
from evalctl.store.journal import Journal
from evalctl.store.lines import read_lines
from evalctl.store.manifests import Manifest
from evalctl.store.seals import check_seal, sealed
from evalctl.store.whole import read_whole, write_whole


class RunFolder:
    """One run on disk. Made when there is something to write, not before."""

    def __init__(self, path: Path) -> None:
        """Name the folder; nothing is made yet."""
        self.path = path

    @property
    def run_id(self) -> str:
        """The folder's name."""
        return self.path.name

    def create(self, manifest: Manifest) -> None:
        """Make the folder and write the manifest.

        Raises:
            OutputError: The folder cannot be made or written.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=False)
        except OSError as error:  # where it is there already, it is another run's
            raise OutputError(f"cannot make the run folder {self.path}: {error}") from error
        try:
            self.amend(manifest)
        except StorageError as error:
            shutil.rmtree(self.path, ignore_errors=True)
            raise OutputError(f"cannot write the run folder {self.path}: {error}") from error

    def amend(self, manifest: Manifest) -> None:
        """Put another manifest in the place of the old one.

        Raises:
            StorageError: The disk is full, or gone.
        """
        self.write_whole("manifest.json", sealed(manifest))

    def samples_path(self, model: str, dataset: str) -> Path:
        """Return where the sample results of a model on a dataset are."""
        return self.path / "samples" / slug(model) / f"{slug(dataset)}.jsonl"

    def failures_path(self, model: str, dataset: str) -> Path:
        """Return where the samples are that a model's engine did not answer, with the reasons."""
        return self.path / "failures" / slug(model) / f"{slug(dataset)}.jsonl"

    def turns_path(self, model: str) -> Path:
        """Return where the turns of a model's conversations are kept until these have a result."""
        return self.path / "turns" / f"{slug(model)}.jsonl"

    def journal(self, model: str, dataset: str) -> Journal:
        """Return the journal of a model on a dataset."""
        name = f"{slug(dataset)}.json"
        checkpoint = self.path / "checkpoints" / slug(model) / name
        return Journal(self.samples_path(model, dataset), checkpoint)

    def judged_path(self, model: str, dataset: str) -> Path:
        """Return where a judge's verdicts are."""
        return self.path / "judged" / slug(model) / f"{slug(dataset)}.jsonl"

    def parts_path(self, model: str, dataset: str, asked: str) -> Path:
        """Return where verdicts wait for others on the same sample."""
        return self.path / "verdicts" / slug(model) / slug(dataset) / f"{slug(asked)}.jsonl"

    def measured_path(self, model: str) -> Path:
        """Return where the requests are by which a model's speed was measured."""
        return self.path / "measured" / f"{slug(model)}.jsonl"

    def log_path(self, model: str) -> Path:
        """Return where an engine's output goes."""
        return self.path / f"engine-{slug(model)}.log"

    def results(self, model: str, dataset: str) -> Iterator[SampleResult]:
        """Yield the sample results of a model on a dataset, as a stream; none without a file."""
        path = self.samples_path(model, dataset)
        return read_lines(path, SampleResult) if path.is_file() else iter(())

    def failures(self, model: str, dataset: str) -> Iterator[SampleResult]:
        """Yield the samples that the engine did not answer, as a stream; none without a file."""
        path = self.failures_path(model, dataset)
        return read_lines(path, SampleResult) if path.is_file() else iter(())

    def all_failures(self, model: str, dataset: str) -> Iterator[SampleResult]:
        """Yield those of all sessions, also of samples that were answered when asked again."""
        path = self.failures_path(model, dataset)
        for file in sorted(path.parent.glob(f"{path.name}*")):
            yield from read_lines(file, SampleResult)

    def set_failures_aside(self, model: str, dataset: str) -> None:
        """Give the file of failures another name: those samples are asked again.

        Raises:
            StorageError: It cannot be renamed.
        """
        path = self.failures_path(model, dataset)
        if path.is_file():
            names = (path.with_name(f"{path.name}.{number}") for number in count(1))
            try:
                path.rename(next(name for name in names if not name.exists()))
            except OSError as error:
                raise StorageError(f"cannot rename {path}: {error.strerror}") from error

    def write_whole(self, name: str, content: BaseModel) -> None:
        """Write a file of the run folder in one piece.

        Raises:
            StorageError: The disk is full, or gone.
        """
        try:
            write_whole(self.path / name, content.model_dump_json(indent=2))
        except OSError as error:
            raise StorageError(f"cannot write {self.path / name}: {error.strerror}") from error

    def write_summary(self, result: RunResult) -> RunResult:
        """Write `summary.json` in one piece, with its digest, and return what it holds.

        Raises:
            StorageError: The disk is full, or gone.
        """
        written = sealed(result)
        self.write_whole("summary.json", written)
        return written

    def set_summary_aside(self) -> None:
        """Give the summary another name: the run goes on, and it tells of an earlier session.

        Raises:
            StorageError: It cannot be renamed.
        """
        path = self.path / "summary.json"
        try:
            if path.is_file():
                path.replace(self.path / _SUMMARY_BEFORE)
        except OSError as error:
            raise StorageError(f"cannot rename {path}: {error.strerror}") from error

    def summary_before(self) -> RunResult:
        """Return the summary, or the one that was set aside where there is no other.

        Raises:
            OutputError: There is none, or it cannot be read.
        """
        if (self.path / "summary.json").is_file():
            return self.summary()
        missing = "no session of the run has ended"
        return read_whole(self.path / _SUMMARY_BEFORE, RunResult, missing=missing)

    def manifest(self) -> Manifest:
        """Return the manifest.

        Raises:
            OutputError: It is missing, damaged, or was edited after it was written.
        """
        path = self.path / "manifest.json"
        manifest = read_whole(path, Manifest, missing="this is no run folder")
        instead = "Put the original back; to run something else, begin another run."
        check_seal(path, manifest.digest, instead=instead)
        return manifest

    def summary(self) -> RunResult:
        """Return the summary.

        Raises:
            OutputError: It is missing (the run did not end), damaged, or was edited.
        """
        missing = (
            f"the run did not end. `evalctl run --resume {self.run_id}` goes on with it; `evalctl "
            f"score {self.run_id}` scores what is there"
        )
        path = self.path / "summary.json"
        result = read_whole(path, RunResult, missing=missing)
        instead = f"`evalctl run --resume {self.run_id}` makes it anew out of the samples."
        check_seal(path, result.digest, instead=instead)
        return result

    def check_samples(self, summary: RunResult) -> None:
        """Refuse results that are not those that were written, as far as checkpoints tell.

        Reads all of a summary's files.

        Raises:
            OutputError: Some were edited or taken out.
        """
        names = [(m.model, d.dataset) for m in summary.models for d in m.datasets]
        for model, dataset in names:
            if not self.journal(model, dataset).is_as_written():
                raise OutputError(
                    f"{self.samples_path(model, dataset)} was edited after it was written, so the "
                    f"summary is not of what it holds. `evalctl score {self.run_id}` makes one "
                    "that is."
                )


_SUMMARY_BEFORE = "summary.before.json"

LATEST = "latest"
"""Names the newest run of a folder."""


def open_run(name: str, out: Path) -> RunFolder:
    """Return the run of that name below `out`, or the run folder at that path.

    A part of a name will do where no other run has it, and `latest` is the newest one.

    Raises:
        OutputError: There is none, or there are several; the message names near ones.
    """
    for path in (Path(name), out / name):
        if (path / "manifest.json").is_file():
            return RunFolder(path.absolute())
    known = list_runs(out)
    if name == LATEST and known:
        return RunFolder(known[0].path.absolute())
    found = [run for run in known if name and name in run.run_id]
    if len(found) == 1:
        return RunFolder(found[0].path.absolute())
    if found:
        several = ", ".join(run.run_id for run in found[:5])
        raise OutputError(f"{len(found)} runs in {out} have {name!r} in their name: {several}.")
    names = [run.run_id for run in known]
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.8)
    hint = f"Did you mean {near[0]}? " if near else ""
    hint += f"The newest there: {', '.join(names[:5])}."
    raise OutputError(f"no run {name!r} here or in {out}. {hint if names else 'It has none.'}")


def open_run_of_model(argument: str, out: Path) -> tuple[RunFolder, str | None]:
    """Return the run that `RUN` or `RUN:MODEL` names, and the model; both may hold colons.

    Raises:
        OutputError: There is no such run.
    """
    for run, model in _ways(argument):
        try:
            return open_run(run, out), model
        except OutputError:
            continue
    return open_run(argument.partition(":")[0] or argument, out), None


def _ways(argument: str) -> Iterator[tuple[str, str | None]]:
    yield argument, None
    for index, character in enumerate(argument):
        if character == ":" and 0 < index < len(argument) - 1:
            yield argument[:index], argument[index + 1 :]


def list_runs(out: Path) -> list[RunFolder]:
    """Return the runs below a folder, the newest first."""
    found = [RunFolder(path.parent) for path in out.glob("*/manifest.json")]
    return sorted(found, key=lambda run: run.run_id, reverse=True)


def slug(name: str) -> str:
    """Return a name that is safe as a file's: short, ASCII, unique for what it stands for."""
    plain = re.sub(r"[^A-Za-z0-9_.-]+", "-", name).strip("-.")
    if plain == name and 0 < len(name) <= 80:
        return name
    return f"{plain[-60:].strip('-.') or 'x'}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
