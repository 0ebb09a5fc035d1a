"""Which languages texts are in, by their letters and their commonest words.

A rule of thumb that needs no model and tells the large European languages and scripts apart; it
looks at a part of the rows. What is too short, or no language (programs, formulas), is `und`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

_SAMPLED = 400
"""Texts that are looked at."""
_EVERY = 7
"""Behind the first ones, every so manieth."""
_CHARACTERS = 600
"""So much of each text is looked at."""
_LEAST = 2
"""Common words that it takes to tell a language."""
_WORDS = re.compile(r"[^\W\d_]+")
_COMMON: Mapping[str, frozenset[str]] = {
    code: frozenset(words.split())
    for code, words in {
        "en": "the of and to in is that it for was on are with as be this by how what which if an "
        "he his she her they from have has not or but at do does i you my we who when were",
        "de": "der die und das ist nicht ein eine zu den mit von auf im sich dem für wie was ich",
        "fr": "le la les et des est une un dans que qui pour pas sur au avec ce il elle je vous",
        "es": "el la los las y que de en un una es por con para se del no lo como su al",
        "it": "il la che di e un una per non è con del della sono nel si gli le più ha",
        "pt": "o a os as que de e um uma não para com em do da é por se mais como no na",
        "nl": "de het een en van ik te dat niet is op met voor zijn aan er maar om ook als",
        "sv": "och att det som en är på för med av inte den till ett har jag om var men",
        "pl": "i w nie na się z jest to że do jak o co ale za jego przez tak czy od",
        "tr": "bir ve bu için de da ne ile mi çok daha gibi olarak olan ama en var değil",
        "id": "yang dan di dengan untuk dari ini itu tidak pada adalah dalam ke akan apa",
        "vi": "và của là có không một được cho trong các người với này để những",
    }.items()
}
_ENGLISH = _COMMON["en"]
"""Words of English tell no other language: texts here are mostly in English."""
_SCRIPTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7af]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("uk", re.compile("[\u0456\u0457\u0454\u0491]")),
    ("ru", re.compile("[\u0430-\u044f]")),
    ("el", re.compile("[\u03b1-\u03c9]")),
    ("he", re.compile("[\u05d0-\u05ea]")),
    ("fa", re.compile("[\u067e\u0686\u0698\u06af]")),
    ("ar", re.compile("[\u0621-\u064a]")),
    ("hi", re.compile("[\u0905-\u0939]")),
    ("bn", re.compile("[\u0985-\u09b9]")),
    ("th", re.compile("[\u0e01-\u0e2e]")),
)
_SHARE = 0.3
"""Share of a text's letters that have to be of a script."""


class Languages:
    """Counts the languages of a part of the texts that it is shown."""

    def __init__(self) -> None:
        """Begin without any."""
        self._seen = 0
        self._counts: Counter[str] = Counter()
        self._sampled = 0

    def see(self, text: str) -> None:
        """Take a text in, or pass over it."""
        self._seen += 1
        if self._sampled < _SAMPLED and (self._sampled < _SAMPLED // 4 or not self._seen % _EVERY):
            self._sampled += 1
            self._counts[language_of(text)] += 1

    def shares(self) -> dict[str, float]:
        """Return the share of each language, the most frequent first."""
        return {code: round(count / self._sampled, 3) for code, count in self._counts.most_common()}


def language_of(text: str) -> str:
    """Return the ISO 639-1 code of the language that a text is in; `und` where none is told."""
    begin = text[:_CHARACTERS].lower()
    if not begin.isascii():
        letters = sum(character.isalpha() for character in begin)
        for code, pattern in _SCRIPTS:
            if len(pattern.findall(begin)) > _SHARE * letters:
                return code
    words = Counter(_WORDS.findall(begin))
    found = {
        code: sum(words[word] for word in common & words.keys() if _tells(word, code))
        for code, common in _COMMON.items()
    }
    best = max(found, key=lambda code: found[code])
    return best if found[best] >= _LEAST else "und"


def _tells(word: str, code: str) -> bool:
    """Whether a word speaks for a language: letters alone are variables as often."""
    return len(word) > 1 and (code == "en" or word not in _ENGLISH)
