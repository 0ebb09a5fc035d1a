"""Whether two answers are the same mathematics: the quick rules first, then algebra.

What lives here: `equivalent`, and the only import of the symbolic libraries (math-verify and
latex2sympy2_extended), made when a symbolic check is first needed. What does not: time limits.

math-verify's own limits use SIGALRM, which works in a main thread only; they are off here. The
caller must run `equivalent` in a worker process with a hard limit, and kill it when it is late.

What reaches the libraries: never model text as it stands, only LaTeX that `grammar.reduce` wrote
anew from its allow-list, and only through the LaTeX parser. math-verify's `parse` is not used: it
searches the text with its own expressions and hands plain arithmetic to SymPy's `parse_expr`,
which evaluates Python.
"""

from __future__ import annotations

import logging
import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from evalctl_math.comparison import compare
from evalctl_math.grammar import reduce
from evalctl_math.latex import canonical
from evalctl_math.units import split_unit
from evalctl_math.verdict import decide, quick, without_assignment

if TYPE_CHECKING:
    from sympy import Basic, Expr

_DEGREES: Final = re.compile(r"(\d+(?:\.\d+)?|[A-Za-z]|\\(?:theta|alpha|beta|pi)) ?\^\{\\circ\}")
_LETTER_I: Final = re.compile(r"\\[A-Za-z]+|_\{[^{}]*\}|[iI]")
# The LaTeX parser takes a capital I for the imaginary unit and a small i for a variable, the other
# way round from what answers mean; \Xi is on no allow-list, so it can stand for the capital. The
# parentheses keep an exponent, which the parser drops behind a bare I.
_OTHER_I: Final = MappingProxyType({"i": "(I)", "I": "\\Xi "})
_RELATION: Final = re.compile(r"[=<>]|\\(?:le|ge|ne) ")
_DISAGREEMENT: Final = 1e-5


def equivalent(answer: str, gold: str, *, relative_tolerance: float = 0.0) -> bool:
    """Return whether an answer is mathematically the gold answer.

    May take long on rare expressions: run it in a process that can be killed. Never raises; what
    cannot be read as mathematics is equal only to the same text.

    Args:
        answer: the extracted answer, as LaTeX or plain text.
        gold: the reference answer.
        relative_tolerance: numbers within this share of the gold's size count as equal.
    """
    verdict = decide(answer, gold, relative_tolerance=relative_tolerance)
    if verdict is not None:
        return verdict

    def judge(left: str, right: str) -> bool:
        settled = quick(left, right, relative_tolerance)
        return _same(left, right, relative_tolerance) if settled is None else settled

    return compare(canonical(answer), canonical(gold), judge) is True


def _same(answer: str, gold: str, relative_tolerance: float) -> bool:
    """Return the symbolic verdict on two canonical single values."""
    if _RELATION.search(answer) is None or _RELATION.search(gold) is None:
        answer, gold = without_assignment(answer), without_assignment(gold)
        if _RELATION.search(answer) or _RELATION.search(gold):
            return False  # math-verify takes the right side of any equation for its value
    latex = [_written(text) for text in (answer, gold)]
    if latex[0] is None or latex[1] is None:
        return False
    return _verified(latex[0], latex[1], relative_tolerance)


def _written(text: str) -> str | None:
    """Return the text as allowed LaTeX: without its unit, degrees in radians."""
    quantity = split_unit(text)
    value = _DEGREES.sub(r"(\\frac{\1\\pi}{180})", quantity.value)
    reduced = reduce(f"\\frac{{{value}}}{{100}}" if quantity.percent else value)
    if reduced is None:
        return None
    return _LETTER_I.sub(lambda match: _OTHER_I.get(match.group(), match.group()), reduced)


def _verified(answer: str, gold: str, relative_tolerance: float) -> bool:
    # Without the libraries this fails loudly on the first answer that needs them: they are
    # dependencies of the distribution, and a silent False would be a wrong score.
    from latex2sympy2_extended.latex2sympy2 import ConversionConfig, latex2sympy
    from math_verify.grader import verify

    logging.getLogger("math_verify.grader").setLevel(logging.ERROR)  # warns that limits are off
    real = "I" not in answer + gold
    config = ConversionConfig(lowercase_symbols=False)
    try:
        left, right = (
            latex2sympy(text, is_real=real, normalization_config=None, conversion_config=config)
            for text in (answer, gold)
        )
        if _differ(left, right):
            return _near(left, right, relative_tolerance)
        return bool(verify(right, left, timeout_seconds=None))
    except Exception:  # noqa: BLE001 - both libraries raise bare Exception for unreadable LaTeX
        return False


def _differ(left: Basic, right: Basic) -> bool:
    """Say whether two expressions have clearly different values at one fixed point.

    Cheap, and settles nearly every wrong answer without the slow search for a simplification. It
    also keeps very small values apart (`1/2004!`), which a rounded comparison takes for zero.
    """
    values = _values(left, right)
    if values is None:
        return False
    one, other = values
    size = max(abs(one), abs(other))
    if not one or not other:  # an exact zero beside what may be rounding
        return bool(size > _DISAGREEMENT)
    return bool(abs(one - other) > _DISAGREEMENT * size)


def _near(left: Basic, right: Basic, relative_tolerance: float) -> bool:
    if relative_tolerance <= 0 or left.free_symbols or right.free_symbols:
        return False
    values = _values(left, right)
    if values is None:
        return False
    return bool(abs(values[0] - values[1]) <= relative_tolerance * abs(values[1]))


def _values(left: Basic, right: Basic) -> tuple[Expr, Expr] | None:
    """Return both expressions' values at one fixed point, or None where there are none.

    The values stay SymPy numbers: a `float` would make zero or infinity of `1/2004!` and `2004!`.
    """
    from sympy import Expr, Float

    if not isinstance(left, Expr) or not isinstance(right, Expr):
        return None
    names = sorted({str(symbol) for symbol in left.free_symbols | right.free_symbols})
    point = {name: Float(f"0.{37 + 13 * index}1") for index, name in enumerate(names)}
    values: list[Expr] = []
    for side in (left, right):
        places = {symbol: point[str(symbol)] for symbol in side.free_symbols}
        value = side.subs(places).doit().evalf(30)
        if not (value.is_number and value.is_finite):
            return None
        values.append(value)
    return values[0], values[1]
