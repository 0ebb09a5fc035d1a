"""How figures and texts of unknown origin are written for people."""

from __future__ import annotations

from evalctl.results import GroupMetric, GroupValue, MetricValue
from evalctl.scales import SHARE, Scale


def scale_of(metric: MetricValue | None) -> Scale:
    """Return how a metric's values are told."""
    return SHARE if metric is None else Scale.of(metric.lower, metric.upper)


def figures(found: MetricValue | GroupValue, scale: Scale) -> tuple[str, str]:
    """Return a value with its error, and over how many samples it is."""
    is_whole = found.n_scored == found.n_total
    count = f"{found.n_scored}" if is_whole else f"{found.n_scored}/{found.n_total}"
    return estimated(found, scale), count


def estimated(found: MetricValue | GroupValue | GroupMetric, scale: Scale) -> str:
    """Return a value with its error; a dash for None."""
    error = "" if found.stderr is None else f" ± {scale.told(found.stderr)}"
    return f"{scale.told(found.value)}{error}"


def printable(text: str) -> str:
    """Return a text of unknown origin without what could steer a terminal."""
    return "".join(
        character if character in "\n\t" or character.isprintable() else "\ufffd"
        for character in text
    )


def percent(share: float | None, digits: int = 1) -> str:
    """Return a share in 0..1 as percent; a dash for None."""
    return "–" if share is None else f"{100 * share:.{digits}f} %"


def money(amount: float) -> str:
    """Return an amount with two places, or two figures where it is small."""
    return f"{amount:,.2f}" if amount >= 0.1 or amount == 0 else f"{amount:.2g}"
