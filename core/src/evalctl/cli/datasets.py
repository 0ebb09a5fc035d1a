"""`evalctl datasets`: what data there are, what is wrong with them, and data of one's own."""

from __future__ import annotations

import typer

from evalctl.cli.datasets_scan import index, scan
from evalctl.cli.headings import HeadedCommand, HeadedGroup

app = typer.Typer(
    cls=HeadedGroup,
    help="Find data sets in folders, and tell whether they can be run.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.callback()
def datasets() -> None:
    """Find data sets in folders, and tell whether they can be run."""


app.command(cls=HeadedCommand)(scan)
app.command(cls=HeadedCommand)(index)
