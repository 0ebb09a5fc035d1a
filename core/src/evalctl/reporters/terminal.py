"""A run's result as tables that stay readable at 80 columns and in a pipe."""

from __future__ import annotations

from collections.abc import Iterator

from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from evalctl.reporters.figures import estimated, figures, money, percent, printable, scale_of
from evalctl.reporters.hiding import hidden, shown_error
from evalctl.reporters.measured import render_measurement, render_ratios, render_standings
from evalctl.reporters.remarks import failures_line, remarks_of
from evalctl.results import (
    CategoryScore,
    DatasetResult,
    Judging,
    MetricValue,
    ModelResult,
    RunResult,
    Usage,
)
from evalctl.scales import SHARE

FEW_GROUPS = 12
"""Groups of a dataset that are shown without being asked for."""
MOST_GROUPS = 1_000
"""More than a key can have."""


def print_result(
    console: Console, result: RunResult, *, all_groups: bool = False, shows_unsafe: bool = False
) -> None:
    """Print everything that a reader must know, the notices last so that nobody misses them.

    Args:
        console: Where to.
        result: What came out.
        all_groups: Whether headlines are told by all groups, however many there are, and with
            them the other metrics of groups.
        shows_unsafe: Whether texts that may hurt are shown.
    """
    if not shows_unsafe:
        result = without_unsafe(result)
    for model in result.models:
        console.print(render_model(model, console, all_groups=all_groups))
    if result.against is not None:
        console.print(render_ratios(result.against))
    if result.standings:
        console.print(render_standings(result.standings))
    for notice in result.notices:
        console.print(Text.assemble(("note: ", "bold yellow"), printable(notice)))
    if result.status != "complete":
        console.print(Text.assemble(("status: ", "bold red"), _status(result)))


def without_unsafe(result: RunResult) -> RunResult:
    """Return a result in which what may quote texts that may hurt is hidden."""
    return result.model_copy(update={"models": tuple(map(_model_without_unsafe, result.models))})


def _model_without_unsafe(model: ModelResult) -> ModelResult:
    changes = {
        "datasets": tuple(map(_without_unsafe, model.datasets)),
        "error": shown_error(model),
    }
    return model.model_copy(update=changes)


def _without_unsafe(dataset: DatasetResult) -> DatasetResult:
    if not dataset.is_unsafe:
        return dataset
    added = [
        one.model_copy(update={"reasons": tuple(map(hidden, one.reasons))}) for one in dataset.added
    ]
    changes = {"reasons": tuple(map(hidden, dataset.reasons)), "added": tuple(added)}
    return dataset.model_copy(update=changes)


def render_model(
    model: ModelResult, console: Console, *, all_groups: bool = False
) -> RenderableType:
    """Return one model's header, metrics and category scores, as wide as the console allows."""
    most = MOST_GROUPS if all_groups else FEW_GROUPS
    parts: list[RenderableType] = [_header(model), _metrics(model, console, most)]
    parts.extend(remarks_of(model))
    parts.extend(_category_line(score) for score in model.categories)
    if model.measurement is not None:
        parts += ["", render_measurement(model.measurement)]
    if model.error:
        parts.append(Text.assemble(("error: ", "bold red"), printable(model.error)))
    return Group(*parts, "")


def _metrics(model: ModelResult, console: Console, most_groups: int) -> RenderableType:
    """A table, with less air where it is tight; lines where no table fits without cutting."""
    for padding in (1, 0):
        table = _table(model, padding, most_groups)
        natural = console.measure(table, options=console.options.update(max_width=1000))
        if natural.maximum <= console.width:
            return table
    lines = Text()
    for dataset in model.datasets:
        lines.append(f"{dataset.dataset}\n", "bold")
        for metric in _shown(dataset):
            name, value, bounds, count, unparsed, cut = map(str, _cells(dataset, metric))
            lines.append(f"{name}: {value} ({bounds}), n {count}, ")
            lines.append(f"{unparsed} unparsed, {cut} cut off\n")
        for name, value, bounds, count in _groups(dataset, most_groups):
            lines.append(f"{name}: {value} ({bounds}), n {count}\n" if value else f"{name}\n")
    lines.rstrip()
    return lines


def _table(model: ModelResult, padding: int, most_groups: int) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, padding, 0, 0), pad_edge=False, show_edge=False)
    table.add_column("metric", no_wrap=True)
    for name in ("score ± se", "95 % CI", "n", "unparsed", "cut off"):
        table.add_column(name, justify="right", no_wrap=True)
    for dataset in model.datasets:
        table.add_row(Text(dataset.dataset, "bold"), "", "", "", "", "")
        for metric in _shown(dataset):
            table.add_row(*_cells(dataset, metric))
        for cells in _groups(dataset, most_groups):
            table.add_row(*(Text(cell, "dim") for cell in cells), "", "")
        table.add_section()
    return table


