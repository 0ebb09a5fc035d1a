"""Character and word error rate: how much of a text is misread.

Both are sums over all questions: edits over the length of what should have been read. A rate is
above 1 where a model writes more than there is. Small letters, single spaces, as in `anls.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from evalctl_multimodal.edits import edit_distance, normalized

NOTHING_READ: Mapping[str, float] = {}
"""What a question counts that is not one of reading."""


def misread(answer: str, golds: Iterable[str]) -> dict[str, float]:
    """Return what one answer adds to the sums, by the gold answer that is nearest to it.

    Returns:
        `texts`, which is 1, `characters` and `words` of the gold answer, the edits
        `character_edits` and `word_edits`, and `characters_lost`: the edits, but no more than there
        are characters. Empty where no gold answer has a character.
    """
    given = normalized(answer)
    wanted = [text for gold in golds if (text := normalized(gold))]
    if not wanted:
        return {}
    edits = {text: edit_distance(given, text) for text in wanted}
    nearest = min(edits, key=lambda text: edits[text] / len(text))
    words = nearest.split()
    return {
        "texts": 1.0,
        "characters": float(len(nearest)),
        "character_edits": float(edits[nearest]),
        "characters_lost": float(min(edits[nearest], len(nearest))),
        "words": float(len(words)),
        "word_edits": float(edit_distance(given.split(), words)),
    }


def texts(counts: Mapping[str, float]) -> float:
    """Return how many questions of reading there were."""
    return counts.get("texts", 0.0)


def character_error_rate(counts: Mapping[str, float]) -> float | None:
    """Return character edits over characters; None where there were none to read."""
    return _over(counts, "character_edits", "characters")


def word_error_rate(counts: Mapping[str, float]) -> float | None:
    """Return word edits over words; None where there were none to read."""
    return _over(counts, "word_edits", "words")


def ocr_accuracy(counts: Mapping[str, float]) -> float | None:
    """Return the share of characters that were read, where no answer can lose more than it has."""
    lost = _over(counts, "characters_lost", "characters")
    return None if lost is None else 1.0 - lost


def _over(counts: Mapping[str, float], above: str, below: str) -> float | None:
    total = counts.get(below, 0.0)
    return counts.get(above, 0.0) / total if total > 0 else None
