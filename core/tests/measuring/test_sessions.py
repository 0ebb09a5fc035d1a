"""The protocol: turns, the search for the saturation, and what becomes of sessions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from evalctl.measurements import Figure, MeasuredRequest
from evalctl.measuring import (
    Instruments,
    Known,
    Measured,
    Subject,
    against,
    measure_in_turns,
    reduce_sessions,
    standings,
)
from evalctl.measuring.energy import EnergyMeter
from evalctl.protocols import Engine, EngineInfo
from evalctl.records import Completion, Generation, Prompt
from evalctl.specs import MeasuredMetricSpec, MeasuringSpec

PROMPTS = [Prompt(dataset="sums", sample_id=str(n), text=f"{n} + 0") for n in range(4)]


@dataclass
class Clock:
    """A clock that goes as far as it is moved."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def pace_of(concurrency: int) -> float:
    """Seconds of an answer: up to four at once do not slow each other down."""
    return 0.004 * max(1, concurrency / 4)


@dataclass
class Clockwork:
    """An engine in this process that answers in rounds, each of which takes a while."""

    factor: float = 1.0
    clock: Clock = field(default_factory=Clock)
    info: EngineInfo = field(default_factory=lambda: EngineInfo(name="clockwork", device="brass"))
    asked: list[int | None] = field(default_factory=list)

    def measure(self, prompts: Iterable[Prompt], concurrency: int | None) -> Iterator[Generation]:
        self.asked.append(concurrency)
        at_once = concurrency or 4
        seconds = self.factor * pace_of(at_once)
        for number, prompt in enumerate(prompts):
            if number % at_once == 0:
                self.clock.now += seconds
            yield Generation(
                dataset=prompt.dataset,
                sample_id=prompt.sample_id,
                completions=(Completion(text="1", output_tokens=5),),
                prompt_tokens=7,
                seconds=seconds,
                first_token_seconds=seconds / 2,
            )

    def close(self) -> None:
        return


