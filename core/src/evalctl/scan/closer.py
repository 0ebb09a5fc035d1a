"""What takes long and is wanted now and then: rows that are nearly alike, and training files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from evalctl.errors import ConfigError
from evalctl.proving import Finding, Watch, unwatched
from evalctl.scan.contamination import contaminated
from evalctl.scan.near import near_repeats
from evalctl.scan.report import FoundSet, ScanReport
from evalctl.scan.scanning import Scanned
from evalctl.scan.validating import samples_again


def look_closer(
    scanned: Scanned, *, near: bool, against: Path | None, watch: Watch = unwatched
) -> ScanReport:
    """Return a scan's report with more findings.

    Args:
        scanned: The scan.
        near: Whether rows are looked for that are nearly alike; that changes no status.
        against: A folder of training files that test rows are looked for in; those that are found
            are warned of.
        watch: Told how far it is.

    Raises:
        ConfigError: `against` is no folder.
    """
    if against is not None and not against.is_dir():
        raise ConfigError(f"--against {against}: not a folder")
    found = contaminated(scanned.groups, against) if against else {}
    sets: list[FoundSet] = []
    for at, (one, group) in enumerate(zip(scanned.report.sets, scanned.groups, strict=True)):
        watch("comparing rows", at)
        if near:
            asked = (s.input or "\n".join(s.choices) for s in samples_again(group))
            one = _with(one, [*near_repeats(asked)], is_warning=False)
        if at in found:
            one = _with(one, [found[at]], is_warning=True)
        sets.append(one)
    return scanned.report.model_copy(update={"sets": tuple(sets)})


def _with(one: FoundSet, findings: Sequence[Finding], *, is_warning: bool) -> FoundSet:
    changes: dict[str, object] = {"findings": (*one.findings, *findings)}
    if is_warning:
        changes["reasons"] = (*one.reasons, *(finding.text for finding in findings))
        changes["status"] = "warnings" if one.status == "ready" else one.status
    return one.model_copy(update=changes)
