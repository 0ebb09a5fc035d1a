"""The datasets of school questions: ScienceQA, with images and without, which are kept apart."""

from __future__ import annotations

from evalctl import (
    DatasetSpec,
    Example,
    FileParts,
    FileSource,
    HubPart,
    HubSource,
    PromptTemplate,
    Sample,
    Sampling,
)
from evalctl_multimodal import rows
from evalctl_multimodal.scorers import letter_answers

_CITATION = (
    'Lu et al. 2022, "Learn to Explain: Multimodal Reasoning via Thought Chains for Science '
    'Question Answering"'
)
_LICENCE = "CC-BY-NC-SA-4.0"
_PROBLEMS = FileSource(
    parts=(
        FileParts(
            paths=("scienceqa/problems.json", "data/scienceqa/problems.json", "problems.json"),
            within="*",
        ),
    )
)
_COPY = FileSource(
    parts=(
        FileParts(
            paths=("scienceqa/data/test-*.parquet", "ScienceQA/data/test-*.parquet"),
            takes_all=True,
        ),
    )
)
_HUB = HubSource(parts=(HubPart(path="derek-thomas/ScienceQA", split="test"),))


def gold_letter(sample: Sample) -> str:
    """Return the right letter."""
    return sample.target


def other_letter(sample: Sample) -> str:
    """Return the next one."""
    at = rows.LETTERS.index(sample.target) + 1
    return rows.LETTERS[at % len(sample.choices)]


_PICTURED = Sample(
    id="example",
    input="Which of the two magnets attracts the other more strongly?",
    target="B",
    choices=("the left one", "the right one"),
    metadata={"split": "test", "has_image": True, "skill": "reasoning"},
)
_TOLD = Sample(
    id="example",
    input="Which of these is a liquid at room temperature?",
    target="A",
    choices=("water", "iron", "salt"),
    metadata={"split": "test", "has_image": False, "skill": ""},
)

_PROMPT = PromptTemplate(
    question="Question: {input}\nOptions:\n{choices}\nAnswer:",
    answer=" {target}",
    instruction=(
        "{input}\n{choices}\nAnswer with the option's letter from the given choices directly."
    ),
    stop=("\n",),
)

scienceqa = DatasetSpec(
    name="scienceqa",
    title="ScienceQA: school questions about a picture",
    version="1",
    licence=_LICENCE,
    citation=_CITATION,
    sources=(_PROBLEMS, _COPY, _HUB),
    columns=frozenset({"question", "choices", "answer", "image"}),
    to_sample=rows.scienceqa,
    select=rows.with_image,
    prompt=_PROMPT,
    has_images=True,
    sampling=Sampling(max_tokens=64),
    groups=("subject", "grade"),
    scorers=(letter_answers,),
    headline="letter_accuracy",
    gold=gold_letter,
    perturb=other_letter,
    examples=(Example(sample=_PICTURED, good="B", bad="A"),),
    role="primary",
)

scienceqa_text = DatasetSpec(
    name="scienceqa_text",
    title="ScienceQA: school questions without a picture",
    version="1",
    licence=_LICENCE,
    citation=_CITATION,
    sources=(_PROBLEMS, _COPY, _HUB),
    columns=frozenset({"question", "choices", "answer", "image"}),
    to_sample=rows.scienceqa,
    select=rows.without_image,
    prompt=_PROMPT,
    sampling=Sampling(max_tokens=64),
    groups=("subject", "grade"),
    scorers=(letter_answers,),
    headline="letter_accuracy",
    gold=gold_letter,
    perturb=other_letter,
    examples=(Example(sample=_TOLD, good="A", bad="C"),),
    role="secondary",
)
