"""What can be used on this machine, and if not, why: engines, models and datasets.

All of it is told from declarations and from what lies on the disk. No engine is imported, no model
is opened, and nothing is asked over the network.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import JsonValue, ValidationError

from evalctl.engines.model_config import find_model, read_config, weight_bytes
from evalctl.errors import DatasetError, UnknownNameError, UsageError
from evalctl.executors.choice import probe
from evalctl.memory import (
    FITS_NOT,
    MemoryEstimate,
    ModelFigures,
    Settings,
    estimate_memory,
    model_memory,
    size_text,
)
from evalctl.protocols import ModelRef
from evalctl.registry import Registry
from evalctl.sources import (
    FileSource,
    HubSource,
    InlineSource,
    OwnFile,
    PackagedSource,
    Source,
    locate,
)
from evalctl.sources.index import indexed, refused
from evalctl.specs import DatasetSpec, EngineSpec, ExecutorSpec, ModelSpec

Obstacle = Literal["engine", "memory", "access", "weights", "download", "files", "machine"]
"""What stands in the way.

`weights` and `download` go away where the hub can be reached; `access` is a key or an address that
an engine asks for; `files` are upstream's own, to be given with `--data`, or what was recorded;
`machine` is whatever an executor lacks.
"""


class Availability(NamedTuple):
    """Whether something can be used here."""

    can_run: bool
    """Whether it can, without network."""
    reason: str
    """Why not; or, where it can, what is used: for people."""
    obstacle: Obstacle | None = None
    """What stands in the way; None where nothing does."""


def engine_problem(engine: EngineSpec) -> str | None:
    """Return what an engine lacks, with the pip command that brings it; None if nothing."""
    missing = [name for name in engine.packages if not _is_installed(name)]
    if not missing:
        return None
    verb = "is" if len(missing) == 1 else "are"
    command = engine.install or f"pip install {' '.join(missing)}"
    return f"{', '.join(missing)} {verb} not installed: {command}"


def stand_in(model: ModelSpec, registry: Registry) -> EngineSpec | None:
    """Return an installed engine that opens the model's kind in place of the one it is made for.

    A server speaks its own protocol, so that there is none for a hosted model.
    """
    if model.kind == "api":
        return None
    able = (e for e in registry.engines if model.kind in e.kinds and engine_problem(e) is None)
    return None if model.kind == "rule" else next(able, None)


def model_availability(model: ModelSpec, registry: Registry) -> Availability:
    """Return whether a model can run on this machine, with its engine or one that stands in.

    The first obstacle is reported: its engine, then memory under its balanced preset (the estimate
    that a run stands on as well, but against all of the machine's memory and not what is free),
    then weights.
    """
    try:
        engine = registry.engine(model.engine)
    except UnknownNameError:
        return Availability(False, f"no plugin brings its engine {model.engine}", "engine")
    problem = engine_problem(engine)
    in_place = stand_in(model, registry) if problem else engine
    if in_place is None:
        return Availability(False, str(problem), "engine")
    if model.kind == "api":
        return _access(model, in_place)
    if model.kind == "recorded":
        return _recording(model)
    memory = _memory(model, in_place)
    if memory.verdict == FITS_NOT:
        return Availability(False, f"too large for this machine: {memory.reason}", "memory")
    return _weights(model, memory)


def dataset_availability(dataset: DatasetSpec, data_folders: Sequence[Path] = ()) -> Availability:
    """Return whether a dataset's rows can be read here without network, and from where.

    Args:
        dataset: The declaration; its sources are tried in order.
        data_folders: Where upstream's own files are looked for.
    """
    refusals = []
    for source in dataset.sources:
        found = _source_availability(source, data_folders)
        if found.can_run:
            return found
        refusals.append(found)
    if (known := next(indexed(dataset.name, data_folders), None)) is not None:
        return Availability(True, f"files, as an index has them: {known.located.origin}")
    if not refusals:
        return Availability(False, "it declares no source", "files")
    # What can be fetched is the better advice than which file is missing.
    best = min(refusals, key=lambda refusal: refusal.obstacle != "download")
    problem = next(refused(dataset.name, data_folders), None)
    return best._replace(reason=problem) if problem else best


def executor_availability(executor: ExecutorSpec) -> Availability:
    """Return whether an executor works on this machine."""
    if executor.probe is not None:
        problem = _problem_of(executor.probe, "its probe")
    elif executor.factory:
        found = probe(executor.factory)
        problem = found if isinstance(found, str) else None
    else:
        return Availability(True, _packages(executor))
    return Availability(problem is None, problem or "", "machine" if problem else None)


def _packages(executor: ExecutorSpec) -> str:
    """Return which of a category's packages are installed."""
    wanted = executor.profile.packages
    missing = [name for name in wanted if not _is_distribution(name)]
    if not wanted:
        return "no packages"
    lacking = f"; not installed: {', '.join(missing)}" if missing else ""
    return f"{len(wanted) - len(missing)} of {len(wanted)} packages{lacking}"


def _is_distribution(name: str) -> bool:
    try:
        metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def _is_installed(package: str) -> bool:
    try:
        return find_spec(package.partition(".")[0]) is not None
    except ValueError:  # the module is there, but was made without a spec
        return True


def _access(model: ModelSpec, engine: EngineSpec) -> Availability:
    """Ask the engine whether it has what it needs to reach a hosted model, such as a key."""
    ref = ModelRef(name=model.name, path=model.path, revision=model.revision, kind=model.kind)

    def ask() -> None:
        engine.check(ref, engine.options.model_validate(dict(_balanced(model, engine))))

    if problem := _problem_of(ask, f"the check of {engine.name}"):
        return Availability(False, problem, "access")
    return Availability(True, f"through {engine.name}")


def _recording(model: ModelSpec) -> Availability:
    """Say whether a file of recorded answers is there; a run reads it."""
    if not Path(model.path).is_file():
        return Availability(False, f"its recorded answers are not here: {model.path}", "files")
    where = "ship with the plugin" if model.is_embedded else f"are in {model.path}"
    return Availability(True, f"its recorded answers {where}")


def _problem_of(question: Callable[[], str | None], what: str) -> str | None:
    """Return the problem that a plugin's own code states, if any; its failure is one as well."""
    try:
        return question()
    except UsageError as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 - one plugin's bad code must not end a listing
        return f"{what} failed: {type(error).__name__}: {error}"


def _memory(model: ModelSpec, engine: EngineSpec) -> MemoryEstimate:
    """Return what a model needs under its balanced preset."""
    known = _with_defaults(engine, _balanced(model, engine))
    folder = find_model(model.path, model.revision)
    figures = ModelFigures(
        path=model.path,
        weight_bytes=weight_bytes(folder) if folder else None,
        parameters=model.parameters,
        context_length=model.context_length,
        config=read_config(folder) if folder else None,
        kind=model.kind,
    )
    memory = model_memory(engine.packages, str(known.get("device", "auto")))
    # As if nothing else ran: what is listed, and what a run chooses, is the same every time.
    empty = memory.emptied() if memory else None
    return estimate_memory(figures, Settings(engine.name, known), empty)


def _balanced(model: ModelSpec, engine: EngineSpec) -> Mapping[str, JsonValue]:
    preset = model.presets.get("balanced")
    return preset.options if preset is not None and preset.engine == engine.name else {}


def _with_defaults(engine: EngineSpec, options: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    """Return options with the engine's defaults; as they are where they do not validate."""
    try:
        return engine.options.model_validate(dict(options)).model_dump(mode="json")
    except ValidationError:  # a run says so; a listing tells about the rest
        return options


def _weights(model: ModelSpec, memory: MemoryEstimate) -> Availability:
    if model.is_embedded:
        return Availability(True, "its weights ship with the plugin")
    if Path(model.path).expanduser().exists():
        return Availability(True, f"weights in {model.path}")
    if _cached_snapshot(model.path, model.revision):
        return Availability(True, "weights in the hub's cache")
    size = size_text(memory.weights_bytes or 0)
    return Availability(
        False, f"weights are not on this machine: {model.path}, about {size}", "weights"
    )


def _cached_snapshot(path: str, revision: str | None) -> bool:
    """Whether the hub's cache holds a snapshot with weights; imports nothing of the hub's."""
    home = Path(os.environ.get("HF_HOME") or Path.home() / ".cache" / "huggingface")
    cache = Path(os.environ.get("HF_HUB_CACHE") or home / "hub")
    snapshots = cache / f"models--{path.replace('/', '--')}" / "snapshots"
    suffixes = {".safetensors", ".bin", ".pt"}
    return any(file.suffix in suffixes for file in snapshots.glob(f"{revision or '*'}/*"))


def _source_availability(source: Source, data_folders: Sequence[Path]) -> Availability:
    try:
        located = locate(source, data_folders)
    except (DatasetError, ModuleNotFoundError) as error:
        return Availability(False, str(error), "files")
    match source:
        case HubSource():
            names = ", ".join(dict.fromkeys(part.path for part in source.parts))
            if located is not None and located.is_local:
                return Availability(True, f"in the hub's cache: {names}")
            reason = f"has to be downloaded: {names}"
            return Availability(False, reason, "download")
        case FileSource():
            if located is not None:
                return Availability(True, f"files: {located.origin}")
            missing = ", ".join(part.paths[0] for part in source.parts if part.paths)
            return Availability(False, f"files are missing, give --data DIR: {missing}", "files")
        case PackagedSource():
            return Availability(True, f"ships with {source.package}")
        case OwnFile():
            if located is not None:
                return Availability(True, f"file: {located.origin}")
            return Availability(False, f"its file is gone: {source.path}", "files")
        case InlineSource():
            return Availability(True, "written down in its plugin")
