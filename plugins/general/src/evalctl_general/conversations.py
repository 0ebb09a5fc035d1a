"""MT-Bench: eighty conversations of two turns, asked as FastChat asks them.

Source: Zheng et al. 2023, arXiv 2306.05685; FastChat, `fastchat/llm_judge` (`gen_model_answer.py`
for how models are asked, `common.py` for the temperatures).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pydantic import JsonValue

from evalctl import (
    DatasetSpec,
    Example,
    FileParts,
    FileSource,
    PromptTemplate,
    Row,
    Sample,
    Sampling,
    texts_in,
)
from evalctl_general.coherence import COHERENCE
from evalctl_general.coherence_judge import JUDGED_COHERENCE
from evalctl_general.judged import LLM_JUDGE_PAIRS, LLM_JUDGE_SCORE
from evalctl_general.rubrics import WITH_REFERENCES

_REFERENCES = "references"
"""Label of the file of reference answers, and the entry of metadata that they go to."""


def mt_bench_row(row: Row) -> Sample:
    """A row of either file: a question with its turns, or the reference answers to one."""
    number = row.data.get("question_id")
    if not isinstance(number, int) or isinstance(number, bool):
        raise ValueError(f"question_id {number!r} is no number")
    if row.part == _REFERENCES:
        answers: JsonValue = [*_reference(row)]
        return Sample(id=str(number), input=row.part, metadata={_REFERENCES: answers})
    first, *later = _turns(row.data.get("turns"), "column 'turns'")
    return Sample(
        id=str(number),
        input=first,
        later_turns=tuple(later),
        metadata={"category": row.text("category")},
    )


def with_references(samples: Iterable[Sample]) -> Iterator[Sample]:
    """Yield the questions, each with its reference answers, which stand before all questions."""
    known: dict[str, JsonValue] = {}
    for sample in samples:
        if _REFERENCES in sample.metadata:
            known[sample.id] = sample.metadata[_REFERENCES]
            continue
        yield _joined(sample, known.get(sample.id))


def _joined(sample: Sample, answers: JsonValue) -> Sample:
    if answers is None:
        if sample.metadata["category"] in WITH_REFERENCES:
            raise ValueError(f"question {sample.id} has no reference answers")
        return sample
    if isinstance(answers, list) and len(answers) != len(sample.later_turns) + 1:
        raise ValueError(f"question {sample.id}: {len(answers)} reference answers for its turns")
    return sample.model_copy(update={"metadata": {**sample.metadata, _REFERENCES: answers}})


def _reference(row: Row) -> list[str]:
    choices = row.data.get("choices")
    first = choices[0] if isinstance(choices, Sequence) and choices else None
    if not isinstance(first, dict):
        raise ValueError("column 'choices' must hold an object with turns")
    return _turns(first.get("turns"), "'turns' of column 'choices'")


def _turns(value: JsonValue, what: str) -> list[str]:
    texts = texts_in(value, what)
    if not texts or not all(text.strip() for text in texts):
        raise ValueError(f"{what} must hold texts that are not empty, not {value!r:.80}")
    return texts


def _part(path: str, label: str = "") -> FileParts:
    """Return a file of FastChat's folder `fastchat/llm_judge/data/mt_bench`, whole or by itself."""
    folders = ("mt_bench", "mt_bench/mt_bench", "fastchat/llm_judge/data/mt_bench")
    return FileParts(paths=tuple(f"{folder}/{path}" for folder in folders), label=label)


_OCEANS = Sample(
    id="example",
    input="Name the largest ocean, and say in one sentence what it lies between.",
    later_turns=("Say that again for a child of five.",),
    metadata={"category": "humanities"},
)
_OCEAN = "The Pacific is the largest ocean; it lies between Asia and Australia and the Americas."

mt_bench = DatasetSpec(
    name="mt_bench",
    title="MT-Bench: conversations of two turns in eight categories",
    version="1",
    licence="Apache-2.0",
    citation='Zheng et al. 2023, "Judging LLM-as-a-Judge with MT-Bench and Chatbot Arena"',
    sources=(
        FileSource(
            parts=(
                _part("reference_answer/gpt-4.jsonl", label=_REFERENCES),
                _part("question.jsonl"),
            )
        ),
    ),
    columns=frozenset({"question_id", "category", "turns"}),
    to_sample=mt_bench_row,
    select=with_references,
    prompt=PromptTemplate(
        question="User: {input}\nAssistant:", stop=("\nUser:", "\nAssistant:"), answer=" {solution}"
    ),
    sampling=Sampling(temperature=0.0, max_tokens=1024),
    temperature_by="category",
    temperatures={"writing": 0.7, "roleplay": 0.7, "stem": 0.1, "humanities": 0.1},
    scorers=(LLM_JUDGE_SCORE, LLM_JUDGE_PAIRS, COHERENCE, JUDGED_COHERENCE),
    headline="llm_judge_score",
    groups=("category",),
    examples=(
        Example(
            sample=_OCEANS,
            earlier=(_OCEAN,),
            good="The Pacific is the biggest sea. On one side is Asia, on the other America!",
            bad=_OCEAN,
        ),
        Example(
            sample=_OCEANS,
            earlier=(_OCEAN,),
            good="Think of a bathtub as wide as the world: that is the Pacific.",
            bad="The Pacific is big and blue. " * 20,
        ),
    ),
    role="secondary",
)
