"""`evalctl plugins doctor`: what became of each installed plugin, and how to mend it."""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from evalctl.cli import candidates
from evalctl.cli.arguments import AsJson
from evalctl.cli.harmless import harmless
from evalctl.cli.start import unknown_disabled
from evalctl.disabling import disabled_plugins
from evalctl.errors import UnknownNameError
from evalctl.plugins.examining import Examined, examine

Name = Annotated[
    str | None,
    typer.Argument(
        metavar="[NAME]",
        help="Show this plugin alone.",
        show_default=False,
        autocompletion=candidates.plugins,
    ),
]


def doctor(name: Name = None, as_json: AsJson = False) -> None:
    """Show every installed plugin, what it offers, what is wrong and how to mend it.

    Exit code 1 where a plugin cannot be loaded; mere advice, and a plugin that was disabled, are
    fine.
    """
    found = examine(disabled_plugins())
    unknown = unknown_disabled(one.info.name for one in found)
    if name is not None:
        known = [one.info.name for one in found]
        found = tuple(one for one in found if one.info.name == name)
        if not found:
            raise UnknownNameError("plugin", name, known)
    if as_json:
        told = {"plugins": [_as_json(one) for one in found], "unknown_disabled": unknown}
        sys.stdout.write(json.dumps(told, indent=2) + "\n")
    else:
        sys.stdout.write(harmless("\n".join(_lines(found, unknown))) + "\n")
    raise typer.Exit(0 if all(one.is_sound for one in found) else 1)


def _as_json(one: Examined) -> dict[str, object]:
    return {
        **asdict(one.info),
        "folder": one.installation.folder,
        "is_editable": one.installation.is_editable,
        "imported": [imported._asdict() for imported in one.imported],
        "is_sound": one.is_sound,
        "findings": [finding._asdict() for finding in one.findings],
    }


def _lines(found: Sequence[Examined], unknown: Sequence[str]) -> Iterator[str]:
    """Yield the report: sound plugins first, so that what matters is what stays in sight."""
    for one in sorted(found, key=lambda one: (not one.is_sound, bool(one.findings))):
        yield from _of_plugin(one)
        yield ""
    for line in unknown:
        yield from _wrapped("advice: ", line, "")
    yield from _wrapped("", _summary(found), "")


def _of_plugin(one: Examined) -> Iterator[str]:
    info, place = one.info, one.installation
    seconds = f" in {info.load_seconds:.2f} s" if info.status == "loaded" else ""
    status = info.status if one.is_sound else info.status.upper()
    yield f"{info.name}: {status}{seconds}"
    editable = ", editable" if place.is_editable else ""
    where = f" in {place.folder}" if place.folder else ""
    yield from _wrapped("", f"{info.distribution} {info.version}{editable}{where}", "    ")
    for kind, names in info.offers.items():
        yield from _wrapped(f"{kind}: ", ", ".join(names), "    ")
    for finding in one.findings:
        yield from _wrapped("WRONG: " if finding.is_wrong else "advice: ", finding.text, "  ")
        if finding.remedy:
            yield from _wrapped("to mend it: ", finding.remedy, "    ")
        if finding.is_wrong and info.traceback:
            yield from textwrap.indent(info.traceback.rstrip(), "    ").splitlines()


def _summary(found: Sequence[Examined]) -> str:
    wrong = [one.info.name for one in found if not one.is_sound]
    advised = [one.info.name for one in found if one.is_sound and one.findings]
    plural = "" if len(found) == 1 else "s"
    said = f"{len(found)} plugin{plural}: " + (
        f"{len(wrong)} wrong ({', '.join(wrong)})" if wrong else "nothing is wrong"
    )
    return f"{said}; advice for {', '.join(advised)}." if advised else f"{said}."


def _wrapped(label: str, text: str, indent: str) -> list[str]:
    """Return a labelled text in lines as wide as the terminal, or 80 columns without one."""
    width = max(40, shutil.get_terminal_size((80, 24)).columns)
    # Control characters are written out beforehand, so that they count as wide as they will be.
    line = " ".join(harmless(text).split())
    return textwrap.wrap(
        f"{label}{line}",
        width,
        initial_indent=indent,
        subsequent_indent=f"{indent}  ",
        break_on_hyphens=False,
        break_long_words=False,  # a command or a path is there to be copied
    )