class Unheld(Clockwork):
    """One that cannot be held to a number."""

    measure = None  # type: ignore[assignment]

    def generate(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        return Clockwork.measure(self, prompts, None)


def subject(
    name: str, engine: Clockwork, opened: list[str] | None = None, **more: object
) -> Subject:
    @contextmanager
    def opening() -> Iterator[Engine]:
        if opened is not None:
            opened.append(name)
        engine.clock.now += engine.factor
        yield engine

    return Subject(name=name, open=opening, prompts=PROMPTS, **more)  # type: ignore[arg-type]


def ignore(subject: Subject, text: str) -> None:
    return


def with_clock(*engines: Clockwork) -> Instruments:
    """One clock for all, and no energy counters."""
    clock = Clock()
    for engine in engines:
        engine.clock = clock
    return Instruments(EnergyMeter(rapl=Path("/nonexistent"), gpus=dict), clock)


def measured(engine: Clockwork, protocol: MeasuringSpec | None = None, **more: object) -> Measured:
    protocol = protocol or PROTOCOL
    taken = subject("a", engine, **more)
    return measure_in_turns([taken], protocol, ignore, with_clock(engine))["a"]


def latency(inputs: Mapping[str, float]) -> float:
    return inputs["latency_seconds"]


def worth(inputs: Mapping[str, float]) -> float:
    return inputs["accuracy"] / inputs["parameters"]


def points_per_second(inputs: Mapping[str, float]) -> float:
    return inputs["accuracy"] / (inputs["latency_seconds"] * inputs["parameters"])


def metric(
    name: str, compute: Callable[[Mapping[str, float]], float], *inputs: str
) -> MeasuredMetricSpec:
    return MeasuredMetricSpec.model_validate(
        {"name": name, "title": name, "unit": "s", "inputs": inputs, "compute": compute}
    )


PROTOCOL = MeasuringSpec(
    sessions=2,
    warm_up=1,
    requests=4,
    most_at_once=64,
    metrics=(
        metric("latency", latency, "latency_seconds"),
        metric("worth", worth, "accuracy", "parameters"),
    ),
)
KNOWN = Known("here", Figure(value=0.5, interval=(0.4, 0.6)), parameters=10, active_parameters=5)


def test_models_take_turns_and_change_the_order() -> None:
    opened: list[str] = []
    engines = [Clockwork(), Clockwork()]
    subjects = [subject(name, one, opened) for name, one in zip("ab", engines, strict=True)]
    thrice = PROTOCOL.model_copy(update={"sessions": 3})

    measure_in_turns(subjects, thrice, ignore, with_clock(*engines))

    assert opened == ["a", "b", "b", "a", "a", "b"]


def test_levels_double_until_two_in_a_row_bring_little_and_stay_in_later_sessions() -> None:
    engine = Clockwork()

    measured(engine)

    once = [1, 1, 2, 4, 8, 16]  # the first one is the warm-up
    assert engine.asked == once + once


def test_levels_end_at_the_highest_that_is_wanted() -> None:
    engine = Clockwork()
    few = PROTOCOL.model_copy(update={"most_at_once": 2, "sessions": 1, "warm_up": 0})

    measured(engine, few)

    assert engine.asked == [1, 2]


def test_the_saturation_is_the_level_with_the_most_answers_a_second() -> None:
    found = measured(Clockwork())

    measurement = reduce_sessions(found, PROTOCOL, KNOWN)

    assert measurement.saturation is not None
    assert measurement.saturation.concurrency == 4
    assert measurement.saturation.figures["samples_per_second"].value == pytest.approx(1000.0)
    assert [level.concurrency for level in measurement.levels] == [1, 2, 4, 8, 16]


def test_an_engine_that_cannot_be_held_has_one_at_a_time_and_all_at_once() -> None:
    found = measured(Unheld())

    measurement = reduce_sessions(found, PROTOCOL, KNOWN)

    assert [level.concurrency for level in measurement.levels] == [1, None]
    assert "cannot be held to 2" in measurement.not_measured["levels"]


def test_a_model_has_its_figures_and_says_what_it_lacks() -> None:
    found = measured(Clockwork())

    measurement = reduce_sessions(found, PROTOCOL, KNOWN)

    alone = measurement.level(1)
    assert alone is not None
    assert alone.figures["seconds_p50"].value == pytest.approx(0.004)
    assert alone.figures["first_token_seconds_p50"].value == pytest.approx(0.002)
    assert alone.figures["token_seconds_p50"].value == pytest.approx(0.0005)
    assert set(measurement.figures) == {"load_seconds", "memory_bytes"}
    assert measurement.metrics["latency"].value == pytest.approx(0.004)
    assert measurement.metrics["worth"].value == pytest.approx(0.05)
    assert measurement.metrics["worth"].interval == pytest.approx((0.04, 0.06))
    assert "RAPL" in measurement.not_measured["joules_per_token"]
    assert measurement.device == "brass"


def test_a_metric_of_a_latency_without_an_interval_has_none() -> None:
    points = metric("points", points_per_second, "accuracy", "latency_seconds", "parameters")
    once = PROTOCOL.model_copy(update={"sessions": 1, "metrics": (points, *PROTOCOL.metrics)})
    found = {
        name: reduce_sessions(measured(Clockwork(), protocol), protocol, KNOWN)
        for name, protocol in (
            ("once", once),
            ("twice", once.model_copy(update={"sessions": 2})),
        )
    }

    assert found["once"].metrics["points"].value == pytest.approx(12.5)
    assert found["once"].metrics["points"].interval is None
    assert found["once"].metrics["worth"].interval is not None
    assert found["twice"].metrics["points"].interval == pytest.approx((10.0, 15.0))
    ratios = against(("a", found["once"]), ("b", found["twice"]), ["other runs"]).ratios
    assert {ratio.name: ratio.interval for ratio in ratios}["points"] is None


def test_what_is_on_a_server_has_no_memory_and_no_energy_of_its_own() -> None:
    found = measured(Clockwork(), is_here=False)

    measurement = reduce_sessions(found, PROTOCOL, Known("here", Figure(value=1.0), is_here=False))

    assert set(measurement.figures) == {"load_seconds"}
    assert measurement.not_measured["memory_bytes"] == "the model is on a server"
    assert measurement.not_measured["joules_per_token"] == "the model is on a server"
    assert measurement.not_measured["worth"] == "parameters not known"


def test_a_metric_whose_function_fails_is_not_measured_and_ends_nothing() -> None:
    broken = metric("worth", worth, "accuracy", "parameters")
    protocol = PROTOCOL.model_copy(update={"metrics": (broken, *PROTOCOL.metrics[:1])})
    found = measured(Clockwork(), protocol)

    nothing = Known("here", Figure(value=0.5), parameters=0)
    measurement = reduce_sessions(found, protocol, nothing)

    assert "ZeroDivisionError" in measurement.not_measured["worth"]
    assert set(measurement.metrics) == {"latency"}


def test_every_request_is_kept_but_those_of_the_warm_up() -> None:
    kept: list[MeasuredRequest] = []

    measured(Clockwork(), keep=kept.append)

    assert len(kept) == 2 * (4 + 8 + 16 + 32 + 64)
    assert {one.session for one in kept} == {1, 2}


def test_ratios_are_of_all_figures_that_both_have() -> None:
    engines = [Clockwork(factor=3.0), Clockwork()]
    subjects = [subject(name, one) for name, one in zip("ab", engines, strict=True)]
    found = measure_in_turns(subjects, PROTOCOL, ignore, with_clock(*engines))
    one, other = (reduce_sessions(found[name], PROTOCOL, KNOWN) for name in "ab")

    ratios = {(ratio.name, ratio.at): ratio for ratio in against(("a", one), ("b", other)).ratios}

    assert ratios["seconds_p50", "1"].value == pytest.approx(3.0)
    assert ratios["latency", ""].value == pytest.approx(3.0)
    assert ratios["worth", ""].value == pytest.approx(1.0)
    assert ratios["samples_per_second", "saturation"].value == pytest.approx(1 / 3)
    assert ratios["load_seconds", ""].value == pytest.approx(3.0)
    assert ratios["load_seconds", ""].interval == pytest.approx((3.0, 3.0))


def test_a_model_stands_where_no_other_one_beats_it() -> None:
    found = measured(Clockwork())
    plain = reduce_sessions(found, PROTOCOL, KNOWN)

    def like(accuracy: float, latency: float, memory: float, parameters: float | None) -> Figure:
        values = (accuracy, latency, memory, parameters)
        names = ("accuracy", "latency_seconds", "memory_bytes", "parameters")
        return plain.model_copy(  # type: ignore[return-value]
            update={"inputs": {n: Figure(value=v) for n, v in zip(names, values, strict=True)}}
        )

    rows = {
        "good": like(0.9, 2.0, 4.0, 8.0),
        "quick": like(0.5, 1.0, 4.0, 8.0),
        "bad": like(0.4, 3.0, 5.0, 9.0),
        "unknown": like(0.95, 0.1, 0.1, None),
    }
    stand = {one.model: one.unbeaten_in for one in standings(rows.items())}  # type: ignore[arg-type]

    assert stand == {
        "good": ("parameters", "all"),
        "quick": ("all",),
        "bad": (),
        "unknown": ("latency_seconds", "memory_bytes"),
    }
