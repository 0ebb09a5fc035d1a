"""HumanEval, MBPP and our own sample: single functions, judged by asserts."""

from __future__ import annotations

from evalctl import (
    DatasetSpec,
    Example,
    FileParts,
    FileSource,
    HubPart,
    HubSource,
    PackagedSource,
    PromptTemplate,
    Sample,
    Sampling,
)
from evalctl_coding import programs, rows, scorers

_FUNCTION = PromptTemplate(
    question="{input}",
    answer="{solution}",
    instruction=(
        "Complete the following Python function. Answer with the whole function, and all that it "
        "needs, in one fenced code block.\n\n```python\n{input}```"
    ),
    reply="```python\n{input}{solution}```",
    stop=("\nclass ", "\ndef ", "\n#", "\nif ", "\nprint"),
)
"""The prompt alone in completion style. Source of the stop strings: Chen et al. 2021, section 2."""

_STATED = PromptTemplate(
    question="You are an expert Python programmer, and here is your task: {input}\n[BEGIN]\n",
    answer="{solution}\n[DONE]",
    instruction=(
        "Write a Python function for this problem. {input}\n\nAnswer with the whole function, and "
        "all that it needs, in one fenced code block."
    ),
    reply="```python\n{solution}\n```",
    stop=("[DONE]",),
)
"""Source of the form in completion style: Austin et al. 2021, section 3."""


def _mbpp_hub(config: str, *splits: str) -> HubSource:
    """Return parts of the hub's copy of MBPP."""
    path, revision = "google-research-datasets/mbpp", "4bb6404fdc6cacfda99d4ac4205087b89d32030c"
    return HubSource(
        parts=tuple(
            HubPart(path=path, config=config, split=split, revision=revision) for split in splits
        )
    )


_FUNCTION_EXAMPLE = Example(
    sample=Sample(
        id="example",
        input='def halve(number):\n    """Return half of a number."""\n',
        solution="    return number / 2\n",
        metadata={"entry_point": "halve", "tests": "assert halve(3) == 1.5\n"},
    ),
    good="    return number / 2\n",
    bad="    return number // 2\n",
)
_STATED_EXAMPLE = Example(
    sample=Sample(
        id="example",
        input="Write a function to halve a number.",
        solution="def halve(number):\n    return number / 2\n",
        metadata={"entry_point": "halve", "tests": "assert halve(3) == 1.5\n"},
    ),
    good="def halve(number):\n    return number / 2\n",
    bad="def halve(number):\n    return number // 2\n",
)

coding_sample = DatasetSpec(
    name="coding_sample",
    title="40 small functions of our own, shipped for a first look",
    version="1",
    licence="Apache-2.0",
    citation="evalctl",
    sources=(PackagedSource(package="evalctl_coding", path="data/coding_sample.jsonl"),),
    columns=frozenset({"task_id", "prompt", "entry_point", "canonical_solution", "test"}),
    to_sample=rows.humaneval,
    prompt=_FUNCTION,
    sampling=Sampling(max_tokens=256),
    scorers=(scorers.continued,),
    headline="pass_at_1",
    examples=(_FUNCTION_EXAMPLE,),
    gold=programs.function_as_block,
    perturb=programs.function_of_none,
    role="sample",
)

humaneval = DatasetSpec(
    name="humaneval",
    title="HumanEval: 164 functions to be completed from their docstrings",
    version="1",
    licence="MIT",
    citation=(
        "Chen et al. 2021, Evaluating Large Language Models Trained on Code, arXiv 2107.03374"
    ),
    sources=(
        FileSource(
            parts=(
                FileParts(
                    paths=("humaneval/HumanEval.jsonl", "HumanEval.jsonl", "data/HumanEval.jsonl")
                ),
            )
        ),
        HubSource(
            parts=(
                HubPart(
                    path="openai/openai_humaneval",
                    split="test",
                    revision="7dce6050a7d6d172f3cc5c32aa97f52fa1a2e544",
                ),
            )
        ),
    ),
    columns=frozenset({"task_id", "prompt", "entry_point", "canonical_solution", "test"}),
    to_sample=rows.humaneval,
    prompt=_FUNCTION,
    sampling=Sampling(max_tokens=1024),
    scorers=(scorers.continued,),
    headline="pass_at_1",
    examples=(_FUNCTION_EXAMPLE,),
    gold=programs.function_as_block,
    perturb=programs.function_of_none,
    role="primary",
)

mbpp_full = DatasetSpec(
    name="mbpp_full",
    title="MBPP: all 974 problems, those of training and prompts among them",
    version="1",
    licence="CC BY 4.0",
    citation="Austin et al. 2021, Program Synthesis with Large Language Models, arXiv 2108.07732",
    sources=(
        FileSource(parts=(FileParts(paths=("mbpp/mbpp.jsonl", "mbpp.jsonl")),)),
        _mbpp_hub("full", "prompt", "test", "validation", "train"),
    ),
    columns=frozenset({"text", "code", "task_id", "test_setup_code", "test_list"}),
    to_sample=rows.mbpp,
    prompt=_STATED,
    shot_sources=(
        FileSource(parts=(FileParts(paths=("mbpp/mbpp.jsonl", "mbpp.jsonl")),)),
        _mbpp_hub("full", "prompt"),
    ),
    shot_ids=("2", "3", "4"),
    sampling=Sampling(max_tokens=1024),
    scorers=(scorers.whole,),
    headline="pass_at_1",
    examples=(_STATED_EXAMPLE,),
    gold=programs.program_as_block,
    perturb=programs.program_of_none,
    role="variant",
)

mbpp = mbpp_full.model_copy(
    update={
        "name": "mbpp",
        "title": "MBPP: the 500 problems of the test split",
        "select": rows.test_split,
        "shots": 3,
        "role": "primary",
    }
)

mbpp_sanitized = mbpp.model_copy(
    update={
        "name": "mbpp_sanitized",
        "title": "MBPP, sanitized: the 257 problems of the test split whose wording was mended",
        "sources": (
            FileSource(
                parts=(FileParts(paths=("mbpp/sanitized-mbpp.json", "mbpp/sanitized-mbpp.jsonl")),)
            ),
            _mbpp_hub("sanitized", "test"),
        ),
        "columns": frozenset({"prompt", "code", "task_id", "test_imports", "test_list"}),
        "to_sample": rows.mbpp_sanitized,
        "shots": 0,
        "role": "variant",
    }
)

DATASETS = (humaneval, mbpp, mbpp_sanitized, mbpp_full, coding_sample)
