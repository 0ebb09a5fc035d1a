"""What a mistyped command line is told: what is wrong, what may have been meant, what there is.

Typer raises for unknown commands and options, values of the wrong type, and what is missing.
"""

from __future__ import annotations

import ast
import re
import sys
from typing import TYPE_CHECKING

from typer import BadParameter

from evalctl.errors import UnknownNameError

if TYPE_CHECKING:
    from typer._click import Context

TyperMistake: type[Exception] = BadParameter.__mro__[2]
"""Base of all that Typer raises for a user; it has no public name."""

_NO_COMMAND = re.compile(r"""No such command ('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""")

OF_OTHERS = {
    "--apply-chat-template": "--engine-option chat=always",
    "--batch-size": "--engine-option batch_size=N (transformers) or max_num_seqs=N (vllm)",
    "--epochs": "--repeats N",
    "--gen-kwargs": "--temperature T and --max-tokens N",
    "--limit": "--samples N",
    "--log-dir": "--out DIR",
    "--model-args": "--model ENGINE:DIR and --engine-option NAME=VALUE",
    "--num-fewshot": "--shots N",
    "--output-path": "--out DIR",
    "--tasks": "--dataset NAME, once for each, or --category NAME",
}
"""What options of `evalctl run` do what other tools' do, by these, whose underscores are dashes.
Source: the command lines of lm-evaluation-harness 0.4 and inspect_ai."""


def tell(error: Exception) -> None:
    """Say on standard error what is wrong with a command line."""
    context: Context | None = getattr(error, "ctx", None)
    told: str = error.format_message()  # type: ignore[attr-defined]  # it is a `TyperMistake`
    if type(error).__name__ == "NoArgsIsHelpError":
        sys.stderr.write(f"{told}\n")
    elif context is None:
        sys.stderr.write(f"error: {told}\n")
    else:
        sys.stderr.write(f"{context.get_usage()}\n")
        sys.stderr.write(f"error: {_reason(error, told, context)}\n")
        sys.stderr.write(f"see {context.command_path} --help\n")


def _reason(error: Exception, told: str, context: Context) -> str:
    command = context.command_path
    if type(error).__name__ == "NoSuchOption":
        name = str(getattr(error, "option_name", ""))
        here = OF_OTHERS.get(name.replace("_", "-"), "") if command == "evalctl run" else ""
        hint = f"What other tools call {name} is {here} here." if here else ""
        return str(UnknownNameError(f"option of `{command}`", name, _options(context), hint=hint))
    if found := _NO_COMMAND.match(told):
        known = getattr(context.command, "commands", {})
        return str(UnknownNameError(f"command of `{command}`", ast.literal_eval(found[1]), known))
    return told


def _options(context: Context) -> list[str]:
    """Return the options of a command, the long form of each."""
    found = []
    for parameter in context.command.get_params(context):
        if parameter.param_type_name == "option" and not getattr(parameter, "hidden", False):
            names = [*parameter.opts, *parameter.secondary_opts]
            found += [name for name in names if name.startswith("--")] or names
    return found
