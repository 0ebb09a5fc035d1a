"""Estimates for people: a few lines for each model, within 80 columns."""

from __future__ import annotations

from collections.abc import Iterator

from evalctl.estimates import (
    DatasetEstimate,
    JudgeEstimate,
    LimitEstimate,
    MeasuringEstimate,
    ModelEstimate,
    PriceEstimate,
    ProbeReport,
    TimeEstimate,
)
from evalctl.memory import MemoryEstimate, size_text
from evalctl.reporters.figures import money
from evalctl.scales import counted

_VERDICTS = {
    "fits": "fits",
    "fits_fewer": "fits",
    "tight": "may not fit",
    "does_not_fit": "does not fit",
    "unknown": "not known whether it fits",
}


def estimate_lines(estimate: ModelEstimate) -> Iterator[str]:
    """Yield what is said of one model, a line each; they may be wrapped."""
    if estimate.memory is not None:
        yield f"memory: {memory_text(estimate.memory)}"
    for dataset in estimate.datasets:
        yield f"{dataset.dataset}: {_dataset_text(dataset)}"
    if any(dataset.prompts_measured for dataset in estimate.datasets):
        more = "" if estimate.probe is not None else "; --probe measures it"
        yield f"time: {_time_text(estimate.time) or f'unknown{more}'}"
    if estimate.measuring is not None:
        yield f"measuring: {_measuring_text(estimate.measuring)}"
    if estimate.price is not None:
        yield f"price: {_price_text(estimate.price)}"
    if estimate.probe is not None:
        yield f"probe: {_probe_text(estimate.probe)}"
    for notice in estimate.notices:
        yield f"a guess: {notice}"


def judge_text(estimate: JudgeEstimate) -> str:
    """Return what is said of one judge: how many verdicts, and what they take."""
    count, read, written, at_most = (
        sum(getattr(one, name) for one in estimate.verdicts)
        for name in ("requests", "prompt_tokens", "output_tokens", "output_tokens_at_most")
    )
    said = counted(count, "verdict")
    if read:
        said += f", about {_rounded(read)} tokens in, {_rounded(written)} out"
        said += f" (at most {at_most:,}), a guess"
    return said if estimate.price is None else f"{said}; price: {_price_text(estimate.price)}"


def limit_text(limit: LimitEstimate) -> str:
    """Return whether a run comes to its end within its limit of costs."""
    verb = {"within": "cannot reach", "may_stop": "may stop at", "will_stop": "will stop at"}
    expected, at_most = money(limit.expected), money(limit.at_most)
    costs = f"about {expected} {limit.currency} in all (at most {at_most})"
    said = f"it {verb[limit.verdict]} its limit of {limit.max_cost:g} {limit.currency}"
    return f"the run will cost {costs}: {said}"


def memory_text(memory: MemoryEstimate) -> str:
    """Return what a model needs, and whether it fits, in one sentence."""
    verdict = _VERDICTS[memory.verdict]
    if memory.expected_bytes is None:
        return verdict
    parts = [f"{size_text(memory.weights_bytes or 0)} of weights"]
    if memory.cache_bytes is not None:
        parts.append(f"{size_text(memory.cache_bytes)} of cache")
    needed = f"about {size_text(memory.expected_bytes)} ({', '.join(parts)})"
    has = ""
    if memory.free_bytes is not None and memory.total_bytes is not None:
        count = f"{memory.devices} x " if memory.devices > 1 else ""
        free, total = size_text(memory.free_bytes), size_text(memory.total_bytes)
        has = f"; {free} of {total} {count}{memory.place} free"
    return f"{needed}{has}: {verdict}{_sequences_text(memory)}"


def _sequences_text(memory: MemoryEstimate) -> str:
    fitting, length = memory.sequences_that_fit, memory.tokens_per_sequence
    if memory.reason:
        return f", {memory.reason}"
    if fitting is None or length is None:
        return ""
    return f", {fitting:,} of {memory.sequences_asked:,} sequences of {length:,} tokens at once"


def _dataset_text(dataset: DatasetEstimate) -> str:
    count = counted(dataset.prompts, "prompt")
    if dataset.completions != dataset.prompts:
        count += f", {counted(dataset.completions, 'completion')}"
    if dataset.prompt_tokens_source == "none":
        return count
    read = f"about {_rounded(dataset.prompt_tokens)} tokens in"
    if dataset.prompts_longer:
        read += f" (about {dataset.prompts_longer:,} prompts are longer than the model reads)"
    if dataset.training_rows:
        learnt = counted(dataset.training_rows, "other row")
        read += f", and about {_rounded(dataset.training_tokens)} of {learnt} to learn from"
    if dataset.output_tokens_source == "none":
        return f"{count}, {read}"
    written = f"{_rounded(dataset.output_tokens, dataset.output_tokens_at_most)} out"
    return f"{count}, {read}, {written} (at most {dataset.output_tokens_at_most:,})"


def _measuring_text(measuring: MeasuringEstimate) -> str:
    """Return what measuring takes besides."""
    least = f"{measuring.prompts_low:,} to "
    least = "" if measuring.prompts_low == measuring.prompts_high else least
    count = f"{least}{measuring.prompts_high:,} prompts"
    said = (
        f"{count} in {counted(measuring.sessions, 'session')}, about "
        f"{_rounded(measuring.prompt_tokens)} tokens in, {_rounded(measuring.output_tokens)} out "
        f"(at most {measuring.output_tokens_at_most:,})"
    )
    middle, low, high = (
        measuring.expected_seconds,
        measuring.low_seconds,
        measuring.high_seconds,
    )
    if middle is None or low is None or high is None:
        return f"{said}, time unknown"
    span = f"{duration_text(low)} to {duration_text(high)}"
    return f"{said}, about {duration_text(middle)} ({span})"


def _time_text(time: TimeEstimate) -> str:
    if time.expected_seconds is None or time.low_seconds is None or time.high_seconds is None:
        return ""
    source = "a probe" if time.source == "probe" else "earlier runs"
    span = f"{duration_text(time.low_seconds)} to {duration_text(time.high_seconds)}"
    speed = f", {time.tokens_per_second:,.0f} tokens/s" if time.tokens_per_second else ""
    return f"about {duration_text(time.expected_seconds)} ({span}), from {source}{speed}"


def _price_text(price: PriceEstimate) -> str:
    day = f" as of {price.as_of.isoformat()}" if price.as_of else ""
    own = "" if price.page else " (your own)"
    rates = f"{price.input_per_million:g} in and {price.output_per_million:g} out a million"
    expected, at_most = money(price.expected), money(price.at_most)
    return f"about {expected} {price.currency} (at most {at_most}), at {rates}{day}{own}"


def _probe_text(report: ProbeReport) -> str:
    text = (
        f"{report.answered} of {report.prompts} prompts answered in "
        f"{duration_text(report.generate_seconds)}, loaded in {duration_text(report.load_seconds)}"
    )
    if report.peak_memory_bytes is not None:
        text += f", {size_text(report.peak_memory_bytes)} of RAM at its peak"
    return text


def duration_text(seconds: float) -> str:
    """Return a duration for people: `8 s`, `12 min`, `3.5 h`, `4 days`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 48 * 3600 else f"{seconds / 86400:.0f} days"


def _rounded(tokens: int, at_most: int | None = None) -> str:
    """Return a number to three places, since more would be made up, and never above a limit."""
    places = max(len(str(tokens)) - 3, 0)
    rounded = round(tokens, -places)
    return f"{rounded if at_most is None else min(rounded, at_most):,}"
