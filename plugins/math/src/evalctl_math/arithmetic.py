r"""Exact, bounded arithmetic on text: numbers, fractions, powers, percent.

What lives here: one small recursive-descent parser that turns `3 * (4 + 1/2)`, `\frac{4}{3}`,
`1\frac{4}{5}`, `2.5e3` or `20%` into a `fractions.Fraction`. What does not: symbols, roots,
functions, lists. Nothing is ever handed to `eval`; whatever the parser does not know is refused.

All work is bounded: at most `MAX_CHARACTERS` of text, `MAX_TOKENS` tokens, `MAX_DEPTH` nested
groups, and no value above `MAX_BITS` bits, so `9**9**9**9` is refused before it is computed.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final

MAX_CHARACTERS: Final = 2_000
MAX_TOKENS: Final = 400
MAX_DEPTH: Final = 40
MAX_BITS: Final = 40_000
MAX_DIGITS: Final = 1_000
MAX_SCALE: Final = 400

_TOKEN: Final = re.compile(
    r"(?P<space>\s+)"
    r"|(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,4}(?!\d))?)"
    r"|(?P<operator>\*\*|[-+*/:^(){}%])"
    r"|(?P<command>\\(?:times|cdot|div|frac)(?![A-Za-z]))"
)
_MIXED: Final = re.compile(r"(?<![\d./^])(\d{1,9})\s+(\d{1,9}/\d{1,9})(?![\d./^])")
_SPELLING: Final = {"**": "^", "\\times": "*", "\\cdot": "*", "\\div": "/", ":": "/", "\\frac": "F"}


class _RefusedError(ValueError):
    """The text is no bounded arithmetic."""


def evaluate(text: str) -> Fraction | None:
    """Return the exact value of an arithmetic expression, or None when it is not one.

    Accepts plain text and canonical LaTeX. A percent sign divides by 100; a whole number directly
    before a fraction is a mixed number; a colon divides. Never raises.
    """
    if len(text) > MAX_CHARACTERS:
        return None
    try:
        parser = _Parser(_tokens(_MIXED.sub(r"(\1+\2)", text)))
        value = parser.sum()
        parser.finish()
    except (_RefusedError, ZeroDivisionError):
        return None
    return value


def _tokens(text: str) -> list[str]:
    """Return the tokens in order; numbers as written, operators in one spelling."""
    found: list[str] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None or len(found) > MAX_TOKENS:
            raise _RefusedError
        position = match.end()
        if match.lastgroup != "space":
            found.append(_SPELLING.get(match.group(), match.group()))
    return found


def _number(text: str) -> Fraction:
    """Return a decimal number's value after checking that it is small enough to build."""
    mantissa, _, scale = text.lower().partition("e")
    if len(mantissa) > MAX_DIGITS or (scale and abs(int(scale)) > MAX_SCALE):
        raise _RefusedError
    whole, _, decimals = mantissa.partition(".")
    value = Fraction(int((whole + decimals) or "0"), 10 ** len(decimals))
    return value * Fraction(10) ** int(scale) if scale else value


def _bounded(value: Fraction) -> Fraction:
    if value.numerator.bit_length() > MAX_BITS or value.denominator.bit_length() > MAX_BITS:
        raise _RefusedError
    return value


def _power(base: Fraction, exponent: Fraction) -> Fraction:
    """Return base ** exponent for whole exponents, refusing results above `MAX_BITS`."""
    if exponent.denominator != 1 or (base == 0 and exponent <= 0):
        raise _RefusedError
    bits = max(base.numerator.bit_length(), base.denominator.bit_length())
    if abs(exponent.numerator) * bits > MAX_BITS:
        raise _RefusedError
    return base ** int(exponent)


class _Parser:
    """Recursive descent over the tokens of one expression; depth is counted, not trusted."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self, *wanted: str) -> str:
        token = self._peek()
        if token in wanted:
            self._at += 1
            return token
        return ""

    def finish(self) -> None:
        """Refuse what stands behind a complete expression."""
        if self._at != len(self._tokens):
            raise _RefusedError

    def sum(self) -> Fraction:
        """Return the value of terms joined by plus and minus."""
        value = self._product()
        while operator := self._take("+", "-"):
            term = self._product()
            value = _bounded(value + term if operator == "+" else value - term)
        return value

    def _product(self) -> Fraction:
        value = self._signed()
        while True:
            if operator := self._take("*", "/"):
                factor = self._signed()
                value = _bounded(value * factor if operator == "*" else value / factor)
            elif self._peek() in ("(", "F"):
                value = _bounded(value * self._raised())
            else:
                return value

    def _signed(self) -> Fraction:
        negative = False
        while sign := self._take("+", "-"):
            negative ^= sign == "-"
        value = self._raised()
        return -value if negative else value

    def _raised(self) -> Fraction:
        value = self._atom()
        if self._take("^"):
            value = _power(value, self._exponent())
        while self._take("%"):
            value /= 100
        return value

    def _exponent(self) -> Fraction:
        self._enter()
        value = self._signed()  # signed() reads a whole tower first: right-associative
        self._depth -= 1
        return value

    def _enter(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _RefusedError

    def _group(self) -> Fraction:
        closing = {"(": ")", "{": "}"}.get(self._take("(", "{"))
        if closing is None:
            raise _RefusedError
        self._enter()
        value = self.sum()
        self._depth -= 1
        if not self._take(closing):
            raise _RefusedError
        return value

    def _fraction(self) -> Fraction:
        if self._peek() != "{":
            raise _RefusedError
        top = self._group()
        if self._peek() != "{":
            raise _RefusedError
        return top / self._group()

    def _atom(self) -> Fraction:
        if self._take("F"):
            return self._fraction()
        token = self._peek()
        if not token or not (token[0].isdigit() or token[0] == "."):
            return self._group()
        self._at += 1
        value = _number(token)
        if token.isdigit() and self._mixed_follows():
            self._at += 1
            value += self._fraction()
        return value

    def _mixed_follows(self) -> bool:
        r"""Say whether `\frac{digits}{digits}` follows, which makes a mixed number."""
        shape = self._tokens[self._at : self._at + 7]
        return (
            len(shape) == 7
            and [shape[i] for i in (0, 1, 3, 4, 6)] == ["F", "{", "}", "{", "}"]
            and shape[2].isdigit()
            and shape[5].isdigit()
        )
