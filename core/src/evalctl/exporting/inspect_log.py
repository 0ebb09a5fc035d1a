"""inspect: a log of Inspect for each model and dataset, in Inspect's zip form.

A dataset is one of its tasks, a completion one of its epochs, a metric one of the scores in its
results. `inspect_samples.py` writes the samples.

Source: Inspect 0.3.285, `inspect_ai/log/_log.py` for the fields and
`inspect_ai/log/_recorders/eval.py` for the members of the zip file.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterable
from pathlib import Path

from evalctl import __version__
from evalctl.exporting.inspect_samples import SampleTotals, write_samples
from evalctl.exporting.json_text import json_text
from evalctl.exporting.source import DatasetPart, ExportSource, PlannedDataset, PlannedMetric
from evalctl.exporting.zip_stream import ZipStream
from evalctl.results import DatasetResult, MetricValue
from evalctl.store import slug

LOG_VERSION = 2
"""Version of Inspect's logs."""


def write_inspect(source: ExportSource, folder: Path) -> tuple[str, ...]:
    """Write a log for every model and dataset.

    Raises:
        OutputError: The run has no summary, or a line of its folder is damaged.
        OSError: The disk is full, or gone.
    """
    source.whole_summary("inspect")
    time = source.manifest.started.replace(":", "-")
    for part in source.parts():
        if part.result is None:
            continue
        task = slug(part.plan.dataset).replace("_", "-")  # Inspect takes names apart at them
        name = f"{time}_{task}_{identity(part, 'task')}.eval"
        with (
            (folder / name).open("wb") as file,
            tempfile.TemporaryFile() as directory,
            tempfile.TemporaryFile() as summaries,
        ):
            archive = ZipStream(file, directory)
            start = {"version": LOG_VERSION, "eval": _spec(part), "plan": _steps(part)}
            archive.add("_journal/start.json", _bytes(start))
            totals = write_samples(part, model_name(part), archive, summaries)
            summaries.seek(0)
            archive.add("summaries.json", iter(lambda: summaries.read(1 << 20), b""))
            archive.add("header.json", _bytes(start | _outcome(part, part.result, totals)))
            archive.close()
    return ()


def model_name(part: DatasetPart) -> str:
    """Return a model's name as Inspect has them, `PROVIDER/PATH`."""
    return f"{part.model.engine}/{part.model.path}"


def value_name(metric: PlannedMetric | None) -> str:
    """Return what Inspect is told that a value is: a mean over samples, or made of their sums."""
    return "pooled" if metric is not None and metric.is_pooled else "mean"


def identity(part: DatasetPart, *what: object) -> str:
    """Return 22 characters that stand for something in a model's log, the same every time."""
    key = json.dumps([part.source.manifest.run_id, part.model.model, part.plan.dataset, *what])
    return hashlib.sha256(key.encode()).hexdigest()[:22]


def _bytes(value: object) -> Iterable[bytes]:
    yield json_text(value, allow_nan=True).encode()


def _spec(part: DatasetPart) -> dict[str, object]:
    plan, manifest = part.plan, part.source.manifest
    return {
        "eval_id": identity(part, "eval"),
        "run_id": hashlib.sha256(manifest.run_id.encode()).hexdigest()[:22],
        "created": manifest.started,
        "task": plan.dataset,
        "task_id": identity(part, "task"),
        "task_version": plan.adapter_version,
        "tags": [plan.category, plan.role],
        "dataset": {
            "name": plan.dataset,
            "location": plan.origin,
            "samples": part.n_samples,
            "shuffled": plan.is_random_part,
        },
        "model": model_name(part),
        "model_generate_config": _settings(plan),
        "model_args": {
            name: value
            for name, value in (("revision", part.model.revision), ("preset", part.model.preset))
            if value
        },
        "config": {
            "epochs": plan.repeats,
            **({"limit": plan.n_samples} if plan.is_random_part else {}),
        },
        "packages": {**manifest.plugins, **manifest.libraries},
        "scorers": [
            {
                "name": name,
                "metrics": [
                    {"name": kind}
                    for kind in dict.fromkeys((*map(value_name, scorer.metrics.values()), "stderr"))
                ],
            }
            for name, scorer in plan.scorers.items()
        ],
        "headline_metric": _headline(plan),
        "metadata": {"evalctl": _origin(part)},
    }


