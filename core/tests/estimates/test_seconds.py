"""Time, extrapolated by hand."""

from __future__ import annotations

import pytest

from evalctl.estimates.earlier import Earlier
from evalctl.estimates.probe import Length, Probe
from evalctl.estimates.records import DatasetEstimate, ProbeReport
from evalctl.estimates.seconds import from_earlier, from_probe

SUMS = DatasetEstimate(
    dataset="sums",
    prompts=1000,
    completions=1000,
    prompt_tokens=50_000,
    prompt_tokens_source="tokenizer",
    prompts_measured=200,
    longest_prompt_tokens=80,
    output_tokens=100_000,
    output_tokens_source="probe",
    output_tokens_low=80_000,
    output_tokens_high=120_000,
    output_tokens_at_most=512_000,
)


def probe(*, answered: int = 16, output_tokens: int = 1600, seconds: float = 8.0) -> Probe:
    report = ProbeReport(
        prompts=16,
        answered=answered,
        cut=0,
        output_tokens=output_tokens,
        generate_seconds=seconds,
        load_seconds=20.0,
        peak_memory_bytes=None,
    )
    return Probe(report, {"sums": Length(100.0, 0.2, is_cut=False)}, None)


def test_a_batch_as_large_as_the_probe_is_no_faster() -> None:
    found = from_probe(probe(), (SUMS,), sequences=16)
    assert found.tokens_per_second == 200
    assert found.expected_seconds == 20 + 100_000 / 200
    assert found.low_seconds == 20 + 80_000 / 200
    assert found.high_seconds == 20 + 120_000 / 200


def test_more_sequences_at_once_widen_the_range_to_the_fast_side() -> None:
    found = from_probe(probe(), (SUMS,), sequences=64)
    assert found.expected_seconds == 20 + 500 / 2
    assert found.low_seconds == 20 + 400 / 4
    assert found.high_seconds == 20 + 600


def test_an_engine_that_counts_no_tokens_is_timed_by_the_prompt() -> None:
    found = from_probe(probe(output_tokens=0), (SUMS,), sequences=16)
    assert found.tokens_per_second is None
    assert found.expected_seconds == 20 + 1000 * 0.5


def test_a_probe_without_an_answer_leaves_the_time_unknown() -> None:
    found = from_probe(probe(answered=0, output_tokens=0), (SUMS,), sequences=16)
    assert (found.source, found.expected_seconds) == ("unknown", None)
    assert found.load_seconds == 20


def test_earlier_runs_are_averaged_and_their_extremes_make_the_range() -> None:
    found = from_earlier(Earlier((100.0, 400.0, 200.0), (10.0, 30.0, 20.0), {}), (SUMS,))
    assert found.tokens_per_second == 200
    assert found.expected_seconds == 20 + 100_000 / 200
    assert found.low_seconds == 10 + 80_000 / 400 / 1.25
    assert found.high_seconds == 30 + 120_000 / 100 * 1.25


def test_without_earlier_runs_the_time_is_unknown() -> None:
    assert from_earlier(Earlier((), (), {}), (SUMS,)).source == "unknown"


@pytest.mark.parametrize(("seconds", "text"), [(8, "8 s"), (120, "2 min"), (9000, "2.5 h")])
def test_durations_are_told_in_the_unit_that_fits(seconds: float, text: str) -> None:
    from evalctl.cli.show_estimates import duration_text

    assert duration_text(seconds) == text
