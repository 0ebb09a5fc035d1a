r"""The quick verdict on an answer, without any symbolic library.

What lives here: `decide` and the rules for single values (`quick`). What does not: outer forms
(see `comparison`) and symbolic equality (see `equivalence`).

The rules, in the order in which they apply:

- **Equal strings**: after `latex.canonical` and `latex.key` the same text is the same answer.
- **Assignments**: `x = 5` is 5 where the other side has no equation; two equations with the same
  left side compare their right sides; `a = b` is `b = a`.
- **Base**: digits with a base (`25_6`, `25_{six}`) agree with the same digits without one, because
  the question names the base; with different bases they differ, even where the values agree.
- **Numbers** (decimals, fractions, mixed numbers, powers, ratios `1:2`): compared exactly as
  fractions, or within `relative_tolerance` of the gold where one is given. `0.33` is not `1/3`.
- **Percent**: `50%` agrees with `50` and with `0.5`; where both sides carry the sign, or neither,
  the values must agree as written. A question about percentages rarely has both readings.
- **Units**: an absent or unknown unit agrees with every unit; two known units must be the same.
- **Choices**: `(A)`, `A.`, `\text{A}` and `A` are one answer.
- **Text**: compared without case, spaces, dots; two different words are different answers.

Everything else is None: a symbolic check has to decide.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from evalctl_math.arithmetic import evaluate
from evalctl_math.comparison import compare
from evalctl_math.latex import MAX_CHARACTERS, canonical, key
from evalctl_math.shapes import join_thousands
from evalctl_math.units import Quantity, split_unit

_SYMBOL: Final = (
    r"(?:[A-Za-z]|\\(?!frac|sqrt|text|begin)[A-Za-z]+|\\text\{[^{}=]*\}|[A-Z]?[a-z]{2,30})"
    r"(?:_\{[^{}]*\})?(?: ?\([A-Za-z]\))?'*"
)
_ASSIGNMENT: Final = re.compile(rf"({_SYMBOL}) ?(?:=|\\approx) ?(.+)", re.DOTALL)
_BASE: Final = re.compile(
    r"([-+]?[0-9A-Za-z.,]+)_ ?\{?(?:\\text)?\{? ?(?:base )?([0-9]{1,2}|[a-z]{3,8})\}{0,2}"
)
_BASE_NAMES: Final = (
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
)
_BASES: Final[Mapping[str, str]] = MappingProxyType(
    {name: str(number) for number, name in enumerate(_BASE_NAMES.split(), start=2)}
)
_TEXT: Final = re.compile(r"\\text\{([^{}]*)\}")
_PLAIN: Final = re.compile(r"-?\d{1,40}(?:\.\d{1,40})?", re.ASCII)
_LETTERS: Final = re.compile(r"[A-Za-z][A-Za-z' -]{2,}")
_CLOCK: Final = re.compile(r"(\d{1,2}(?::\d\d)?)([ap])m")
_CONSTANTS: Final = frozenset({"pi", "sqrt", "inf"})


def decide(answer: str, gold: str, *, relative_tolerance: float = 0.0) -> bool | None:
    """Return whether the answer is the gold answer, or None when only algebra could tell.

    Args:
        answer: the extracted answer, as LaTeX or plain text.
        gold: the reference answer.
        relative_tolerance: numbers within this share of the gold's size count as equal; 0 asks for
            exact equality.

    Source: the rules are this module's own.
    """
    if len(answer) > MAX_CHARACTERS or len(gold) > MAX_CHARACTERS:
        return answer.strip() == gold.strip()
    left_number, right_number = plain_number(answer), plain_number(gold)
    if left_number is not None and right_number is not None:  # most pairs, and at once
        return _close(left_number, right_number, relative_tolerance)
    left, right = canonical(answer), canonical(gold)
    if not left or not right:
        return False
    return compare(left, right, lambda a, g: quick(a, g, relative_tolerance))


def plain_number(text: str) -> Fraction | None:
    """Return the number that a text of digits, with a sign and a point at most, stands for."""
    return Fraction(text) if _PLAIN.fullmatch(text) else None


def quick(answer: str, gold: str, relative_tolerance: float) -> bool | None:
    """Return the verdict on two canonical single values."""
    if key(answer) == key(gold):
        return True
    answer, gold, settled = _without_assignments(answer, gold)
    if settled is not None:
        return settled
    for rule in (_clocks, _bases, _choices):
        verdict = rule(answer, gold)
        if verdict is not None:
            return verdict
    left, right = split_unit(answer), split_unit(gold)
    if left.unit and right.unit and left.unit != right.unit:
        return False
    verdict = _numbers(left, right, relative_tolerance)
    if verdict is not None:
        return verdict
    if key(left.value) == key(right.value):
        return True
    return _words(left.value, right.value)


def value_of(text: str) -> Fraction | None:
    """Return the exact number that a canonical value without its unit stands for, or None."""
    return evaluate(join_thousands(_TEXT.sub(r"\1", text)))


def without_assignment(text: str) -> str:
    """Return the right side of `symbol = value`; any other text unchanged."""
    match = _ASSIGNMENT.fullmatch(text)
    if match is None or re.search(r"[<>]|\\[lg]e(?![A-Za-z])", text):
        return text
    return re.split(r"=|\\approx", match.group(2))[-1].strip() or text


def _without_assignments(answer: str, gold: str) -> tuple[str, str, bool | None]:
    """Return both sides with assignments taken off where that is allowed, and any verdict."""
    both = "=" in answer and "=" in gold
    if not both:
        short, shorter = without_assignment(answer), without_assignment(gold)
        return short, shorter, True if key(short) == key(shorter) else None
    left, right = answer.split("="), gold.split("=")
    if len(left) == len(right) == 2:
        if key(left[0]) == key(right[1]) and key(left[1]) == key(right[0]):
            return answer, gold, True
        if key(left[0]) == key(right[0]):
            return left[1].strip(), right[1].strip(), None
    return answer, gold, None


def _clocks(answer: str, gold: str) -> bool | None:
    times = [_CLOCK.fullmatch(_letters(text)) for text in (answer, gold)]
    if times[0] is not None and times[1] is not None:
        return times[0].groups() == times[1].groups()
    time = times[0] or times[1]
    if time is not None and time.group(1) in (_letters(answer), _letters(gold)):
        return True
    return None


def _bases(answer: str, gold: str) -> bool | None:
    left, right = _split_base(answer), _split_base(gold)
    if not left[1] and not right[1]:
        return None
    if left[1] and right[1] and left[1] != right[1]:
        return False
    same = left[0].lower().lstrip("0") == right[0].lower().lstrip("0")
    return same or (None if not left[1] or not right[1] else False)


def _split_base(text: str) -> tuple[str, str]:
    match = _BASE.fullmatch(text)
    if match is None or not (match.group(2) in _BASES or match.group(2).isdigit()):
        return text, ""
    if not re.search(r"\d", match.group(1)):
        return text, ""  # `x_{2}` is a symbol with an index
    return match.group(1).replace(",", ""), _BASES.get(match.group(2), match.group(2))


def _choices(answer: str, gold: str) -> bool | None:
    """Return the verdict on two single letters of which one is marked as text or a choice."""
    letters = [re.fullmatch(r"\(?([A-Z])[).:]?", _TEXT.sub(r"\1", text)) for text in (answer, gold)]
    if letters[0] is None or letters[1] is None:
        return None
    return letters[0].group(1) == letters[1].group(1)


def _numbers(answer: Quantity, gold: Quantity, relative_tolerance: float) -> bool | None:
    left, right = value_of(answer.value), value_of(gold.value)
    if left is None or right is None:
        return None
    if _close(left, right, relative_tolerance):
        return True
    if answer.percent == gold.percent:
        return False
    if answer.percent:
        return _close(left / 100, right, relative_tolerance)
    return _close(left * 100, right, relative_tolerance)


def _close(answer: Fraction, gold: Fraction, relative_tolerance: float) -> bool:
    if relative_tolerance <= 0:
        return answer == gold
    return abs(answer - gold) <= Fraction(relative_tolerance) * abs(gold)


def _words(answer: str, gold: str) -> bool | None:
    """Return the verdict on two texts, or None when one of them may be mathematics."""
    left, right = _letters(answer), _letters(gold)
    marked = "\\text" in answer or "\\text" in gold
    if left == right and (marked or _is_prose(answer) or _is_prose(gold)):
        return True
    if _is_prose(answer) and _is_prose(gold):
        return None if sorted(left) == sorted(right) else False
    return None


def _letters(text: str) -> str:
    return re.sub(r"[\s.,()]", "", _TEXT.sub(r"\1", text)).lower()


def _is_prose(text: str) -> bool:
    inner = _TEXT.sub(r"\1", text).strip(" .()")
    return _LETTERS.fullmatch(inner) is not None and inner.lower() not in _CONSTANTS
