"""Which answers are plain mathematics that a symbolic library may see at all.

What lives here: `reduce`, a strict recogniser that reads canonical LaTeX token by token and writes
it anew from the tokens it knows. What does not: the meaning of the mathematics.

Why so strict: model output has been executed through symbolic libraries' text parsers, and towers
such as `9^{9^{9^9}}` have stopped whole evaluations. So an answer passes only if

- every token is on the allow-list: numbers, single letters, a few operators and commands;
- it has at most `MAX_CHARACTERS` characters, `MAX_TOKENS` tokens, `MAX_DEPTH` nested groups, runs
  of at most `MAX_LETTERS` letters, and numbers of at most `MAX_DIGITS` digits;
- its **weight** is at most `MAX_WEIGHT`. The weight bounds the exponents that multiply up: an item
  weighs 1, an item with an exponent weighs its weight times the product of the numbers in the
  exponent, a factorial of n weighs 4n, a group weighs the sum of its items above 1. Inside an
  exponent only letters may carry an exponent, so no tower of numbers passes;
- powers of sums with symbols stay at most `MAX_EXPANSION`, because libraries expand them.

Quotes, backslash escapes, attribute access, underscores before anything but a short index, `@`,
`#`, semicolons and line breaks are on no list, hence refused.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from evalctl_math.latex import canonical

MAX_CHARACTERS: Final = 500
MAX_TOKENS: Final = 300
MAX_DEPTH: Final = 12
MAX_DIGITS: Final = 40
MAX_LETTERS: Final = 4
MAX_WEIGHT: Final = 10_000
MAX_EXPANSION: Final = 60
MAX_FACTORIAL: Final = 2_400
MAX_BINOMIAL: Final = 5_000

_TOKEN: Final = re.compile(
    r"(?P<space>\s+)"
    r"|(?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d{1,3}(?![\dA-Za-z]))?)"
    r"|(?P<letter>[A-Za-z])"
    r"|(?P<command>\\[A-Za-z]+)"
    r"|(?P<mark>[-+*/^_(){}\[\]|!<>=:])"
)
_INDEX: Final = re.compile(r"_\s*\{\s*(?:\\text\{)?([A-Za-z0-9]{1,10})\}?\s*\}")
_GREEK_NAMES: Final = (
    "alpha beta gamma delta epsilon varepsilon zeta eta theta kappa lambda mu nu xi pi rho sigma "
    "tau phi varphi chi psi omega Delta Gamma Theta Lambda Phi Psi Omega Sigma"
)
_FUNCTION_NAMES: Final = "sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh ln log exp"
_GREEK: Final = frozenset("\\" + name for name in _GREEK_NAMES.split())
_FUNCTIONS: Final = frozenset("\\" + name for name in _FUNCTION_NAMES.split())
_RELATIONS: Final = frozenset(["=", "<", ">", "\\le", "\\ge", "\\ne"])
_OPERATORS: Final = frozenset(["+", "-", "*", "/", ":", "|"])
_CLOSING: Final = {"(": ")", "[": "]", "{": "}"}
_WRITTEN: Final = {"*": "\\cdot", "[": "(", "]": ")"}


class _RefusedError(ValueError):
    """The text is no plain, bounded mathematics."""


class _Item(NamedTuple):
    weight: int
    symbols: bool
    """Whether letters stand in the item."""
    size: int
    """How many parts the item has; 1 for a number or letter."""


def reduce(text: str) -> str | None:
    """Return the text as LaTeX made of known tokens only, or None when it is refused.

    Never raises; takes time proportional to at most `MAX_CHARACTERS`.
    """
    if len(text) > MAX_CHARACTERS:
        return None
    try:
        return _Reader(_tokens(canonical(text))).read()
    except _RefusedError:
        return None


def _tokens(text: str) -> list[str]:
    found: list[str] = []
    position, letters = 0, 0
    while position < len(text):
        index = _INDEX.match(text, position)
        match = index or _TOKEN.match(text, position)
        if match is None or len(found) > MAX_TOKENS:
            raise _RefusedError
        position = match.end()
        token = f"_{{{index.group(1)}}}" if index is not None else match.group()
        letters = letters + 1 if match.lastgroup == "letter" else 0
        if letters > MAX_LETTERS or len(token) > MAX_DIGITS:
            raise _RefusedError
        if not token.isspace():
            if found and _is_number(found[-1]) and _is_number(token):
                raise _RefusedError  # `118 00` is not 11800
            found.append(token)
    return found


def _is_number(token: str) -> bool:
    return token[0] in "0123456789."


def _written(token: str) -> str:
    """Return a token as LaTeX that reads as the same token whatever follows it."""
    written = _WRITTEN.get(token, token)
    if written[:1] == "\\" or written.isalpha():
        return written + " "  # apart, so that the library's lexer makes no name of them
    mantissa, found, scale = written.lower().partition("e")
    if found and _is_number(written):
        return f"({mantissa}\\cdot 10^{{{int(scale)}}})"
    return written


def _size(number: str) -> int:
    """Return a whole number that is at least the value of a number token."""
    mantissa, _, scale = number.lower().partition("e")
    return (int(mantissa.partition(".")[0] or 0) + 1) * int(10 ** max(int(scale or 0), 0))


class _Reader:
    """One pass over the tokens that checks every bound and writes what it has read."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0
        self._exponents = 0  # how many exponents we are inside
        self._out: list[str] = []

    def read(self) -> str:
        """Return the rewritten text of the whole token list."""
        whole = self._items("")
        if whole.size == 0 or whole.weight > MAX_WEIGHT:
            raise _RefusedError
        return "".join(self._out).strip()

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self) -> str:
        token = self._peek()
        self._at += 1
        self._out.append(_written(token))
        return token

    def _expect(self, token: str) -> None:
        if self._peek() != token:
            raise _RefusedError
        self._take()

    def _items(self, closing: str) -> _Item:
        """Read items up to `closing` (or the end) and return what they weigh together."""
        weight, symbols, size = 0, False, 0
        while self._peek() != closing:
            token = self._peek()
            if token in _OPERATORS or (token in _RELATIONS and self._depth == 0):
                self._take()
                continue
            item = self._item()
            weight += item.weight if item.weight > 1 else 0
            symbols, size = symbols or item.symbols, size + item.size
        return _Item(max(weight, 1), symbols, size)

    def _item(self) -> _Item:
        literal = self._peek()
        item = self._atom()
        if self._peek() == "!":
            item = self._factorial(literal)
        if self._peek().startswith("_"):
            if not (item.symbols and item.size == 1):
                raise _RefusedError
            self._take()
        if self._peek() == "^":
            item = self._raised(item)
        return item

    def _atom(self) -> _Item:
        token = self._peek()
        if token in _CLOSING:
            return self._group()
        if token and _is_number(token):
            self._take()
            return _Item(1, symbols=False, size=1)
        if token.isalpha() or token in _GREEK or token == "\\infty":
            self._take()
            return _Item(1, symbols=token != "\\pi", size=1)
        return self._command(token)

    def _command(self, token: str) -> _Item:
        if token in _FUNCTIONS:
            self._take()
            if self._peek().startswith("_{"):
                self._take()
            if self._peek() == "^":
                self._raised(_Item(1, symbols=False, size=1))
            return _Item(1, symbols=False, size=1)
        if token == "\\sqrt":
            return self._root()
        if token in ("\\frac", "\\binom"):
            self._take()
            first = self._at
            top, bottom = self._braced(), self._braced()
            if token == "\\binom":
                self._check_numbers(first, MAX_BINOMIAL)
            weight = top.weight + bottom.weight - 1
            return _Item(weight, top.symbols or bottom.symbols, top.size + bottom.size)
        raise _RefusedError

    def _root(self) -> _Item:
        self._take()
        if self._peek() == "[":
            self._out.append("[")
            self._at += 1
            degree = self._peek()
            if not degree.isdigit() or len(degree) > 2:
                raise _RefusedError
            self._take()
            if self._peek() != "]":
                raise _RefusedError
            self._out.append("]")
            self._at += 1
        return self._braced()

    def _braced(self) -> _Item:
        if self._peek() != "{":
            raise _RefusedError
        return self._group()

    def _group(self) -> _Item:
        closing = _CLOSING[self._take()]
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _RefusedError
        item = self._items(closing)
        self._expect(closing)
        self._depth -= 1
        if item.size == 0:
            raise _RefusedError
        return item

    def _factorial(self, literal: str) -> _Item:
        """Read `!` behind a small number or a letter; groups and repeated marks are refused."""
        self._take()
        small = literal.isdigit() and len(literal) <= 4 and int(literal) <= MAX_FACTORIAL
        if self._exponents or self._peek() == "!" or not (small or literal.isalpha()):
            raise _RefusedError
        return _Item(4 * int(literal) if small else 1, symbols=not small, size=1)

    def _raised(self, base: _Item) -> _Item:
        if self._exponents and not (base.symbols and base.size == 1):
            raise _RefusedError
        self._take()
        self._exponents += 1
        first = self._at
        if self._peek() == "(":
            self._tokens[self._at] = "{"
            self._tokens[self._closing_parenthesis()] = "}"
        self._braced()
        self._exponents -= 1
        power = self._product_of_numbers(first, self._at)
        if self._peek() == "^" or base.weight * power > MAX_WEIGHT:
            raise _RefusedError
        if base.symbols and base.size > 1 and power > MAX_EXPANSION:
            raise _RefusedError
        return _Item(base.weight * power, base.symbols, base.size)

    def _closing_parenthesis(self) -> int:
        depth = 0
        for index in range(self._at, len(self._tokens)):
            depth += (self._tokens[index] == "(" or index == self._at) - (
                self._tokens[index] == ")"
            )
            if depth == 0:
                return index
        raise _RefusedError

    def _product_of_numbers(self, first: int, last: int) -> int:
        """Return an upper bound of what the numbers of an exponent can make together."""
        product = 1
        for token in self._tokens[first:last]:
            if token[:1].isdigit():
                product *= int(token) if token.isdigit() and int(token) else _size(token)
        return product

    def _check_numbers(self, first: int, largest: int) -> None:
        for token in self._tokens[first : self._at]:
            if token[:1].isdigit() and _size(token) > largest + 1:
                raise _RefusedError
