"""Comparing outer forms part by part: lists, sets, tuples, intervals, unions, matrices.

What lives here: `compare`, which needs to be told how single values compare. What does not: the
rules for single values (`verdict.quick`, `equivalence`).

Sets and bare lists are unordered; tuples, intervals and matrices are ordered, and the brackets of
a tuple or interval must be the same. A bare list may stand for a tuple in round brackets, and a
column for a tuple in round brackets; a single value may stand for a set of one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from evalctl_math.latex import key
from evalctl_math.shapes import MAX_PARTS, Shape, both_signs, intervals, shape

Judge = Callable[[str, str], bool | None]
"""Says whether two single values agree; None when it cannot tell."""


def compare(answer: str, gold: str, judge: Judge) -> bool | None:
    """Return whether two canonical answers agree part by part; None when `judge` left it open.

    A text such as `70,110` is read as a number first, and as a list where the other side is one.
    """
    if key(answer) == key(gold):
        return True
    left, right = _alike(shape(answer), shape(gold))
    verdict = _judge_shapes(left, right, judge)
    if verdict is True or (left.kind == "value") == (right.kind == "value"):
        return verdict
    reread = _judge_shapes(shape(answer, thousands=False), shape(gold, thousands=False), judge)
    return True if reread is True else verdict


def _alike(answer: Shape, gold: Shape) -> tuple[Shape, Shape]:
    """Return both forms, with inequalities as intervals where the other side is in intervals."""
    if gold.kind in ("tuple", "union"):
        return intervals(answer), gold
    if answer.kind in ("tuple", "union"):
        return answer, intervals(gold)
    return answer, gold


def _judge_shapes(answer: Shape, gold: Shape, judge: Judge) -> bool | None:
    if len(answer.parts) > MAX_PARTS or len(gold.parts) > MAX_PARTS:
        return None
    if answer.kind == gold.kind == "value":
        return _values(answer.parts[0], gold.parts[0], judge)
    if _is_unordered(answer, gold) or _is_unordered(gold, answer):
        return _unordered(_spread(answer), _spread(gold), judge)
    if answer.kind == gold.kind:
        if answer.brackets != gold.brackets:
            return False
        return _ordered(answer.parts, gold.parts, judge)
    if _is_vector(answer) and _is_vector(gold):
        return _ordered(answer.parts, gold.parts, judge)
    return None if "value" in (answer.kind, gold.kind) else False


def _values(answer: str, gold: str, judge: Judge) -> bool | None:
    left, right = both_signs(answer), both_signs(gold)
    if left is None and right is None:
        verdicts = [judge(side, gold) for side in _sides(answer)] if answer else [False]
        return True if True in verdicts else verdicts[-1]
    return _unordered(left or (answer,), right or (gold,), judge)


def _sides(answer: str) -> list[str]:
    r"""Return the spellings of one value in `10\pi \approx 31.4` or `\sqrt{8} = 2\sqrt{2}`.

    An equals sign parts spellings only where no symbol stands: `x^2 = 4` is an equation.
    """
    numeric = not re.search(r"[A-Za-z]", re.sub(r"\\[A-Za-z]+", "", answer))
    sides = re.split(r"\\approx|=" if numeric else r"\\approx", answer)
    return [side.strip() for side in sides if side.strip()] or [answer]


def _is_unordered(one: Shape, other: Shape) -> bool:
    if one.kind == other.kind == "union":
        return True
    return one.kind in ("set", "list") and other.kind in ("set", "list", "value")


def _is_vector(form: Shape) -> bool:
    round_tuple = form.kind == "tuple" and form.brackets == "()"
    return round_tuple or form.kind == "list" or (form.kind == "matrix" and form.brackets == "1")


def _spread(form: Shape) -> tuple[str, ...]:
    if form.kind == "value":
        return both_signs(form.parts[0]) or form.parts
    if form.kind == "set":  # a set holds each element once
        return tuple({key(part): part for part in form.parts}.values())
    return form.parts


def _ordered(answer: Sequence[str], gold: Sequence[str], judge: Judge) -> bool | None:
    if len(answer) != len(gold):
        return False
    open_question = False
    for left, right in zip(answer, gold, strict=True):
        verdict = compare(left, right, judge)
        if verdict is False:
            return False
        open_question |= verdict is None
    return None if open_question else True


def _unordered(answer: Sequence[str], gold: Sequence[str], judge: Judge) -> bool | None:
    """Return whether the parts can be paired; each part of the gold takes the first that fits."""
    if len(answer) != len(gold):
        return False
    rest, open_question = list(answer), False
    for wanted in gold:
        verdicts = [compare(part, wanted, judge) for part in rest]
        if True in verdicts:
            rest.pop(verdicts.index(True))
        elif None in verdicts:
            open_question = True
        else:
            return False
    return None if open_question else True
