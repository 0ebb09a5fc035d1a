"""`--no-plugin NAME`, which every command takes and none of them knows.

It is put into the environment (`EVALCTL_DISABLE_PLUGINS`), so that processes that are started by
this one leave out the same plugins.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer
from typer.core import TyperGroup
from typer.main import get_command

from evalctl.cli import candidates
from evalctl.disabling import DISABLED, disabled_plugins

if TYPE_CHECKING:
    # Typer has no public name for it, and needs none when it runs.
    from typer._click import Command


def let_leave_out(command: Command) -> None:
    """Give a command, and all that it holds, the option `--no-plugin`."""
    command.params.append(get_command(_app()).params[0])
    if isinstance(command, TyperGroup):
        for held in command.commands.values():
            let_leave_out(held)


def _disable(context: typer.Context, names: list[str] | None) -> list[str] | None:
    """Note the names, which must be those of installed plugins.

    Raises:
        UnknownNameError: One is not.
    """
    if names and not context.resilient_parsing:
        from evalctl.errors import UnknownNameError  # only where the option is used
        from evalctl.plugins.entry_points import find_candidates

        known = {candidate.entry_point.name for candidate in find_candidates()}
        asked = [name.strip() for given in names for name in given.split(",")]
        for name in asked:
            if name not in known:
                raise UnknownNameError("plugin", name, known)
        os.environ[DISABLED] = ",".join(dict.fromkeys((*disabled_plugins(), *asked)))
    return names


def _takes(
    no_plugin: Annotated[
        list[str] | None,
        typer.Option(
            "--no-plugin",
            metavar="NAME",
            help="Leave this plugin out; repeatable; also EVALCTL_DISABLE_PLUGINS.",
            callback=_disable,
            expose_value=False,
            show_default=False,
            autocompletion=candidates.plugins,
        ),
    ] = None,
) -> None:
    """Stand for all commands."""


def _app() -> typer.Typer:
    app = typer.Typer(add_completion=False)
    app.command()(_takes)
    return app
