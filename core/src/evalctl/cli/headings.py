"""Help as plain text that fits a narrow terminal, with options under headings.

Typer shows its `rich_help_panel`s with Rich alone, whose import takes longer than all else in
`--help`, and whose boxes leave less of the terminal to what they hold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from typer.core import TyperCommand, TyperGroup

if TYPE_CHECKING:
    # Typer has no public name for these, and needs none when it runs.
    from typer._click import Context, HelpFormatter, Parameter


class HeadedCommand(TyperCommand):
    """A command whose help has its options under the headings that they name."""

    def collect_usage_pieces(self, ctx: Context) -> list[str]:
        """Return what stands behind the command's name, its arguments as they are called."""
        arguments = [one for one in self.get_params(ctx) if one.param_type_name == "argument"]
        names = [_called(one) if one.required else f"[{_called(one)}]" for one in arguments]
        return [self.options_metavar or "", *names]

    def format_options(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Write arguments, then each heading's options, then those without a heading."""
        found: dict[str, list[tuple[str, str]]] = {"Arguments": []}
        last: list[tuple[str, str]] = []
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is None:
                continue
            heading = getattr(parameter, "rich_help_panel", None)
            if parameter.param_type_name == "argument":
                found["Arguments"].append((_called(parameter), record[1]))
            elif heading:
                found.setdefault(heading, []).append(record)
            else:
                last.append(record)
        for heading, records in (*found.items(), ("Options", last)):
            if records:
                with formatter.section(heading):
                    formatter.write_dl(records)


class HeadedGroup(TyperGroup):
    """A group of commands whose help has the whole line about each."""

    def format_commands(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Write the commands, in the order in which they were added."""
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        lines = [
            (name, command.get_short_help_str(limit=300))
            for name, command in commands
            if command is not None and not command.hidden
        ]
        if lines:
            with formatter.section("Commands"):
                formatter.write_dl(lines)


def _called(argument: Parameter) -> str:
    return argument.metavar or (argument.name or "").upper()
