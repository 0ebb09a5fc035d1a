"""Tests of whether two sides differ on the same samples, and Holm's correction for many tests.

How large a difference is stands in `paired.py`.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, NamedTuple

from evalctl.stats.paired import Discordant, Pair

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TestName = Literal[
    "mcnemar", "sign_flip_exact", "sign_flip_sampled", "exchange_exact", "exchange_sampled"
]

MAX_ENUMERATED = 20
"""Values whose signs are all tried: a million patterns."""

MAX_LATTICE = 1 << 22
"""Points of a distribution that is computed exactly; 32 MB of numbers."""

MAX_DENOMINATOR = 100_000
"""Of a ratio of two values, for them to count as multiples of one step."""

MAX_SIZES = 64
"""Different sizes of values that are drawn as binomials."""

DRAWS = 99_999
"""Random sign patterns where few sizes occur."""

DRAWS_OF_MANY = 9_999
"""Random sign patterns where every value has a size of its own."""

SEED = 20_240_601
"""Of the random sign patterns: the same values give the same p value."""

_CLOSE = 1e-9
"""Two sums this close, relative to the sum of all sizes, are the same but for rounding."""

_CHUNK = 1 << 22
"""Signs made at once; 32 MB of numbers."""


class PairedTest(NamedTuple):
    """A two-sided p value and the test that it is from."""

    p_value: float
    """In 0..1."""
    name: TestName
    """Those named `sampled` rest on random patterns; the others are exact."""


def paired_test(pairs: Sequence[Pair]) -> PairedTest:
    """Return the test that suits the pairs: McNemar's for 0/1 values, sign flips for all others.

    Samples that share a cluster change their sign together.
    """
    values = unit_differences(pairs)
    is_binary = all(value in {0.0, 1.0} for pair in pairs for value in pair[:2])
    if is_binary and len(values) == len(pairs):
        above, below = sum(v > 0 for v in values), sum(v < 0 for v in values)
        return PairedTest(mcnemar_p(Discordant(above, below)), "mcnemar")
    return sign_flip_test(values)


def unit_differences(pairs: Iterable[Pair]) -> list[float]:
    """Return A minus B summed over each independent unit: a cluster, or a sample that is alone."""
    alone: list[float] = []
    shared: dict[str, list[float]] = defaultdict(list)
    for pair in pairs:
        own = alone if pair.cluster is None else shared[pair.cluster]
        own.append(pair.a - pair.b)
    return alone + [math.fsum(values) for values in shared.values()]


def mcnemar_p(discordant: Discordant) -> float:
    """Return McNemar's exact two-sided p value.

    Where the sides do not differ, each discordant pair falls to either side like a fair coin:
    twice the smaller tail of the binomial distribution, at most 1.

    Source: McNemar 1947, "Note on the sampling error of the difference between correlated
    proportions or percentages"; the exact form is the sign test.
    """
    least, count = min(discordant), sum(discordant)
    if least < 0:
        raise ValueError(f"{discordant} are no counts")
    if 2 * least >= count - 1:
        return 1.0
    log_pmf = _log_choose(count, least) - count * math.log(2)
    tail, term = 0.0, 1.0
    for k in range(least, -1, -1):
        tail += term
        term *= k / (count - k + 1)
        if term < tail * 1e-17:
            break
    return min(1.0, 2.0 * tail * math.exp(log_pmf))


def sign_flip_test(values: Sequence[float]) -> PairedTest:
    """Return the paired permutation test of a sum of differences, by changes of their signs.

    Where the sides do not differ, each difference is as likely to have the opposite sign. The p
    value is the share of sign patterns whose sum is at least as far from zero as the one seen:

    - exactly, by trying all patterns of up to `MAX_ENUMERATED` values;
    - exactly, from the distribution's characteristic function, where values are whole multiples
      of one step (0/1 scores in clusters, means over K completions);
    - otherwise from random patterns with a fixed seed, as `(hits + 1) / (draws + 1)`.

    Args:
        values: Differences of independent units; weights, where they have some, multiplied in.

    Source: Fisher 1935, "The Design of Experiments", section 21. The sampled form: Phipson and
    Smyth 2010, "Permutation p-values should never be zero".
    """
    sizes = sorted(abs(value) for value in values if value)  # so that no order changes a digit
    seen = abs(math.fsum(values))
    slack = _CLOSE * math.fsum(sizes)
    if len(sizes) <= MAX_ENUMERATED:
        return PairedTest(_enumerated_p(sizes, seen - slack), "sign_flip_exact")
    lattice = _lattice(sizes)
    if lattice is not None:
        step, steps = lattice
        return PairedTest(_lattice_p(steps, round(seen / step)), "sign_flip_exact")
    return PairedTest(_sampled_p(sizes, seen - slack), "sign_flip_sampled")


def holm(p_values: Sequence[float]) -> list[float]:
    """Return the p values corrected for how many there are, in their order.

    Rejecting those at most 0.05 keeps the chance of any false rejection below 0.05, whatever the
    dependence between the tests.

    Source: Holm 1979, "A simple sequentially rejective multiple test procedure".
    """
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    corrected = [0.0] * len(p_values)
    largest = 0.0
    for rank, index in enumerate(order):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[index]))
        corrected[index] = largest
    return corrected


def _log_choose(count: int, chosen: int) -> float:
    return math.lgamma(count + 1) - math.lgamma(chosen + 1) - math.lgamma(count - chosen + 1)


def _enumerated_p(sizes: Sequence[float], least: float) -> float:
    import numpy as np

    sums = np.zeros(1)
    for size in sizes:
        sums = np.concatenate((sums + size, sums - size))
    return float(np.mean(np.abs(sums) >= least))


def _lattice(sizes: Sequence[float]) -> tuple[float, Counter[int]] | None:
    """Return a step and how often each multiple of it occurs; None where there is no such step."""
    counts = Counter(sizes)
    smallest, total = min(counts), math.fsum(sizes)
    ratios: dict[float, Fraction] = {}
    common = 1
    for size in counts:
        ratio = Fraction(size / smallest).limit_denominator(MAX_DENOMINATOR)
        common = math.lcm(common, ratio.denominator)
        is_near = abs(float(ratio) * smallest - size) <= 1e-12 * size
        if not is_near or common * total / smallest * 2 >= MAX_LATTICE:
            return None
        ratios[size] = ratio
    steps: Counter[int] = Counter()
    for size, ratio in ratios.items():
        steps[int(ratio * common)] += counts[size]
    return smallest / common, steps


def _lattice_p(steps: Counter[int], seen: int) -> float:
    """Return the share of patterns with a sum of at least `seen` steps, either way.

    The characteristic function of a sum of ±v is the product of `cos(v t)`; its inverse Fourier
    transform is the distribution. Rounding adds at most about 1e-12.
    """
    import numpy as np

    if seen == 0:
        return 1.0
    furthest = sum(step * count for step, count in steps.items())
    points = 1 << (2 * furthest + 1).bit_length()
    angles = np.arange(points // 2 + 1) * (2 * np.pi / points)
    function = np.ones_like(angles)
    for step, count in steps.items():
        function *= np.cos(step * angles) ** count
    chances = np.fft.irfft(function, points)[seen : furthest + 1]
    smallest = math.ldexp(2.0, -sum(steps.values()))
    return min(1.0, max(2.0 * float(np.sum(np.clip(chances, 0.0, None))), smallest))


def _sampled_p(sizes: Sequence[float], least: float) -> float:
    import numpy as np

    rng = np.random.default_rng(SEED)
    counts = Counter(sizes)
    if len(counts) <= MAX_SIZES:
        sums = np.zeros(DRAWS)
        for size, count in counts.items():
            sums += size * (2.0 * rng.binomial(count, 0.5, DRAWS) - count)
    else:
        sums = _random_sums(np.asarray(sizes), rng)
    return float((np.sum(np.abs(sums) >= least) + 1) / (len(sums) + 1))


def _random_sums(sizes: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Return sums under random signs: twice the sum of a random subset, less the sum of all."""
    import numpy as np

    width = -(-len(sizes) // 8)
    parts = []
    chunk = max(1, _CHUNK // len(sizes))
    for start in range(0, DRAWS_OF_MANY, chunk):
        rows = min(chunk, DRAWS_OF_MANY - start)
        noise = np.frombuffer(rng.bytes(rows * width), dtype=np.uint8).reshape(rows, width)
        bits = np.unpackbits(noise, axis=1, count=len(sizes))
        parts.append(bits.astype(np.float64) @ sizes)
    return 2.0 * np.concatenate(parts) - np.sum(sizes)
