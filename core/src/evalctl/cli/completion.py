"""`evalctl completion SHELL`: what makes a shell complete evalctl's commands."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from evalctl.cli.completing.scripts import SCRIPTS
from evalctl.errors import UnknownNameError


def _shells() -> list[str]:
    return list(SCRIPTS)


def completion(
    shell: Annotated[
        str,
        typer.Argument(
            metavar="SHELL", help=f"One of {', '.join(SCRIPTS)}.", autocompletion=_shells
        ),
    ],
) -> None:
    """Print the script that makes a shell complete commands, options and their values.

    It changes no file. To have it in every new shell:

    \b
    bash  echo 'eval "$(evalctl completion bash)"' >> ~/.bashrc
    zsh   echo 'source <(evalctl completion zsh)' >> ~/.zshrc
          (behind the line with compinit)
    fish  evalctl completion fish > ~/.config/fish/completions/evalctl.fish
    """  # noqa: D301  # `\b` keeps the lines as they are
    if shell not in SCRIPTS:
        raise UnknownNameError("shell", shell, SCRIPTS)
    sys.stdout.write(SCRIPTS[shell])
