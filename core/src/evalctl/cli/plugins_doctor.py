"""`evalctl plugins doctor`: what became of each installed plugin, and how to mend it."""

from __future__ import annotations

import sys
from dataclasses import asdict

import typer

from evalctl.cli.arguments import AsJson
from evalctl.cli.start import load_plugins
from evalctl.cli.table import print_json, print_table
from evalctl.plugins import PluginInfo


def doctor(as_json: AsJson = False) -> None:
    """Show every installed plugin, what it offers, what failed and how to mend it.

    Exit code 1 where a plugin is not loaded, unless it was disabled.
    """
    found = load_plugins(is_quiet=True).plugins
    if as_json:
        print_json([asdict(info) for info in found])
    else:
        _print(found)
    raise typer.Exit(1 if any(info.error for info in found) else 0)


def _print(found: tuple[PluginInfo, ...]) -> None:
    columns = {
        "plugin": lambda info: info.name,
        "distribution": lambda info: f"{info.distribution} {info.version}",
        "status": lambda info: info.status,
        "loaded in": lambda info: f"{info.load_seconds:.2f} s",
    }
    print_table(found, columns, empty="No plugin is installed.")
    for info in found:
        if info.error:
            sys.stdout.write(f"\n{info.name}: {info.error}\n")
            sys.stdout.write(f"mend it: {info.remedy}\n" if info.remedy else "")
            sys.stdout.write(info.traceback or "")
