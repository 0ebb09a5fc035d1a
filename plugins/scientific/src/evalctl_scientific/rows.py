"""Rows as upstream, or the hub's copy, writes them, to samples."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from evalctl import Row, Sample, spans_of_tags
from evalctl_scientific.sentences import BRACKETS, first_words, readable, unmarked

RELATIONS = (
    "USED-FOR",
    "FEATURE-OF",
    "HYPONYM-OF",
    "PART-OF",
    "EVALUATE-FOR",
    "COMPARE",
    "CONJUNCTION",
)
INTENTS = ("background", "method", "result")
ENTITIES = ("Task", "Method", "Metric", "Material", "OtherScientificTerm", "Generic")
PICO = {"PAR": "Participants", "INT": "Intervention", "OUT": "Outcome"}
"""EBM-NLP's labels, and the words that are asked for."""

_HEAD = re.compile(r"\[\[ (.+?) \]\]")
_TAIL = re.compile(r"<< (.+?) >>")


def scierc(row: Row) -> Sample:
    """A sentence of SciERC with its entities; the tags are IOB1."""
    return _sentence(row, {label: label for label in ENTITIES})


def ebm_nlp(row: Row) -> Sample:
    """A sentence of EBM-NLP with its PICO spans; the tags are IOB1, and none begins with `B-`."""
    return _sentence(row, PICO)


def _sentence(row: Row, labels: dict[str, str]) -> Sample:
    tokens, tags = readable(row.texts("tokens")), row.texts("tags")
    if len(tokens) != len(tags):
        raise ValueError(f"{len(tokens)} tokens have {len(tags)} tags")
    starts, at = [], 0
    for token in tokens:
        starts.append(at)
        at += len(token) + 1
    spans: list[tuple[str, int, int]] = []
    for label, first, end in spans_of_tags(tags, "IOB1"):
        if label not in labels:
            raise ValueError(f"the label {label!r} is none of {', '.join(labels)}")
        spans.append((labels[label], starts[first], starts[end - 1] + len(tokens[end - 1])))
    text = " ".join(tokens)
    named = "; ".join(f"{label}: {text[start:end]}" for label, start, end in spans)
    return Sample(
        id=str(row.number),
        input=text,
        target=named or "none",
        cluster=_document(row),
        metadata={"spans": [[*span] for span in spans]},
    )


def _document(row: Row) -> str | None:
    """The abstract that a sentence is from, by its number in the file or on PubMed."""
    heading = str(row.data.get("heading", "")).strip("()")
    document = row.data.get("document")
    return heading if heading.isdecimal() else None if document is None else str(document)


def scierc_relation(row: Row) -> Sample:
    """A sentence of SciERC with two marked entities, and how the first is related to the second."""
    label = row.text("label")
    if label not in RELATIONS:
        raise ValueError(f"the label {label!r} is none of {', '.join(RELATIONS)}")
    text = " ".join(BRACKETS.get(word, word) for word in row.text("text").split(" "))
    head, tail = _HEAD.search(text), _TAIL.search(text)
    if head is None or tail is None:
        raise ValueError("the text marks no two entities as [[ … ]] and << … >>")
    return Sample(
        id=str(row.number),
        input=text,
        target=label,
        cluster=_unmarked_entities(text),
        metadata={"relation": label, "head": head[1], "tail": tail[1]},
    )


def _unmarked_entities(text: str) -> str:
    """The sentence alone: several rows ask about different pairs of the same one."""
    return _TAIL.sub(r"\1", _HEAD.sub(r"\1", text))[:200]


def scicite(row: Row) -> Sample:
    """A passage that cites, and why it does: upstream's rows and the hub's."""
    text = row.text("text" if "text" in row.data else "string").strip()
    label = row.data["label"]
    if type(label) is int and 0 <= label < len(INTENTS):
        label = ("method", "background", "result")[label]  # the order of the hub's copy
    if label not in INTENTS:
        raise ValueError(f"the label {label!r:.60} is none of {', '.join(INTENTS)}")
    return Sample(id=str(row.number), input=text, target=str(label), metadata={"intent": label})


def scitldr(row: Row) -> Sample:
    """An abstract and its summaries of one sentence, several by different people."""
    references = [text for text in map(unmarked, row.texts("target")) if text]
    if not references:
        raise ValueError("column 'target' has no summary")
    return Sample(
        id=row.text("paper_id"),
        input=" ".join(map(unmarked, row.texts("source"))),
        target=references[0],
        metadata={"references": [*references]},
    )


def scientific_paper(row: Row, *, words: int) -> Sample:
    """The beginning of an article and its abstract: upstream's rows and the hub's.

    The article is given up to a number of words, in whole sentences, joined by spaces; `metadata`
    says how many words it has and how many are given. Rows without an article or abstract have
    empty texts.
    """
    if "article_text" in row.data:
        article, abstract = row.texts("article_text"), row.texts("abstract_text")
    else:
        article, abstract = _lines(row, "article"), _lines(row, "abstract")
    sentences = [text for text in map(unmarked, abstract) if text]
    text, given = first_words(article, words)
    total = sum(len(sentence.split()) for sentence in article)
    identity = row.data.get("article_id")
    return Sample(
        id=str(identity) if identity else f"{row.part}-{row.number}",
        input=text,
        target=" ".join(sentences),
        metadata={
            "source": row.part,
            "article_words": total,
            "given_words": given,
            "is_cut": given < total,
        },
    )


def with_both(samples: Iterable[Sample]) -> Iterator[Sample]:
    """Yield samples that have an article and an abstract; upstream has some without."""
    return (sample for sample in samples if sample.input.strip() and sample.target.strip())


def references(sample: Sample) -> list[str]:
    """Return a sample's reference summaries."""
    found = sample.metadata.get("references")
    return [str(text) for text in found] if isinstance(found, list | tuple) else [sample.target]


def _lines(row: Row, column: str) -> list[str]:
    value = row.data[column]
    if not isinstance(value, str):
        raise ValueError(f"column {column!r} holds {value!r:.80}; a text is needed")
    return value.split("\n")
