r"""Units, currency and percent signs around a value.

What lives here: `split_unit`, which parts a value from the unit written behind it or the currency
sign before it. What does not: converting units; `100 cm` and `1 m` stay different.

A unit is `\text{...}` behind a value, a known unit behind a value, or plain words behind a number
("72 clips"). Known units have one canonical name, so that `5 cm` and `5 m` differ while `5 cm`,
`5 centimeters` and a bare `5` agree; unknown words ("clips") agree with everything.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

_TABLE: Final = """
cm centimeter centimeters centimetre centimetres cms
mm millimeter millimeters millimetre millimetres
km kilometer kilometers kilometre kilometres kms
m meter meters metre metres
in inch inches
ft foot feet
yd yard yards
mile miles mi
g gram grams gm gms
kg kilogram kilograms kgs
mg milligram milligrams
lb lbs pound pounds
oz ounce ounces
l liter liters litre litres
ml milliliter milliliters millilitre millilitres
gallon gallons gal
second seconds sec secs s
minute minutes min mins
hour hours hr hrs h
day days
week weeks
month months
year years yr yrs
dollar dollars usd $
cent cents ¢
euro euros eur €
gbp £
degree degrees deg
radian radians rad
mph
kmh kph
"""
_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {alias: line.split()[0] for line in _TABLE.strip().splitlines() for alias in line.split()}
)
_NEVER_BARE: Final = frozenset(["g", "m", "l", "s", "h", "in"])
_JOINING: Final = frozenset(["and", "or"])
_POWERS: Final = {"square": "2", "sq": "2", "squared": "2", "cubic": "3", "cu": "3", "cubed": "3"}
_TEXT_TAIL: Final = re.compile(
    r"(?:\\text\{([^{}\d]*)\}|(?<=\^\{\\circ\}) ?([CF]))(?: ?\^ ?\{(-?[1-9])\})?$"
)
_UNIT_FRACTION: Final = re.compile(r"\\frac\{\\text\{[^{}]*\}\}\{\\text\{[^{}]*\}(?:\^\{\d\})?\}$")
_SCALE: Final = re.compile(r"(?<=[\d.])[eE](?=[-+]?\d)")
_DEGREES: Final = re.compile(r"\^\{\\circ\}$")
_PLAIN_TAIL: Final = re.compile(
    r"(?<=[\d)}%])( ?)([A-Za-z]+(?:[ /-][A-Za-z]+){0,5})\.?(?: ?\^ ?\{([23])\})?$"
)
_PLAIN_VALUE: Final = re.compile(r"[-+*^\d.,/ %{}()$€£]|\\(?:frac|pi|sqrt)(?![A-Za-z])")
_CURRENCY: Final = re.compile(r"^([-+]?) ?(\$|€|£|US\$|USD) ?(?=[-+]?[\d.\\(])")
_CLOCK: Final = re.compile(r"^[ap] ?\.? ?m\b", re.IGNORECASE)


class Quantity(NamedTuple):
    """A value and what was written around it."""

    value: str
    unit: str
    """The canonical unit, or an empty text when there is none or it is not a known one."""
    percent: bool


def split_unit(text: str) -> Quantity:
    """Return the value of a canonical answer apart from its unit and percent sign."""
    value, unit = _currency(_UNIT_FRACTION.sub(r"\\text{units}", text))
    for _ in range(4):
        shorter, found = _tail(value)
        if shorter == value:
            break
        value, unit = shorter, (found or unit)
    percent = len(value) > 1 and value.endswith("%")
    return Quantity(value[:-1].rstrip() if percent else value, unit, percent)


def _currency(text: str) -> tuple[str, str]:
    match = _CURRENCY.match(text)
    if match is None:
        return (text[:-1].rstrip(), "dollar") if re.fullmatch(r"[-\d.,]+ ?\$", text) else (text, "")
    return match.group(1) + text[match.end() :], _NAMES[
        match.group(2).lower()[-1:].replace("d", "$")
    ]


def _tail(text: str) -> tuple[str, str]:
    """Return the text without one unit at its end, and the unit's canonical name."""
    degrees = _DEGREES.search(text)
    if degrees is not None and _is_plain_value(text[: degrees.start()]):
        return text[: degrees.start()].rstrip(), "degree"
    match = _TEXT_TAIL.search(text)
    if match is not None:
        return _cut(text, match.start(), match.group(1) or "", match.group(3) or "")
    match = _PLAIN_TAIL.search(text)
    if match is None or not _is_plain_value(text[: match.start()]):
        return text, ""
    if not _is_bare_unit(match.group(2), spaced=bool(match.group(1))):
        return text, ""
    return _cut(text, match.start(), match.group(2), match.group(3) or "")


def _cut(text: str, start: int, words: str, power: str) -> tuple[str, str]:
    """Return the text before a unit, unless the words are no unit or nothing stands before."""
    value = text[:start].rstrip(" */")
    is_word = words.strip(" .,").lower() in _JOINING or _CLOCK.match(words.strip()) is not None
    if not value or is_word or value[-1] in "+-=^_,(<>" or not re.search(r"[\dA-Za-z]", value):
        return text, ""
    return value, unit_name(words, power)


def unit_name(words: str, power: str = "") -> str:
    """Return the canonical name of a known unit (`cm^2` for "square centimeters"), else ""."""
    parts = re.findall(r"[A-Za-z]+", words.lower())
    for part in parts:
        power = _POWERS.get(part, power)
    names = [_NAMES[part] for part in parts if part in _NAMES]
    if len(names) != 1:
        return ""
    return f"{names[0]}^{power}" if power else names[0]


def _is_plain_value(text: str) -> bool:
    """Say whether the text is a number, fraction, root or multiple of pi, without symbols."""
    return (
        bool(re.search(r"\d|\\pi", text)) and not _PLAIN_VALUE.sub("", _SCALE.sub("", text)).strip()
    )


def _is_bare_unit(words: str, *, spaced: bool) -> bool:
    """Say whether plain words behind a number are a unit and no product of symbols."""
    first = words.split()[0].split("/")[0].lower()
    if first in _JOINING or _CLOCK.match(words):
        return False
    known = first in _NAMES or first in _POWERS
    return (known and first not in _NEVER_BARE) or (spaced and len(first) >= 3)
