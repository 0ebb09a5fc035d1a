"""The category's scorers: a completion's program is run in a sandbox and judged by its tests."""

from __future__ import annotations

from evalctl import (
    CallTest,
    Completion,
    ExecutionRequest,
    ExecutionSpec,
    MetricSpec,
    ProgramTests,
    Sample,
    Score,
    ScorerSpec,
    StdioTest,
    mean_value,
)
from evalctl_coding import executors
from evalctl_coding.extraction import between_marks, program, with_futures_first


def request_continued(sample: Sample, completion: Completion) -> ExecutionRequest | Score:
    """Return the program of an answer that may go on where the prompt ends."""
    return _request(
        sample, program(completion.text, prompt=sample.input, entry_point=_name(sample))
    )


def request_whole(sample: Sample, completion: Completion) -> ExecutionRequest | Score:
    """Return the program of an answer that holds all of it, perhaps between its own marks."""
    text = between_marks(completion.text)
    return _request(sample, program(text, prompt="", entry_point=_name(sample)))


def request_calibrated(sample: Sample, completion: Completion) -> ExecutionRequest | Score:
    """Return the program with the prompt's own imports and signature before it.

    Source: BigCodeBench's calibrated pass@1 (Zhuo et al. 2024): models that leave out what the
    prompt has given already are not blamed for it.
    """
    if lacking := sample.metadata.get("lacks"):
        why = f"this problem needs {lacking}"
        return Score(value=None, explanation=why, outcome="unsupported")
    given = str(sample.metadata["code_prompt"])
    found = program(completion.text, prompt=given, entry_point=_name(sample))
    calibrated = with_futures_first(f"{given.rstrip()}\n    pass\n\n{found}") if found else None
    asked = _request(sample, calibrated)
    if isinstance(asked, Score):
        return asked
    needs = sample.metadata.get("needs")
    named = tuple(str(name) for name in needs) if isinstance(needs, list) else ()
    return asked.model_copy(update={"needs": named})


def request_contest(sample: Sample, completion: Completion) -> ExecutionRequest | Score:
    """Return a program that reads and prints, or whose function is called."""
    name = _name(sample).rpartition(".")[2]
    return _request(sample, program(completion.text, prompt="", entry_point=name))


def _request(sample: Sample, source: str | None) -> ExecutionRequest | Score:
    if source is None:
        return Score(value=0.0, answer=None, explanation="no program found in the output")
    asked = ExecutionRequest(
        id=sample.id, program=source, entry_point=_name(sample), tests=_tests(sample)
    )
    seconds = sample.metadata.get("seconds")  # where a problem has a limit of its own
    return asked.within(float(seconds)) if isinstance(seconds, int | float) else asked


def _name(sample: Sample) -> str:
    return str(sample.metadata.get("entry_point", ""))


def _tests(sample: Sample) -> ProgramTests:
    """Return the sample's tests, of the one kind that its adapter made."""
    stdio, calls = sample.metadata.get("stdio"), sample.metadata.get("calls")
    return ProgramTests(
        stdio=tuple(
            StdioTest(stdin=str(given), expected=str(printed)) for given, printed in _both(stdio)
        ),
        calls=tuple(
            CallTest(args=tuple(args), expected=expected)
            for args, expected in _both(calls)
            if isinstance(args, list)
        ),
        code=str(sample.metadata.get("tests", "")),
        unittest=str(sample.metadata.get("unittest", "")),
    )


def _both(tests: object) -> list[list[object]]:
    return tests if isinstance(tests, list) else []


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


METRICS = (
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

continued, whole, libraries, contest = (
    ScorerSpec(
        name=name,
        version="1",
        execution=ExecutionSpec(request=request, executor=executor),
        metrics=METRICS,
    )
    for name, request, executor in (
        ("code_continued", request_continued, executors.functions),
        ("code_whole", request_whole, executors.functions),
        ("code_libraries", request_calibrated, executors.libraries),
        ("code_contest", request_contest, executors.contests),
    )
)