def _origin(part: DatasetPart) -> dict[str, object]:
    plan = part.plan
    return {
        "version": __version__,
        "run_id": part.source.manifest.run_id,
        "manifest_sha256": part.source.manifest_hash,
        "model": part.model.model,
        "model_content_hash": part.model.content_hash,
        "dataset_revision": plan.revision,
        "dataset_content_hash": plan.content_hash,
        "n_available": plan.n_available,
        "shots": list(plan.shots),
        "n_shots": plan.shots_per_question,
        "prompt_style": plan.style,
        "scorers": {name: scorer.version for name, scorer in plan.scorers.items()},
        "judge": part.source.plan.judge,
        "seed": part.source.manifest.asked.get("seed"),
    }


def _settings(plan: PlannedDataset) -> dict[str, object]:
    drawn = plan.sampling
    return {
        "temperature": drawn.temperature,
        "top_p": drawn.top_p,
        "max_tokens": drawn.max_tokens,
        **({"top_k": drawn.top_k} if drawn.top_k else {}),
        **({"stop_seqs": list(drawn.stop)} if drawn.stop else {}),
    }


def _headline(plan: PlannedDataset) -> dict[str, object] | None:
    if plan.headline not in plan.metrics:
        return None
    scorer, metric = plan.metrics[plan.headline]
    return {"scorer": scorer, "score": plan.headline, "metric": value_name(metric)}


def _steps(part: DatasetPart) -> dict[str, object]:
    step = {"solver": part.plan.needs, "params": {}, "params_passed": {}}
    return {"name": "evalctl", "steps": [step], "config": _settings(part.plan)}


def _outcome(part: DatasetPart, result: DatasetResult, totals: SampleTotals) -> dict[str, object]:
    """Return what is known at the end: how it ended, the results, and what it took."""
    status, reason = _status(part, result)
    summary = part.source.whole_summary("inspect")
    outcome = part.source.outcome(part.model)
    categories = outcome.categories if outcome else ()
    error = {"message": reason, "traceback": "", "traceback_ansi": ""}
    usage = {
        "input_tokens": totals.prompt_tokens,
        "output_tokens": totals.output_tokens,
        "total_tokens": totals.prompt_tokens + totals.output_tokens,
    }
    return {
        "status": status,
        "results": {
            "total_samples": result.n_samples * part.plan.repeats,
            "completed_samples": totals.n_completed,
            "scores": [_score(part.plan, metric) for metric in result.metrics],
            "headline": _headline(part.plan),
            "metadata": {
                "evalctl": {
                    "run_status": summary.status,
                    "usage": outcome.usage.model_dump(mode="json") if outcome else None,
                    "notices": list(summary.notices),
                    "categories": [score.model_dump(mode="json") for score in categories],
                    "dataset": result.model_dump(mode="json"),
                }
            },
        },
        "stats": {
            "started_at": part.source.manifest.started,
            "model_usage": {model_name(part): usage},
        },
        **({"error": error} if status == "error" else {}),
    }


def _status(part: DatasetPart, result: DatasetResult) -> tuple[str, str]:
    """Return how a log ended, in Inspect's words, and why."""
    run = part.source.whole_summary("inspect").status
    is_whole = result.n_done == result.n_samples and not result.failures.total
    if run == "complete" or is_whole:
        return "success", ""
    outcome = part.source.outcome(part.model)
    reason = outcome.error if outcome and outcome.error else "; ".join(result.reasons)
    return ("cancelled" if run in {"interrupted", "out_of_budget"} else "error"), reason


def _score(plan: PlannedDataset, metric: MetricValue) -> dict[str, object]:
    scorer, planned = plan.metrics.get(metric.name, ("", None))
    figures = {value_name(planned): metric.value, "stderr": metric.stderr}
    return {
        "name": metric.name,
        "scorer": scorer,
        "scored_samples": metric.n_scored,
        "unscored_samples": metric.n_total - metric.n_scored,
        "metrics": {
            name: {"name": name, "value": value}
            for name, value in figures.items()
            if value is not None
        },
        "metadata": metric.model_dump(mode="json"),
    }
