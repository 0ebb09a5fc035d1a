"""`evalctl plugins`: for those who write plugins, and for those who wonder why one is not there."""

from __future__ import annotations

import typer

from evalctl.cli.headings import HeadedCommand, HeadedGroup
from evalctl.cli.plugins_check import check
from evalctl.cli.plugins_doctor import doctor
from evalctl.cli.plugins_new import new

app = typer.Typer(
    cls=HeadedGroup,
    help="Write plugins, check them, and see what became of those that are installed.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.callback()
def plugins() -> None:
    """Write plugins, check them, and see what became of those that are installed."""


app.command(cls=HeadedCommand)(new)
app.command(cls=HeadedCommand)(check)
app.command(cls=HeadedCommand)(doctor)
