"""What was measured of models' speed, memory and energy, as tables of 80 columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from evalctl.measurements import Against, Figure, Level, Measurement, Standing
from evalctl.reporters.figures import percent, printable
from evalctl.scales import counted

_TIMES = {
    "first_token_seconds": "first token",
    "token_seconds": "each later token",
    "seconds": "whole answer",
}
_RATES = {"samples_per_second": "answers/s", "tokens_per_second": "tokens/s"}
_INPUTS = {
    "accuracy": "accuracy",
    "parameters": "parameters",
    "active_parameters": "active parameters",
    "latency_seconds": "latency",
    "memory_bytes": "memory",
}
_NAMED = {
    "load_seconds": "loading",
    "memory_bytes": "memory",
    "gpu_memory_bytes": "GPU memory",
    "joules_per_token": "energy per token",
    "joules_per_sample": "energy per answer",
}


def render_measurement(one: Measurement) -> RenderableType:
    """Return what was measured of a model: levels, the model as a whole, metrics, doubts."""
    head = f"measured in {counted(one.n_sessions, 'session')} on {one.device or 'this machine'}"
    parts: list[RenderableType] = [Text(f"{head}  (machine {one.machine})", "bold"), _levels(one)]
    whole = [f"{_NAMED[name]} {_told(name, figure)}" for name, figure in one.figures.items()]
    parts.append(Text("; ".join(whole)))
    parts.extend(_metrics(one))
    for name, reason in one.not_measured.items():
        parts.append(Text(f"{name}: not measured: {printable(reason)}", "dim"))
    for warning in one.warnings:
        parts.append(Text.assemble(("warning: ", "bold yellow"), printable(warning)))
    return Group(*parts, "")


def render_ratios(against: Against) -> RenderableType:
    """Return a table of two models' ratios, of times those of the medians."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    table.add_column("figure", no_wrap=True)
    for name in ("at once", "ratio", "95 % CI"):
        table.add_column(name, justify="right", no_wrap=True)
    for one in sorted(against.ratios, key=lambda one: one.at):
        if not one.name.endswith(("_p90", "_p99")):
            bounds = "–" if one.interval is None else "–".join(map(_digits, one.interval))
            table.add_row(_title(one.name), one.at, _digits(one.value), bounds)
    turns = "" if against.cautions else ", measured in turns"
    head = f"{printable(against.model)} over {printable(against.against)}{turns}"
    cautions = [
        Text.assemble(("warning: ", "bold yellow"), printable(one)) for one in against.cautions
    ]
    return Group(Text(head, "bold"), *cautions, table, "")


def render_standings(standings: Sequence[Standing]) -> Table:
    """Return a table of what models give and take, and where no other one beats them."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    table.add_column("model")
    for name in ("accuracy", *(_INPUTS[cost] for cost in standings[0].costs)):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("unbeaten in accuracy and")
    for one in standings:
        costs = (_value(name, value) for name, value in one.costs.items())
        best = ", ".join(_INPUTS.get(cost, cost) for cost in one.unbeaten_in)
        table.add_row(printable(one.model), percent(one.accuracy), *costs, best or "–")
    return table


def _levels(one: Measurement) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    table.add_column("at once", no_wrap=True)
    for name in ("p50", "95 % CI", "p90", "p99"):
        table.add_column(name, justify="right", no_wrap=True)
    for level in one.levels:
        table.add_row(_heading(level), "", "", "", "")
        for row in _rows(level):
            table.add_row(*row)
    return table


def _heading(level: Level) -> Text:
    count = "all" if level.concurrency is None else str(level.concurrency)
    mark = ", saturation" if level.is_saturation else ""
    tokens = f"{level.prompt_tokens:.0f} + {level.output_tokens:.0f} tokens"
    return Text.assemble((f"{count}{mark}", "bold"), (f"  {tokens}", "dim"))


def _rows(level: Level) -> Iterator[tuple[str, ...]]:
    for name, title in _TIMES.items():
        middle, *others = (level.figures.get(f"{name}_p{share}") for share in (50, 90, 99))
        if middle is not None:
            rest = (_value(name, figure.value) if figure else "–" for figure in others)
            yield f"  {title}", _value(name, middle.value), _bounds(name, middle), *rest
    for name, title in _RATES.items():
        if (figure := level.figures.get(name)) is not None:
            yield f"  {title}", _value(name, figure.value), _bounds(name, figure), "", ""


def _metrics(one: Measurement) -> Iterator[Text]:
    for name, metric in one.metrics.items():
        made = ", ".join(f"{_INPUTS[part]} {_input(part, one)}" for part in metric.inputs)
        unit = "" if metric.unit == "s" else f" {metric.unit}"
        told = f"{name}: {_told(name, metric)}{unit}"
        yield Text.assemble((told, "bold"), (f"  of {made}", "dim"))


def _title(name: str) -> str:
    """Return what a ratio's figure is called."""
    plain = name.removesuffix("_p50")
    return {**_TIMES, **_RATES, **_NAMED}.get(plain, plain)


def _input(name: str, one: Measurement) -> str:
    return _value(name, one.inputs[name].value)


def _told(name: str, figure: Figure) -> str:
    bounds = f" ({_bounds(name, figure)})" if figure.interval else ""
    return f"{_value(name, figure.value)}{bounds}"


def _bounds(name: str, figure: Figure) -> str:
    if figure.interval is None:
        return "–"
    return "–".join(_value(name, bound) for bound in figure.interval)


def _value(name: str, value: float | None) -> str:
    """Return a figure in the unit that its name says, with three digits or so."""
    if value is None:
        return "–"
    if name == "accuracy":
        return percent(value)
    if "bytes" in name:
        return f"{value / 2**30:,.2f} GiB" if value >= 2**30 else f"{value / 2**20:,.0f} MiB"
    if "parameters" in name and "per" not in name.split("_"):
        return f"{value / 1e6:,.1f} M" if value < 1e9 else f"{value / 1e9:,.2f} B"
    if name.startswith("joules"):
        return f"{_digits(value)} J"
    if name == "latency" or "seconds" in name:
        return f"{_digits(1000 * value)} ms" if value < 1 else f"{_digits(value)} s"
    return _digits(value)


def _digits(value: float) -> str:
    for least, digits in ((100.0, 0), (10.0, 1), (1.0, 2)):
        if abs(value) >= least:
            return f"{value:,.{digits}f}"
    return f"{value:.3g}"
