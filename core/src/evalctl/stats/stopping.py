"""When a dataset may stop: its interval is as narrow as was asked for.

Results come in the order in which they finish, and short answers finish first; what came in so far
is no random part of the dataset. So they are put back into the order in which they were asked,
which must be random, before they are looked at. The interval itself is in `sequences.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from evalctl.stats.sequences import ConfidenceSequence


@dataclass(slots=True)
class WidthStop:
    """Tells from when on no further sample need be asked, and the interval that holds then.

    What comes in after the stop is not looked at, so that the outcome rests on the samples alone
    and not on which of them happened to be on their way.

    Memory grows with the results that came in before an earlier one did, and with nothing else.
    All fields are numbers, lists and dictionaries, so that a run can write them down and go on.
    """

    sequence: ConfidenceSequence
    """The interval of what came in without a gap."""
    lower: float = 0.0
    """Least possible value of the metric."""
    upper: float = 1.0
    """Greatest possible value."""
    waiting: dict[int, float | None] = field(default_factory=dict)
    """By position, what came in ahead of an earlier position."""
    stopped_at: int | None = None
    """How many samples it took; None as long as the interval is too wide."""

    @classmethod
    def of(
        cls, width: float, population: int | None, *, lower: float = 0.0, upper: float = 1.0
    ) -> WidthStop:
        """Return the rule for a metric of a dataset.

        Args:
            width: The interval's width to stop at, as a share of the metric's range; between 0
                and 1.
            population: Samples of the whole dataset; None where there is no end of them.
            lower: Least possible value of the metric.
            upper: Greatest possible value.

        Raises:
            ValueError: The width is not between 0 and 1, or the range is not finite.
        """
        if not 0.0 < width < 1.0:
            raise ValueError(f"an interval cannot be aimed at a width of {width}")
        if not 0.0 < upper - lower < float("inf"):
            raise ValueError(f"the range from {lower} to {upper} is not bounded")
        return cls(ConfidenceSequence(width, population), lower, upper)

    @classmethod
    def restore(cls, state: Mapping[str, object]) -> WidthStop:
        """Return a rule as `dataclasses.asdict` and JSON have written it down.

        Raises:
            pydantic.ValidationError: It is no such state.
        """
        from pydantic import TypeAdapter

        return TypeAdapter(cls).validate_python(state)

    def add(self, position: int, value: float | None) -> None:
        """Take the result of a sample.

        Args:
            position: Its place in the order in which samples are asked, from 0.
            value: Its value of the metric; None where it has none and never will.

        Raises:
            ValueError: The position is taken, or the value is out of range.
        """
        if self.has_stopped:
            return
        if position < self.sequence.seen or position in self.waiting:
            raise ValueError(f"position {position} came in twice")
        if value is not None and not self.lower <= value <= self.upper:
            raise ValueError(f"{value} is not in the range from {self.lower} to {self.upper}")
        span = self.upper - self.lower
        self.waiting[position] = None if value is None else (value - self.lower) / span
        while self.sequence.seen in self.waiting and not self.has_stopped:
            self.sequence.add(self.waiting.pop(self.sequence.seen))
            found = self.sequence.interval
            if found is not None and found[1] - found[0] <= self.sequence.width:
                self.stopped_at = self.sequence.seen
                self.waiting.clear()

    @property
    def has_stopped(self) -> bool:
        """Whether no further sample need be asked."""
        return self.stopped_at is not None

    @property
    def n_seen(self) -> int:
        """How many of the first samples are in without a gap, up to the stop."""
        return self.sequence.seen

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % interval, valid however often one looked; None where nothing has a value."""
        found = self.sequence.interval
        if found is None:
            return None
        span = self.upper - self.lower
        return self.lower + span * found[0], self.lower + span * found[1]
