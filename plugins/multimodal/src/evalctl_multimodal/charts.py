"""The dataset of questions about charts: ChartQA, its two halves apart."""

from __future__ import annotations

from evalctl import (
    DatasetSpec,
    Example,
    FileParts,
    FileSource,
    HubPart,
    HubSource,
    Sample,
    Sampling,
)
from evalctl_multimodal import rows
from evalctl_multimodal.documents import SHORT_ANSWER, gold_answer
from evalctl_multimodal.relaxed import relaxed
from evalctl_multimodal.scorers import chart_answers

_FOLDERS = ("chartqa/test", "ChartQA Dataset/test", "test")
_SPLIT = tuple(
    FileParts(
        paths=(f"chartqa/{chart}/{name}", f"dataset/{chart}/{name}"),
        label=f"{half} {question}",
        is_optional=True,
    )
    for half in ("human", "augmented")
    for chart in ("simple", "complex")
    for question in ("simple", "complex")
    for name in (f"test_{half}_{question}.json",)
)
"""The form of ChartQA-Split, which tells simple charts and questions from complex ones."""


def other_value(sample: Sample) -> str:
    """Return an answer that is wrong by far."""
    return "3" if relaxed(sample.target, "1000003") else "1000003"


_BARS = Sample(
    id="example",
    input="What is the value of the tallest bar?",
    target="42",
    metadata={"answers": ["42"], "source": "human", "question": "", "skill": "reasoning"},
)

chartqa = DatasetSpec(
    name="chartqa",
    title="ChartQA: questions about charts",
    version="1",
    licence="GPL-3.0",
    citation='Masry et al. 2022, "ChartQA: A Benchmark for Question Answering about Charts with '
    'Visual and Logical Reasoning"',
    sources=(
        FileSource(
            parts=tuple(
                FileParts(
                    paths=tuple(f"{folder}/test_{half}.json" for folder in _FOLDERS), label=half
                )
                for half in ("human", "augmented")
            )
        ),
        FileSource(parts=_SPLIT),
        FileSource(
            parts=(
                FileParts(
                    paths=("chartqa/data/test-*.parquet", "ChartQA/data/test-*.parquet"),
                    takes_all=True,
                ),
            )
        ),
        HubSource(parts=(HubPart(path="HuggingFaceM4/ChartQA", split="test"),)),
    ),
    columns=frozenset({"imgname", "query", "label"}),
    to_sample=rows.chartqa,
    prompt=SHORT_ANSWER,
    has_images=True,
    sampling=Sampling(max_tokens=128),
    groups=("source", "skill"),
    scorers=(chart_answers,),
    headline="relaxed_accuracy",
    gold=gold_answer,
    perturb=other_value,
    examples=(Example(sample=_BARS, good="43", bad="50"),),
    role="primary",
)
