"""What a run was, whole enough to repeat it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import JsonValue

from evalctl.records import Record
from evalctl.results import Part


class Resumption(Record):
    """One time that a run was gone on with."""

    at: str
    """UTC, ISO 8601."""
    command: tuple[str, ...]
    """The command line as typed."""
    changes: tuple[str, ...] = ()
    """What had changed since, and was accepted."""


class Derivation(Record):
    """The run that another one was made from."""

    kind: Literal["rerun", "score"]
    """Whether it asked again, or scored what was there again."""
    run_id: str
    """Name of the run folder."""
    path: str
    """Where it was."""


class CacheUse(Record):
    """What the generation cache did for a run."""

    folder: str
    """Where it is."""
    hits: int = 0
    """Prompts that were answered from it."""
    misses: int = 0
    """Prompts that were looked for in vain; of a model of which nothing is kept, none is."""


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
    """Version by distribution, of evalctl and of the plugins that take part."""
    libraries: Mapping[str, str]
    """Version by library, of those installed that decide results."""
    hardware: Mapping[str, JsonValue]
    """What it ran on."""
    parts: tuple[Part, ...] = ()
    """What the run takes from which plugins: everything that plugins bring to it, each once."""
    working_folder: str = ""
    """Where it was started: what relative paths of models are seen from."""
    resumed: tuple[Resumption, ...] = ()
    """Each time that it was gone on with."""
    cache: CacheUse | None = None
    """What the generation cache did; None until the run has ended, and where it had none."""
    derived_from: Derivation | None = None
    """The run that this one repeats or scores again; None for a run of its own."""
    digest: str = ""
    """SHA-256 of all else, by which it shows whether anybody has edited it."""
