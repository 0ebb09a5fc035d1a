"""ANLS, the measure of DocVQA: how alike an answer and the nearest gold answer are.

The definition is the paper's: 1 - NL where NL, the edit distance over the length of the longer
text, is less than a half, and else 0; the greatest over the gold answers; small letters, single
spaces. The challenge's own script differs in two details: it divides by the lengths before spaces
are made single, and keeps an answer whose NL is a half.

Source: Mathew, Karatzas and Jawahar 2021, "DocVQA: A Dataset for VQA on Document Images", section
4.2; Biten et al. 2019, "Scene Text Visual Question Answering", equation 1.
"""

from __future__ import annotations

from collections.abc import Iterable

from evalctl_multimodal.edits import edit_distance, normalized

THRESHOLD = 0.5
"""From this normalised distance on an answer is wrong, and no misreading."""


def anls(answer: str, golds: Iterable[str]) -> float:
    """Return how alike an answer and the nearest of the gold answers are, in 0..1."""
    return max((_likeness(normalized(answer), normalized(gold)) for gold in golds), default=0.0)


def _likeness(answer: str, gold: str) -> float:
    longest = max(len(answer), len(gold))
    if not longest:
        return 1.0
    if abs(len(answer) - len(gold)) >= THRESHOLD * longest:
        return 0.0
    distance = edit_distance(answer, gold) / longest
    return 1.0 - distance if distance < THRESHOLD else 0.0
