"""Exact accumulators of values: count, sum, squares and clusters, whatever the order of adding."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Self


@dataclass(slots=True)
class ExactSum:
    """A sum of floats without rounding, so that no order of adding can change a result.

    Generations finish in any order; a float sum would differ in its last digits from run to run.
    """

    numerator: int = 0
    """The sum in units of `2 ** -bits`."""
    bits: int = 0
    """Binary places in use; grows with the finest value added."""

    def add(self, numerator: int, bits: int) -> None:
        """Add `numerator * 2 ** -bits`."""
        if bits > self.bits:
            self.numerator <<= bits - self.bits
            self.bits = bits
        self.numerator += numerator << (self.bits - bits)

    def merge(self, other: ExactSum) -> None:
        """Add another sum."""
        self.add(other.numerator, other.bits)

    @property
    def fraction(self) -> Fraction:
        """The sum as a fraction."""
        return Fraction(self.numerator, 1 << self.bits)


@dataclass(slots=True)
class Cluster:
    """How many samples share a cluster, and the sum of their values."""

    count: int = 0
    total: ExactSum = field(default_factory=ExactSum)


@dataclass(slots=True)
class Moments:
    """A streaming accumulator of values: count, sum, sum of squares, and sums by cluster.

    Memory is constant without clusters, and grows with the number of clusters otherwise. Two
    accumulators of different samples can be merged; neither order nor grouping changes a digit.
    """

    count: int = 0
    """How many values were added."""
    total: ExactSum = field(default_factory=ExactSum)
    """Their sum."""
    squares: ExactSum = field(default_factory=ExactSum)
    """The sum of their squares."""
    clusters: dict[str, Cluster] = field(default_factory=dict)
    """Sums by cluster id, of those samples that have one."""
    clustered_squares: ExactSum = field(default_factory=ExactSum)
    """The sum of squares of those samples."""

    def add(self, value: float, cluster: str | None = None) -> None:
        """Add a sample's value.

        Args:
            value: A finite number.
            cluster: What the sample shares with others; None means that it stands alone.

        Raises:
            ValueError: The value is not finite.
        """
        if not math.isfinite(value):
            raise ValueError(f"{value} is not a finite number; a metric's value must be one")
        numerator, denominator = float(value).as_integer_ratio()
        bits = denominator.bit_length() - 1
        self.count += 1
        self.total.add(numerator, bits)
        self.squares.add(numerator * numerator, 2 * bits)
        if cluster is not None:
            entry = self.clusters.setdefault(cluster, Cluster())
            entry.count += 1
            entry.total.add(numerator, bits)
            self.clustered_squares.add(numerator * numerator, 2 * bits)

    def merge(self, other: Moments) -> Self:
        """Add all that another accumulator has seen, and return this one."""
        self.count += other.count
        self.total.merge(other.total)
        self.squares.merge(other.squares)
        self.clustered_squares.merge(other.clustered_squares)
        for name, theirs in other.clusters.items():
            ours = self.clusters.setdefault(name, Cluster())
            ours.count += theirs.count
            ours.total.merge(theirs.total)
        return self

    @property
    def mean(self) -> float | None:
        """The mean, correctly rounded; None without values."""
        return float(self.total.fraction / self.count) if self.count else None

    @property
    def m2(self) -> float:
        """The sum of squared deviations from the mean."""
        return float(self._m2())

    @property
    def is_clustered(self) -> bool:
        """Whether any two samples share a cluster."""
        return any(entry.count > 1 for entry in self.clusters.values())

    @property
    def independent_count(self) -> int:
        """How many independent units there are: clusters, and samples that stand alone."""
        alone = self.count - sum(entry.count for entry in self.clusters.values())
        return alone + len(self.clusters)

    @property
    def stderr(self) -> float | None:
        """The standard error of the mean, clustered where samples share clusters.

        None below two independent units. With clusters of one sample each it equals the plain
        formula `sqrt(m2 / (n (n - 1)))`.

        Source: Miller 2024, "Adding Error Bars to Evals", sections 2.1 and 2.2.
        """
        if self.independent_count < 2:
            return None
        variance = self._m2() / (self.count * (self.count - 1))
        if self.is_clustered:
            variance += self._cross_products() / self.count**2
        return math.sqrt(variance)

    def _m2(self) -> Fraction:
        if not self.count:
            return Fraction(0)
        return self.squares.fraction - self.total.fraction**2 / self.count

    def _cross_products(self) -> Fraction:
        """Sum over clusters of the products of two different samples' deviations."""
        bits, total, count = self.total.bits, self.total.numerator, self.count
        squares = clustered_total = clustered_count = 0
        for entry in self.clusters.values():
            own = entry.total.numerator << (bits - entry.total.bits)
            squares += (count * own - entry.count * total) ** 2
            clustered_total += own
            clustered_count += entry.count
        mean = self.total.fraction / count
        of_sums = Fraction(squares, count**2 << 2 * bits)
        of_singles = self.clustered_squares.fraction + clustered_count * mean**2
        return of_sums - of_singles + 2 * mean * Fraction(clustered_total, 1 << bits)
