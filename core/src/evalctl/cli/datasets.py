"""`evalctl datasets`: what data there are, what is wrong with them, and data of one's own."""

from __future__ import annotations

import typer

from evalctl.cli import list as listing
from evalctl.cli.datasets_import import forget_dataset, import_file, show
from evalctl.cli.datasets_scan import index, scan
from evalctl.cli.headings import HeadedCommand, HeadedGroup

app = typer.Typer(
    cls=HeadedGroup,
    help="Find data sets in folders, tell what is wrong with them, and import files of your own.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.callback()
def datasets() -> None:
    """Find data sets in folders, tell what is wrong with them, and import files of your own."""


app.command(cls=HeadedCommand)(scan)
app.command(cls=HeadedCommand)(index)
app.command("list", cls=HeadedCommand)(listing.datasets)
app.command(cls=HeadedCommand)(show)
app.command("import", cls=HeadedCommand)(import_file)
app.command("forget", cls=HeadedCommand)(forget_dataset)
