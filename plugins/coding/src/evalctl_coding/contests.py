"""APPS and CodeContests: programs judged by what they print, functions by what they return."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator, Sequence

from pydantic import JsonValue

from evalctl import (
    DatasetMissingError,
    DatasetSpec,
    Example,
    FileParts,
    FileSource,
    HubPart,
    HubSource,
    PromptTemplate,
    Row,
    Sample,
    Sampling,
)
from evalctl_coding import programs, scorers

_PARAMETERS = re.compile(r"def\s+(\w+)\s*\(([^)]*)\)")
_CODECONTESTS = "deepmind/code_contests"
_METHOD = re.compile(r"class\s+Solution\b")
_MAX_LITERAL = 1 << 20
_PYTHON_3 = 3
"""The number that upstream's `solutions.language` has for it."""
SLACK = 5.0
"""CodeContests' time limits are for compiled programs; a program here has this many times more."""


def apps(row: Row) -> Sample:
    """Adapt a row of the hub's copy, or of a selection with parsed tests."""
    if "input_output" in row.data:
        return _apps_hub(row)
    starter = str(row.data.get("starter_code") or "")
    tests = row.data.get("test_list")
    pairs = [
        (str(test["input"]), test["output"])
        for test in (tests if isinstance(tests, list) else ())
        if isinstance(test, dict) and "input" in test and "output" in test
    ]
    if not pairs:
        raise ValueError("column 'test_list' holds no tests")
    metadata: dict[str, JsonValue]
    if starter.strip():
        metadata = _calls_of_lines(starter, pairs)
    else:
        metadata = {"stdio": [[given, _printed(expected)] for given, expected in pairs]}
    return _apps_sample(str(row.data.get("id", row.number)), row.text("description"), row, metadata)


