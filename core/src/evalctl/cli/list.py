"""`evalctl list`: what is installed, and what can be used on this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from evalctl.cli import candidates, gather
from evalctl.cli.brought import by, by_other, print_additions, print_bringers, services
from evalctl.cli.headings import HeadedGroup
from evalctl.cli.list_runs import run_rows
from evalctl.cli.rows import DatasetRow, MetricRow, ModelRow, RunRow
from evalctl.cli.start import data_folders, load_plugins, warn_of_unknown
from evalctl.cli.table import print_json, print_table
from evalctl.plugins import PluginInfo

app = typer.Typer(
    cls=HeadedGroup,
    name="list",
    help="List what is installed, and what can be used on this machine.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Json = Annotated[bool, typer.Option("--json", help="Print a JSON array and nothing else.")]
Category = Annotated[
    str | None,
    typer.Option(
        "--category",
        "-c",
        metavar="NAME",
        help="Only of this category: short or long name.",
        autocompletion=candidates.categories,
    ),
]


@app.command()
def categories(as_json: Json = False) -> None:
    """List the categories of work."""
    rows = list(gather.category_rows(load_plugins().registry))
    if as_json:
        return print_json(rows)
    columns = {
        "category": lambda row: row["name"],
        "also": lambda row: _join(row["aliases"]),
        "models": lambda row: str(len(row["models"])),
        "datasets": lambda row: _join(row["datasets"]),
        "what it is": lambda row: row["title"],
    }
    print_table(
        rows,
        columns,
        empty="No category is installed; from evalctl's clone: pip install ./plugins/math",
    )
    print_additions(rows)


@app.command()
def models(category: Category = None, as_json: Json = False) -> None:
    """List the models, whether each can run here, and if not, why.

    Those of one category in the order in which a run takes them, with their specialization weights.
    """
    rows = list(gather.model_rows(load_plugins().registry, category))
    if as_json:
        return print_json(rows)
    columns: dict[str, Callable[[ModelRow], str]] = {
        "model": lambda row: row["name"],
        "categories" if category is None else "priority, weight": lambda row: services(
            row, category
        ),
        "size": lambda row: _size(row["parameters"]),
        "engine": lambda row: row["engine"],
        "runs here": lambda row: _verdict(row["can_run"], row["reason"]),
    }
    print_table(rows, columns, empty="No model is registered.")
    print_bringers(row for row in rows if any(one["is_added"] for one in row["categories"]))


@app.command()
def datasets(
    category: Category = None,
    data: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="DIR", help="Where datasets' own files are; repeatable; also EVALCTL_DATA."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """List the datasets, and whether their rows are at hand."""
    folders = data_folders(data)
    rows = list(gather.dataset_rows(load_plugins().registry, category, folders))
    if as_json:
        return print_json(rows)
    columns: dict[str, Callable[[DatasetRow], str]] = {
        "dataset": lambda row: row["name"],
        "category": lambda row: "\n".join(
            (row["category"], f"({row['role']})", *([by(row)] if row["is_added"] else []))
        ),
        "headline, needs, licence": lambda row: "\n".join(
            (
                row["headline"],
                row["needs"],
                row["licence"],
                *(f"+ {one['name']} {by(one)}" for one in row["added_scorers"]),
            )
        ),
        "at hand": lambda row: _verdict(row["is_available"], row["reason"]),
    }
    print_table(rows, columns, empty="No dataset is registered.")
    scorers = [scorer for row in rows for scorer in row["added_scorers"]]
    print_bringers([*(row for row in rows if row["is_added"]), *scorers])


def _range(row: MetricRow) -> str:
    """Return where a metric's values lie."""
    if row["upper"] is None:
        return f"{row['lower']:g} or more"
    return f"{row['lower']:g} to {row['upper']:g}"


