"""`evalctl sandbox doctor`: what the sandbox for model-written code keeps on this machine."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from evalctl.cli.table import print_table
from evalctl.executors.doctor import Diagnosis, examine

app = typer.Typer(
    help="The sandbox for programs that a model wrote.", no_args_is_help=True, rich_markup_mode=None
)


@app.callback()
def sandbox() -> None:
    """Look after the sandbox for programs that a model wrote."""


@app.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
) -> None:
    """Attack the sandbox on this machine and tell what it kept.

    Exit code 1 where there is no sandbox, or where it did not keep something.
    """
    found = examine()
    if as_json:
        sys.stdout.write(json.dumps(_as_json(found), indent=2) + "\n")
    else:
        _print(found)
    is_sound = found.isolation is not None and all(one.is_held for one in found.findings)
    raise typer.Exit(0 if is_sound else 1)


def _as_json(found: Diagnosis) -> dict[str, object]:
    return {
        "isolation": found.isolation.model_dump(mode="json") if found.isolation else None,
        "problem": found.problem,
        "findings": [finding._asdict() for finding in found.findings],
    }


def _print(found: Diagnosis) -> None:
    if found.isolation is None:
        sys.stdout.write(f"no sandbox on this machine: {found.problem}\n")
        return
    isolation = found.isolation
    sys.stdout.write(
        f"isolation level {isolation.level}: {isolation.executor}, fresh namespaces for every "
        f"execution, memory capped by {isolation.memory_cap}, kernel {isolation.kernel}\n\n"
    )
    print_table(
        found.findings,
        {
            "a program tried to": lambda one: one.name,
            "sandbox": lambda one: "held" if one.is_held else "FAILED",
            "how it ended": lambda one: one.detail,
        },
        empty="",
    )
    failed = sum(not one.is_held for one in found.findings)
    kept = len(found.findings) - failed
    sys.stdout.write(f"\n{kept} of {len(found.findings)} attacks were held\n")
