"""What several continuations share: contexts read once, and what several contexts begin with.

A stem is the context of a prompt; its branches are what is read behind it. A continuation's last
token is only predicted, never read, so that all continuations of one token need no branch of their
own. Stems with a long common beginning make a family. Imports nothing heavy.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from evalctl.engines.prompt_reader import Choice
from evalctl.records import Continuation

SHORTEST_PREFIX = 32
"""Tokens that contexts must have in common for these to be read once for all of them."""

LEAST_SHARE = 0.8
"""Of the widest sequence's tokens that one must have to be read together with it, so that little is
padding; unless so few were read that a call of the model is not worth it."""
ENOUGH_TOKENS = 2048
"""Tokens that are."""


@dataclass
class ScoreRow:
    """One continuation whose log-likelihood is wanted."""

    choice: Choice
    result: Continuation | None = None

    @property
    def tokens(self) -> list[int]:
        """Of the continuation."""
        return self.choice.continuation


@dataclass
class Branch:
    """Tokens behind a context, and the continuations that are read off them."""

    tokens: list[int]
    """One continuation without its last token."""
    rows: list[ScoreRow]
    """Continuations that begin as the branch does and have at most one token more."""


@dataclass
class Stem:
    """A context, at least one token long, with its branches."""

    context: list[int]
    branches: list[Branch] = field(default_factory=list)

    @property
    def width(self) -> int:
        """Tokens that its longest branch reads, the context among them."""
        return len(self.context) + max(len(branch.tokens) for branch in self.branches)


class Family(NamedTuple):
    """Stems that all begin with the same tokens."""

    prefix: list[int]
    """Shorter than each of the contexts; empty where they have nothing in common."""
    stems: list[Stem]


def stem_of(rows: Sequence[ScoreRow], *, is_shared: bool) -> Stem:
    """Return the continuations of one prompt as branches of their context.

    Args:
        rows: None of them empty, and all of the same context.
        is_shared: Whether continuations are read off one branch where they can be; else each has
            one of its own.
    """
    stem = Stem(rows[0].choice.context)
    for row in sorted(rows, key=lambda row: -len(row.tokens)):
        read = row.tokens[:-1]
        held = (one for one in stem.branches if is_shared and one.tokens[: len(read)] == read)
        branch = next(held, None)
        if branch is None:
            stem.branches.append(branch := Branch(read, []))
        branch.rows.append(row)
    return stem


def families(stems: Iterable[Stem]) -> list[Family]:
    """Return the stems in families, and all that have no family as one without a prefix."""
    found: list[Family] = []
    single: list[Stem] = []
    for family in _runs(sorted(stems, key=lambda stem: stem.context)):
        if len(family.stems) > 1:
            found.append(family)
        else:
            single.extend(family.stems)
    return [*found, Family([], single)] if single else found


def _runs(ordered: Sequence[Stem]) -> Iterator[Family]:
    """Yield runs of stems, in the order of their tokens, that have a long beginning in common."""
    run: list[Stem] = []
    n_common = 0
    for stem in ordered:
        alike = _n_alike(run[0].context, stem.context) if run else 0
        if run and alike >= SHORTEST_PREFIX and 2 * alike >= n_common:
            n_common = min(n_common, alike)
            run.append(stem)
            continue
        if run:
            yield Family(run[0].context[:n_common], run)
        run, n_common = [stem], len(stem.context) - 1
    if run:
        yield Family(run[0].context[:n_common], run)


def _n_alike(first: Sequence[int], second: Sequence[int]) -> int:
    """Return how many tokens both begin with, the last of either left out."""
    count = 0
    for one, other in zip(first[:-1], second[:-1], strict=False):
        if one != other:
            break
        count += 1
    return count


def n_together(widths: Sequence[int], most_tokens: int) -> int:
    """Return how many sequences, the first ones, at least one, are read together.

    Args:
        widths: Of all that wait, the widest first, to which others are padded.
        most_tokens: Of the widest one times their number.
    """
    widest = widths[0]
    most = max(1, most_tokens // widest)
    for count, width in enumerate(widths[:most]):
        if LEAST_SHARE * widest > width and count * widest >= ENOUGH_TOKENS:
            return count
    return min(most, len(widths))
