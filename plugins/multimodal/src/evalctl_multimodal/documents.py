"""The datasets of questions about documents: DocVQA, by its pages and by their words."""

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
from evalctl_multimodal.scorers import document_answers

_CITATION = (
    'Mathew, Karatzas and Jawahar 2021, "DocVQA: A Dataset for VQA on Document Images"; pages of '
    "the UCSF Industry Documents Library"
)
_LICENCE = "not stated"
_ANNOTATIONS = (
    "docvqa/val_v1.0_withQT.json",
    "docvqa/val_v1.0.json",
    "val/val_v1.0.json",
    "val_v1.0_withQT.json",
    "val_v1.0.json",
)
SHORT_ANSWER = PromptTemplate(
    question="Question: {input}\nAnswer:",
    answer=" {target}",
    instruction="{input}\nAnswer the question using a single word or phrase.",
    stop=("\n",),
)


def gold_answer(sample: Sample) -> str:
    """Return the first gold answer."""
    return sample.target


def other_answer(sample: Sample) -> str:
    """Return an answer that no gold one is like."""
    return f"something else than {sample.target} altogether"


_PAGE = Sample(
    id="example",
    input="What is the total of the invoice?",
    target="$ 1,204.50",
    metadata={"answers": ["$ 1,204.50", "1,204.50"], "types": "form", "skill": "reading"},
)

docvqa = DatasetSpec(
    name="docvqa",
    title="DocVQA: questions about pages of documents",
    version="1",
    licence=_LICENCE,
    citation=_CITATION,
    sources=(
        FileSource(parts=(FileParts(paths=_ANNOTATIONS, within="data"),)),
        FileSource(
            parts=(
                FileParts(
                    paths=("DocVQA/validation-*.parquet", "docvqa/DocVQA/validation-*.parquet"),
                    takes_all=True,
                ),
            )
        ),
        HubSource(
            parts=(HubPart(path="lmms-lab/DocVQA", config="DocVQA", split="validation"),),
        ),
    ),
    columns=frozenset({"questionId", "question", "image", "answers"}),
    to_sample=rows.docvqa,
    prompt=SHORT_ANSWER,
    has_images=True,
    otherwise="docvqa_words",
    sampling=Sampling(max_tokens=128),
    groups=("skill", "types"),
    scorers=(document_answers,),
    headline="anls",
    gold=gold_answer,
    perturb=other_answer,
    examples=(Example(sample=_PAGE, good="$ 1,204.50", bad="14 March 1987"),),
    role="primary",
)

docvqa_words = DatasetSpec(
    name="docvqa_words",
    title="DocVQA: the answer among the words of a page",
    version="1",
    licence=_LICENCE,
    citation=_CITATION,
    sources=(
        FileSource(
            parts=(FileParts(paths=_ANNOTATIONS, within="data", beside="ocr_results/*.json"),)
        ),
        FileSource(
            parts=(
                FileParts(
                    paths=(
                        "docvqa/data_in_squad_format/docvqa_val_squad_format.json",
                        "BERT_baseline/data_in_squad_format/docvqa_val_squad_format.json",
                    ),
                    rows_at="qas",
                ),
            )
        ),
    ),
    columns=frozenset({"question", "answers"}),
    to_sample=rows.docvqa_words,
    prompt=PromptTemplate(question="{input}", answer=" {target}"),
    needs="extract",
    has_images=True,
    groups=("skill",),
    scorers=(document_answers,),
    headline="anls",
    gold=gold_answer,
    perturb=other_answer,
    examples=(Example(sample=_PAGE, good="$ 1,204.50", bad="14 March 1987"),),
    role="variant",
)
