"""Scoring the answers of a run again, with the scorers that there are now, and no engine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from evalctl.errors import OutputError
from evalctl.plan import Plan, PlannedModel, make_recorded
from evalctl.plugins import Loaded
from evalctl.results import RunResult, ScorerVersions
from evalctl.run.baseline import with_baseline
from evalctl.run.execute import Stored, score_again
from evalctl.run.judging import JudgedRun, StoredVerdicts
from evalctl.run.manifest import new_run_folder
from evalctl.run.model_run import Recalled
from evalctl.run.observer import Observer
from evalctl.run.pairing import paired
from evalctl.run.questions import Answer, Questions
from evalctl.run.reopening import Afresh, asked_of, before_of, objects
from evalctl.store import Derivation, Manifest, RunFolder, list_runs

MAX_RUNS_LOOKED_AT = 200
"""Folders, from the newest on, that are looked at for earlier verdicts."""


class Rescoring(NamedTuple):
    """A run whose answers are about to be scored again."""

    plan: Plan
    folder: RunFolder
    """The run."""
    versions: dict[str, ScorerVersions]
    """Of all scorers."""
    asks_judges: bool = False
    """Whether judges are asked for what they have not said."""


def plan_rescoring(folder: RunFolder, loaded: Loaded, afresh: Afresh) -> Rescoring:
    """Return what scoring a run's answers again will do.

    Verdicts of the run's judges are read again. Judges are asked where some are named afresh, or
    another baseline is.

    Args:
        folder: The run.
        loaded: What is installed.
        afresh: What is asked otherwise.

    Raises:
        OutputError: The manifest is missing, damaged, edited, or of another version.
        UsageError: A dataset is gone, or programs cannot be run here.
    """
    manifest = folder.manifest()
    asked = afresh.apply(asked_of(folder, manifest))
    asks = bool(afresh.judges or afresh.baseline)
    try:
        before = before_of(manifest)
        plan = make_recorded(manifest.plan, asked, loaded, before, asks_judges=asks)
    except ValidationError as error:
        raise OutputError(
            f"{folder.path / 'manifest.json'} was written by another version of evalctl: its plan "
            f"lacks what is needed to score it again ({error.errors()[0]['msg']})"
        ) from None
    notices = (*plan.notices, *_notices(manifest, plan, asks_judges=asks))
    plan = with_baseline(replace(plan, notices=notices))
    return Rescoring(plan, folder, _versions(manifest, plan), asks)


def rescore(asked: Rescoring, observer: Observer) -> tuple[RunResult, RunFolder]:
    """Score a run's answers again into a new run folder; return the result and the folder.

    Raises:
        UsageError: A sample is gone, or the run folder cannot be made.
        StorageError: The disk is full.
        KeyboardInterrupt: A second Ctrl-C came before the summary was written.
    """
    runs = [JudgedRun(asked.folder, _judges(asked.folder.manifest()))]
    if asked.asks_judges:
        runs.extend(_scored_before(asked.folder, asked.plan.asked.out))
    target = new_run_folder(asked.plan)
    origin = Derivation(kind="score", run_id=asked.folder.run_id, path=str(asked.folder.path))
    verdicts = StoredVerdicts(tuple(runs))
    answers = stored_answers(asked.folder)
    stored = Stored(origin, answers, asked.versions, verdicts, asked.asks_judges)
    return score_again(asked.plan, target, observer, stored), target


def _scored_before(folder: RunFolder, out: Path) -> Iterator[JudgedRun]:
    """Yield the runs that scored a run's answers before: what a judge said then is not asked again.

    One of them may have been interrupted, so that nothing else has its verdicts.
    """
    for run in list_runs(out)[:MAX_RUNS_LOOKED_AT]:
        try:
            manifest = run.manifest()
        except OutputError:
            continue
        origin = manifest.derived_from
        if origin is not None and (origin.kind, origin.run_id) == ("score", folder.run_id):
            yield JudgedRun(run, _judges(manifest))


def stored_answers(folder: RunFolder) -> Recalled:
    """Return what looks answers up in a run folder, those that failed among them."""

    def recall(model: PlannedModel, questions: Questions) -> Iterator[Answer]:
        for dataset in model.datasets:
            names = (model.name, dataset.name)
            results = chain(folder.results(*names), folder.failures(*names))
            for asked, result in paired(dataset.prompts(questions.seed), results):
                questions.take(asked)
                yield replace(asked, prompt=result.prompt), result.generation

    return recall


def _versions(manifest: Manifest, plan: Plan) -> dict[str, ScorerVersions]:
    then = {
        name: str(scorer.get("version"))
        for model in objects(manifest.plan.get("models"))
        for dataset in objects(model.get("datasets"))
        for name, scorer in _mapping(dataset.get("scorers")).items()
    }
    now = {
        scorer.name: scorer.version
        for model in plan.models
        for dataset in model.datasets
        for scorer in dataset.scorers
    }
    names = sorted({*then, *now})
    return {name: ScorerVersions(then=then.get(name), now=now.get(name)) for name in names}


def _mapping(value: object) -> dict[str, dict[str, object]]:
    return value if isinstance(value, dict) else {}


def _judges(manifest: Manifest) -> dict[str, str | None]:
    """Return the content hash of each judge of a run."""
    single, several = manifest.plan.get("judge_model"), manifest.plan.get("judges")
    described = [single, *(several.values() if isinstance(several, dict) else ())]
    return {
        str(one.get("model")): None if one.get("content_hash") is None else str(one["content_hash"])
        for one in described
        if isinstance(one, dict)
    }


def _notices(manifest: Manifest, plan: Plan, *, asks_judges: bool) -> Iterator[str]:
    yield f"scored again: the answers are those of {manifest.run_id}, no model was asked"
    then = {
        str(dataset.get("dataset")): dataset.get("content_hash")
        for model in objects(manifest.plan.get("models"))
        for dataset in objects(model.get("datasets"))
    }
    for name, content in {
        d.name: d.loaded.content_hash for model in plan.models for d in model.datasets
    }.items():
        if then[name] != content:
            yield f"{name}: the dataset's contents have changed since; gold answers may differ"
    if plan.judges and not asks_judges:
        names = ", ".join(judge.name for judge in plan.judges)
        yield f"verdicts of {names} are read again, and no judge is asked (--judge MODEL asks one)"