def _shown(dataset: DatasetResult) -> list[MetricValue]:
    return [metric for metric in dataset.metrics if metric.value is not None or not metric.note]


def _groups(dataset: DatasetResult, most: int) -> Iterator[tuple[str, str, str, str]]:
    """Yield name, value, interval and count of each group of a metric, under its key."""
    name = dataset.group_metric or dataset.headline
    told = "" if name == dataset.headline else f"{name} "
    scale = scale_of(dataset.metric(name))
    for key, groups in dataset.groups.items():
        if len(groups) > most:
            yield f"  {told}by {key}: {len(groups)} (show --groups)", "", "", ""
            continue
        yield f"  {told}by {key}", "", "", ""
        for group in groups:
            value, count = figures(group, scale)
            yield f"    {printable(group.group)}", value, scale.interval(group.interval), count
            for other in group.others if most > FEW_GROUPS else ():
                own = scale_of(dataset.metric(other.name))
                yield (
                    f"      {other.name}",
                    estimated(other, own),
                    own.interval(other.interval),
                    "",
                )
    for one in dataset.judging:
        yield from _by_judge(one)


def _by_judge(judging: Judging) -> Iterator[tuple[str, str, str, str]]:
    """Yield the first metric of a scorer by each judge of a panel, and how they agree."""
    if len(judging.judges) < 2:
        return
    yield f"  {judging.scorer} by judge", "", "", ""
    named = [(printable(judge.judge), judge.metrics[0]) for judge in judging.judges]
    for name, metric in (*named, *((f"agreement: {m.name}", m) for m in judging.agreement)):
        scale = scale_of(metric)
        value, count = figures(metric, scale)
        yield f"    {name}", value, scale.interval(metric.interval), count


def _header(model: ModelResult) -> Text:
    usage = model.usage
    facts = [f"engine {model.engine}"]
    if usage.generate_seconds:
        facts.append(f"loaded in {usage.load_seconds:.1f} s, ran {usage.generate_seconds:.1f} s")
    if usage.cached:
        facts.append(f"{usage.cached:,} from the cache")
    if usage.tokens_per_second:
        facts.append(f"{_written(usage)} tokens at {usage.tokens_per_second:,.0f}/s")
    if usage.cost.amount is not None:
        facts.append(f"cost {money(usage.cost.amount)} {usage.cost.currency}")
    if usage.judge.amount is not None:
        facts.append(f"its judge {money(usage.judge.amount)} {usage.judge.currency}")
    return Text.assemble((model.model, "bold"), "  ", (" · ".join(facts), "dim"))


def _written(usage: Usage) -> str:
    """Return the tokens that the engine wrote in the time that is known.

    What came from the cache, or in a session that was killed, has no part in the speed.
    """
    measured = (usage.tokens_per_second or 0.0) * usage.generate_seconds
    is_all = not usage.cached and measured > 0.99 * usage.output_tokens
    return f"{usage.output_tokens:,}" if is_all else f"about {measured:,.0f}"


def _cells(dataset: DatasetResult, metric: MetricValue) -> tuple[str | Text, ...]:
    scale = scale_of(metric)
    value, count = figures(metric, scale)
    style = "bold" if metric.name == dataset.headline else ""
    answered = dataset.n_answered
    shares = (
        percent(number / answered if answered else None, 0)
        for number in (metric.n_unparsed, metric.n_truncated)
    )
    mark = "+ " if any(metric.name in one.metrics for one in dataset.added) else "  "
    return (
        Text(f"{mark}{metric.name}", style),
        Text(value, style),
        scale.interval(metric.interval),
        count,
        *shares,
    )


def _category_line(score: CategoryScore) -> Text:
    bounds = f" ({SHARE.interval(score.interval)})" if score.interval else ""
    made = f"mean of {', '.join(score.made_of)}"
    lacking = f"; missing: {', '.join(score.missing)}" if score.missing else ""
    return Text.assemble(
        (f"category {score.category}: {percent(score.value)}{bounds}", "bold"),
        (f"  {made}{lacking}", "dim"),
    )


def _status(result: RunResult) -> str:
    if result.status == "interrupted":
        return "interrupted; what was scored is kept"
    if result.status == "out_of_budget":
        return "out of budget; what was scored is kept"
    return failures_line(result.failures) or "a model could not be run to its end"
