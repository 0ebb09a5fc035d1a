"""Rows as upstream and as the hub writes them, and broken ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pytest

from evalctl import Row, Sample, gold_spans
from evalctl_scientific import extraction, rows

SENTENCE = {
    "tokens": ["A", "parser", "-LRB-", "P", "-RRB-", "of", "text", "parsing"],
    "tags": ["O", "I-Method", "O", "I-Method", "O", "O", "I-Task", "I-Task"],
    "document": 3,
    "heading": "NN O O",
}
TRIAL = {"tokens": ["Men", "slept"], "tags": ["I-PAR", "I-OUT"], "document": 1, "heading": "(17)"}
RELATION = {"text": "[[ A -LRB- B ]] of << C >> .", "label": "PART-OF", "metadata": [0, 1, 2, 2]}
CITATION = {"text": " We follow [3]. ", "label": "method", "metadata": {}}
CITATION_HUB = {"string": "We follow [3].", "label": 0, "sectionName": "Methods"}
TLDR = {"source": ["One. ", "Two."], "target": ["Short. ", " ", "Brief."], "paper_id": "x1"}
PAPER = {
    "article_id": "0901.1",
    "article_text": ["one two three .", "four five .", "six ."],
    "abstract_text": ["<S> we count . </S>", "<S> it works . </S>"],
    "section_names": [],
}
PAPER_HUB = {
    "article": "one two three .\nfour five .\nsix .",
    "abstract": " we count .\nit works .",
    "section_names": "",
}
Adapter = Callable[[Row], Sample]
paper = partial(rows.scientific_paper, words=8)


def row(data: Mapping[str, Any], part: str = "") -> Row:
    return Row(data=data, number=7, part=part, location="file:8")


def test_a_sentence_of_scierc_knows_where_its_entities_are() -> None:
    sample = rows.scierc(row(SENTENCE))

    assert sample.input == "A parser ( P ) of text parsing"
    assert [(one.label, sample.input[one.start : one.end]) for one in gold_spans(sample)] == [
        ("Method", "parser"),
        ("Method", "P"),
        ("Task", "text parsing"),
    ]
    assert sample.target == "Method: parser; Method: P; Task: text parsing"
    assert (sample.id, sample.cluster) == ("7", "3")


def test_a_sentence_of_ebm_nlp_has_labels_in_words_and_its_number_on_pubmed() -> None:
    sample = rows.ebm_nlp(row(TRIAL))

    assert sample.target == "Participants: Men; Outcome: slept"
    assert sample.cluster == "17"


def test_a_sentence_without_entities_says_so() -> None:
    sample = extraction.scierc_sample(row(SENTENCE | {"tags": ["O"] * 8}))

    assert (sample.target, sample.solution) == ("none", '{"entities": []}')


def test_gold_entities_that_words_do_not_place_say_which_occurrence_is_meant() -> None:
    data = {"tokens": ["P", "and", "P"], "tags": ["O", "O", "I-Method"]}

    assert extraction.scierc_sample(row(data)).solution == (
        '{"entities": [{"label": "Method", "text": "P", "occurrence": 2}]}'
    )


def test_a_relation_names_head_and_tail_and_shares_its_sentence() -> None:
    first, second = (
        rows.scierc_relation(row(RELATION | {"text": text}))
        for text in (RELATION["text"], "<< A -LRB- B >> of [[ C ]] .")
    )

    assert first.input == "[[ A ( B ]] of << C >> ."
    assert (first.metadata["head"], first.metadata["tail"]) == ("A ( B", "C")
    assert first.cluster == second.cluster == "A ( B of C ."


@pytest.mark.parametrize("data", [CITATION, CITATION_HUB], ids=["upstream", "hub"])
def test_a_citation_is_read_from_both_forms(data: Mapping[str, Any]) -> None:
    sample = rows.scicite(row(data))

    assert (sample.input, sample.target) == ("We follow [3].", "method")


def test_a_tldr_has_all_summaries_that_are_none_left_out() -> None:
    sample = rows.scitldr(row(TLDR))

    assert (sample.id, sample.input, sample.target) == ("x1", "One. Two.", "Short.")
    assert rows.references(sample) == ["Short.", "Brief."]


@pytest.mark.parametrize(
    ("data", "identity"), [(PAPER, "0901.1"), (PAPER_HUB, "arxiv-7")], ids=["upstream", "hub"]
)
def test_a_paper_is_given_in_whole_sentences_and_says_how_much(
    data: Mapping[str, Any], identity: str
) -> None:
    sample = paper(row(data, "arxiv"))

    assert (sample.id, sample.input) == (identity, "one two three . four five .")
    assert sample.target == "we count . it works ."
    assert sample.metadata == {
        "source": "arxiv",
        "article_words": 9,
        "given_words": 7,
        "is_cut": True,
    }


def test_papers_without_article_or_abstract_are_passed_over() -> None:
    samples = [
        paper(row(PAPER | change))
        for change in ({}, {"article_text": []}, {"abstract_text": [" "]})
    ]

    assert list(rows.with_both(samples)) == samples[:1]


BROKEN: list[tuple[Adapter, Mapping[str, Any], str]] = [
    (rows.scierc, SENTENCE | {"tags": ["O"]}, "8 tokens have 1 tags"),
    (rows.scierc, SENTENCE | {"tags": ["B-Method", *["O"] * 7]}, "IOB1"),
    (rows.scierc, SENTENCE | {"tags": ["I-PAR", *["O"] * 7]}, "none of Task, Method"),
    (rows.scierc, SENTENCE | {"tags": ["what", *["O"] * 7]}, "is no tag"),
    (rows.scierc, SENTENCE | {"tokens": "text"}, "a list of texts is needed"),
    (rows.scierc, SENTENCE | {"tokens": [1, 2]}, "a list of texts is needed"),
    (rows.ebm_nlp, SENTENCE, "none of PAR, INT, OUT"),
    (rows.scierc_relation, RELATION | {"label": "USED-BY"}, "none of USED-FOR"),
    (rows.scierc_relation, RELATION | {"text": "[[ A ]] of C"}, "marks no two entities"),
    (rows.scierc_relation, RELATION | {"text": " "}, "a text is needed"),
    (rows.scicite, CITATION | {"label": "praise"}, "none of background"),
    (rows.scicite, CITATION | {"label": 3}, "none of background"),
    (rows.scicite, CITATION | {"label": True}, "none of background"),
    (rows.scicite, CITATION | {"text": None}, "a text is needed"),
    (rows.scitldr, TLDR | {"target": []}, "has no summary"),
    (rows.scitldr, TLDR | {"target": "Short."}, "a list of texts is needed"),
    (rows.scitldr, TLDR | {"paper_id": ""}, "a text is needed"),
    (paper, PAPER | {"article_text": None}, "a list of texts is needed"),
    (paper, PAPER_HUB | {"article": ["one"]}, "a text is needed"),
]


@pytest.mark.parametrize(
    ("adapter", "data", "said"),
    BROKEN,
    ids=[f"{said}-{number}" for number, (_, _, said) in enumerate(BROKEN)],
)
def test_a_broken_row_is_refused_with_the_reason(
    adapter: Adapter, data: Mapping[str, Any], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        adapter(row(data))


@pytest.mark.parametrize(
    ("adapter", "data", "column"),
    [
        (rows.scierc, SENTENCE, "tags"),
        (rows.scicite, CITATION, "label"),
        (rows.scitldr, TLDR, "source"),
        (paper, PAPER, "abstract_text"),
        (paper, PAPER_HUB, "article"),
    ],
)
def test_a_missing_column_is_named(adapter: Adapter, data: Mapping[str, Any], column: str) -> None:
    with pytest.raises((KeyError, ValueError), match=column):
        adapter(row({key: value for key, value in data.items() if key != column}))
