"""every-eval-ever: records of the schema Every Eval Ever 0.3.0, where its datastore wants them.

    data/DATASET/DEVELOPER/MODEL/UUID.json            a model's results on a dataset
    data/DATASET/DEVELOPER/MODEL/UUID_samples.jsonl   a line for each sample and metric

Source: EvalEval Coalition, every_eval_ever 0.3.0, `schemas/eval.schema.json` for the fields,
`validator/validation_core.py` for what holds beyond it.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
import uuid
from datetime import datetime
from pathlib import Path

from evalctl import __version__
from evalctl.exporting.every_eval_ever_samples import RecordKey, write_samples
from evalctl.exporting.json_text import json_text
from evalctl.exporting.source import DatasetPart, ExportSource, PlannedMetric, PlannedModel
from evalctl.results import DatasetResult, MetricValue
from evalctl.store import slug

SCHEMA_VERSION = "0.3.0"
UNSTATED = "not stated"
"""Organization that ran it, which a run folder does not know."""
LOCAL = "local"
"""Developer of a model that is a folder or a file and has no name of the hub's."""

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9]([\w.-]*\w)?", re.ASCII)
_HUB_ORIGIN = re.compile(r"(?P<repo>[^/:,\s]+/[^/:,\s]+)(/[^:,\s]+)?:(?P<split>[^,\s]+)")
_RESERVED = {"data", "unknown", "con", "prn", "aux", "nul"}
_RESERVED |= {f"{kind}{number}" for kind in ("com", "lpt") for number in range(1, 10)}
_WITHOUT_MODELS = frozenset({"replay"})
"""Engines whose models are no models of a hub, whatever their path looks like."""
_SELF_DEPLOYED = frozenset({"vllm", "transformers"})


def write_every_eval_ever(source: ExportSource, folder: Path) -> tuple[str, ...]:
    """Write a record, with its samples, for every model and dataset that has a value.

    Raises:
        OutputError: The run has no summary, or a line of its folder is damaged.
        OSError: The disk is full, or gone.
    """
    source.whole_summary("every-eval-ever")
    now, passed_over = str(int(time.time())), []
    for part in source.parts():
        if part.result is None or all(metric.value is None for metric in part.result.metrics):
            passed_over.append(f"{part.model.model} on {part.plan.dataset} has no value: left out")
            continue
        _write_record(part, part.result, folder, now)
    return tuple(passed_over)


