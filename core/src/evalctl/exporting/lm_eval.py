"""lm-eval: the files that lm-evaluation-harness writes with `--log_samples`.

A folder for each model with `results_TIME.json` and `samples_DATASET_TIME.jsonl`. A dataset is one
of its tasks, a scorer one of its filters, a category one of its groups.

Source: lm-evaluation-harness 0.4.13, `lm_eval/result_schema.py` for the keys,
`lm_eval/loggers/evaluation_tracker.py` for the names of files, `lm_eval/evaluator.py` for hashes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from pydantic import JsonValue

from evalctl import __version__
from evalctl.exporting.json_text import json_text
from evalctl.exporting.lm_eval_samples import generation_settings, write_samples
from evalctl.exporting.source import DatasetPart, ExportSource, PlannedModel
from evalctl.results import CategoryScore, MetricValue, ModelResult
from evalctl.store import slug

CATEGORY_METRIC = "category_score"
"""Name of a category's score, which is no metric of one dataset."""

_MAX_FOLDER_BYTES = 200
_NOT_IN_FOLDERS = re.compile(r"[\"<>:/|\\?*\[\]]+")


def write_lm_eval(source: ExportSource, folder: Path) -> tuple[str, ...]:
    """Write the results and the samples of every model.

    Raises:
        OutputError: The run has no summary, or a line of its folder is damaged.
        OSError: The disk is full, or gone.
    """
    source.whole_summary("lm-eval")
    parts = list(source.parts())
    for model in source.plan.models:
        outcome = source.outcome(model)
        if outcome is None:
            continue
        place = folder / folder_name(model.model)
        place.mkdir()
        time = _started(source).isoformat().replace(":", "-").replace("+00-00", "")
        own = [part for part in parts if part.model.model == model.model]
        hashes = {
            part.plan.dataset: write_samples(
                part, place / f"samples_{slug(part.plan.dataset)}_{time}.jsonl"
            )
            for part in own
        }
        results = _results(source, outcome, own) | _about(source, model, outcome)
        text = json_text({**results, "task_hashes": hashes}, indent=2)
        (place / f"results_{time}.json").write_text(text + "\n", encoding="utf-8")
    return ()


def folder_name(model: str) -> str:
    """Return the name of a model's folder, as lm-eval makes it, if it is not too long for one."""
    name = _NOT_IN_FOLDERS.sub("__", model)
    is_fit = len(name.encode()) <= _MAX_FOLDER_BYTES and name.strip(".")
    return name if is_fit else slug(model)


def _results(
    source: ExportSource, outcome: ModelResult, parts: list[DatasetPart]
) -> dict[str, object]:
    results: dict[str, object] = {part.plan.dataset: _of_dataset(part) for part in parts}
    groups = {score.category: _of_category(score, parts) for score in outcome.categories}
    subtasks = {score.category: _datasets_of(score) for score in outcome.categories}
    return {
        "results": results | {name: dict(group) for name, group in groups.items()},
        "groups": groups,
        "group_subtasks": subtasks | {part.plan.dataset: [] for part in parts},
        "configs": {part.plan.dataset: _config(part) for part in parts},
        "versions": {part.plan.dataset: part.plan.adapter_version for part in parts},
        "n-shot": {part.plan.dataset: part.plan.shots_per_question for part in parts},
        "higher_is_better": {
            **{part.plan.dataset: _directions(part) for part in parts},
            **{name: {CATEGORY_METRIC: True} for name in groups},
        },
        "n-samples": {
            part.plan.dataset: {
                "original": part.plan.n_available,
                "effective": part.n_samples,
            }
            for part in parts
        },
        "evalctl": _own(source, parts),
    }


def _of_dataset(part: DatasetPart) -> dict[str, object]:
    found: dict[str, object] = {
        "name": part.plan.dataset,
        "alias": part.plan.dataset,
        "sample_len": part.n_samples,
    }
    scorers = part.plan.metrics
    for metric in part.result.metrics if part.result else ():
        if metric.value is not None and metric.name in scorers:
            scorer, _ = scorers[metric.name]
            found |= _figures(metric.name, scorer, metric)
    return found


