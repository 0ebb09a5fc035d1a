"""Verdicts and findings in plain words; shares are told as percentage points."""

from __future__ import annotations

from typing import NamedTuple

from evalctl.comparisons import Verdict
from evalctl.scales import SHARE, Scale, counted
from evalctl.specializations import OverGeneral
from evalctl.stats import LEVEL


class Finding(NamedTuple):
    """What a verdict is made from."""

    subject: str
    """What was compared: `math`, or `gsm8k`."""
    difference: float
    """A minus B."""
    interval: tuple[float, float] | None
    """Its interval."""
    p_value: float
    """As tested."""
    p_holm: float
    """Corrected for all tests."""
    detectable: float | None
    """Minimum detectable effect."""
    n_shared: int
    """Samples that it rests on."""
    scale: Scale = SHARE
    """How its figures are told."""


def verdict(finding: Finding) -> Verdict:
    """Return what the corrected p value allows to say."""
    if finding.p_holm > LEVEL or finding.difference == 0.0:
        return "unclear"
    return "a_better" if finding.difference > 0.0 else "b_better"


def verdict_words(finding: Finding, a: str, b: str, *, is_score: bool, n_tests: int) -> str:
    """Return a verdict as a sentence.

    Args:
        finding: The figures.
        a: Name of side A.
        b: Name of side B.
        is_score: Whether more is better, as of headline metrics and category scores.
        n_tests: How many tests the correction counts.
    """
    chance = p_words(finding.p_value)
    if n_tests > 1:
        chance += f" ({p_words(finding.p_holm)} corrected for {n_tests} tests)"
    scale = finding.scale
    size = f"{scale.told(abs(finding.difference))}{scale.points}{_range(finding)}"
    match verdict(finding):
        case "a_better":
            return f"{a} {_ahead(is_score)} {b} on {finding.subject} by {size}, {chance}"
        case "b_better":
            return f"{b} {_ahead(is_score)} {a} on {finding.subject} by {size}, {chance}"
        case "unclear":
            return f"cannot tell {a} from {b} on {finding.subject}, {chance}: {_limit(finding)}"


def specialization_remark(
    category: str, weight: float | None, found: OverGeneral | None, *, is_specialist: bool
) -> str:
    """Return where a declared weight and what was measured disagree; empty where they do not."""
    if found is None:
        return ""
    is_sure = found.p_holm <= LEVEL
    size = f"by {points(abs(found.value))} points"
    if is_specialist and is_sure and found.value < 0.0:
        return f"declared a specialist of {category} ({weight:g}), but behind general models {size}"
    if is_specialist and not (is_sure and found.value > 0.0):
        limit = (
            _too_few(found.n_shared)
            if found.detectable is None
            else f"only differences above {points(found.detectable)} points would show"
        )
        return (
            f"declared a specialist of {category} ({weight:g}), but not seen to be better: {limit}"
        )
    if not is_specialist and is_sure and found.value > 0.0:
        said = "not declared for it" if weight is None else f"declared {weight:g}"
        return f"better at {category} than declared ({said}): ahead of general models {size}"
    return ""


def p_words(p_value: float) -> str:
    """Return a p value as it is written."""
    if p_value < 0.0001:
        return "p < 0.0001"
    return f"p = {p_value:.4f}" if p_value < 0.001 else f"p = {p_value:.3f}"


def points(share: float) -> str:
    """Return a share as percentage points, without a unit."""
    return f"{100 * share:.1f}"


def _ahead(is_score: bool) -> str:
    return "is better than" if is_score else "is higher than"


def _range(finding: Finding) -> str:
    if finding.interval is None:
        return ""
    low, high = finding.interval
    turned = (-high, -low) if finding.difference < 0.0 else (low, high)
    return f" ({finding.scale.interval(turned, ' to ')})"


def _limit(finding: Finding) -> str:
    if finding.detectable is None:
        return _too_few(finding.n_shared)
    least = f"{finding.scale.told(finding.detectable)}{finding.scale.points}"
    return f"at this sample size only differences above {least} show"


def _too_few(n_shared: int) -> str:
    verb = "is" if n_shared == 1 else "are"
    return f"{counted(n_shared, 'sample')} {verb} too few to show any difference"
