"""Tags to spans: every scheme, mistakes in it, and what models write."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import get_args

import pytest
from core.tests.spans.conlleval import random_spans, random_tags, read_plainly, written

from evalctl import detect_scheme, spans_of_tags
from evalctl.sources.files import read_file
from evalctl.spans import Scheme

SCHEMES: tuple[Scheme, ...] = get_args(Scheme)
READ = {
    "": [],
    "O O": [],
    "I-A": [("A", 0, 1)],
    "I-A I-A O I-A": [("A", 0, 2), ("A", 3, 4)],
    "I-A B-A I-A": [("A", 0, 1), ("A", 1, 3)],
    "I-A I-B": [("A", 0, 1), ("B", 1, 2)],
    "B-A I-B I-B": [("A", 0, 1), ("B", 1, 3)],
    "B-A I-A E-A S-A": [("A", 0, 3), ("A", 3, 4)],
    "B-A L-A U-B O": [("A", 0, 2), ("B", 2, 3)],
    "E-A E-A": [("A", 0, 1), ("A", 1, 2)],
    "O I-A E-A I-A": [("A", 1, 3), ("A", 3, 4)],
    "S-A I-A": [("A", 0, 1), ("A", 1, 2)],
    "B-A B-A": [("A", 0, 1), ("A", 1, 2)],
    "B-A-b I-A-b": [("A-b", 0, 2)],
}
NOT_VALID = [
    ("IOB1", "B-A", "token 0: in IOB1 'B-A' may not follow 'nothing'"),
    ("IOB1", "I-A O B-A", "token 2: in IOB1 'B-A' may not follow 'O'"),
    ("IOB1", "I-A B-B", "token 1: in IOB1 'B-B' may not follow 'I-A'"),
    ("IOB1", "S-A", "token 0: 'S-A' is not of IOB1"),
    ("IOB2", "O I-A", "token 1: in IOB2 'I-A' may not follow 'O'"),
    ("IOB2", "B-A I-B", "token 1: in IOB2 'I-B' may not follow 'B-A'"),
    ("IOB2", "B-A E-A", "token 1: 'E-A' is not of IOB2"),
    ("BIOES", "B-A", "token 1: in BIOES \"the sentence's end\" may not follow 'B-A'"),
    ("BIOES", "B-A I-A O", "token 2: in BIOES 'O' may not follow 'I-A'"),
    ("BIOES", "O E-A", "token 1: in BIOES 'E-A' may not follow 'O'"),
    ("BIOES", "B-A E-B", "token 1: in BIOES 'E-B' may not follow 'B-A'"),
    ("BIOES", "B-A S-A", "token 1: in BIOES 'S-A' may not follow 'B-A'"),
    ("BIOES", "U-A", "token 0: 'U-A' is not of BIOES"),
    ("BIOUL", "U-A L-A", "token 1: in BIOUL 'L-A' may not follow 'U-A'"),
    ("BIOUL", "S-A", "token 0: 'S-A' is not of BIOUL"),
    ("IOB2", "O A", "token 1: 'A' is no tag"),
    ("IOB2", "B-", "token 0: 'B-' is no tag"),
    ("IOB2", "X-A", "token 0: 'X-A' is no tag"),
    ("IOB2", "o", "token 0: 'o' is no tag"),
]


@pytest.mark.parametrize(("tags", "spans"), READ.items())
def test_tags_are_read(tags: str, spans: list[tuple[str, int, int]]) -> None:
    assert list(spans_of_tags(tags.split())) == spans
    assert read_plainly(tags.split()) == spans


@pytest.mark.parametrize(("scheme", "tags", "said"), NOT_VALID)
def test_what_a_scheme_does_not_have_is_refused(scheme: Scheme, tags: str, said: str) -> None:
    with pytest.raises(ValueError) as caught:
        spans_of_tags(tags.split(), scheme)

    assert said in str(caught.value)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_spans_come_back_from_every_scheme(scheme: Scheme) -> None:
    random = Random(7)
    for _ in range(2000):
        length = random.randint(0, 12)
        spans = random_spans(random, length)
        tags = written(spans, length, scheme)

        assert list(spans_of_tags(tags, scheme)) == spans
        assert list(spans_of_tags(tags)) == spans


@pytest.mark.parametrize("letters", ["IB", "IBES", "IBLU", "IBESLU", "I", "ES"])
def test_tags_in_no_order_are_read_as_conlleval_reads_them(letters: str) -> None:
    random = Random(11)
    for _ in range(2000):
        tags = random_tags(random, letters, random.randint(0, 10))

        assert list(spans_of_tags(tags)) == read_plainly(tags)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_scheme_is_found_over_a_whole_file(scheme: Scheme) -> None:
    random = Random(3)
    sentences = [written(random_spans(random, 9), 9, scheme) for _ in range(60)]

    assert detect_scheme(sentences) == scheme


@pytest.mark.parametrize(
    ("sentences", "scheme"),
    [
        ([], "IOB2"),
        (["O O"], "IOB2"),
        (["B-A I-A", "O B-B"], "IOB2"),
        (["O I-A", "I-A B-A"], "IOB1"),
        (["S-A"], "BIOES"),
        (["U-A O"], "BIOUL"),
        (["B-A I-A E-A", "O"], "BIOES"),
    ],
)
def test_of_several_schemes_the_strictest_is_taken(sentences: list[str], scheme: Scheme) -> None:
    assert detect_scheme(sentence.split() for sentence in sentences) == scheme


@pytest.mark.parametrize(
    ("sentences", "said"),
    [
        (["O", "B-A", "O I-A"], "sentence 2: token 1"),
        (["S-A", "U-A"], "sentence 1: token 0"),
        (["what"], "sentence 0: token 0: 'what' is no tag"),
    ],
)
def test_mixed_schemes_are_told_with_their_place(sentences: list[str], said: str) -> None:
    with pytest.raises(ValueError, match="no known scheme") as caught:
        detect_scheme(sentence.split() for sentence in sentences)

    assert said in str(caught.value)


def test_an_unknown_scheme_is_refused() -> None:
    with pytest.raises(ValueError, match="known are IOB1, IOB2, BIOES, BIOUL"):
        spans_of_tags(["O"], "IOB3")


@pytest.mark.parametrize(
    ("path", "number"),
    [("scierc/ner/sciie/test.txt", 1683), ("pubmed_abstracts/ebmnlp/test.txt", 3545)],
)
def test_real_files_are_iob1_and_have_as_many_spans_as_conlleval_finds(
    path: str, number: int, benchmark_data: Path
) -> None:
    sentences = [row.data["tags"] for row in read_file(benchmark_data / path)]

    assert detect_scheme(sentences) == "IOB1"
    spans = [list(spans_of_tags(tags, "IOB1")) for tags in sentences]
    assert spans == [read_plainly(tags) for tags in sentences]
    assert sum(map(len, spans)) == number
