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

_INVISIBLE: Final = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff\x00"
_MINUS: Final = "\u2010\u2011\u2012\u2212\ufe63\uff0d\u02d7"
_SPACES: Final = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
_FOLDED: Final[Mapping[int, str]] = MappingProxyType(
    {
        **dict.fromkeys(map(ord, _INVISIBLE), ""),
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
