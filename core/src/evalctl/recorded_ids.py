"""Which samples of a dataset a recording has: eight bytes each, and their ids read when wanted."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterable, Iterator


class RecordedIds:
    """The ids of the samples of one dataset that a recording has outputs for.

    Ids are told apart by hashes that hold in this process alone.
    """

    def __init__(self, read: Callable[[], Iterable[str]], *, holds: str = "generate") -> None:
        """Begin with none.

        Args:
            read: Reads the ids again, in the recording's order.
            holds: Which `Capability` of an engine gave the outputs.
        """
        self.holds = holds
        self.labels: dict[str, None] = {}
        """Of a classifier's outputs: all labels, in the order in which they first came."""
        self._read = read
        self._hashes = array("q")

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._hashes)

    def __iter__(self) -> Iterator[str]:
        """Yield the ids in the recording's order; the recording is read for it."""
        return iter(self._read())

    def add(self, sample_id: str, labels: Iterable[str] = ()) -> None:
        """Add an id that is not among them, with the labels that its output has."""
        self._hashes.append(hash(sample_id))
        self.labels.update(dict.fromkeys(labels))

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
