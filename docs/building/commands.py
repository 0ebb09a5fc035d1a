"""The reference of the command line: a page for each command, out of what Typer knows of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from docs.building.directives import contents, directive

from evalctl.cli.lazy import build

if TYPE_CHECKING:
    # Typer has no public name for these.
    from typer._click import Command, Context, Parameter
    from typer.core import TyperGroup

_PROGRAM = "evalctl"
_INTRODUCTION = """\
Every command has `--help`. Results go to standard output, all else to standard error. Exit codes: 0
done, 1 too many failures or a failed gate, 2 a mistake of the user's, 130 interrupted.
"""
_NOTE = re.compile(r"\s*\[(?P<said>default: [^\[\]]*|required|[^\[\]]*; required)\]$")
_NAMES = re.compile(r"(?:-[^\s,]+(?:, | / | |$))+")
_TYPE = re.compile(r"<(?:list\[)?(\w+)\]?>")
_TYPES = {"str": "TEXT", "int": "N", "float": "NUMBER", "path": "PATH", "Path": "PATH"}
"""What an option takes, where its command gives it no name of its own."""


_KEPT = "\b\n"
"""Begins a paragraph of help whose lines are not to be filled."""


@dataclass(frozen=True)
class Called:
    """A command as it is called."""

    context: Context

    @property
    def command(self) -> Command:
        """What is called."""
        return self.context.command

    @property
    def name(self) -> str:
        """All of its words, such as `evalctl list models`."""
        return self.context.command_path

    def children(self) -> Iterator[Called]:
        """Yield its sub-commands in the order of its help."""
        if not hasattr(self.command, "list_commands"):
            return
        group = cast("TyperGroup", self.command)
        for name in group.list_commands(self.context):
            command = group.get_command(self.context, name)
            if command and not command.hidden:
                # Making a context imports a command that has only been listed; it runs nothing.
                made = command.make_context(name, [], parent=self.context, resilient_parsing=True)
                yield Called(made)


def program() -> Called:
    """Return the whole command line."""
    return Called(build().make_context(_PROGRAM, [], resilient_parsing=True))


def pages() -> dict[str, str]:
    """Return the pages of the command line by path."""
    root = program()
    commands = list(root.children())
    made = {f"commands/{one.context.info_name}.md": _page(one) for one in commands}
    rows = [
        f"| [{one.name}]({one.context.info_name}.md) | {_first_line(one)} |" for one in commands
    ]
    table = "\n".join(["| command | what it does |", "| --- | --- |", *rows])
    options = "\n\n".join(_options(root, depth=2))
    toctree = contents(str(one.context.info_name) for one in commands)
    parts = ["# Command line", _INTRODUCTION, table, options, toctree]
    made["commands/index.md"] = "\n\n".join(parts) + "\n"
    return made


def _first_line(called: Called) -> str:
    return (called.command.help or "").split("\n\n")[0].replace("\n", " ")


def _page(called: Called) -> str:
    parts = [f"# {called.name}", *_described(called, depth=2)]
    for child in called.children():
        parts += [f"## {child.name}", *_described(child, depth=3)]
    return "\n\n".join(parts) + "\n"


def _described(called: Called, *, depth: int) -> Iterator[str]:
    yield from map(_paragraph, (called.command.help or "").split("\n\n"))
    yield f"```text\n{called.command.get_usage(called.context).removeprefix('Usage: ')}\n```"
    yield from _arguments(called)
    yield from _options(called, depth=depth)


def _paragraph(text: str) -> str:
    """Return a paragraph of help, one whose lines are kept as they are in a block."""
    return f"```text\n{text.removeprefix(_KEPT)}\n```" if text.startswith(_KEPT) else text


def _arguments(called: Called) -> Iterator[str]:
    given = [one for one in called.command.params if one.param_type_name == "argument"]
    for argument in given:
        name, said = _record(argument, called.context)
        yield f"`{name.split(' <')[0]}`\n: {said}"


def _options(called: Called, *, depth: int) -> Iterator[str]:
    """Yield the options under the headings that the command gives them."""
    yield directive("program", called.name)
    heading = None
    for option in called.command.params:
        if option.param_type_name == "argument" or getattr(option, "hidden", False):
            continue
        panel = getattr(option, "rich_help_panel", None)
        if panel != heading:
            heading = panel
            yield f"{'#' * depth} {panel or 'Also'}"
        left, said = _record(option, called.context)
        yield directive("option", _head(left), said)


def _head(left: str) -> str:
    """Return an option as it is typed; types of Python become words."""
    names = _NAMES.match(left)
    assert names
    typed, metavar = names[0].replace(" / ", ", ").strip(), left[names.end() :]
    kind = _TYPE.fullmatch(metavar)
    return f"{typed} {_TYPES.get(kind[1], kind[1].upper()) if kind else metavar}".strip()


def _record(parameter: Parameter, context: Context) -> tuple[str, str]:
    """Return the left and the right side of a parameter's line in `--help`."""
    name, said = parameter.get_help_record(context) or (str(parameter.name), "")
    note = _NOTE.search(said)
    if note:
        value = note["said"].partition("default: ")[2]
        added = f"Default: `{value}`." if value else "Must be given."
        said = f"{said[: note.start()]} {added}"
    return name, said.strip()
