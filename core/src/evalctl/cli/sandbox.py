"""`evalctl sandbox doctor`: what the sandboxes for model-written code keep on this machine."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from evalctl.cli import candidates
from evalctl.cli.headings import HeadedGroup
from evalctl.cli.start import load_plugins
from evalctl.cli.table import print_table
from evalctl.errors import SandboxMissingError
from evalctl.executors.choice import UNSAFE_LEVEL, SandboxWish, choose, named
from evalctl.executors.doctor import Examined, examine
from evalctl.specs import ExecutorSpec

app = typer.Typer(
    cls=HeadedGroup,
    help="The sandbox for programs that a model wrote.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.callback()
def sandbox() -> None:
    """Look after the sandbox for programs that a model wrote."""


@app.command()
def doctor(
    executor: Annotated[
        str | None,
        typer.Option(
            metavar="NAME[:IMAGE]",
            help="Examine this sandbox alone, and show every attack.",
            autocompletion=candidates.sandboxes,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
) -> None:
    """Attack the sandboxes on this machine and tell what they kept.

    Exit code 1 where no sandbox would be taken, or where the one that would be taken did not keep
    something.
    """
    registry = load_plugins().registry
    alone, image = named(executor, registry.executors) if executor else (None, "")
    examined = examine([alone] if alone else registry.executors, image)
    taken = alone.name if alone else _taken(registry.executors)
    if as_json:
        told = {"taken": taken, "sandboxes": [_as_json(one) for one in examined]}
        sys.stdout.write(json.dumps(told, indent=2) + "\n")
    else:
        _print(examined, taken)
    is_sound = any(one.name == taken and one.is_sound for one in examined)
    raise typer.Exit(0 if is_sound else 1)


def _taken(executors: Sequence[ExecutorSpec]) -> str | None:
    """Return the sandbox that a run would take unasked."""
    try:
        return choose(SandboxWish(), executors).spec.name
    except SandboxMissingError:
        return None


def _as_json(one: Examined) -> dict[str, object]:
    return one._asdict() | {
        "isolation": one.isolation.model_dump(mode="json") if one.isolation else None,
        "findings": [finding._asdict() for finding in one.findings],
    }


def _print(examined: Sequence[Examined], taken: str | None) -> None:
    print_table(
        examined,
        {
            "level": lambda one: str(one.level),
            "sandbox": lambda one: one.name,
            "attacks": _attacks,
            "how": _how,
        },
        empty="",
    )
    for one in examined:
        if one.findings and (one.name == taken or not one.is_sound):
            sys.stdout.write(f"\n{one.name}\n")
            print_table(
                one.findings,
                {
                    "a program tried to": lambda found: found.name,
                    "sandbox": lambda found: "held" if found.is_held else "FAILED",
                    "how it ended": lambda found: found.detail,
                },
                empty="",
            )
    sys.stdout.write(f"\n{_advice(examined, taken)}\n")


def _attacks(one: Examined) -> str:
    if one.isolation is None:
        return "cannot be used"
    if not one.findings:
        return "keeps nothing"
    return f"{sum(found.is_held for found in one.findings)} of {len(one.findings)} held"


def _how(one: Examined) -> str:
    isolation = one.isolation
    if isolation is None:
        return one.problem
    if one.level == UNSAFE_LEVEL:
        return "limits alone; only with --unsafe-local-execution"
    ways = ["namespaces of its own for every execution"] if isolation.is_nested else []
    if isolation.landlock_abi:
        ways.append(f"Landlock {isolation.landlock_abi}")
    return ", ".join([*ways, f"memory capped by {isolation.memory_cap}"])


def _advice(examined: Sequence[Examined], taken: str | None) -> str:
    """Return which sandbox a run takes, and what would raise its level."""
    level = max((one.level for one in examined if one.name == taken), default=0)
    better = [one for one in examined if one.level > max(level, UNSAFE_LEVEL) and not one.isolation]
    said = f"A run takes {taken}, level {level}." if taken else "No run of programs can be made."
    raising = "".join(f"\nFor level {one.level}, {one.name}: {one.problem}" for one in better)
    return said + raising
