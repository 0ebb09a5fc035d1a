"""Programs on sequences: a completion's function is called in a sandbox, within narrow limits."""

from __future__ import annotations

import re

from evalctl import (
    CallTest,
    Completion,
    DatasetSpec,
    Example,
    ExecutionRequest,
    ExecutionSpec,
    ExecutorSpec,
    Limits,
    MetricSpec,
    PackagedSource,
    ProgramTests,
    PromptTemplate,
    Row,
    Sample,
    Sampling,
    Score,
    ScorerSpec,
)

_LANGUAGE = re.compile(r"\A[ \t]*+(?:python3?|py)?+[ \t]*+\n")


def to_sample(row: Row) -> Sample:
    """Adapt a row; its tests are pairs of arguments and what must be returned for them."""
    tests = row.data["tests"]
    if not calls(tests):
        raise ValueError(f"column 'tests' holds {tests!r:.80}; [[[argument, ...], expected], ...]")
    return Sample(
        id=row.text("id"),
        input=row.text("question"),
        solution=row.text("solution"),
        metadata={"function": row.text("function"), "tests": tests},
    )


def calls(tests: object) -> tuple[CallTest, ...]:
    """Return a row's tests; none where they are not of the form."""
    pairs = [pair for pair in tests if isinstance(pair, list)] if isinstance(tests, list) else []
    return tuple(
        CallTest(args=tuple(pair[0]), expected=pair[1])
        for pair in pairs
        if len(pair) == 2 and isinstance(pair[0], list)
    )


def read_program(text: str, function: str) -> str | None:
    """Return the last fenced block that defines a function, or what stands outside of blocks."""
    blocks = [_LANGUAGE.sub("", part) for part in text.split("```")]
    defining = [block for block in blocks if f"def {function}(" in block]
    return defining[-1] if defining else None


def request(sample: Sample, completion: Completion) -> ExecutionRequest | Score:
    """Return the program of an answer with its tests; a score where there is none."""
    function = str(sample.metadata["function"])
    program = read_program(completion.text, function)
    if program is None:
        return Score(value=0.0, answer=None, explanation=f"no function {function} in the output")
    tests = ProgramTests(calls=calls(sample.metadata["tests"]))
    return ExecutionRequest(id=sample.id, program=program, entry_point=function, tests=tests)


def all_passed(scores: tuple[Score, ...]) -> float | None:
    """Return the share of completions whose program passes all of its tests."""
    passed = [float(score.value == 1.0) for score in scores if score.value is not None]
    return sum(passed) / len(passed) if passed else None


def gold(sample: Sample) -> str:
    """Return the gold solution as a model writes it."""
    return f"```python\n{sample.solution}```"


def wrong(sample: Sample) -> str:
    """Return a program that does nothing likewise."""
    return f"```python\ndef {sample.metadata['function']}(*given):\n    return None\n```"


executor = ExecutorSpec(
    name="genomics",
    title="functions on sequences: the standard library, one process, 2 s and 128 MiB",
    limits=Limits(
        wall_seconds=2.0,
        cpu_seconds=2.0,
        memory_bytes=256 << 20,
        memory_total_bytes=128 << 20,
        disk_bytes=1 << 20,
        stdout_bytes=64 << 10,
    ),
)

scorer = ScorerSpec(
    name="sequence_program",
    version="1",
    execution=ExecutionSpec(request=request, executor=executor),
    metrics=(
        MetricSpec(
            name="sequence_pass_at_1",
            title="programs that pass all tests",
            reduce=all_passed,
            proportion=True,
            pass_name="sequence_pass_at_{k}",
        ),
    ),
)

dataset = DatasetSpec(
    name="sequence_programs",
    title="Sequence programs: 12 small functions on DNA and proteins, run in a sandbox",
    version="1",
    licence="CC0-1.0",
    citation="Written for evalctl-genomics by its authors",
    sources=(PackagedSource(package="evalctl_genomics", path="data/sequence_programs.jsonl"),),
    columns=frozenset({"id", "question", "function", "solution", "tests"}),
    to_sample=to_sample,
    prompt=PromptTemplate(
        question="{input}\n\n```python\n",
        answer="{solution}```",
        instruction=(
            "{input}\n\nAnswer with the function, and all that it needs, in one fenced block of "
            "Python. Only the standard library is there."
        ),
        reply="```python\n{solution}```",
        stop=("\n```",),
    ),
    sampling=Sampling(max_tokens=1024),
    scorers=(scorer,),
    headline="sequence_pass_at_1",
    examples=(
        Example(
            sample=Sample(
                id="example",
                input="Write a Python function `count_a(dna)` that returns how many A are in it.",
                metadata={"function": "count_a", "tests": [[["GATTACA"], 3], [[""], 0]]},
            ),
            good="```python\ndef count_a(dna):\n    return dna.count('A')\n```",
            bad="```python\ndef count_a(dna):\n    return 3\n```",
        ),
    ),
    gold=gold,
    perturb=wrong,
    role="secondary",
)
