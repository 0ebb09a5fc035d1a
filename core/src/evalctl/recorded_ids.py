"""Which samples of a dataset a recording has: eight bytes each, and their ids read when wanted."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterable, Iterator


class RecordedIds:
    """The ids of the samples of one dataset that a recording has outputs for.

    Ids are told apart by hashes that hold in this process alone.
    """

    def __init__(self, read: Callable[[], Iterable[str]]) -> None:
        """Begin with none.

        Args:
            read: Reads the ids again, in the recording's order.
        """
        self._read = read
        self._hashes = array("q")

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._hashes)

    def __iter__(self) -> Iterator[str]:
        """Yield the ids in the recording's order; the recording is read for it."""
        return iter(self._read())

    def add(self, sample_id: str) -> None:
        """Add an id that is not among them."""
        self._hashes.append(hash(sample_id))

    def hashes(self) -> frozenset[int]:
        """Return what `hash` gives for each of the ids."""
        return frozenset(self._hashes)

    def count_outside(self, hashes: Collection[int]) -> int:
        """Return how many of the ids have a hash that is not among these."""
        return sum(one not in hashes for one in self._hashes)

    def first_outside(self, hashes: Collection[int]) -> str:
        """Return the first of the ids whose hash is not among these.

        Raises:
            StopIteration: There is none.
        """
        return next(one for one in self if hash(one) not in hashes)
