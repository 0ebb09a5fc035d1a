"""`evalctl show RUN`: what came out of a run."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from evalctl.cli.arguments import RUNS, AsJson, RunName, RunsFolder, ShowUnsafe
from evalctl.cli.speciality import print_disagreements
from evalctl.errors import OutputError
from evalctl.reporters.terminal import print_result
from evalctl.store import Manifest, RunLock, open_run


def show(
    run: RunName,
    out: RunsFolder = RUNS,
    groups: Annotated[
        bool, typer.Option("--groups", help="Tell headlines by all groups, such as subjects.")
    ] = False,
    show_unsafe: ShowUnsafe = False,
    as_json: AsJson = False,
) -> None:
    """Show what came out of a run, and what it was."""
    folder = open_run(run, out)
    holder = RunLock.holder(folder.path)
    if holder is not None and not (folder.path / "summary.json").exists():
        raise OutputError(
            f"the run {folder.run_id} goes on: {holder} is at it. `evalctl score {folder.run_id}` "
            "scores what is there by now"
        )
    manifest, summary = folder.manifest(), folder.summary()
    if as_json:
        both = {
            "manifest": manifest.model_dump(mode="json"),
            "summary": summary.model_dump(mode="json"),
        }
        sys.stdout.write(json.dumps(both, indent=2, ensure_ascii=False) + "\n")
        return
    console = Console(highlight=False, emoji=False)
    console.print(Text.assemble((summary.run_id, "bold"), f"  {summary.status}"))
    console.print(Text(_origin(manifest), "dim"), soft_wrap=True)
    console.print()
    print_result(console, summary, all_groups=groups, shows_unsafe=show_unsafe)
    print_disagreements(console, folder.path, summary)
    console.print(f"results: {folder.path}", soft_wrap=True, style="dim")


def _origin(manifest: Manifest) -> str:
    hardware = manifest.hardware
    libraries = " ".join(f"{name} {number}" for name, number in manifest.libraries.items())
    return (
        f"{manifest.started} on {hardware.get('cpu')}, {hardware.get('cores')} cores\n"
        f"plugins: {' '.join(f'{name} {number}' for name, number in manifest.plugins.items())}\n"
        f"libraries: {libraries}"
    )
