"""Which datasets may stop early under `--until-width`."""

from __future__ import annotations

import math

from evalctl.specs import DatasetSpec


def why_not_early(spec: DatasetSpec) -> str:
    """Return why a dataset cannot be stopped early; empty where it can.

    Its headline metric must be a mean of values in a known range, which are there as soon as a
    sample is scored.
    """
    for scorer in spec.scorers:
        for metric in scorer.metrics:
            if metric.name != spec.headline:
                continue
            if scorer.judge is not None:
                return "a judge scores its headline after all of it was answered"
            if metric.pooled is not None:
                return "its headline is no mean of single samples' values"
            if not math.isfinite(metric.upper - metric.lower):
                return "the values of its headline have no bounds"
            return ""
    return "its headline is not a metric of one completion"
