"""What stands at the cursor: found by walking through the words with the real commands' parameters.

Nothing is parsed for good and no callback is called, so half a command line is as fine as a wrong
one. Only what Typer's commands and parameters show of themselves is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from typer.core import TyperGroup

from evalctl.cli.lazy import LazyCommand

if TYPE_CHECKING:
    # Typer has no public name for these, and needs none when it runs.
    from typer._click import Command, Context, Parameter


class Offer(NamedTuple):
    """Something that can stand at the cursor."""

    value: str
    """The word, or what is right of `=` in it."""
    help: str = ""
    """One line about it."""


class Place(NamedTuple):
    """What is looked for at the cursor."""

    offers: tuple[Offer, ...]
    """In the order in which they are best shown."""
    before: str = ""
    """What of the word stands before a value, such as `--category=`."""
    metavar: str = ""
    """How `--help` calls the value, such as `DIR`; empty where it is no value."""


def find(root: Command, words: Sequence[str], current: str) -> Place:
    """Return what can stand at the cursor, behind words that are taken as they are.

    Args:
        root: The whole command line.
        words: Those before the cursor, without the name of the program.
        current: The beginning of the word at the cursor.
    """
    level: _Level | None = _Level.enter(root, "evalctl", None)
    for word in words:
        if level is not None:
            level = level.read(word)
    return Place(()) if level is None else level.place(current)


@dataclass
class _Level:
    """A command, and what was given to it so far."""

    command: Command
    context: Context
    options: dict[str, Parameter]
    arguments: list[Parameter]
    n_arguments: int = 0
    waiting: Parameter | None = None
    n_waiting: int = 0
    has_only_arguments: bool = False
    given: set[str] = field(default_factory=set)

    @classmethod
    def enter(cls, command: Command, name: str, parent: Context | None) -> _Level:
        """Begin with a command; what is imported when it is called is imported here."""
        if isinstance(command, LazyCommand):
            command = command.imported()
        context = command.context_class(
            command,
            info_name=name,
            parent=parent,
            resilient_parsing=True,
            **command.context_settings,
        )
        parameters = command.get_params(context)
        options = [one for one in parameters if one.param_type_name == "option"]
        return cls(
            command,
            context,
            {name: one for one in options for name in (*one.opts, *one.secondary_opts)},
            [one for one in parameters if one.param_type_name == "argument"],
        )

    def read(self, word: str) -> _Level | None:
        """Take the next word; return the command that the following ones are for."""
        if self.waiting is not None:
            self._keep(self.waiting, word)
        elif not self.has_only_arguments and word == "--":
            self.has_only_arguments = True
        elif self._is_option(word):
            self._read_option(word)
        elif isinstance(self.command, TyperGroup):
            command = self.command.get_command(self.context, word)
            return None if command is None else self.enter(command, word, self.context)
        elif (argument := self._argument()) is not None:
            self.n_arguments += 1
            self._keep(argument, word)
        return self

    def place(self, current: str) -> Place:
        """Return what can stand behind the words that were taken."""
        if self.waiting is not None:
            return self._values(self.waiting, "", current)
        if self._is_option(current):
            option, before, value = self._split(current)
            if before:
                return Place(()) if option is None else self._values(option, before, value)
            return Place(self._names(current))
        if isinstance(self.command, TyperGroup):
            return Place(tuple(self._commands(self.command, current)))
        if (argument := self._argument()) is not None:
            return self._values(argument, "", current)
        return Place(() if current else self._names(""))

    def _is_option(self, word: str) -> bool:
        return word.startswith("-") and not self.has_only_arguments

    def _argument(self) -> Parameter | None:
        """Return the argument that the next word is of."""
        left = self.n_arguments
        for argument in self.arguments:
            if argument.nargs < 0 or left < argument.nargs:
                return argument
            left -= argument.nargs
        return None

    def _split(self, word: str) -> tuple[Parameter | None, str, str]:
        """Return a word's option, and where a value is joined to it, `--name=` and the value."""
        if word.startswith("--"):
            name, separator, value = word.partition("=")
        else:
            name, separator, value = word[:2], "", word[2:]
        option = self.options.get(name)
        if not separator and (not value or option is None or not _takes_value(option)):
            return self.options.get(word), "", ""
        return option, name + separator, value

    def _read_option(self, word: str) -> None:
        option, before, value = self._split(word)
        if option is None:
            return
        self.given.add(option.name or "")
        if before:
            self._keep(option, value)
        elif _takes_value(option):
            self.waiting, self.n_waiting = option, option.nargs

    def _keep(self, parameter: Parameter, value: str) -> None:
        """Keep a value, as a list of texts in the context's parameters."""
        self.context.params.setdefault(parameter.name or "", []).append(value)
        self.n_waiting -= 1
        if self.n_waiting <= 0:
            self.waiting = None

    def _names(self, current: str) -> tuple[Offer, ...]:
        """Return the options that begin so; short ones only where they are typed."""
        offers = []
        for name, option in self.options.items():
            is_used = option.name in self.given and not getattr(option, "multiple", False)
            is_wanted = name.startswith(current) and (name.startswith("--") or name == current)
            if is_wanted and not is_used and not getattr(option, "hidden", False):
                offers.append(Offer(name, getattr(option, "help", None) or ""))
        return tuple(offers)

    def _commands(self, group: TyperGroup, current: str) -> list[Offer]:
        commands = [(name, group.get_command(self.context, name)) for name in group.commands]
        return [
            Offer(name, command.get_short_help_str(limit=200))
            for name, command in commands
            if command is not None and not command.hidden and name.startswith(current)
        ]

    def _values(self, parameter: Parameter, before: str, current: str) -> Place:
        items = parameter.shell_complete(self.context, current)
        offers = [Offer(str(one.value), one.help or "") for one in items if one.type == "plain"]
        return Place(tuple(offers), before, parameter.metavar or "VALUE")


def _takes_value(option: Parameter) -> bool:
    return not getattr(option, "is_flag", False) and not getattr(option, "count", False)
