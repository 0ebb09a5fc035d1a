"""One spelling for characters: other scripts' digits, minus signs, spaces, invisible marks.

What lives here: `fold` (a linear pass over a whole output) and `plain` (for one short answer: also
signs, roots, superscripts and vulgar fractions as LaTeX). What does not: LaTeX itself.

`fold` must not use Unicode normalisation: reordering combining marks takes quadratic time on a
hostile text, so `plain` alone does that, on answers that are already short.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_INVISIBLE: Final = (
    *(0x00, 0xAD, 0x061C, 0x06DD, 0x070F, 0x08E2, 0x180E, 0xFEFF, 0x110BD, 0x110CD, 0xE0001),
    *(*range(0x0600, 0x0606), *range(0x0890, 0x0892), *range(0x200B, 0x2010)),
    *(*range(0x202A, 0x202F), *range(0x2060, 0x2065), *range(0x2066, 0x2070)),
    *(*range(0xFFF9, 0xFFFC), *range(0x13430, 0x13440), *range(0x1BCA0, 0x1BCA4)),
    *(*range(0x1D173, 0x1D17B), *range(0xE0020, 0xE0080)),
)
"""Unicode's format characters (category Cf), and the null character."""
_MINUS: Final = "\u2010\u2011\u2012\u2212\ufe63\uff0d\u02d7"
_SPACES: Final = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
_FOLDED: Final[Mapping[int, str]] = MappingProxyType(
    {
        **dict.fromkeys(_INVISIBLE, ""),
        **dict.fromkeys(map(ord, _MINUS), "-"),
        **dict.fromkeys(map(ord, _SPACES + "\u202f\u205f\u3000"), " "),
        **{0x066B: ".", 0x066C: ",", 0x066A: "%", 0xFF05: "%", 0xFF0E: ".", 0xFF0C: ","},
        **{0xFF1A: ":", 0xFF1D: "=", 0xFF08: "(", 0xFF09: ")", 0xFF0F: "/", 0xFF04: "$"},
    }
)
_SIGNS: Final[Mapping[int, str]] = MappingProxyType(
    {
        ord(sign): text
        for sign, text in {
            "–": "-", "—": "-", "×": "*", "·": "*", "⋅": "*", "∙": "*", "∗": "*", "÷": "/",
            "∕": "/", "⁄": "/", "π": "\\pi ", "∞": "\\infty ", "≤": "\\le ", "⩽": "\\le ",
            "≥": "\\ge ", "⩾": "\\ge ", "≠": "\\ne ", "≈": "\\approx ", "∪": "\\cup ",
            "∩": "\\cap ", "∈": "\\in ", "∅": "\\emptyset ", "±": "\\pm ", "∓": "\\mp ",
            "°": "^{\\circ}", "º": "^{\\circ}", "θ": "\\theta ", "α": "\\alpha ", "β": "\\beta ",
            "γ": "\\gamma ", "λ": "\\lambda ", "ω": "\\omega ", "φ": "\\phi ", "τ": "\\tau ",
            "′": "'", "’": "'", "⟨": "\\langle ", "⟩": "\\rangle ",
        }.items()
    }
)  # fmt: skip
_OTHER_DIGIT: Final = re.compile(r"(?![0-9])\d")
_RAISED: Final = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿⁱ"
_LOWERED: Final = "₀₁₂₃₄₅₆₇₈₉₊₋"
_RAISED_RUN: Final = re.compile(f"[{_RAISED}]+")
_LOWERED_RUN: Final = re.compile(f"[{_LOWERED}]+")
_VULGAR: Final = re.compile("[¼-¾⅐-⅞]")
_ROOT: Final = re.compile(r"√\s*(\d+(?:\.\d+)?|[A-Za-z])")


def fold(text: str) -> str:
    """Return the text with ASCII digits, minus signs and spaces, and no invisible characters.

    Digits of every script count as digits: an answer in Arabic-Indic digits is the same number.
    """
    if text.isascii():
        return text.replace("\x00", "")
    return _OTHER_DIGIT.sub(
        lambda sign: str(unicodedata.decimal(sign.group())), text.translate(_FOLDED)
    )


def plain(text: str) -> str:
    """Return a short answer in ASCII mathematics as far as its signs have a LaTeX spelling."""
    text = fold(text)
    if text.isascii():
        return text
    text = text.translate(_SIGNS)
    text = _RAISED_RUN.sub(lambda run: "^{" + _level(run.group()) + "}", text)
    text = _LOWERED_RUN.sub(lambda run: "_{" + _level(run.group()) + "}", text)
    text = _VULGAR.sub(lambda sign: " " + _level(sign.group()).replace("⁄", "/"), text)
    text = _ROOT.sub(r"\\sqrt{\1}", text).replace("√", "\\sqrt")
    return unicodedata.normalize("NFKC", text)


def _level(text: str) -> str:
    """Return superscript, subscript or vulgar-fraction characters as ordinary ones."""
    return unicodedata.normalize("NFKC", text).replace("\u2212", "-")
