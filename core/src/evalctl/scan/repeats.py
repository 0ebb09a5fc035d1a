"""Questions that stand more than once, within a group and in two groups of one dataset."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import TYPE_CHECKING

from evalctl.proving import Finding
from evalctl.proving.findings import Cases
from evalctl.scales import counted

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def repeated(questions: array[int]) -> Iterator[Finding]:
    """Yield how many rows ask what an earlier one asks, where any does.

    Args:
        questions: 64 bits of each row's question, in order.
    """
    import numpy as np  # heavy: a listing needs none

    prints = _prints(questions)
    _, first, back = np.unique(prints, return_index=True, return_inverse=True)
    earlier = first[back]
    again = np.flatnonzero(earlier != np.arange(len(prints)))
    if not len(again):
        return
    cases = Cases()
    for at in again:
        cases.add(f"sample {at}", f"asks what sample {earlier[at]} asks")
    told = counted(len(again), "row asks", "rows ask")
    yield cases.finding("repeated", "look", f"{told} what an earlier row asks")


def shared(one: array[int], other: array[int]) -> int:
    """Return how many questions of one group stand in another as well."""
    import numpy as np

    return int(np.isin(_prints(one), _prints(other)).sum())


def _prints(questions: array[int]) -> NDArray[np.uint64]:
    import numpy as np

    return np.frombuffer(questions, dtype=np.uint64) if questions else np.zeros(0, np.uint64)