def _write_record(part: DatasetPart, result: DatasetResult, folder: Path, now: str) -> None:
    model = model_id(part.model)
    place = Path("data", portable(part.plan.dataset), *model.split("/"))
    (folder / place).mkdir(parents=True, exist_ok=True)
    name = _uuid(part)
    key = RecordKey(SCHEMA_VERSION, f"{part.plan.dataset}/{model}/{now}", model)
    samples = place / f"{name}_samples.jsonl"
    written = write_samples(part, key, folder / samples)
    record = {
        "schema_version": SCHEMA_VERSION,
        "evaluation_id": key.evaluation_id,
        "evaluation_timestamp": _started(part.source),
        "retrieved_timestamp": now,
        "source_metadata": _origin(part),
        "eval_library": {
            "name": "evalctl",
            "version": part.source.manifest.plugins.get("evalctl", __version__),
        },
        "model_info": _model(part),
        "evaluation_results": [
            _result(part, result, metric) for metric in result.metrics if metric.value is not None
        ],
    }
    if written.rows:
        record["detailed_evaluation_results"] = {
            "format": "jsonl",
            "file_path": samples.as_posix(),
            "hash_algorithm": "sha256",
            "checksum": written.sha256,
            "total_rows": written.rows,
        }
    else:
        (folder / samples).unlink()
    text = json_text(record, indent=2)
    (folder / place / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def model_id(model: PlannedModel) -> str:
    """Return `DEVELOPER/MODEL`: a hub's id where it is one, else a local one."""
    is_hub = model.engine not in _WITHOUT_MODELS and _HUB_ID.fullmatch(model.path)
    if is_hub and not any(part.lower() in _RESERVED for part in model.path.split("/")):
        return model.path
    return f"{LOCAL}/{portable(model.model)}"


def portable(name: str) -> str:
    """Return a name that is a folder's on every system, and not one that the datastore keeps."""
    made = slug(name)
    is_fit = made.partition(".")[0].lower() not in _RESERVED and not made.endswith(".")
    return made if is_fit else f"_{made}_"


def _uuid(part: DatasetPart) -> str:
    """Return the record's identity, the same every time it is exported."""
    key = json.dumps([part.source.manifest.run_id, part.model.model, part.plan.dataset])
    return str(uuid.UUID(bytes=hashlib.sha256(key.encode()).digest()[:16], version=4))


def _started(source: ExportSource) -> str:
    return str(int(datetime.fromisoformat(source.manifest.started).timestamp()))


def _origin(part: DatasetPart) -> dict[str, object]:
    return {
        "source_name": "evalctl",
        "source_type": "evaluation_run",
        "source_organization_name": UNSTATED,
        "evaluator_relationship": "other",
        "additional_details": {
            "run_id": part.source.manifest.run_id,
            "manifest_sha256": part.source.manifest_hash,
            "run_status": part.source.whole_summary("every-eval-ever").status,
        },
    }


def _model(part: DatasetPart) -> dict[str, object]:
    model = part.model
    version = part.source.manifest.libraries.get(model.engine)
    is_here = model.engine in _SELF_DEPLOYED
    details = {
        "deployment_type": "self_deployed" if is_here else "unknown",
        "model_availability": "unknown",
        "path": model.path,
        "revision": model.revision,
        "content_hash": model.content_hash,
        "preset": model.preset,
    }
    made = model_id(model)
    return {
        "name": model.model,
        "id": made,
        "developer": made.partition("/")[0],
        "inference_engine": {"name": model.engine, **({"version": version} if version else {})},
        "additional_details": {name: value for name, value in details.items() if value},
    }


def _result(part: DatasetPart, result: DatasetResult, metric: MetricValue) -> dict[str, object]:
    scorer, planned = part.plan.metrics.get(metric.name, ("", None))
    return {
        "evaluation_result_id": metric.name,
        "evaluation_name": part.plan.dataset,
        "evaluation_timestamp": _started(part.source),
        "source_data": _data(part),
        "metric_config": _metric(part, metric.name, scorer, planned),
        "score_details": {
            "score": metric.value,
            "details": {
                "headline": "true" if metric.name == result.headline else "false",
                "n_scored": str(metric.n_scored),
                "n_total": str(metric.n_total),
                "n_unparsed": str(metric.n_unparsed),
                "n_truncated": str(metric.n_truncated),
                "engine_failures": str(result.failures.engine),
                "scorer_failures": str(result.failures.scorer),
                "stopped_width": json_text(result.stopped_width),
                **({"note": metric.note} if metric.note else {}),
            },
            "uncertainty": _uncertainty(metric),
        },
        "generation_config": _generation(part),
    }


def _data(part: DatasetPart) -> dict[str, object]:
    plan = part.plan
    details = {
        "origin": plan.origin,
        "revision": plan.revision,
        "content_hash": plan.content_hash,
        "n_available": str(plan.n_available),
        "adapter_version": plan.adapter_version,
        "category": plan.category,
    }
    shared: dict[str, object] = {
        "dataset_name": plan.dataset,
        "additional_details": {name: value for name, value in details.items() if value},
    }
    hub = _HUB_ORIGIN.match(plan.origin) if plan.revision is not None else None
    if hub is None:
        return shared | {"source_type": "other"}
    return shared | {
        "source_type": "hf_dataset",
        "hf_repo": hub["repo"],
        "hf_split": hub["split"],
        "samples_number": part.n_samples,
    }


def _metric(
    part: DatasetPart, name: str, scorer: str, planned: PlannedMetric | None
) -> dict[str, object]:
    found: dict[str, object] = {
        "evaluation_description": planned.title if planned else name,
        "metric_id": f"evalctl.{name}",
        "metric_name": name,
        "lower_is_better": planned is not None and planned.ideal == planned.lower,
        "score_type": "continuous",
        "min_score": "-Infinity" if planned is None or planned.lower is None else planned.lower,
        "max_score": "Infinity" if planned is None or planned.upper is None else planned.upper,
    }
    declared = part.plan.scorers.get(scorer)
    if declared is None:
        return found
    if (planned is not None) and (planned.lower, planned.upper) == (0.0, 1.0):
        found["metric_unit"] = "proportion"
    found["additional_details"] = {"scorer": scorer, "scorer_version": declared.version}
    judge = part.source.plan.judge
    if declared.judge is not None and judge is not None:
        unknown = {"deployment_type": "unknown", "model_availability": "unknown"}
        names = tuple(part.source.plan.judges) or (judge,)
        known = [{"name": name, "id": name, "additional_details": unknown} for name in names]
        found["llm_scoring"] = {
            "judges": [{"model_info": one, "temperature": 0.0} for one in known],
            "input_prompt": f"made by {declared.judge.function}, version {declared.judge.version}",
        }
    return found


def _uncertainty(metric: MetricValue) -> dict[str, object]:
    found: dict[str, object] = {"num_samples": metric.n_scored}
    if metric.stderr is not None:
        own = {"clustered", "bootstrap"}
        method = metric.interval_method if metric.interval_method in own else "analytic"
        found["standard_error"] = {"value": metric.stderr, "method": method}
    if metric.interval is not None:
        lower, upper = metric.interval
        found["confidence_interval"] = {
            "lower": lower,
            "upper": upper,
            "confidence_level": 0.95,
            "method": metric.interval_method,
        }
    return found


def _generation(part: DatasetPart) -> dict[str, object]:
    plan, drawn = part.plan, part.plan.sampling
    return {
        "generation_args": {
            "temperature": drawn.temperature,
            "top_p": drawn.top_p,
            "top_k": drawn.top_k,
            "max_tokens": drawn.max_tokens,
        },
        "additional_details": {
            "completions_per_sample": str(plan.repeats),
            "shots": str(plan.shots_per_question),
            "prompt_style": plan.style,
            "stop": json_text(list(drawn.stop)),
            "seed": str(part.source.manifest.asked.get("seed")),
        },
    }