@app.command()
def metrics(category: Category = None, as_json: Json = False) -> None:
    """List the metrics, and the datasets that report them."""
    rows = list(gather.metric_rows(load_plugins().registry, category))
    if as_json:
        return print_json(rows)
    columns: dict[str, Callable[[MetricRow], str]] = {
        "metric": lambda row: row["name"],
        "what it is": lambda row: row["title"] + by_other(row),
        "range": _range,
        "headline of": lambda row: _join(row["headline_of"]),
        "datasets": lambda row: _join(row["datasets"]),
    }
    print_table(rows, columns, empty="No metric is registered.")
    print_bringers(row for row in rows if row["is_added"])


@app.command()
def engines(as_json: Json = False) -> None:
    """List the engines, whether each is installed, and if not, how to get it."""
    rows = list(gather.engine_rows(load_plugins().registry))
    if as_json:
        return print_json(rows)
    columns = {
        "engine": lambda row: row["model"],
        "can do": lambda row: _join(row["capabilities"]),
        "installed": lambda row: _verdict(row["is_installed"], row["problem"] or ""),
        "what it is": lambda row: row["title"] + by_other(row),
    }
    print_table(rows, columns, empty="No engine is registered.")
    print_bringers(row for row in rows if row["is_added"])


@app.command()
def executors(as_json: Json = False) -> None:
    """List the executors, and whether each works on this machine."""
    rows = list(gather.executor_rows(load_plugins().registry))
    if as_json:
        return print_json(rows)
    columns = {
        "executor": lambda row: row["name"],
        "level": lambda row: str(row["level"] or ""),
        "works here": lambda row: _verdict(row["is_usable"], row["problem"] or row["note"]),
        "what it keeps away": lambda row: row["isolation"],
        "what it is": lambda row: row["title"] + by_other(row),
    }
    print_table(rows, columns, empty="No executor is registered.")
    print_bringers(row for row in rows if row["is_added"])


@app.command()
def plugins(as_json: Json = False) -> None:
    """List the installed plugins, and what is wrong with those that are not loaded."""
    loaded = load_plugins(is_quiet=True)
    warn_of_unknown(loaded)
    rows = list(loaded.plugins)
    if as_json:
        return print_json([asdict(row) for row in rows])
    columns = {
        "plugin": lambda row: row.name,
        "distribution": lambda row: f"{row.distribution} {row.version}",
        "status": lambda row: row.status,
        "offers, or what is wrong": _offers_or_error,
    }
    print_table(rows, columns, empty="No plugin is installed.")


@app.command()
def runs(
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="The folder that holds the runs.")
    ] = Path("runs"),
    as_json: Json = False,
) -> None:
    """List the runs, and what came out of them."""
    rows = list(run_rows(out))
    if as_json:
        return print_json(rows)
    columns = {
        "run": lambda row: row["run_id"],
        "status": lambda row: row["status"],
        "category scores, or what is wrong": _scores,
    }
    print_table(rows, columns, empty=f"No run in {out}.")


def _join(words: Iterable[str]) -> str:
    return ", ".join(words)


def _verdict(is_fine: bool, reason: str) -> str:
    answer = "yes" if is_fine else "no"
    return f"{answer}: {reason}" if reason else answer


def _size(parameters: int | None) -> str:
    if parameters is None:
        return "not told"
    if parameters >= 1e9:
        return f"{parameters / 1e9:.1f}B".replace(".0B", "B")
    if parameters >= 1e6:
        return f"{parameters / 1e6:.0f}M"
    return f"{parameters:,}" if parameters else "–"


def _offers_or_error(info: PluginInfo) -> str:
    if info.error:
        return f"{info.error}\n-> {info.remedy}" if info.remedy else info.error
    return _join(f"{kind}: {len(names)}" for kind, names in info.offers.items())


_AGAIN = {"rerun": "repeats another run", "score": "another run, scored again"}


def _scores(row: RunRow) -> str:
    lines = [
        f"{score['model']}: {score['category']} "
        + ("not scored" if score["value"] is None else f"{score['value']:.1%}")
        for score in row["scores"]
    ]
    scored = {score["model"] for score in row["scores"]}
    lines += [model for model in row["models"] if model not in scored]
    made_from = _AGAIN.get((row["derived_from"] or "").partition(" ")[0])
    return "\n".join([*lines, *(line for line in (made_from, row["problem"]) if line)])
