"""ROUGE-2 and ROUGE-SU4 of an answer, as BioASQ measures ideal answers.

Words and their stems are those of `rouge-score`, as is ROUGE-2; that library has no skip-bigrams,
which are counted here. Of several references the one counts that is nearest.
Source: Lin 2004, "ROUGE: A Package for Automatic Evaluation of Summaries", sections 2.1, 5 and 5.1.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from rouge_score.rouge_scorer import RougeScorer

MOST_BETWEEN = 4
"""Words between the two of a skip-bigram. Source: Lin 2004, section 5: with 0 there, skip-bigrams
are bigrams."""
MOST_CHARACTERS = 20_000
"""Of an answer; what comes later is not looked at. BioASQ allows 200 words."""


class Rouge(NamedTuple):
    """How much of a text and of its reference is shared."""

    recall: float
    f1: float


def rouge_2(text: str, references: Sequence[str]) -> Rouge | None:
    """Return ROUGE-2 against the nearest reference; None where none has two words."""
    pairs = []
    for reference in references:
        if len(_words().tokenize(reference)) > 1:
            found = _library().score(reference, text[:MOST_CHARACTERS])["rouge2"]
            pairs.append((found.recall, found.fmeasure))
    return _best(pairs)


def rouge_su4(text: str, references: Sequence[str]) -> Rouge | None:
    """Return ROUGE-SU4 against the nearest reference; None where none has a word."""
    own = _units(_words().tokenize(text[:MOST_CHARACTERS]))
    pairs = []
    for reference in references:
        wanted = _units(_words().tokenize(reference))
        if wanted:
            shared = (own & wanted).total()
            recall, precision = shared / wanted.total(), shared / max(own.total(), 1)
            f1 = 2 * precision * recall / (precision + recall) if shared else 0.0
            pairs.append((recall, f1))
    return _best(pairs)


def _best(pairs: Iterable[tuple[float, float]]) -> Rouge | None:
    """Return the pair with the greatest F1."""
    found = [Rouge(recall, f1) for recall, f1 in pairs]
    return max(found, key=lambda one: (one.f1, one.recall), default=None)


def _units(tokens: Sequence[str]) -> Counter[tuple[str, ...]]:
    """Return the words and the skip-bigrams of a text, each as often as it has it."""
    found: Counter[tuple[str, ...]] = Counter((token,) for token in tokens)
    for at, first in enumerate(tokens):
        found.update((first, other) for other in tokens[at + 1 : at + 2 + MOST_BETWEEN])
    return found


class _Words:
    """The tokenizer of `rouge-score`, which stems each word once: that is most of its time."""

    def __init__(self) -> None:
        from nltk.stem.porter import PorterStemmer  # heavy: half a second

        self._stem = lru_cache(100_000)(PorterStemmer().stem)

    def stem(self, word: str) -> str:
        """Return a word's stem."""
        return str(self._stem(word))

    def tokenize(self, text: str) -> list[str]:
        """Return the words of a text."""
        from rouge_score.tokenize import tokenize

        return [str(token) for token in tokenize(text, self)]


@cache
def _words() -> _Words:
    return _Words()


@cache
def _library() -> RougeScorer:
    from rouge_score.rouge_scorer import RougeScorer

    return RougeScorer(["rouge2"], tokenizer=_words())
