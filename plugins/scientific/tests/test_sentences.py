"""Sentences, and how much of an article is given."""

from __future__ import annotations

import time

import pytest

from evalctl_scientific.sentences import first_words, readable, split_sentences, unmarked

SPLIT = {
    "": [],
    "One.": ["One."],
    "One. Two.": ["One.", "Two."],
    "one . two .": ["one .", "two ."],
    "Is it? Yes! Good.": ["Is it?", "Yes!", "Good."],
    "One\nTwo": ["One", "Two"],
    "One.\n\nTwo.": ["One.", "Two."],
    "As in Fig. 2 it is so. Good.": ["As in Fig. 2 it is so.", "Good."],
    "See e.g. this. And i.e. that.": ["See e.g. this.", "And i.e. that."],
    "Lee et al. found it. We too.": ["Lee et al. found it.", "We too."],
    "J. Smith said so. True.": ["J. Smith said so.", "True."],
    "It is 2.5 of 3.0. Good.": ["It is 2.5 of 3.0.", "Good."],
    'He said "no." She left.': ['He said "no."', "She left."],
    "It works (we think.) Good.": ["It works (we think.)", "Good."],
    "No end": ["No end"],
    "Wait... what?": ["Wait...", "what?"],
    "no space.Here": ["no space.Here"],
    "A vs. B. Done.": ["A vs. B. Done."],
    "(Fig. 3) shows. It.": ["(Fig. 3) shows.", "It."],
}


@pytest.mark.parametrize(("text", "sentences"), SPLIT.items())
def test_sentences_are_found(text: str, sentences: list[str]) -> None:
    assert split_sentences(text) == sentences


@pytest.mark.parametrize(
    ("sentences", "limit", "given"),
    [
        (["a b", "c d"], 4, ("a b c d", 4)),
        (["a b", "c d"], 3, ("a b", 2)),
        (["a b c d"], 3, ("a b c", 3)),
        (["a  b ", "", "c"], 9, ("a b c", 3)),
        ([], 9, ("", 0)),
    ],
)
def test_whole_sentences_are_given_up_to_a_number_of_words(
    sentences: list[str], limit: int, given: tuple[str, int]
) -> None:
    assert first_words(sentences, limit) == given


@pytest.mark.parametrize(
    ("marked", "plain"),
    [
        ("<S> we study it . </S>", "we study it ."),
        ("we study it .", "we study it ."),
        ("<S></S>", ""),
        ("a <S> b", "a b"),
    ],
)
def test_marks_are_taken_off(marked: str, plain: str) -> None:
    assert unmarked(marked) == plain


def test_brackets_are_as_they_are_printed() -> None:
    assert readable(["-LRB-", "a", "-RSB-", "-lrb-"]) == ["(", "a", "]", "-lrb-"]


@pytest.mark.parametrize(
    "text", ["a. " * 300_000, "." * 1_000_000, " " * 1_000_000, ". " * 500_000]
)
def test_a_megabyte_is_split_in_linear_time(text: str) -> None:
    began = time.process_time()

    split_sentences(text)

    assert time.process_time() - began < 3.0
