"""The category's scorer: a completion's program is run in a sandbox and judged by its tests."""

from __future__ import annotations

from evalctl import (
    Completion,
    ExecutionRequest,
    ExecutionSpec,
    MetricSpec,
    ProgramTests,
    Sample,
    Score,
    ScorerSpec,
    mean_value,
)
from evalctl_coding.extraction import program


def request_continued(sample: Sample, completion: Completion) -> ExecutionRequest | Score:
    """Return the program of an answer that may go on where the prompt ends."""
    return _request(sample, completion.text, prompt=sample.input)


def request_whole(sample: Sample, completion: Completion) -> ExecutionRequest | Score:
    """Return the program of an answer that holds all of it, up to a `[DONE]`."""
    return _request(sample, completion.text.partition("[DONE]")[0], prompt="")


def _request(sample: Sample, text: str, *, prompt: str) -> ExecutionRequest | Score:
    entry_point = str(sample.metadata["entry_point"])
    source = program(text, prompt=prompt, entry_point=entry_point)
    if source is None:
        return Score(value=0.0, answer=None, explanation="no program found in the output")
    return ExecutionRequest(
        id=sample.id,
        program=source,
        entry_point=entry_point,
        tests=ProgramTests(code=str(sample.metadata["tests"])),
    )


def share_passed(scores: tuple[Score, ...]) -> float | None:
    """Return the share of completions that pass all tests: pass@1 without bias."""
    return _mean([float(score.value == 1.0) for score in scores if score.value is not None])


def share_run(scores: tuple[Score, ...]) -> float | None:
    """Return the share of completions whose program ran without an error, right or wrong."""
    ran = [
        float(score.program is not None and score.program.ran)
        for score in scores
        if score.value is not None
    ]
    return _mean(ran)


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None


_METRICS = (
    MetricSpec(
        name="pass_at_1",
        title="programs that pass all tests; pass_at_k with k completions per sample",
        reduce=share_passed,
        proportion=True,
        repeats=True,
        pass_name="pass_at_{k}",
    ),
    MetricSpec(
        name="functional_correctness", title="share of tests that programs pass", reduce=mean_value
    ),
    MetricSpec(
        name="code_execution",
        title="programs that run to their end without an error",
        reduce=share_run,
        proportion=True,
    ),
)

continued = ScorerSpec(
    name="code_continued",
    version="1",
    execution=ExecutionSpec(request=request_continued),
    metrics=_METRICS,
)

whole = ScorerSpec(
    name="code_whole",
    version="1",
    execution=ExecutionSpec(request=request_whole),
    metrics=_METRICS,
)
