"""How answers are spread: what always giving the same one scores, and where the right option is."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from math import sqrt

from pydantic import JsonValue

from evalctl.proving.findings import Finding, Seen, Verdict, quoted, share
from evalctl.proving.options import right_option

_COUNTED = 10_000
"""Different answers that are counted; those that come first behind them are not."""
_LABELS = 20
"""At most so many different answers are labels."""
_ROWS_A_LABEL = 5
_MUCH = 2 / 3
"""A share of one answer that makes a score look better than it is."""
_OFTEN = 0.01
"""A share of one answer that is worth its name."""
_ODD_ERRORS = 4.0
"""Standard errors by which a position's count may be off."""
_SHOWN = 6


class Labels:
    """Counts answers."""

    def __init__(self) -> None:
        """Begin without any."""
        self._counts: Counter[str] = Counter()
        self._total = 0

    def see(self, seen: Seen) -> None:
        """Count the answer of a question without options."""
        target = seen.sample.target.strip()
        if not target or seen.sample.choices:
            return
        self._total += 1
        key = target if len(target) <= 80 else f"{target[:64]}…{_digest(target)}"
        if key in self._counts or len(self._counts) < _COUNTED:
            self._counts[key] += 1

    def findings(self) -> Iterator[Finding]:
        """Yield how answers are spread, where there are any."""
        if not self._total:
            return
        answer, count = self._counts.most_common(1)[0]
        much: Verdict = "look" if count > _MUCH * self._total else "ok"
        yield Finding(
            name="labels",
            verdict=much,
            text=self._text(),
            figures={
                "rows": self._total,
                "different": len(self._counts) if len(self._counts) < _COUNTED else None,
                "majority": answer,
                "majority_share": count / self._total,
                "counts": dict(self._counts.most_common(_LABELS)),
            },
        )

    def _text(self) -> str:
        different = len(self._counts)
        top = self._counts.most_common(_SHOWN)
        baseline = f"always answering {quoted(top[0][0])} scores {share(top[0][1], self._total)}"
        if top[0][1] < _OFTEN * self._total:
            return f"labels: no answer is that of more than {share(top[0][1], self._total)}"
        if different > _LABELS or self._total < _ROWS_A_LABEL * different:
            return f"labels: {baseline}"
        spread = ", ".join(f"{quoted(one, 20)} {share(n, self._total)}" for one, n in top)
        return f"labels: {spread}{', …' if different > _SHOWN else ''}; {baseline}"


def _digest(text: str) -> str:
    """Return what tells long answers apart, the same in every process."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()


class Positions:
    """Counts where among the options the right one stands."""

    def __init__(self) -> None:
        """Begin without any."""
        self._found: Counter[int] = Counter()
        self._sizes: Counter[int] = Counter()
        self._from_one = False

    def see(self, seen: Seen) -> None:
        """Count a question with options."""
        sample = seen.sample
        if not sample.choices:
            return
        position = right_option(sample)
        if position is None and sample.target.strip() == str(len(sample.choices)):
            position, self._from_one = len(sample.choices), True
        if position is not None:
            self._found[position] += 1
            self._sizes[len(sample.choices)] += 1

    def findings(self) -> Iterator[Finding]:
        """Yield how positions are spread, where there are options."""
        total = sum(self._found.values())
        if not total:
            return
        first = int(self._from_one)
        names = {at: chr(ord("A") + at) if at < 26 else str(at) for at in range(max(self._sizes))}
        counts = {name: self._found[at + first] for at, name in names.items()}
        best = max(counts, key=lambda name: counts[name])
        odd = [name for at, name in names.items() if self._is_odd(at, counts[name])]
        spread = ", ".join(f"{name} {share(n, total)}" for name, n in [*counts.items()][:10])
        text = f"right options: {spread}; always answering {best} scores "
        told: dict[str, JsonValue] = dict(counts)
        yield Finding(
            name="positions",
            verdict="look" if odd else "ok",
            text=text + share(counts[best], total),
            figures={
                "rows": total,
                "counts": told,
                "majority": best,
                "majority_share": counts[best] / total,
                "odd": list(odd),
                "chance": sum(n / size for size, n in self._sizes.items()) / total,
            },
        )

    def _is_odd(self, position: int, count: int) -> bool:
        """Return whether a position has far more or fewer right options than chance gives it."""
        having = {size: n for size, n in self._sizes.items() if size > position}
        expected = sum(n / size for size, n in having.items())
        variance = sum(n / size * (1 - 1 / size) for size, n in having.items())
        return variance > 0 and abs(count - expected) > _ODD_ERRORS * sqrt(variance)
