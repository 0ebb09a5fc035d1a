"""A policy's limits on what may go wrong on a dataset."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from evalctl.comparing.policy import PolicyFile, limit_of
from evalctl.comparing.words import points
from evalctl.comparisons import GateCheck, Rule
from evalctl.results import DatasetResult


class _Ratio(NamedTuple):
    """So many of so many."""

    part: int
    whole: int
    words: str
    """What was counted, and of what."""


def _unparsed(result: DatasetResult) -> _Ratio:
    return _Ratio(result.metrics[0].n_unparsed, result.n_answered, "answered samples unparsed")


def _cut_off(result: DatasetResult) -> _Ratio:
    return _Ratio(result.metrics[0].n_truncated, result.n_answered, "answered samples cut off")


def _failed(result: DatasetResult) -> _Ratio:
    return _Ratio(result.failures.total, result.n_samples, "planned samples failed on our side")


def _not_scored(result: DatasetResult) -> _Ratio:
    head = result.metrics[0]
    return _Ratio(head.n_total - head.n_scored, head.n_total, "planned samples not scored")


RATIOS: Mapping[Rule, Callable[[DatasetResult], _Ratio]] = {
    "unparsed": _unparsed,
    "cut_off": _cut_off,
    "failed": _failed,
    "not_scored": _not_scored,
}
"""By rule, what is counted."""


def dataset_limits(file: PolicyFile, model: str, result: DatasetResult) -> Iterator[GateCheck]:
    """Yield the checks of a dataset's limits, of those that the policy has."""
    least, keys = limit_of(file.policy, result.dataset, "samples")
    subject = f"dataset {result.dataset}"
    if least is not None:
        scored = result.metrics[0].n_scored
        yield GateCheck(
            rule="samples",
            model=model,
            subject=subject,
            passed=scored >= least,
            limit=least,
            seen=scored,
            words=f"{subject}: {scored:,} samples scored; at least {least:,.0f} are needed",
            source=file.place(*keys),
        )
    for rule, count in RATIOS.items():
        most, keys = limit_of(file.policy, result.dataset, rule)
        if most is None:
            continue
        ratio = count(result)
        seen = ratio.part / ratio.whole if ratio.whole > 0 else None
        share = "" if seen is None else f" ({points(seen)} %)"
        yield GateCheck(
            rule=rule,
            model=model,
            subject=subject,
            passed=seen is not None and seen <= most,
            limit=most,
            seen=seen,
            words=f"{subject}: {ratio.part:,} of {ratio.whole:,} {ratio.words}{share}; "
            f"at most {points(most)} % may be",
            source=file.place(*keys),
        )
