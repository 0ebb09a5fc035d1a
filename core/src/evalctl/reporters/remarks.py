"""What people must know of a model's results beside the figures: a line for each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich.text import Text

from evalctl.reporters.figures import money, printable, scale_of
from evalctl.results import AddedScorer, Cost, DatasetResult, Failures, ModelResult


def failures_line(failures: Failures) -> str:
    """Return what went wrong on our side in words; empty where nothing did."""
    words = {
        f"{failures.engine} not answered by the engine": failures.engine,
        f"{failures.scorer} where a scorer failed": failures.scorer,
    }
    return ", ".join(text for text, count in words.items() if count)


def _lost(cost: Cost, whose: str) -> list[Text]:
    """Return what may have to be paid besides, if anything."""
    if not cost.lost_requests:
        return []
    count = f"{cost.lost_requests:,} requests to {whose} broke off and were asked again"
    if not cost.amount_lost:
        return [Text(count, "dim")]
    most = f"{money(cost.amount_lost)} {cost.currency}"
    return [Text(f"{count}; they may have to be paid as well, {most} at most", "yellow")]


def remarks_of(model: ModelResult) -> list[Text]:
    """Return them, in the order of the datasets."""
    remarks = [*_lost(model.usage.cost, "the model"), *_lost(model.usage.judge, "the judge")]
    for dataset in model.datasets:
        remarks.extend(Text(f"{dataset.dataset}: {line}", "dim") for line in _notes(dataset))
        remarks.extend(_cut(dataset))
        remarks.extend(_judging(dataset))
        remarks.extend(_failures(dataset))
        for added in dataset.added:
            remarks.extend(_failures_of_added(dataset.dataset, added))
        if dataset.n_done < dataset.n_samples:
            remarks.append(Text(f"{dataset.dataset}: {dataset.n_done} of {dataset.n_samples} done"))
        if dataset.stopped_width is not None:
            remarks.append(Text(_stopped(dataset), "dim"))
        elif dataset.n_samples < dataset.n_available:
            remarks.append(Text(sampled(dataset), "dim"))
    return [*remarks, *_additions(model)]


def _cut(dataset: DatasetResult) -> list[Text]:
    """Return of how many prompts the model read only a part."""
    if not dataset.n_prompts_cut:
        return []
    count = f"{dataset.n_prompts_cut:,} of {dataset.n_answered:,} prompts"
    said = f"{dataset.dataset}: {count} are longer than the model reads, and were cut"
    if dataset.left_out:
        mean = dataset.left_out / dataset.n_prompts_cut
        said = f"{said}, by {mean:,.0f} characters on average"
    return [Text(said, "yellow")]


def _judging(dataset: DatasetResult) -> list[Text]:
    """Return what judges did not say."""
    remarks = []
    for one in dataset.judging:
        what = f"{dataset.dataset}, {one.scorer}"
        for judge in one.judges:
            who = printable(f"{what}: judge {judge.judge}")
            if judge.n_unread:
                count = f"{judge.n_unread:,} of {judge.n_verdicts:,} verdicts could not be read"
                remarks.append(Text(f"{who}: {count} (not scored)", "yellow"))
            if judge.n_lacking:
                lacks = f"no verdict on {judge.n_lacking:,} of {dataset.n_samples:,} samples"
                remarks.append(Text(f"{who}: {lacks}", "yellow"))
    return remarks


def _notes(dataset: DatasetResult) -> Iterator[str]:
    """Yield what is noted of metrics, those with the same note together."""
    by_note: dict[str, list[str]] = {}
    for metric in dataset.metrics:
        if metric.note:
            by_note.setdefault(metric.note, []).append(metric.name)
    yield from (f"{', '.join(names)} {note}" for note, names in by_note.items())


def _failures(dataset: DatasetResult) -> list[Text]:
    """Return what went wrong on our side, and what became of programs."""
    remarks = []
    if line := failures_line(dataset.failures):
        remarks.append(Text(f"{dataset.dataset}: {line} (not in any score)", "red"))
        remarks.extend(Text(f"  {printable(reason)}", "red") for reason in dataset.reasons)
    if dataset.outcomes:
        remarks.append(Text(_programs(dataset), "dim"))
    for why, count in dataset.unsupported.items():
        remarks.append(Text(f"  {count} not scored: {printable(why)}", "yellow"))
    return remarks


def _failures_of_added(dataset: str, added: AddedScorer) -> list[Text]:
    """Return the same of a scorer that another plugin added."""
    remarks = []
    if added.failures:
        what = f"{added.failures} where the added scorer {added.scorer} failed"
        remarks.append(Text(f"{dataset}: {what} (in none of its metrics)", "yellow"))
        remarks.extend(Text(f"  {printable(reason)}", "yellow") for reason in added.reasons)
    if added.outcomes:
        level = f"; isolation level {added.isolation_level}" if added.isolation_level else ""
        told = f"{dataset}: programs of {added.scorer}: {_counted(added.outcomes)}{level}"
        remarks.append(Text(told, "dim"))
    for why, count in added.unsupported.items():
        told = f"  {count} not scored by {added.scorer}: {printable(why)}"
        remarks.append(Text(told, "yellow"))
    return remarks


def _additions(model: ModelResult) -> list[Text]:
    """Return which metrics plugins added to datasets of others, one line for each plugin."""
    found: dict[str, dict[str, None]] = {}
    for added in (one for dataset in model.datasets for one in dataset.added):
        by = f"{added.plugin} ({added.distribution} {added.version})"
        found.setdefault(by, {}).update(dict.fromkeys(added.metrics))
    return [
        Text(printable(f"+ {', '.join(metrics)}: added by {by}"), "dim")
        for by, metrics in found.items()
    ]


def _stopped(dataset: DatasetResult) -> str:
    """Return how a dataset was stopped early, and what its interval is of."""
    scale = scale_of(dataset.metric(dataset.headline))
    width = f"{100 * (dataset.stopped_width or 0.0):g}"
    wide = f"{width} points" if scale.unit else f"{width} % of the metric's range"
    return (
        f"{dataset.dataset}: stopped at {dataset.n_samples:,} of {dataset.n_available:,} samples, "
        f"in random order, with an interval of at most {wide}; it is of the score of all "
        f"{dataset.n_available:,} and holds however often one looked"
    )


def _programs(dataset: DatasetResult) -> str:
    """Return what became of a dataset's programs, and how far to trust their verdicts."""
    became = _counted(dataset.outcomes)
    judged = ", ".join(f"{count} {name}" for name, count in dataset.integrities.items())
    level = f"; isolation level {dataset.isolation_level}" if dataset.isolation_level else ""
    return f"{dataset.dataset}: programs: {became}" + (
        f"; judged: {judged}{level}" if judged else ""
    )


def _counted(outcomes: Mapping[str, int]) -> str:
    counts = sorted(outcomes.items(), key=lambda pair: -pair[1])
    return ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts)


def sampled(dataset: DatasetResult) -> str:
    """Return which samples of a dataset were taken."""
    count = f"{dataset.dataset}: {dataset.n_samples:,} of {dataset.n_available:,} samples"
    if dataset.n_recorded is None:
        return f"{count}, a fixed random subset"
    if dataset.n_samples == dataset.n_recorded:
        return f"{count}: those that the file has"
    return f"{count}, a fixed random subset of the {dataset.n_recorded:,} that the file has"