def _of_category(score: CategoryScore, parts: list[DatasetPart]) -> dict[str, object]:
    datasets = _datasets_of(score)
    names: dict[str, object] = {
        "name": score.category,
        "alias": score.category,
        "sample_len": sum(part.n_samples for part in parts if part.plan.dataset in datasets),
    }
    figures = _figures(CATEGORY_METRIC, "none", score) if score.value is not None else {}
    return names | figures


def _figures(name: str, filter_: str, found: MetricValue | CategoryScore) -> dict[str, object]:
    """Return a value and its standard error; lm-eval writes `N/A` where there is none."""
    stderr = found.stderr if found.stderr is not None else "N/A"
    return {f"{name},{filter_}": found.value, f"{name}_stderr,{filter_}": stderr}


def _datasets_of(score: CategoryScore) -> list[str]:
    return [made.partition(":")[0] for made in score.made_of]


def _directions(part: DatasetPart) -> dict[str, bool]:
    """Return of each metric whether more is better."""
    return {name: metric.ideal is None for name, (_, metric) in part.plan.metrics.items()}


def _config(part: DatasetPart) -> dict[str, object]:
    plan = part.plan
    return {
        "task": plan.dataset,
        "tag": [plan.category],
        "dataset_path": plan.origin,
        "dataset_kwargs": {"revision": plan.revision} if plan.revision else {},
        "output_type": "multiple_choice" if plan.is_choice else "generate_until",
        "num_fewshot": plan.shots_per_question,
        "repeats": plan.repeats,
        **({} if plan.is_choice else {"generation_kwargs": generation_settings(plan.sampling)}),
        "metric_list": [
            {
                "metric": name,
                "aggregation": "pooled" if metric.is_pooled else "mean",
                "higher_is_better": metric.ideal is None,
            }
            for name, (_, metric) in plan.metrics.items()
        ],
        "metadata": {
            "version": plan.adapter_version,
            "content_hash": plan.content_hash,
            "prompt_style": plan.style,
            "scorers": {name: scorer.version for name, scorer in plan.scorers.items()},
        },
    }


def _about(source: ExportSource, model: PlannedModel, outcome: ModelResult) -> dict[str, object]:
    manifest = source.manifest
    arguments = {"pretrained": model.path, "revision": model.revision, "preset": model.preset}
    usage = outcome.usage
    return {
        "config": {
            "model": model.engine,
            "model_args": {name: value for name, value in arguments.items() if value},
            **({"model_revision": model.revision} if model.revision else {}),
            **({"model_sha": model.content_hash} if model.content_hash else {}),
            "limit": manifest.asked.get("samples"),
            "bootstrap_iters": 0,
            "random_seed": manifest.asked.get("seed"),
        },
        "date": _started(source).timestamp(),
        "pretty_env_info": _environment(manifest.hardware, manifest.libraries),
        "transformers_version": manifest.libraries.get("transformers", "N/A"),
        "lm_eval_version": f"written by evalctl {__version__}",
        "model_source": model.engine,
        "model_name": model.model,
        "model_name_sanitized": folder_name(model.model),
        "system_instruction": None,
        "system_instruction_sha": None,
        "fewshot_as_multiturn": None,
        "chat_template": None,
        "chat_template_sha": None,
        "total_evaluation_time_seconds": str(usage.load_seconds + usage.generate_seconds),
    }


def _own(source: ExportSource, parts: list[DatasetPart]) -> dict[str, object]:
    """Return what lm-eval has no place for."""
    summary = source.whole_summary("lm-eval")
    outcome = source.outcome(parts[0].model)
    return {
        "version": __version__,
        "run_id": summary.run_id,
        "manifest_sha256": source.manifest_hash,
        "status": summary.status,
        "notices": list(summary.notices),
        "usage": outcome.usage.model_dump(mode="json") if outcome else None,
        "datasets": {
            part.plan.dataset: part.result.model_dump(mode="json")
            for part in parts
            if part.result is not None
        },
    }


def _environment(hardware: Mapping[str, JsonValue], libraries: Mapping[str, str]) -> str:
    facts = {**hardware, **libraries}
    return "\n".join(f"{name}: {value}" for name, value in facts.items())


def _started(source: ExportSource) -> datetime:
    return datetime.fromisoformat(source.manifest.started).astimezone(UTC)
