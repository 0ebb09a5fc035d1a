"""Forming verdicts where no guest code runs: what guests write is data here, and never believed."""

from evalctl.executors.judges.judging import execute

__all__ = ["execute"]
