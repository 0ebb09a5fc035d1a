"""The run folder: what was asked, one line per finished sample, and the summary.

    RUN/manifest.json                 what was asked, resolved and used
    RUN/samples/MODEL/DATASET.jsonl   one `SampleResult` a line, appended as each is scored
    RUN/judged/MODEL/DATASET.jsonl    one `Judged` a line, where a judge model was asked
    RUN/summary.json                  the `RunResult`, written in one piece at the end
    RUN/engine-MODEL.log              what an engine printed

Nothing is held back in memory: a line is written when its sample is scored, flushed at once, and
synced to the disk at least every second.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Literal, Self, TypeVar

from pydantic import BaseModel, JsonValue, ValidationError

from evalctl.errors import OutputError, StorageError
from evalctl.records import Record, Score
from evalctl.results import RunResult, SampleResult

SYNC_SECONDS = 1.0

_Line = TypeVar("_Line", bound=BaseModel)


class Manifest(Record):
    """What a run was, whole enough to repeat it: `manifest.json`."""

    schema_version: Literal[1] = 1
    """Version of this file's form."""
    run_id: str
    """Name of the run folder."""
    started: str
    """UTC, ISO 8601."""
    command: tuple[str, ...]
    """The command line as typed."""
    asked: Mapping[str, JsonValue]
    """The flags, as `RunSpec`."""
    config: str | None
    """The user's YAML file, whole."""
    plan: Mapping[str, JsonValue]
    """Everything resolved: paths, revisions, content hashes, options, scorers by function name."""
    plugins: Mapping[str, str]
    """Version by distribution."""
    libraries: Mapping[str, str]
    """Version by library, of those installed that decide results."""
    hardware: Mapping[str, JsonValue]
    """What it ran on."""


class Judged(Record):
    """A judge's verdicts on one sample."""

    dataset: str
    """Name of the dataset."""
    sample_id: str
    """Id of the sample."""
    scorer: str
    """The scorer that asked."""
    judge: str
    """The judge model."""
    rubric_version: str
    """Version of its prompt."""
    verdicts: tuple[str, ...]
    """What the judge wrote, one per completion."""
    scores: tuple[Score, ...]
    """As read from the verdicts."""


class LineWriter:
    """Appends JSON lines to one file, flushed one by one and synced every second."""

    def __init__(self, path: Path) -> None:
        """Open the file for appending; folders are made."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file: IO[bytes] = path.open("ab")
        self._synced = time.monotonic()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Sync and close."""
        self.close()

    def append(self, line: BaseModel) -> None:
        """Write one line.

        Raises:
            StorageError: The disk is full, or gone.
        """
        try:
            self._file.write(line.model_dump_json().encode() + b"\n")
            self._file.flush()
            if time.monotonic() - self._synced > SYNC_SECONDS:
                os.fsync(self._file.fileno())
                self._synced = time.monotonic()
        except OSError as error:
            raise StorageError(f"cannot write {self._file.name}: {error.strerror}") from error

    def close(self) -> None:
        """Sync and close."""
        with contextlib.suppress(OSError):  # what could not be written was told by `append`
            self._file.flush()
            os.fsync(self._file.fileno())
        with contextlib.suppress(OSError):
            self._file.close()


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
            _write_whole(self.path / "manifest.json", manifest.model_dump_json(indent=2))
        except OSError as error:
            shutil.rmtree(self.path, ignore_errors=True)
            raise OutputError(f"cannot write the run folder {self.path}: {error}") from error

    def samples_path(self, model: str, dataset: str) -> Path:
        """Return where the sample results of a model on a dataset are."""
        return self.path / "samples" / slug(model) / f"{slug(dataset)}.jsonl"

    def judged_path(self, model: str, dataset: str) -> Path:
        """Return where a judge's verdicts are."""
        return self.path / "judged" / slug(model) / f"{slug(dataset)}.jsonl"

    def log_path(self, model: str) -> Path:
        """Return where an engine's output goes."""
        return self.path / f"engine-{slug(model)}.log"

    def results(self, model: str, dataset: str) -> Iterator[SampleResult]:
        """Yield the sample results of a model on a dataset, as a stream."""
        return read_lines(self.samples_path(model, dataset), SampleResult)

    def write_summary(self, result: RunResult) -> None:
        """Write `summary.json` in one piece: it is either the old one or the new one.

        Raises:
            StorageError: The disk is full, or gone.
        """
        try:
            _write_whole(self.path / "summary.json", result.model_dump_json(indent=2))
        except OSError as error:
            reason = f"cannot write {self.path / 'summary.json'}: {error.strerror}"
            raise StorageError(reason) from error

    def manifest(self) -> Manifest:
        """Return the manifest.

        Raises:
            OutputError: It is missing or damaged.
        """
        return _read_whole(self.path / "manifest.json", Manifest)

    def summary(self) -> RunResult:
        """Return the summary.

        Raises:
            OutputError: It is missing (the run did not end) or damaged.
        """
        return _read_whole(self.path / "summary.json", RunResult)


def open_run(name: str, out: Path) -> RunFolder:
    """Return the run of that name below `out`, or the run folder at that path.

    Raises:
        OutputError: There is none; the message names the newest ones.
    """
    for path in (Path(name), out / name):
        if (path / "manifest.json").is_file():
            return RunFolder(path.absolute())
    known = list_runs(out)
    newest = ", ".join(run.run_id for run in known[:5]) or "none"
    raise OutputError(f"no run {name!r} here or in {out}. The newest there: {newest}.")


def list_runs(out: Path) -> list[RunFolder]:
    """Return the runs below a folder, the newest first."""
    found = [RunFolder(path.parent) for path in out.glob("*/manifest.json")]
    return sorted(found, key=lambda run: run.run_id, reverse=True)


def read_lines(path: Path, kind: type[_Line]) -> Iterator[_Line]:
    """Yield the lines of a JSON Lines file; a torn last line is passed over.

    Raises:
        OutputError: A line other than the last is damaged; the message names it.
    """
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                yield kind.model_validate_json(line)
            except ValidationError as error:
                if not line.endswith(b"\n"):
                    return
                raise OutputError(f"{path}:{number} {_what_is_wrong(error)}") from None


def slug(name: str) -> str:
    """Return a name that is safe as a file's: short, ASCII, unique for what it stands for."""
    plain = re.sub(r"[^A-Za-z0-9_.-]+", "-", name).strip("-.")
    if plain == name and 0 < len(name) <= 80:
        return name
    return f"{plain[-60:].strip('-.') or 'x'}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def _write_whole(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with draft.open("wb") as file:
            file.write(text.encode("utf-8", "backslashreplace") + b"\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _read_whole(path: Path, kind: type[_Line]) -> _Line:
    try:
        return kind.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise OutputError(f"{path} is missing: the run did not end, or this is no run") from None
    except OSError as error:
        raise OutputError(f"{path} cannot be read: {error.strerror}") from error
    except ValidationError as error:
        raise OutputError(f"{path} {_what_is_wrong(error)}") from None


def _what_is_wrong(error: ValidationError) -> str:
    """Return in one line why a file is no file of ours."""
    problem = error.errors()[0]
    place = ".".join(str(part) for part in problem["loc"])
    if place == "schema_version":
        return f"has the schema version {problem['input']!r}; this evalctl reads version 1"
    return f"is damaged or was written by another version: {place or 'it'}: {problem['msg']}"
