"""The dataset that ships with the package: documents and charts drawn by `drawing`."""

from __future__ import annotations

from evalctl import DatasetSpec, Example, PackagedSource, PromptTemplate, Sample, Sampling
from evalctl_multimodal import rows
from evalctl_multimodal.charts import other_value
from evalctl_multimodal.documents import SHORT_ANSWER, gold_answer, other_answer
from evalctl_multimodal.scorers import document_answers, drawn_answers

_CITATION = "drawn by this package, `evalctl_multimodal.drawing`"
_LICENCE = "Apache-2.0"
_COLUMNS = frozenset({"id", "image", "kind", "question", "answers", "skill", "words"})
_SOURCE = PackagedSource(package="evalctl_multimodal", path="data/sample.jsonl")


def other_drawn(sample: Sample) -> str:
    """Return an answer that is wrong, of a document or of a chart."""
    is_chart = sample.metadata.get("kind") == "chart"
    return other_value(sample) if is_chart else other_answer(sample)


_CHART = Sample(
    id="example",
    input="What is the value for Rye?",
    target="56",
    metadata={"answers": ["56"], "kind": "chart", "skill": "reading"},
)
_MEMO = Sample(
    id="example",
    input="Who wrote the memo?",
    target="L. Brandt",
    metadata={"answers": ["L. Brandt"], "kind": "document", "skill": "reading"},
)

multimodal_sample = DatasetSpec(
    name="multimodal_sample",
    title="90 questions about 18 documents and 12 charts that ship with the plugin",
    version="1",
    licence=_LICENCE,
    citation=_CITATION,
    sources=(_SOURCE,),
    columns=_COLUMNS,
    to_sample=rows.drawn,
    prompt=SHORT_ANSWER,
    has_images=True,
    otherwise="multimodal_sample_words",
    sampling=Sampling(max_tokens=64),
    groups=("kind", "skill"),
    scorers=(drawn_answers,),
    headline="multimodal_accuracy",
    gold=gold_answer,
    perturb=other_drawn,
    examples=(Example(sample=_CHART, good="56", bad="65"),),
    role="sample",
)

multimodal_sample_words = DatasetSpec(
    name="multimodal_sample_words",
    title="Its questions of reading about documents: the answer among the words",
    version="1",
    licence=_LICENCE,
    citation=_CITATION,
    sources=(_SOURCE,),
    columns=_COLUMNS,
    to_sample=rows.drawn,
    select=rows.read_off_pages,
    prompt=PromptTemplate(question="{input}", answer=" {target}"),
    needs="extract",
    has_images=True,
    scorers=(document_answers,),
    headline="anls",
    gold=gold_answer,
    perturb=other_answer,
    examples=(Example(sample=_MEMO, good="L. Brandt", bad="on Friday at 10:45"),),
    role="variant",
)
