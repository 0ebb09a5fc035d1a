"""`evalctl plugins new`: a whole package with a category that runs, for its writer to change."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from evalctl.cli.start import load_plugins
from evalctl.scaffold import (
    APACHE,
    About,
    PackageNames,
    checked_about,
    read_name,
    refuse_taken,
    render,
    write_folder,
)

NEXT = (
    "pip install -e '.[test]'",
    "evalctl list datasets --category {category}",
    "evalctl run --category {category}",
    "evalctl plugins check {category}",
    "pytest",
)
"""What one types in the new folder."""


def new(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Of the category; evalctl-NAME is the package.")
    ],
    folder: Annotated[
        Path, typer.Option("--dir", metavar="DIR", help="Where the package's folder goes.")
    ] = Path(),
    title: Annotated[
        str | None, typer.Option(metavar="TEXT", help="The category in one line (its name).")
    ] = None,
    author: Annotated[str, typer.Option(metavar="TEXT", help="Who writes it (left out).")] = "",
    licence: Annotated[
        str, typer.Option("--licence", "--license", metavar="SPDX", help="Of the code.")
    ] = APACHE,
) -> None:
    """Write a plugin package with a category that runs: pip install it, then make it yours."""
    names = read_name(name)
    if title is None:
        title = names.category.replace("_", " ").capitalize()
    about = checked_about(About(title, author, licence))
    refuse_taken(names, load_plugins(is_quiet=True))
    texts = render(names, about)
    target = folder / names.distribution
    write_folder(target, texts)
    _tell(names, target, tuple(texts))
    if "LICENSE" not in texts:
        sys.stdout.write(f"\nNo LICENSE was written: add the text of {about.licence}.\n")


def _tell(names: PackageNames, target: Path, paths: tuple[str, ...]) -> None:
    lines = [f"{target}: a category that runs, with rows to be replaced", ""]
    lines += [f"  {path}" for path in paths]
    lines += ["", "Next:", f"  cd {shlex.quote(str(target))}"]
    lines += [f"  {command.format(category=names.category)}" for command in NEXT]
    lines += ["", f"Edit first: {names.module}/__init__.py, and the rows beside it."]
    sys.stdout.write("\n".join(lines) + "\n")
