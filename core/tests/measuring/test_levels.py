"""What one level measures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import pytest
from core.tests.measuring.requests import request

from evalctl.errors import NotMeasuredError
from evalctl.measurements import MeasuredRequest
from evalctl.measuring.levels import LevelRun, LevelRunner, prompts_at
from evalctl.protocols import EngineInfo
from evalctl.records import Completion, Generation, Prompt

PROMPTS = [Prompt(dataset="sums", sample_id=str(n), text=f"{n} + 0") for n in range(3)]


@dataclass
class Plain:
    """An engine that cannot be held to a number; each answer took a second."""

    info: EngineInfo = field(default_factory=lambda: EngineInfo(name="plain"))
    calls: list[int] = field(default_factory=list)

    def generate(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        asked = list(prompts)
        self.calls.append(len(asked))
        for prompt in asked:
            yield Generation(
                dataset=prompt.dataset,
                sample_id=prompt.sample_id,
                completions=(Completion(text="4", output_tokens=5),),
                prompt_tokens=7,
                seconds=1.0,
            )

    def close(self) -> None:
        return


@dataclass
class Held(Plain):
    """One that can."""

    held: list[int | None] = field(default_factory=list)

    def measure(self, prompts: Iterable[Prompt], concurrency: int | None) -> Iterator[Generation]:
        self.held.append(concurrency)
        return self.generate(prompts)


def runner(engine: Plain, kept: list[MeasuredRequest], least: int = 4) -> LevelRunner:
    return LevelRunner(engine, PROMPTS, 1, kept.append, least)


def test_times_are_told_by_percentiles() -> None:
    run = LevelRun(1, tuple(request(n, seconds=n / 10) for n in range(1, 12)))

    figures = run.figures()

    assert figures["seconds_p50"] == pytest.approx(0.6)
    assert figures["seconds_p90"] == pytest.approx(1.0)
    assert figures["first_token_seconds_p50"] == pytest.approx(0.1)


def test_a_later_tokens_time_is_what_is_left_after_the_first_over_the_others() -> None:
    run = LevelRun(1, (request(1.0, seconds=1.0, first_token_seconds=0.1, output_tokens=10),))

    assert run.figures()["token_seconds_p50"] == pytest.approx(0.1)


def test_an_answer_of_one_token_has_no_later_ones() -> None:
    run = LevelRun(1, (request(1.0, output_tokens=1),))

    assert "token_seconds_p50" not in run.figures()
    assert run.figures()["first_token_seconds_p50"] == pytest.approx(0.1)


def test_without_first_token_times_neither_they_nor_later_ones_are_told() -> None:
    run = LevelRun(1, tuple(request(n, first_token_seconds=None) for n in range(1, 5)))

    assert {name.rpartition("_")[0] for name in run.figures() if "_p" in name[-4:]} == {"seconds"}


def test_rates_leave_out_the_first_and_the_last_ones_of_each_place() -> None:
    # Two at once: the first two take long, then two end each second; the last two dawdle.
    ends = (10.0, 10.0, 11.0, 11.0, 12.0, 12.0, 30.0, 30.0)
    run = LevelRun(2, tuple(request(end, concurrency=2) for end in ends))

    assert run.figures()["samples_per_second"] == pytest.approx(2.0)
    assert run.figures()["tokens_per_second"] == pytest.approx(20.0)


def test_rates_of_all_at_once_are_of_all() -> None:
    run = LevelRun(None, tuple(request(end, concurrency=None) for end in (1.0, 2.0, 4.0)))

    assert run.figures()["samples_per_second"] == pytest.approx(0.75)


def test_a_failed_request_is_in_no_figure_but_in_its_time() -> None:
    failed = request(2.0, error="no", seconds=99.0, output_tokens=0)
    run = LevelRun(None, (request(1.0), failed))

    assert run.figures()["seconds_p99"] == pytest.approx(1.0)
    assert run.figures()["samples_per_second"] == pytest.approx(0.5)


def test_energy_is_told_for_each_token_and_each_answer() -> None:
    figures = LevelRun(1, (request(1.0), request(2.0)), joules=40.0).figures()

    assert figures["joules_per_token"] == pytest.approx(2.0)
    assert figures["joules_per_sample"] == pytest.approx(20.0)


def test_a_level_without_answers_tells_nothing() -> None:
    run = LevelRun(1, (request(1.0, error="no"),))

    assert run.figures() == {}
    assert run.mean_tokens() == (0.0, 0.0)


@pytest.mark.parametrize(
    ("least", "concurrency", "expected"), [(24, 1, 24), (24, 7, 28), (24, 64, 256), (24, None, 24)]
)
def test_a_level_takes_whole_rounds_and_four_at_least(
    least: int, concurrency: int | None, expected: int
) -> None:
    assert prompts_at(least, concurrency) == expected


def test_prompts_are_asked_in_a_circle_each_under_an_id_of_its_own() -> None:
    kept: list[MeasuredRequest] = []

    runner(Held(), kept).run(1)

    assert [one.sample_id for one in kept] == ["0#1", "1#1", "2#1", "0#2"]


def test_an_engine_is_held_to_the_number() -> None:
    engine = Held()

    runner(engine, []).run(2)

    assert engine.held == [2]
    assert engine.calls == [8]


def test_one_that_cannot_be_held_is_asked_one_by_one() -> None:
    engine = Plain()

    runner(engine, []).run(1)

    assert engine.calls == [1, 1, 1, 1]


def test_one_that_cannot_be_held_is_asked_all_at_once() -> None:
    engine = Plain()

    runner(engine, []).run(None)

    assert engine.calls == [4]


def test_one_that_cannot_be_held_says_so_at_any_other_number() -> None:
    with pytest.raises(NotMeasuredError, match="plain cannot be held to 2 prompts at once"):
        runner(Plain(), []).run(2)
