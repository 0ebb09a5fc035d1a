"""`evalctl datasets import`, `show` and `forget`: data of one's own, runnable without code."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from evalctl import scan as scanner
from evalctl.availability import dataset_availability
from evalctl.cli import candidates
from evalctl.cli.arguments import AsJson, DataFolders
from evalctl.cli.gather import dataset_rows
from evalctl.cli.harmless import harmless
from evalctl.cli.start import data_folders, load_plugins
from evalctl.cli.table import print_json
from evalctl.cli.watching import watching
from evalctl.errors import ConfigError, DatasetError
from evalctl.imported import (
    FIELDS,
    ColumnMap,
    Imported,
    forget,
    keep,
    kept,
    read_mapping,
    spec_of,
)
from evalctl.imported.mapping import first_choice_of
from evalctl.plan.datasets import find_rows
from evalctl.plan.reading import read_samples
from evalctl.proving import Fit, prove_own
from evalctl.records import Sample
from evalctl.registry import Entry, Registry
from evalctl.sources import Located, OwnFile, locate
from evalctl.specs import DatasetSpec

_SAMPLED = 10_000
"""Rows by which it is told whether choices count from 0 or from 1."""


def import_file(  # noqa: PLR0913  # one parameter a flag
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Rows in any form that is read.")],
    name: Annotated[str, typer.Option("--as", metavar="NAME", help="What it will be called.")],
    mapping: Annotated[
        list[str],
        typer.Option(
            "--map",
            metavar="FIELD=COLUMN,...",
            help=f"Which column is what: {', '.join(FIELDS)}; A+B takes several.",
        ),
    ],
    category: Annotated[
        str | None,
        typer.Option(
            "--category",
            "-c",
            metavar="NAME",
            help="Asked and judged as the category's first dataset.",
            autocompletion=candidates.categories,
        ),
    ] = None,
    like: Annotated[
        str | None,
        typer.Option(
            metavar="DATASET",
            help="Asked and judged as this one.",
            autocompletion=candidates.datasets,
        ),
    ] = None,
    licence: Annotated[
        str, typer.Option("--licence", "--license", metavar="TEXT", help="Of the rows.")
    ] = "not stated",
) -> None:
    """Make a file of your own a dataset: `evalctl run --dataset NAME` runs it.

    Every row is read, and the answers of up to 1,000 are scored: all must be right. The mapping
    goes into your configuration, the file stays where it is.
    """
    registry = load_plugins().registry
    base = _base(registry, category, like)
    own = OwnFile.model_validate(scanner.form_of(file))
    columns = ColumnMap(fields=read_mapping(mapping))
    one = Imported(
        name=_free(registry, name), file=own, like=base.spec.name, columns=columns, licence=licence
    )
    first = _first_choice(one, base.spec)
    if first:
        one = one.model_copy(update={"columns": columns.model_copy(update={"first_choice": first})})
    fit = _fit(one, base)
    before = " in the place of what had that name" if _is_kept(one.name) else ""
    path = keep(one)
    sys.stdout.write(
        f"{one.name}: {fit.n_samples:,} samples, asked and judged as {base.spec.name}"
        f"{', choices counted from 1' if first else ''}{before}\n{_proven(fit)}\n"
        f"kept in {path}\nevalctl run --dataset {one.name} --model MODEL\n"
    )


def forget_dataset(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help="Of an imported dataset.",
            autocompletion=candidates.imported_datasets,
        ),
    ],
) -> None:
    """Take an imported dataset out of your configuration; its file stays."""
    forget(name)
    sys.stdout.write(f"{name} is forgotten\n")


def show(
    name: Annotated[
        str,
        typer.Argument(metavar="NAME", help="Of a dataset.", autocompletion=candidates.datasets),
    ],
    data: DataFolders = None,
    as_json: AsJson = False,
) -> None:
    """Show what a dataset is, where its rows are looked for, and whether they are at hand."""
    registry = load_plugins().registry
    entry = registry.dataset(name)
    folders = data_folders(data)
    if as_json:
        rows = dataset_rows(registry, entry.category, folders)
        return print_json([row for row in rows if row["name"] == name])
    at_hand = dataset_availability(entry.spec, folders).reason
    for heading, text in _shown(entry, at_hand, _first(entry.spec, folders)).items():
        sys.stdout.write(harmless(f"{heading:10} {text}").rstrip() + "\n")


def _first(spec: DatasetSpec, folders: Sequence[Path]) -> Sample:
    """Return a sample of what is here in files; the declared example where there is none."""
    located = find_rows(spec, folders)
    example = spec.examples[0].sample
    if located is None or not located.is_of_files:
        return example
    return next(read_samples(spec, located, told=lambda _location, _reason: None), example)


def _shown(entry: Entry[DatasetSpec], at_hand: str, example: Sample) -> Mapping[str, str]:
    spec = entry.spec
    return {
        "dataset": f"{spec.name}, version {spec.version}",
        "title": spec.title,
        "category": f"{entry.category} ({spec.role}), by {entry.owner}",
        "headline": f"{spec.headline}; needs `{spec.needs}`",
        "licence": spec.licence,
        "citation": spec.citation,
        "columns": ", ".join(sorted(spec.columns)),
        "at hand": at_hand,
        "example": " ".join(example.input.split())[:200] if not spec.is_unsafe else "hidden",
    }


def _base(registry: Registry, category: str | None, like: str | None) -> Entry[DatasetSpec]:
    if category is not None and like is not None:
        raise ConfigError(
            "give --category NAME or --like DATASET, not both: a dataset is in its own category"
        )
    if category is None and like is None:
        raise ConfigError("say how it is asked and judged: --category NAME, or --like DATASET")
    if like is not None:
        return registry.dataset(like)
    assert category is not None, "one of them is given"
    entries = registry.datasets_in(category)
    primary = [entry for entry in entries if entry.spec.role == "primary"]
    if not (primary or entries):
        raise ConfigError(f"the category {category} has no dataset; name one with --like")
    return (primary or [*entries])[0]


def _free(registry: Registry, name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_]+", name):
        raise ConfigError(f"--as {name!r}: give a name of ASCII letters, digits and underscores")
    if any(entry.spec.name == name and not _is_own(entry.spec) for entry in registry.datasets_in()):
        raise ConfigError(f"--as {name}: a plugin has a dataset of that name")
    return name


def _is_kept(name: str) -> bool:
    return any(isinstance(one, Imported) and one.name == name for one in kept())


def _is_own(spec: DatasetSpec) -> bool:
    return any(isinstance(source, OwnFile) for source in spec.sources)


def _located(one: Imported) -> Located:
    located = locate(one.file, ())
    if located is None:
        raise DatasetError(f"{one.file.path} is not there")
    return located


def _first_choice(one: Imported, base: DatasetSpec) -> int:
    spec_of(one, base)  # a wrong mapping is told first
    rows = _located(one).rows(told=lambda _location, _reason: None)
    try:
        return first_choice_of(list(islice(rows, _SAMPLED)), one.columns)
    except ValueError as error:
        raise DatasetError(f"{one.file.path}: {error}") from None


def _fit(one: Imported, base: Entry[DatasetSpec]) -> Fit:
    """Read and judge rows, as a run would.

    Raises:
        DatasetError: Some cannot be; the message has a remedy.
    """
    try:
        with watching() as watch:
            return prove_own(spec_of(one, base.spec), base.category, watch)
    except DatasetError as error:
        file = Path(one.file.path)
        encoding = scanner.encoding_remedy(file, str(file))
        columns = ", ".join(sorted(base.spec.columns))
        remedy = encoding or (
            "Mend the rows, map other columns, or have them judged as another dataset (--like). "
            f"{base.spec.name} has columns of its own that can be mapped: {columns}."
        )
        raise DatasetError(f"{error}\n{remedy}\nNothing was imported.") from None


def _proven(fit: Fit) -> str:
    if fit.why_not:
        return f"their answers were not scored: {fit.why_not}"
    return f"scored {fit.n_proven:,} of their answers: all are right"
