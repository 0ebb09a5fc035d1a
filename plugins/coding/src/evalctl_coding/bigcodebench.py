"""BigCodeBench: programs that use libraries, judged by `unittest` classes beside them."""

from __future__ import annotations

import ast
import re
import sys
import warnings

from pydantic import JsonValue

from evalctl import (
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
from evalctl_coding import scorers
from evalctl_coding.rows import checked

_LIBRARY = re.compile(r"'([A-Za-z_][\w.]*)'")
RELEASE = "v0.1.4"
"""Upstream's release, a split of the hub's copy."""
SLOW_SECONDS = 240.0
SLOW = frozenset(f"BigCodeBench/{number}" for number in (0, 17, 99, 102, 195, 220, 227, 428))
"""Problems whose own solution takes about 10 s or more; they have what upstream gives to all."""
_NETWORK, _CORPUS = "the network", "a corpus of NLTK, which is no package"
_VERSIONS = "upstream's versions of numpy and scipy, which Python 3.11 cannot have"
_TESTS_THAT_TELL = "other tests: a function that returns None passes its own"
LACKING = {
    **{f"BigCodeBench/{number}": _NETWORK for number in (101, 176, 314)},
    **{f"BigCodeBench/{number}": _CORPUS for number in (177, 290, 332, 334, 376, 383)},
    **{f"BigCodeBench/{number}": "a shell" for number in (14, 15, 16, 18)},
    "BigCodeBench/350": "the program gzip",
    **{f"BigCodeBench/{number}": _VERSIONS for number in (111, 276)},
    **{f"BigCodeBench/{number}": _TESTS_THAT_TELL for number in (59, 272)},
}
"""Problems that are not scored, and what they need: their own solutions cannot run in a sandbox, or
their tests say nothing. Found out by running the first 450 of the release of June 2024."""


def complete(row: Row) -> Sample:
    """Adapt a row whose prompt is the function's beginning with its docstring."""
    return _sample(row, row.text("complete_prompt"))


def instruct(row: Row) -> Sample:
    """Adapt a row whose prompt is a description in words."""
    return _sample(row, row.text("instruct_prompt"))


def _hub(path: str, revision: str) -> HubSource:
    return HubSource(parts=(HubPart(path=path, split=RELEASE, revision=revision),))


def _sample(row: Row, prompt: str) -> Sample:
    id_, tests = row.text("task_id"), checked(row.text("test"))
    named = {name.split(".")[0] for name in _LIBRARY.findall(row.text("libs"))}
    entry_point, code_prompt = row.text("entry_point"), row.text("code_prompt")
    if f"def {entry_point}" not in code_prompt:
        raise ValueError(f"column 'code_prompt' begins no function {entry_point[:40]!r}")
    metadata: dict[str, JsonValue] = {
        "entry_point": entry_point,
        "code_prompt": code_prompt,
        "unittest": tests,
        "needs": [*sorted((named | _imported(tests)) - sys.stdlib_module_names)],
    }
    if id_ in LACKING:
        metadata["lacks"] = LACKING[id_]
    if id_ in SLOW:
        metadata["seconds"] = SLOW_SECONDS
    return Sample(id=id_, input=prompt, solution=row.text("canonical_solution"), metadata=metadata)


def _imported(tests: str) -> set[str]:
    """Return the packages that tests import: `libs` names those of the solution alone."""
    found: set[str] = set()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(tests)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


def as_block(sample: Sample) -> str:
    """Return the canonical solution as a chat model would write it."""
    return f"```python\n{sample.metadata['code_prompt']}{sample.solution}\n```"


def of_none(sample: Sample) -> str:
    """Return the function with a body that returns None."""
    return f"```python\n{sample.metadata['code_prompt']}    return None\n```"


_COMPLETE = PromptTemplate(
    question="{input}",
    answer="{solution}",
    instruction=(
        "Complete the following Python program. Answer with the whole of it in one fenced code "
        "block.\n\n```python\n{input}\n```"
    ),
    reply="```python\n{input}{solution}\n```",
    stop=("\nclass ", "\ndef ", "\n#", "\nif ", "\nprint"),
)
_INSTRUCT = PromptTemplate(
    question="{input}\n\n```python\n",
    answer="{solution}\n```",
    instruction="{input}\n\nAnswer with the whole program in one fenced code block.",
    reply="```python\n{solution}\n```",
    stop=("\n```",),
)
_TESTS = (
    "import unittest\n\n\nclass TestCases(unittest.TestCase):\n"
    "    def test_half(self):\n        self.assertEqual(halve(3), 1.5)\n"
)
_EXAMPLE = Example(
    sample=Sample(
        id="example",
        input='import math\n\n\ndef halve(number):\n    """Return half of a number."""\n',
        solution="    return number / 2\n",
        metadata={
            "entry_point": "halve",
            "code_prompt": "import math\ndef halve(number):\n",
            "unittest": _TESTS,
            "needs": [],
        },
    ),
    good="    return number / 2\n",
    bad="    return number // 2\n",
)
_INSTRUCT_EXAMPLE = Example(
    sample=_EXAMPLE.sample.model_copy(update={"input": "Write a function that halves a number."}),
    good="```python\ndef halve(number):\n    return number / 2\n```",
    bad="```python\ndef halve(number):\n    return number // 2\n```",
)

_full = DatasetSpec(
    name="bigcodebench",
    title="BigCodeBench, complete: 1,140 functions that use libraries, from their docstrings",
    version="1",
    licence="Apache-2.0",
    citation=(
        "Zhuo et al. 2024, BigCodeBench: Benchmarking Code Generation with Diverse Function Calls "
        "and Complex Instructions, arXiv 2406.15877"
    ),
    sources=(
        FileSource(parts=(FileParts(paths=("bigcodebench/BigCodeBench.jsonl",)),)),
        _hub("bigcode/bigcodebench", "b74c0d0bf70d2c0bc459be537895cca163007f1a"),
    ),
    columns=frozenset({"task_id", "complete_prompt", "instruct_prompt", "test", "libs"}),
    to_sample=complete,
    prompt=_COMPLETE,
    sampling=Sampling(max_tokens=1280),
    scorers=(scorers.libraries,),
    headline="pass_at_1",
    examples=(_EXAMPLE,),
    gold=as_block,
    perturb=of_none,
    role="primary",
)
_HARD = {
    "sources": (
        FileSource(parts=(FileParts(paths=("bigcodebench/BigCodeBench-Hard.jsonl",)),)),
        _hub("bigcode/bigcodebench-hard", "298d2cc7b96612e15e47313c3603ee124cee0c1f"),
    ),
    "role": "variant",
}
_BY_WORDS = {
    "to_sample": instruct,
    "prompt": _INSTRUCT,
    "examples": (_INSTRUCT_EXAMPLE,),
    "role": "variant",
}

bigcodebench = _full
bigcodebench_instruct = _full.model_copy(
    update=_BY_WORDS
    | {
        "name": "bigcodebench_instruct",
        "title": "BigCodeBench, instruct: the 1,140 functions from a description in words",
    }
)
bigcodebench_hard = _full.model_copy(
    update=_HARD
    | {
        "name": "bigcodebench_hard",
        "title": "BigCodeBench-Hard, complete: the 148 that are most like users' questions",
    }
)
bigcodebench_hard_instruct = bigcodebench_instruct.model_copy(
    update=_HARD
    | {
        "name": "bigcodebench_hard_instruct",
        "title": "BigCodeBench-Hard, instruct: the 148 from a description in words",
    }
)
DATASETS = (
    bigcodebench,
    bigcodebench_instruct,
    bigcodebench_hard,
    bigcodebench_hard_instruct,
)
