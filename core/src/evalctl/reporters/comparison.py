"""A comparison as tables and verdicts that stay readable at 80 columns and in a pipe."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from evalctl.comparisons import Comparison, Difference, PairComparison, Side
from evalctl.comparisons import DatasetDifference as OfDataset
from evalctl.reporters.figures import printable
from evalctl.reporters.measured import render_ratios
from evalctl.scales import SHARE, Scale

_STYLES = {"a_better": "bold green", "b_better": "bold red", "unclear": "yellow"}


def print_comparison(console: Console, comparison: Comparison) -> None:
    """Print who is compared, each pair's figures and verdicts, and last what stands in doubt."""
    for side in comparison.sides:
        console.print(_side(side, is_baseline=side.label == comparison.baseline), soft_wrap=True)
    console.print()
    for pair in comparison.pairs:
        _print_pair(console, pair)
    for notice in comparison.notices:
        console.print(Text.assemble(("note: ", "bold yellow"), printable(notice)))
    share = f"{100 * comparison.confidence:.0f} %"
    more = f", p corrected for {comparison.n_tests} tests (Holm)" if comparison.n_tests > 1 else ""
    mixed = ", what goes beyond 1 as it is" if _has_other_scales(comparison) else ""
    told = f"differences in percentage points{mixed} with {share} intervals{more}"
    console.print(told, style="dim")


def _has_other_scales(comparison: Comparison) -> bool:
    return any(not one.is_share for pair in comparison.pairs for one in pair.datasets)


def _side(side: Side, *, is_baseline: bool) -> Text:
    mark = " baseline" if is_baseline else ""
    status = "" if side.status == "complete" else f" ({side.status})"
    return Text.assemble(
        (side.label, "bold"),
        f"  {printable(side.model)}  ",
        (f"{side.run_id}{status}", "dim"),
        (mark, "bold"),
    )


def _print_pair(console: Console, pair: PairComparison) -> None:
    everything = (*pair.categories, *pair.datasets)
    if everything:
        console.print(_fitting(console, pair))
    for one in everything:
        if not _is_told_by_category(one, pair):
            console.print(Text(f"{printable(one.words)}.", _STYLES[one.verdict]))
    for difference in pair.datasets:
        if line := _left_out(difference, pair):
            console.print(Text(line, "dim"))
    for category in pair.categories:
        parts = f"{category.category}: mean of {', '.join(category.made_of)}"
        lacking = f"; missing: {', '.join(category.missing)}" if category.missing else ""
        console.print(Text(printable(f"{parts}{lacking}"), "dim"))
    for warning in pair.warnings:
        console.print(Text.assemble(("warning: ", "bold yellow"), printable(warning)))
    console.print()
    if pair.measured is not None:
        console.print(render_ratios(pair.measured))


def _is_told_by_category(one: Difference, pair: PairComparison) -> bool:
    """Return whether a dataset is all of its category, so that their verdicts are the same."""
    if not isinstance(one, OfDataset):
        return False
    return any(whole.made_of == (f"{one.dataset}:{one.metric}",) for whole in pair.categories)


def _fitting(console: Console, pair: PairComparison) -> Table | Text:
    """A table; lines where it would have to be cut."""
    table = _table(pair)
    natural = console.measure(table, options=console.options.update(max_width=1000))
    if natural.maximum <= console.width:
        return table
    lines = Text()
    for one in (*pair.categories, *pair.datasets):
        name, a, b, difference, bounds, p_value, n = _cells(one)
        lines.append(f"{name.strip()}: {pair.a} {a}, {pair.b} {b}, difference {difference} ")
        lines.append(f"({bounds}), p {p_value}, n {n}\n")
    lines.rstrip()
    return lines


def _table(pair: PairComparison) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    table.add_column(f"{pair.a} against {pair.b}", no_wrap=True)
    for name in (pair.a, pair.b, f"{pair.a} − {pair.b}", "95 % CI", "p (Holm)", "n"):
        table.add_column(name, justify="right", no_wrap=True)
    for one in (*pair.categories, *pair.datasets):
        style = "" if isinstance(one, OfDataset) else "bold"
        table.add_row(*(Text(cell, style) for cell in _cells(one)))
    return table


def _cells(one: Difference) -> tuple[str, str, str, str, str, str, str]:
    scale = SHARE if one.is_share else Scale(1.0, 2, "")
    bounds = "–" if one.interval is None else " to ".join(map(scale.signed, one.interval))
    return (
        printable(_name(one)),
        scale.told(one.value_a),
        scale.told(one.value_b),
        scale.signed(one.difference),
        bounds,
        "<0.0001" if one.p_holm < 0.0001 else f"{one.p_holm:.{4 if one.p_holm < 0.001 else 3}f}",
        f"{one.n_shared:,}",
    )


def _name(one: Difference) -> str:
    if not isinstance(one, OfDataset):
        return one.category
    return f"  {one.dataset}" if one.is_headline else f"  {one.dataset}:{one.metric}"


def _left_out(one: OfDataset, pair: PairComparison) -> str:
    """Return the samples that differ or do not count, in words."""
    facts = []
    if one.discordant is not None:
        ahead, behind = one.discordant
        facts.append(f"{pair.a} alone right on {ahead:,}, {pair.b} alone on {behind:,}")
    left_out = {
        f"{one.n_only_a:,} only in {pair.a}": one.n_only_a,
        f"{one.n_only_b:,} only in {pair.b}": one.n_only_b,
        f"{one.n_unscored:,} not scored on a side": one.n_unscored,
    }
    if any(left_out.values()):
        facts.append("left out: " + ", ".join(text for text, n in left_out.items() if n))
    name = one.dataset if one.is_headline else f"{one.dataset}:{one.metric}"
    return printable(f"{name}: {'; '.join(facts)}") if facts else ""
