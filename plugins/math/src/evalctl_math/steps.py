"""Whether the steps of a solution hold: the equations it states and the gold results it reaches.

What lives here: `stated_equations` and `step_score` for the metric `step_by_step_reasoning`. What
does not: the final answer (`answers`), arithmetic itself (`arithmetic`).

An equation is arithmetic on both sides of an equals sign: numbers, + - * / ^, brackets, percent,
"of" behind a percent. Words end it, so `3 apples * 4 = 12` states nothing; currency signs,
`<<...>>` annotations, LaTeX delimiters and thousands separators do not. A chain such as
`2 + 3 = 5 = 10 / 2` states two.
"""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import islice
from typing import Final, NamedTuple

from evalctl_math.arithmetic import evaluate
from evalctl_math.characters import fold

MAX_EQUATIONS: Final = 1_000
MAX_LINES: Final = 20_000
MAX_SIDE: Final = 300
MAX_LINE: Final = 20_000

_MAY_EQUATE: Final = re.compile(r"[=≈]|\\approx")
_ANNOTATION: Final = re.compile(r"<<([^<>\n]{1,300})>>")
_THOUSANDS: Final = re.compile(r"(?<![\d.,])\d{1,3}(?:(?:,|\{,\}|\\,|,\\!)\d{3})+(?!\d|,\d)")
_SPELLINGS: Final = (
    (re.compile(r"\\(?:left|right|displaystyle|[,;!:])|\\(?=[$%])|[$€£]"), ""),
    (re.compile(r"(?<!\d)\*\*(?=[\s\d])|\*\*(?=\s{0,9}$)"), ""),
    (re.compile(r"\\\(|\\\)|\\\[|\\\]"), " "),
    (re.compile(r"\\[dt]frac(?![A-Za-z])"), r"\\frac"),
    (re.compile(r"×|⋅|·|∗|\\(?:times|cdot|ast)(?![A-Za-z])"), "*"),
    (re.compile(r"÷|∕|\\div(?![A-Za-z])"), "/"),
    (re.compile(r"[≈≃]|\\approx(?![A-Za-z])"), " ~ "),
    (re.compile(r"[–—]"), "-"),
    (re.compile(r":\s"), "; "),
    (re.compile(r"(?<=[\d)%])\s{0,3}[xX]\s{0,3}(?=[\d(.])|\s[xX]\s(?=[\d(.])"), " * "),
    (re.compile(r"(?<=%)\s{1,3}of\s{1,3}(?:the\s)?(?=[\d(])"), " * "),
    (re.compile(r"(?<=\d/\d)\s{1,3}of\s{1,3}(?=[\d(])"), " * "),
)  # fmt: skip
_RUN: Final = re.compile(r"(?:[\d.\s+\-*/^(){}%=~:]|\\frac(?![A-Za-z]))+")
_OPERATOR: Final = re.compile(r"(?<=[\d)}%.])\s*[-+*/^:(]|\\frac|%")
_CUT: Final = re.compile(r"^(?:[*/^)]|[-+]\s)|[-+*/^]$")
_LONE_PERCENT: Final = re.compile(r"\d+(?:\.\d+)?\s?%")
_SHOWN: Final = re.compile(r"-?\d*(?:\.(\d+))?%?")
_NUMBER: Final = re.compile(r"(?<![\w.])(?:\d+(?:\.\d+)?(?:/\d+)?|\\frac\{\d+\}\{\d+\})")
_SIGN: Final = re.compile(r"\s*-?\s*")
_SYMBOL_BEFORE: Final = re.compile(r"[A-Za-z}_^|\]\\']")
_SYMBOL_AFTER: Final = re.compile(r"[A-Za-z_|\[]|\\(?!text|mathrm)[A-Za-z]")


class Equation(NamedTuple):
    """One stated equation of two sides."""

    left: str
    right: str
    true: bool
    """Whether the sides are equal, or the right one is the left one rounded to what it shows."""


class StepScore(NamedTuple):
    """What the steps of one answer are worth."""

    equations: int
    true_equations: int
    gold_intermediates: int
    found_intermediates: int
    value: float | None
    """The score in 0..1, or None when neither part is defined."""


def stated_equations(text: str) -> tuple[Equation, ...]:
    """Return the arithmetic equations that a text states, in order, at most `MAX_EQUATIONS`.

    They are looked for in the first `MAX_LINES` lines that have an equals sign.

    A side counts as rounded when it shows decimals, or stands behind an "about equal" sign, and
    lies within half a unit of its last digit. Comparing two bare numbers states nothing.
    """
    found: list[Equation] = []
    lines = (line for line in fold(text).split("\n") if _MAY_EQUATE.search(line))
    for line in islice(lines, MAX_LINES):
        found.extend(_in_line(line[:MAX_LINE]))
        if len(found) >= MAX_EQUATIONS:
            break
    return tuple(found[:MAX_EQUATIONS])


