"""The random order of a dataset's samples."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from evalctl.plan import order
from evalctl.plan.order import first_in_order, in_order
from evalctl.records import Sample

ROWS = [Sample(id=str(number), input="?") for number in range(500)]


def read(rows: list[Sample] = ROWS) -> Iterator[Sample]:
    return iter(rows)


def ids(pairs: Iterator[tuple[int, Sample]]) -> list[str]:
    return [sample.id for _, sample in pairs]


def test_every_sample_comes_once_with_its_position() -> None:
    pairs = list(in_order("d", read))
    assert [position for position, _ in pairs] == list(range(500))
    assert sorted(int(sample.id) for _, sample in pairs) == list(range(500))


def test_order_of_the_rows_plays_no_part() -> None:
    mixed = random.Random(1).sample(ROWS, len(ROWS))
    assert ids(in_order("d", lambda: read(mixed))) == ids(in_order("d", read))
    assert ids(in_order("other", read)) != ids(in_order("d", read))


def test_order_is_unrelated_to_that_of_the_rows() -> None:
    numbers = [int(each) for each in ids(in_order("d", read))]
    assert 200 < sum(numbers[:100]) / 100 < 300


def test_a_limited_set_is_the_beginning_of_the_order() -> None:
    assert first_in_order("d", read(), 50) == ids(in_order("d", read))[:50]


@pytest.mark.parametrize("window", [1, 7, 499, 500, 501])
def test_order_is_the_same_whatever_is_held_at_once(
    monkeypatch: pytest.MonkeyPatch, window: int
) -> None:
    whole = ids(in_order("d", read))
    monkeypatch.setattr(order, "WINDOW", window)
    assert ids(in_order("d", lambda: read(ROWS[:60]))) == [i for i in whole if int(i) < 60]


@pytest.mark.parametrize("start", [0, 1, 123, 499, 500, 501])
def test_order_goes_on_from_any_position(start: int) -> None:
    assert list(in_order("d", read, start=start)) == list(in_order("d", read))[start:]


def test_rows_are_read_once_for_each_window_that_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order, "WINDOW", 100)
    reads: list[int] = []

    def counted() -> Iterator[Sample]:
        reads.append(1)
        return read()

    taken = in_order("d", counted)
    for _ in range(150):
        next(taken)
    assert len(reads) == 2
