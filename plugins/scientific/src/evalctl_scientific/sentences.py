"""Sentences as upstream writes them, and as people read them. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Sequence

BRACKETS = {
    "-LRB-": "(",
    "-RRB-": ")",
    "-LSB-": "[",
    "-RSB-": "]",
    "-LCB-": "{",
    "-RCB-": "}",
}
"""How the Penn Treebank writes brackets, which models need not know."""

_MARK = re.compile(r"</?S>")
_END = re.compile(r"([.!?][\"')\]\u201d\u2019]{0,2})(?:\s{1,8})")
_LAST_WORD = re.compile(r"\S{1,12}$")
_ABBREVIATIONS = frozenset(
    {"e.g.", "i.e.", "al.", "fig.", "figs.", "eq.", "eqs.", "sec.", "ref.", "refs.", "vs.", "cf."}
    | {"etc.", "dr.", "prof.", "no.", "vol.", "approx.", "ca.", "resp.", "st.", "ed.", "eds."}
    | {"pp.", "ch.", "tab."}
)


def readable(tokens: Sequence[str]) -> list[str]:
    """Return tokens with their brackets as they are printed."""
    return [BRACKETS.get(token, token) for token in tokens]


def unmarked(sentence: str) -> str:
    """Return a sentence of an abstract without upstream's marks `<S>` and `</S>`."""
    return " ".join(_MARK.sub(" ", sentence).split())


def split_sentences(text: str) -> list[str]:
    """Return the sentences of a text.

    One ends at a line's end, and at a full stop, exclamation or question mark before a space,
    unless the full stop is that of a common abbreviation or of a single letter.
    """
    sentences = []
    for line in text.splitlines():
        begin = 0
        for match in _END.finditer(line):
            if not _is_abbreviation(line[max(begin, match.end(1) - 13) : match.end(1)]):
                sentences.append(line[begin : match.end(1)])
                begin = match.end()
        sentences.append(line[begin:])
    return [stripped for sentence in sentences if (stripped := sentence.strip())]


def _is_abbreviation(before: str) -> bool:
    word = _LAST_WORD.search(before)
    if word is None or not before.endswith("."):
        return False
    bare = word[0].lstrip("([\"'").lower()
    return bare in _ABBREVIATIONS or (len(bare) == 2 and bare[0].isalpha())


def first_words(sentences: Sequence[str], limit: int) -> tuple[str, int]:
    """Return whole sentences up to a number of words, and how many words these are.

    Where the first sentence alone is longer, its first words.
    """
    taken: list[str] = []
    for sentence in sentences:
        words = sentence.split()
        if len(taken) + len(words) > limit:
            return " ".join(taken or words[:limit]), len(taken) or limit
        taken += words
    return " ".join(taken), len(taken)