def step_score(text: str, gold_solution: str) -> StepScore:
    """Return how well the stated steps hold and how many of the gold's results they reach.

    The value is the mean of two shares: the true ones among the stated equations, and the gold
    solution's intermediate results that appear as a number in the text. Intermediate results are
    the different right sides of the gold's equations (its `<<...>>` annotations where it has any)
    without the last one, which is the final answer and scored elsewhere. When one part is
    undefined (no equation stated; no intermediate result) the other counts alone; without both
    the value is None.

    Limits: a number of the question that equals an intermediate result counts as found; equations
    in symbols or words are not seen; a solution by another way reaches other results. The score
    compares systems on many samples and proves nothing about a single one.

    Source: our own definition; the `<<...>>` annotations are those of Cobbe et al. 2021 ("Training
    Verifiers to Solve Math Word Problems").
    """
    equations = stated_equations(text)
    true = sum(equation.true for equation in equations)
    wanted = _intermediates(gold_solution)
    present = _numbers(text) if wanted else frozenset()
    reached = sum(value in present for value in wanted)
    shares = []
    if equations:
        shares.append(true / len(equations))
    if wanted:
        shares.append(reached / len(wanted))
    value = sum(shares) / len(shares) if shares else None
    return StepScore(len(equations), true, len(wanted), reached, value)


def _in_line(line: str) -> list[Equation]:
    found: list[Equation] = []
    spelled = _spelled(_ANNOTATION.sub("", line))
    for run in _RUN.finditer(spelled):
        if "=" in run.group() or "~" in run.group():
            found.extend(_in_run(_whole_sides(run, spelled)))
    return found


def _whole_sides(run: re.Match[str], line: str) -> list[str]:
    r"""Return sides and signs of a chain, an outer side empty that a symbol belongs to.

    `f(2) = 5` says nothing about 2, nor `\sqrt{9 + 16} = 5` about 25, nor `1 + 1 = 2x` about 2.
    """
    pieces = re.split(r"([=~])", run.group())
    before, first = line[: run.start()], pieces[0]
    is_signed = first.lstrip()[:1] in ("+", "-") and before.rstrip()[-1:].isalnum()
    if is_signed or (_SYMBOL_BEFORE.search(before[-1:]) and not first[:1].isspace()):
        pieces[0] = ""
    if not pieces[-1][-1:].isspace() and _SYMBOL_AFTER.match(line, run.end()):
        pieces[-1] = ""
    return pieces


def _in_run(pieces: list[str]) -> list[Equation]:
    """Return the equations between neighbouring sides of a chain."""
    sides = ["" if _is_cut(piece) else _trimmed(piece) for piece in pieces[::2]]
    found = []
    for index, sign in enumerate(pieces[1::2]):
        left, right = sides[index], sides[index + 1]
        # `60% = 36` names a share of something; it is no claim about the number 0.6.
        if _LONE_PERCENT.fullmatch(left) or not _OPERATOR.search(left + "|" + right):
            continue
        values = evaluate(left), evaluate(right)
        if values[0] is not None and values[1] is not None:
            true = _agree(values[0], values[1], right, rounded=sign == "~")
            found.append(Equation(left, right, true))
    return found


def _is_cut(side: str) -> bool:
    """Say whether a word has cut the side: it begins or ends with an operator."""
    return _CUT.search(side.strip().rstrip(".")) is not None


def _spelled(line: str) -> str:
    """Return a line with one spelling for operators, and without what only decorates numbers."""
    line = _THOUSANDS.sub(lambda match: re.sub(r"\D", "", match.group()), line)
    for pattern, spelling in _SPELLINGS:
        line = pattern.sub(spelling, line)
    return line


def _trimmed(side: str) -> str:
    """Return one side without loose punctuation and unbalanced brackets at its ends."""
    side = side.strip().strip(":").strip()
    if len(side) > MAX_SIDE:
        return ""
    side = re.sub(r"(?<!\d)\.(?!\d)|\.+$", " ", side).strip()
    side = re.sub(r"^[*/^)}\s]+|[-+*/^({\s]+$", "", side)
    opened, closed = side.count("("), side.count(")")
    if closed > opened and side.endswith(")"):
        side = side[:-1].rstrip()
    if opened > closed and side.startswith("("):
        side = side[1:].lstrip()
    return side


def _agree(left: Fraction, right: Fraction, shown: str, *, rounded: bool) -> bool:
    """Return whether the right side is the left one, exactly or as rounded."""
    if left == right:
        return True
    match = _SHOWN.fullmatch(shown.replace(" ", ""))
    if match is None or not (match.group(1) or rounded or shown.endswith("%")):
        return False
    unit = Fraction(1, 10 ** len(match.group(1) or ""))
    if not shown.endswith("%"):
        return abs(left - right) <= unit / 2
    # `45 + 49 = 94%`: the sign is there a unit, not a division by 100.
    return min(abs(left - right) * 100, abs(left - right * 100)) <= unit / 2


def _intermediates(solution: str) -> tuple[Fraction, ...]:
    """Return the different results of the gold's steps, in order, without sign and the last one."""
    annotated = [match.rpartition("=")[2] for match in _ANNOTATION.findall(solution)]
    texts = annotated or [equation.right for equation in stated_equations(solution)]
    spelled = (_SIGN.sub("", _spelled(text), count=1).strip() for text in texts)
    numbers = (text for text in spelled if _NUMBER.fullmatch(text))
    values = [value for text in numbers if (value := evaluate(text)) is not None]
    if not values:
        return ()
    return tuple(value for value in dict.fromkeys(values) if value != values[-1])


def _numbers(text: str) -> frozenset[Fraction]:
    plain = _spelled(_ANNOTATION.sub("", fold(text)))
    values = (evaluate(match.group()) for match in _NUMBER.finditer(plain))
    return frozenset(value for value in values if value is not None)
