"""What earlier runs of the same model tell: how long its answers are, and how fast it is.

Run folders are files like any other: what cannot be read, or is too large, is passed over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from pydantic import JsonValue

from evalctl.errors import OutputError
from evalctl.plan import Plan, PlannedDataset, PlannedModel
from evalctl.results import Usage
from evalctl.run.manifest import make_manifest
from evalctl.store import Manifest, RunFolder, list_runs

MAX_RUNS_LOOKED_AT = 200
"""Folders, from the newest on."""
MAX_RUNS_USED = 5
"""Of those that fit."""
MAX_SAMPLES_READ = 300
"""Of one dataset in one run."""
_LARGEST = 32 << 20
"""Bytes of a manifest or summary."""


@dataclass(frozen=True)
class Earlier:
    """What was found."""

    tokens_per_second: tuple[float, ...]
    """Output tokens, of each run under the same options on the same hardware."""
    load_seconds: tuple[float, ...]
    """Likewise."""
    output_tokens: Mapping[str, float]
    """Tokens of one reply on average, by dataset, asked in the same way."""


@dataclass(frozen=True)
class _Run:
    folder: RunFolder
    manifest: Manifest
    planned: Mapping[str, JsonValue]
    """The model's entry in the manifest's plan."""
    usage: Usage


def look_back(plan: Plan, model: PlannedModel) -> Earlier:
    """Return what runs in the plan's output folder tell about a model."""
    hardware = make_manifest(plan, RunFolder(plan.asked.out)).hardware
    options = model.options.model_dump(mode="json")
    timed: list[Usage] = []
    asked: dict[str, list[_Run]] = {dataset.name: [] for dataset in model.datasets}
    for run in _runs_of(plan, model):
        is_alike = run.manifest.hardware == hardware and run.planned.get("options") == options
        # What a run took from the cache has no speed, and must not take a place.
        if is_alike and run.usage.tokens_per_second and len(timed) < MAX_RUNS_USED:
            timed.append(run.usage)
        for dataset in model.datasets:
            if len(asked[dataset.name]) < MAX_RUNS_USED and _is_asked_so(run, dataset):
                asked[dataset.name].append(run)
        if min(len(timed), *map(len, asked.values())) == MAX_RUNS_USED:
            break
    lengths = {name: _length(runs, model.name, name) for name, runs in asked.items()}
    return Earlier(
        tokens_per_second=tuple(usage.tokens_per_second or 0.0 for usage in timed),
        load_seconds=tuple(usage.load_seconds for usage in timed),
        output_tokens={name: mean for name, mean in lengths.items() if mean is not None},
    )


def _runs_of(plan: Plan, model: PlannedModel) -> Iterator[_Run]:
    """Yield the runs of a model, the newest first."""
    wanted = {
        "model": model.name,
        "engine": model.engine.name,
        "path": model.ref.path,
        "revision": model.ref.revision,
        "content_hash": model.facts.content_hash,
    }
    for folder in list_runs(plan.asked.out)[:MAX_RUNS_LOOKED_AT]:
        try:
            if not _is_readable(folder):
                continue
            manifest = folder.manifest()
            planned = _planned(manifest, wanted)
            if planned is None:
                continue
            results = [result for result in folder.summary().models if result.model == model.name]
        except OutputError:
            continue
        if results and results[0].usage.output_tokens:
            yield _Run(folder, manifest, planned, results[0].usage)


def _is_readable(folder: RunFolder) -> bool:
    try:
        sizes = [(folder.path / name).stat().st_size for name in ("manifest.json", "summary.json")]
    except OSError:
        return False
    return max(sizes) <= _LARGEST


def _planned(manifest: Manifest, wanted: Mapping[str, JsonValue]) -> Mapping[str, JsonValue] | None:
    models = manifest.plan.get("models")
    for entry in models if isinstance(models, list) else []:
        if isinstance(entry, dict) and all(entry.get(k) == v for k, v in wanted.items()):
            return entry
    return None


def _is_asked_so(run: _Run, dataset: PlannedDataset) -> bool:
    """Return whether a run has a dataset, asked with the same limit and style."""
    wanted = {
        "dataset": dataset.name,
        "adapter_version": dataset.loaded.spec.version,
        "style": dataset.asking.style,
        "sampling": dataset.sampling.model_dump(mode="json"),
    }
    entries = run.planned.get("datasets")
    entries = entries if isinstance(entries, list) else []
    return any(isinstance(entry, dict) and wanted.items() <= entry.items() for entry in entries)


def _length(runs: list[_Run], model: str, dataset: str) -> float | None:
    """Return the mean length of a dataset's replies; None where there are none."""
    lengths = [length for run in runs for length in _lengths(run.folder, model, dataset)]
    return sum(lengths) / len(lengths) if lengths else None


def _lengths(folder: RunFolder, model: str, dataset: str) -> Iterator[float]:
    try:
        for result in islice(folder.results(model, dataset), MAX_SAMPLES_READ):
            if result.generation.error is None:
                for one in result.generation.completions:
                    yield one.output_tokens / (len(one.earlier) + 1)
    except (OSError, OutputError):
        return
