"""`evalctl plugins check`: hold a plugin against the rules that make it one users can trust."""

from __future__ import annotations

import shutil
import sys
import textwrap
import time
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from evalctl.cli import candidates
from evalctl.cli.arguments import AsJson
from evalctl.cli.harmless import harmless
from evalctl.cli.table import print_json
from evalctl.errors import ConfigError

if TYPE_CHECKING:
    from evalctl.conformance import Outcome, Rule, Target

SHOWN_FINDINGS = 10
"""Of one rule; `--json` has all."""
_WIDEST = 100
_STATUS_WIDTH = len("does not apply") + 2


def check(
    plugin: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME_OR_PATH",
            help="A plugin or distribution that is installed, or the folder of a plugin's source.",
            show_default=False,
            autocompletion=candidates.plugins,
        ),
    ] = None,
    rules: Annotated[
        list[str] | None,
        typer.Option(
            "--rule",
            metavar="NAME",
            help="Only this rule; repeatable.",
            autocompletion=candidates.rules,
        ),
    ] = None,
    lists_rules: Annotated[
        bool, typer.Option("--list-rules", help="Print the rules with reasons and remedies.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Hold a plugin against the rules that make it one users can trust.

    Exit code 1 where it breaks one.
    """
    from evalctl.conformance import find_rules, find_targets  # `doctor` shall not wait for it

    wanted = find_rules(rules)
    if lists_rules:
        _list_rules(wanted, as_json=as_json)
        return
    if plugin is None:
        raise ConfigError(
            "name a plugin, or give the folder of its source; --list-rules needs none"
        )
    reports = [_check(target, wanted, is_quiet=as_json) for target in find_targets(plugin)]
    if as_json:
        print_json([report for report, _ in reports])
    raise typer.Exit(1 if any(has_failed for _, has_failed in reports) else 0)


def _check(
    target: Target, rules: Sequence[Rule], *, is_quiet: bool
) -> tuple[dict[str, object], bool]:
    """Return what came of a plugin as data, and whether it breaks a rule; tell it as it comes."""
    from evalctl.conformance import Session

    entry = target.entry
    if not is_quiet:
        origin = f"from {target.path}" if target.path else "as it is installed"
        header = f"{entry.plugin}: {entry.distribution} {entry.version}, {origin}"
        sys.stdout.write(f"{harmless(header)}\n\n")
    outcomes = []
    began = time.monotonic()
    with Session(target) as session:
        for outcome in session.outcomes(rules):
            outcomes.append(outcome)
            if not is_quiet:
                _tell(outcome)
                sys.stdout.flush()
    if not is_quiet:
        _sum_up(outcomes, time.monotonic() - began)
    told = {"path": target.path or None, "rules": [outcome.model_dump() for outcome in outcomes]}
    found = {one.status for one in outcomes}
    # Where nothing could be looked at, as the plugin does not load, nothing is proven.
    has_failed = "failed" in found or found == {"not checked"}
    return {**entry.model_dump(), **told}, has_failed


def _tell(outcome: Outcome) -> None:
    status = outcome.status.upper() if outcome.status == "failed" else outcome.status
    short = f" ({outcome.reason})" if outcome.status == "does not apply" else ""
    sys.stdout.write(f"{status:{_STATUS_WIDTH}}{outcome.rule}{short}\n")
    if outcome.status == "not checked":
        _write("", outcome.reason)
    if outcome.status != "failed":
        return
    for finding in outcome.findings[:SHOWN_FINDINGS]:
        _write("", f"{finding.where}: {finding.what}")
    if len(outcome.findings) > SHOWN_FINDINGS:
        _write("", f"and {len(outcome.findings) - SHOWN_FINDINGS} more; --json lists all")
    _write("not checked: ", outcome.reason)
    from evalctl.conformance import RULES

    rule = RULES[outcome.rule]
    _write("why: ", rule.reason)
    _write("mend it: ", rule.remedy)


def _sum_up(outcomes: Sequence[Outcome], seconds: float) -> None:
    counts = Counter(outcome.status for outcome in outcomes)
    named = (
        (counts["ok"], "ok"),
        (counts["failed"], "FAILED"),
        (counts["not checked"], "not checked"),
        (counts["does not apply"], "that do not apply"),
    )
    told = ", ".join(f"{count} {name}" for count, name in named if count)
    sys.stdout.write(f"\n{len(outcomes)} rules: {told} ({seconds:.1f} s)\n")


def _list_rules(rules: Sequence[Rule], *, as_json: bool) -> None:
    if as_json:
        print_json(
            [{"rule": one.name, "reason": one.reason, "remedy": one.remedy} for one in rules]
        )
        return
    from evalctl.conformance import THEMES

    for theme, members in THEMES.items():
        shown = [rule for rule in members if rule in rules]
        if shown:
            sys.stdout.write(f"{theme}\n")
        for rule in shown:
            sys.stdout.write(f"\n  {rule.name}\n")
            _write("why: ", rule.reason, indent=4)
            _write("mend it: ", rule.remedy, indent=4)
        sys.stdout.write("\n" if shown else "")


def _write(label: str, text: str, *, indent: int = _STATUS_WIDTH) -> None:
    """Write a text in lines that fit; nothing where it is empty."""
    width = min(shutil.get_terminal_size().columns, _WIDEST)
    first, rest = " " * indent, " " * (indent + 2)
    printable = "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text)
    lines = textwrap.wrap(
        f"{label}{printable}" if text else "",
        max(width, indent + 20),
        initial_indent=first,
        subsequent_indent=rest,
        break_on_hyphens=False,
    )
    sys.stdout.writelines(f"{line}\n" for line in lines)
