"""ChemProt's relations: their names, their groups, and how one is read. Linear in the text.

The corpus has ten groups; five of them are evaluated, and the rows at hand have these alone.
Source: Krallinger et al. 2017, "Overview of the BioCreative VI chemical-protein interaction
track", table 1: CPR:3 regulates up, CPR:4 down, CPR:5 agonists, CPR:6 antagonists, CPR:9 substrates
and products. The others (part of, regulator, modulator, cofactor, no relation) are not evaluated.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

GROUPS: Mapping[str, str] = {
    "ACTIVATOR": "CPR:3",
    "UPREGULATOR": "CPR:3",
    "INDIRECT-UPREGULATOR": "CPR:3",
    "INHIBITOR": "CPR:4",
    "DOWNREGULATOR": "CPR:4",
    "INDIRECT-DOWNREGULATOR": "CPR:4",
    "AGONIST": "CPR:5",
    "AGONIST-ACTIVATOR": "CPR:5",
    "AGONIST-INHIBITOR": "CPR:5",
    "ANTAGONIST": "CPR:6",
    "SUBSTRATE": "CPR:9",
    "PRODUCT-OF": "CPR:9",
}
"""Relations to their groups."""
LABELS = tuple(GROUPS)
"""Relations, in the order in which they are offered."""

_NAME = re.compile(
    r"(?<![A-Za-z])(?:"
    r"(?P<indirect>indirect[\s_-]{1,3})?(?P<regulator>up|down)[\s_-]?regulators?"
    r"|agonist[\s_/-]{1,3}(?P<kind>activator|inhibitor)"
    r"|product(?P<of>[\s_-]{1,3}of)?"
    r"|(?P<plain>activator|inhibitor|antagonist|agonist|substrate)s?"
    r")(?![A-Za-z])",
    re.IGNORECASE,
)
_SAID = re.compile(
    r"(?:relation(?:ship)?|answer|label|type)(?:\s(?:type|name|label))?[*_`\"']{0,3}"
    r"(?:\s{0,2}[:=\uff1a]|\sis)",
    re.IGNORECASE,
)
_NEAR = 80
"""Characters behind the word in which the name must begin."""
_SHORT = 300


def read_relation(text: str) -> str:
    """Return the relation that a text names; empty where it names none, or several.

    The last place that says which it is counts, then the only one that a short text names.
    """
    for match in reversed(list(_SAID.finditer(text))):
        line = text[match.end() : match.end() + _NEAR].lstrip().split("\n", 1)[0]
        names = _named(line)
        if names:
            return names[0] if len(set(names)) == 1 else ""
    names = _named(text) if len(text) <= _SHORT else []
    return names[0] if len(set(names)) == 1 else ""


def _named(text: str) -> list[str]:
    return [name for match in _NAME.finditer(text) if (name := _label(match))]


def _label(match: re.Match[str]) -> str:
    if regulator := match["regulator"]:
        return f"{'INDIRECT-' if match['indirect'] else ''}{regulator.upper()}REGULATOR"
    if kind := match["kind"]:
        return f"AGONIST-{kind.upper()}"
    if plain := match["plain"]:
        return plain.upper()
    return "PRODUCT-OF" if match["of"] else ""
