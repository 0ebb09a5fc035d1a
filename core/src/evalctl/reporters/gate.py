"""A gate's outcome as lines: what was checked, and each reason why it stays shut."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from evalctl.comparisons import GateCheck, GateResult
from evalctl.reporters.figures import printable
from evalctl.scales import counted


def print_gate(console: Console, result: GateResult) -> None:
    """Print every check, those that failed last, and then the outcome."""
    against = f" against {result.baseline}" if result.baseline else ""
    console.print(Text(printable(f"{result.run_id}{against}"), "bold"), soft_wrap=True)
    has_many = len({check.model for check in result.checks}) > 1
    for check in sorted(result.checks, key=_is_failed):
        console.print(_line(check, has_many=has_many), soft_wrap=True)
    for notice in result.notices:
        console.print(Text.assemble(("warning: ", "bold yellow"), printable(notice)))
    failed = sum(not check.passed for check in result.checks)
    count = counted(len(result.checks), "check")
    if result.passed:
        console.print(Text(f"gate passed: {count}", "bold green"))
    else:
        console.print(Text(f"gate failed: {failed} of {count} did not hold", "bold red"))


def _is_failed(check: GateCheck) -> bool:
    return not check.passed


def _line(check: GateCheck, *, has_many: bool) -> Text:
    mark = ("ok    ", "green") if check.passed else ("FAILED", "bold red")
    model = f" {check.model}:" if has_many else ""
    source = f" [{check.source}]" if check.source else ""
    return Text.assemble(mark, printable(f"{model} {check.words}"), (printable(source), "dim"))