def _apps_hub(row: Row) -> Sample:
    try:
        told = json.loads(row.text("input_output"))
        inputs, outputs = told["inputs"], told["outputs"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ValueError("column 'input_output' holds no inputs and outputs") from None
    if not inputs or len(inputs) != len(outputs):
        raise ValueError("column 'input_output' holds no tests, or not as many outputs as inputs")
    starter = str(row.data.get("starter_code") or "")
    metadata: dict[str, JsonValue]
    if name := told.get("fn_name"):
        entry_point = f"Solution.{name}" if _METHOD.search(starter) else str(name)
        metadata = {
            "entry_point": entry_point,
            "calls": [
                [list(args), expected] for args, expected in zip(inputs, outputs, strict=True)
            ],
        }
    else:
        pairs = zip(inputs, outputs, strict=True)
        metadata = {"stdio": [[_printed(given), _printed(expected)] for given, expected in pairs]}
    number = str(row.data.get("problem_id", row.number))
    return _apps_sample(number, row.text("question"), row, metadata)


def _apps_sample(number: str, question: str, row: Row, metadata: dict[str, JsonValue]) -> Sample:
    starter = str(row.data.get("starter_code") or "")
    form = "Call-Based" if "calls" in metadata else "Standard Input"
    return Sample(
        id=number,
        input=f"\nQUESTION:\n{question}\n{starter}\nUse {form} format\n",
        solution=_first_solution(row.data.get("solutions")),
        metadata={"level": str(row.data.get("difficulty", "")), **metadata},
    )


def _first_solution(solutions: JsonValue) -> str:
    """Return the first of a JSON list of programs; empty where there is none."""
    try:
        found = json.loads(solutions) if isinstance(solutions, str) and solutions else []
    except (ValueError, RecursionError):
        return ""
    return str(found[0]) if isinstance(found, list) and found else ""


def _printed(value: JsonValue) -> str:
    """Return a test's text, which some rows give as a list of lines."""
    if isinstance(value, list):
        return "\n".join(str(line) for line in value)
    return str(value)


def _calls_of_lines(starter: str, pairs: Sequence[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    """Return calls whose arguments were written one per line, texts without quotation marks.

    Whether `12` is a number or a text is not said. An argument is taken as a literal only where
    every test's is one, and where its parameter is not annotated as a text.
    """
    found = _PARAMETERS.search(starter)
    if found is None:
        raise ValueError("column 'starter_code' holds no function")
    name, parameters = found[1], [p.strip() for p in found[2].split(",") if p.strip()]
    is_method = _METHOD.search(starter) is not None
    names = [p for p in parameters if not (is_method and p.split(":")[0].strip() == "self")]
    rows: list[list[JsonValue]] = [[*_arguments(given, len(names))] for given, _ in pairs]
    for place, parameter in enumerate(names):
        if not re.search(r":\s*str\b", parameter):
            having = [row for row in rows if place < len(row)]
            for row, value in zip(having, _literals([row[place] for row in having]), strict=True):
                row[place] = value
    calls: list[JsonValue] = [
        [args, expected] for args, (_, expected) in zip(rows, pairs, strict=True)
    ]
    return {"entry_point": f"Solution.{name}" if is_method else name, "calls": calls}


def _arguments(given: str, count: int) -> list[str]:
    """Return the lines of a call, the first argument holding what is too many."""
    lines = given.split("\n")
    extra = len(lines) - count
    if count and extra > 0:
        lines = ["\n".join(lines[: extra + 1]), *lines[extra + 1 :]]
    return lines


def _literals(column: Sequence[JsonValue]) -> list[JsonValue]:
    """Return all values of a parameter as literals, or all as the texts that they are."""
    values: list[JsonValue] = []
    for text in map(str, column):
        try:
            if len(text) > _MAX_LITERAL:
                return list(column)
            value = ast.literal_eval(text)
            json.dumps(value, allow_nan=False)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            return list(column)
        values.append(value)
    return values


def distinct(samples: Iterable[Sample]) -> Iterator[Sample]:
    """Keep the first sample of every id: selections of APPS hold some rows twice."""
    seen: set[str] = set()
    for sample in samples:
        if sample.id not in seen:
            seen.add(sample.id)
            yield sample


def codecontests(row: Row) -> Sample:
    """Adapt a row with its public, private and generated tests.

    Raises:
        DatasetMissingError: The copy holds prompts alone: the dataset as such is not here.
        ValueError: This row has no tests.
    """
    columns = ("public_tests", "private_tests", "generated_tests")
    if not any(column in row.data for column in columns):
        raise DatasetMissingError(
            f"{row.location} has no tests: a copy of prompts alone cannot be scored. The hub's "
            f"{_CODECONTESTS} has them (--data can name its file as codecontests/test.jsonl)."
        )
    stdio: list[JsonValue] = []
    for column in columns:
        tests = row.data.get(column)
        if isinstance(tests, dict):
            stdio += [[given, printed] for given, printed in _pairs(tests)]
    if not stdio:
        raise ValueError(
            "it has no tests: its columns `public_tests`, `private_tests` and `generated_tests` "
            "are empty"
        )
    limit = row.data.get("time_limit")
    seconds = limit.get("seconds", 0) if isinstance(limit, dict) else 0
    nanos = limit.get("nanos", 0) if isinstance(limit, dict) else 0
    stated = (float(str(seconds or 0)) + float(str(nanos or 0)) / 1e9) or 2.0
    return Sample(
        id=row.text("name"),
        input=row.text("description"),
        solution=next(_python_solutions(row.data.get("solutions")), ""),
        metadata={"stdio": stdio, "seconds": min(max(SLACK * stated, 5.0), 30.0)},
    )


def _pairs(tests: dict[str, JsonValue]) -> Iterable[tuple[str, str]]:
    inputs, outputs = tests.get("input"), tests.get("output")
    if not isinstance(inputs, list) or not isinstance(outputs, list):
        return ()
    return ((str(given), str(printed)) for given, printed in zip(inputs, outputs, strict=False))


def _python_solutions(solutions: JsonValue) -> Iterator[str]:
    if not isinstance(solutions, dict):
        return
    languages, texts = solutions.get("language"), solutions.get("solution")
    if isinstance(languages, list) and isinstance(texts, list):
        for language, text in zip(languages, texts, strict=False):
            if language == _PYTHON_3:
                yield str(text)


_QUESTION = PromptTemplate(
    question="{input}\nANSWER:\n",
    answer="{solution}",
    instruction=(
        "{input}\n\nWrite a Python program that solves this. Answer with the whole program in one "
        "fenced code block."
    ),
    reply="```python\n{solution}\n```",
)
"""Source of the form in completion style: Hendrycks et al. 2021, appendix."""

_CONTEST = PromptTemplate(
    question="{input}\n\nA Python program that reads standard input:\n\n```python\n",
    answer="{solution}\n```",
    instruction=(
        "{input}\n\nWrite a Python program that reads standard input and writes standard output. "
        "Answer with the whole program in one fenced code block."
    ),
    reply="```python\n{solution}\n```",
    stop=("\n```",),
)
_EXAMPLE = Example(
    sample=Sample(
        id="example",
        input="Read a number and print its double.",
        solution="print(2 * int(input()))",
        metadata={"stdio": [["3\n", "6\n"], ["0\n", "0\n"]]},
    ),
    good="```python\nprint(2 * int(input()))\n```",
    bad="```python\nprint(3 * int(input()))\n```",
)
_CALL_EXAMPLE = Example(
    sample=Sample(
        id="example",
        input="Write a function `double(n)`.",
        solution="def double(n):\n    return 2 * n",
        metadata={"entry_point": "double", "calls": [[[3], 6], [[0], 0]]},
    ),
    good="```python\ndef double(n):\n    return 2 * n\n```",
    bad="```python\ndef double(n):\n    return 3 * n\n```",
)

apps_dataset = DatasetSpec(
    name="apps",
    title="APPS: 5,000 contest and interview problems, judged by output or returned values",
    version="1",
    licence="MIT",
    citation=(
        "Hendrycks et al. 2021, Measuring Coding Challenge Competence With APPS, arXiv 2105.09938"
    ),
    sources=(
        FileSource(
            parts=(FileParts(paths=("apps/test.jsonl", "apps/selected150.jsonl", "apps.jsonl")),)
        ),
        HubSource(
            parts=(HubPart(path="codeparrot/apps", split="test", revision="refs/convert/parquet"),)
        ),
    ),
    columns=frozenset({"difficulty", "starter_code"}),
    to_sample=apps,
    select=distinct,
    prompt=_QUESTION,
    sampling=Sampling(max_tokens=2048),
    scorers=(scorers.contest,),
    headline="pass_at_1",
    examples=(_EXAMPLE, _CALL_EXAMPLE),
    gold=programs.program_as_block,
    perturb=programs.program_of_none,
    role="secondary",
)

codecontests_dataset = DatasetSpec(
    name="codecontests",
    title="CodeContests: the 165 problems of the test split, with all their tests",
    version="1",
    licence="CC BY 4.0",
    citation=(
        "Li et al. 2022, Competition-level code generation with AlphaCode, Science 378(6624)"
    ),
    sources=(
        FileSource(
            parts=(
                FileParts(
                    paths=(
                        "codecontests/test.jsonl",
                        "codecontests/test-*.parquet",
                        "code_contests.jsonl",
                        # CodeT's prompts: found so that the refusal can say what they lack
                        "codecontests/CodeContests_zeroshot*.jsonl",
                    )
                ),
            )
        ),
        HubSource(
            parts=(
                HubPart(
                    path=_CODECONTESTS,
                    split="test",
                    revision="802411c3010cb00d1b05bad57ca77365a3c699d6",
                ),
            )
        ),
    ),
    columns=frozenset({"name", "description", "public_tests", "private_tests"}),
    to_sample=codecontests,
    prompt=_CONTEST,
    sampling=Sampling(max_tokens=2048),
    scorers=(scorers.contest,),
    headline="pass_at_1",
    examples=(_EXAMPLE,),
    gold=programs.program_as_block,
    perturb=programs.program_of_none,
    role="secondary",
)
DATASETS = (apps_dataset, codecontests_dataset)
