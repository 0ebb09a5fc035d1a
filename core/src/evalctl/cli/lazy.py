"""The command line's table of commands; a command's module is imported when it is called.

`evalctl --help` shows the lines written here and imports neither plugins nor specs.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, NamedTuple

from typer import Exit, Option, Typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group

from evalctl import __version__
from evalctl.cli.headings import HeadedCommand, HeadedGroup
from evalctl.cli.no_plugin import let_leave_out

if TYPE_CHECKING:
    # Typer has no public name for these two, and needs none when it runs.
    from typer._click import Command, Context


class Listed(NamedTuple):
    """A command that is not imported yet."""

    target: str
    """`module:name` of its function, or of the `typer.Typer` that holds its sub-commands."""
    help: str
    """One line for `evalctl --help`."""


COMMANDS = {
    "run": Listed("evalctl.cli.run:run", "Evaluate models on the datasets of a category."),
    "show": Listed("evalctl.cli.show:show", "Show what came out of a run."),
    "compare": Listed(
        "evalctl.cli.compare:compare_runs", "Compare models on the samples that they share."
    ),
    "gate": Listed("evalctl.cli.gate:gate", "Hold a run against a policy, for a CI job."),
    "score": Listed("evalctl.cli.score:score", "Score a run's answers again, without a model."),
    "rerun": Listed("evalctl.cli.rerun:rerun", "Repeat a run, and tell which outputs changed."),
    "export": Listed("evalctl.cli.export:export_run", "Write a run in another tool's form."),
    "check": Listed(
        "evalctl.cli.check:check", "Tell whether a dataset and its scorer can be trusted."
    ),
    "datasets": Listed(
        "evalctl.cli.datasets:app", "Find data sets in folders, and import your own."
    ),
    "list": Listed("evalctl.cli.list:app", "List what is installed, and what can run here."),
    "plugins": Listed("evalctl.cli.plugins:app", "Write plugins, check and mend them."),
    "specialization": Listed(
        "evalctl.cli.specialization:specialization",
        "Tell how far categories are models' specialities.",
    ),
    "cache": Listed("evalctl.cli.cache:app", "Look after the generations that are kept."),
    "sandbox": Listed("evalctl.cli.sandbox:app", "Look after the sandbox for programs."),
    "completion": Listed(
        "evalctl.cli.completion:completion", "Print what makes a shell complete commands."
    ),
}
"""By name, in the order of `--help`."""


_EXAMPLES = """\b
Examples:
  evalctl run --category math                   each model that can run here
  evalctl run -m vllm:DIR -d gsm8k --data DIR   a model of your own
  evalctl show latest                           what came out
  evalctl compare RUN RUN                       which is better, and how sure
"""


class LazyCommand(TyperCommand):
    """A stand-in that has a command's name and help line, and imports it when it is called."""

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: Context | None = None,
        **extra: object,
    ) -> Context:
        """Return the context of the real command, which is then the one that is called."""
        return self.imported().make_context(info_name, args, parent, **extra)

    def imported(self) -> Command:
        """Return the real command."""
        module, _, attribute = COMMANDS[str(self.name)].target.partition(":")
        command = self._made_of(getattr(import_module(module), attribute))
        let_leave_out(command)
        return command

    def _made_of(self, target: object) -> Command:
        if isinstance(target, Typer):
            return get_group(target)  # `get_command` may add options that change shells' files
        assert callable(target), "the table names functions and groups"
        app = Typer(add_completion=False, rich_markup_mode=None)
        app.command(self.name, cls=HeadedCommand)(target)
        return get_command(app)


def _version(is_asked: bool) -> None:
    if is_asked:
        sys.stdout.write(f"evalctl {__version__}\n")
        raise Exit


def build() -> TyperGroup:
    """Return the whole command line, with all of its commands still to be imported."""
    app = Typer(
        name="evalctl",
        cls=HeadedGroup,
        help="Which model is best at this kind of work, how sure are we, and what does it cost?",
        context_settings={"help_option_names": ["-h", "--help"]},  # commands inherit it
        epilog=_EXAMPLES,
        no_args_is_help=True,
        add_completion=False,
        # Plain help and plain errors: Rich's boxes cost as much again as all else in `--help`.
        rich_markup_mode=None,
    )
    app.callback()(_root)
    group = get_group(app)
    let_leave_out(group)
    for name, listed in COMMANDS.items():
        group.add_command(LazyCommand(name, help=listed.help))
    return group


def _root(
    version: Annotated[
        bool,
        Option("--version", help="Print the version and stop.", is_eager=True, callback=_version),
    ] = False,
) -> None:
    del version  # its callback has dealt with it
