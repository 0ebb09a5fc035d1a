"""How far a run has fallen behind its baseline, with the intervals that a policy asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from evalctl.comparing.compare import SidePair, fill
from evalctl.comparing.policy import Policy, Regression
from evalctl.comparing.sides import RunSide
from evalctl.scales import SHARE, Scale

Keys = tuple[str, ...]
"""Keys of a policy: `categories, NAME`, `datasets, NAME` or `datasets, NAME, metrics, METRIC`."""

_NOTHING = "no scored sample in common with the baseline"


@dataclass(frozen=True)
class Fall:
    """A figure's difference from the baseline."""

    difference: float | None
    """Run minus baseline on the shared samples; None where there are none."""
    interval: tuple[float, float] | None
    """Of `1 - 2 level`."""
    n_shared: int
    """Samples that it rests on."""
    problem: str = ""
    """Why there is no difference."""
    scale: Scale = SHARE
    """How it is told."""

    def words(self, rule: Regression) -> str:
        """Return what was tested and found."""
        if self.difference is None:
            return f"{self.problem}, so a fall cannot be ruled out"
        size = f"{self.scale.signed(self.difference)}{self.scale.points} against the baseline"
        seen = f"{size} on {self.n_shared:,} shared samples"
        if self.interval is None:
            return f"{seen}, without an interval, so a fall cannot be ruled out"
        told = self.scale.interval(self.interval, " to ")
        share = f"{100 * (1 - 2 * rule.level):g} % interval {told}"
        margin = f"{self.scale.told(rule.beyond)}{self.scale.points} at level {rule.level:g}"
        low, high = self.interval
        if low >= -rule.beyond:
            found = f"a fall beyond {margin} is ruled out"
        elif high < -rule.beyond:
            found = f"it fell by more than {margin}"
        else:
            found = f"a fall beyond {margin} cannot be ruled out"
        return f"{seen} ({share}); {found}"


@dataclass(frozen=True)
class Falls:
    """All falls that a policy speaks of, of one model."""

    found: Mapping[Keys, Fall]
    """By the keys of what must not fall."""
    notices: tuple[str, ...]
    """Where run and baseline differ."""

    @classmethod
    def of(cls, side: RunSide, baseline: RunSide, policy: Policy) -> Self:
        """Return how far a side has fallen behind the baseline; each level is computed once."""
        wanted = _levels(policy)
        metrics = [keys[3] for keys in wanted if len(keys) == 4]
        pairs: dict[float, SidePair] = {}
        for level in dict.fromkeys(wanted.values()):
            pairs[level] = SidePair(side, baseline)
            fill([pairs[level]], metrics=metrics, confidence=1 - 2 * level)
        found = {keys: _fall(pairs[level], keys) for keys, level in wanted.items()}
        warnings = [w for pair in pairs.values() for w in (*pair.warnings, *pair.gaps)]
        return cls(found, tuple(dict.fromkeys(warnings)))

    def find(self, keys: Keys) -> Fall:
        """Return the fall of what a path of keys names."""
        return self.found[keys]


def _levels(policy: Policy) -> dict[Keys, float]:
    """Return the level of each rule, by the keys of what must not fall."""
    return {
        keys: rules.regression.level
        for keys, rules in policy.figures()
        if rules.regression is not None
    }


def _fall(pair: SidePair, keys: Keys) -> Fall:
    return _of_category(pair, keys[1]) if keys[0] == "categories" else _of_dataset(pair, keys)


def _of_category(pair: SidePair, name: str) -> Fall:
    found = [category for category in pair.categories if category.category == name]
    if not found:
        return Fall(None, None, 0, _NOTHING)
    (category,) = found
    if category.missing:
        lacking = f"not both runs have samples of {', '.join(category.missing)}"
        return Fall(None, None, 0, lacking)
    n_shared = sum(part.figures.n_pairs for part in category.parts)
    return Fall(category.figures.value, category.figures.interval, n_shared)


def _of_dataset(pair: SidePair, keys: Keys) -> Fall:
    for one in pair.metrics:
        is_wanted = one.metric == keys[3] if len(keys) == 4 else one.is_headline
        if one.dataset == keys[1] and is_wanted:
            found = one.figures
            return Fall(found.value, found.interval, found.n_pairs, scale=one.scale)
    if len(keys) == 4 and keys[3] not in pair.b.metrics(keys[1]):
        return Fall(None, None, 0, f"the baseline has no {keys[3]}")
    return Fall(None, None, 0, _NOTHING)
