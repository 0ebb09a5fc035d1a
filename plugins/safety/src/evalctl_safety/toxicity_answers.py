"""Reading the class out of what a model wrote. Pure functions, linear in the text.

Rules, first match counts: the last place that says which the class is (`Answer: hateful`, a box); a
refusal is none; a first line, a last line, then a short text that names one class alone. A class
that is denied is not named, and where all classes but one are denied it is that one: `not hateful`
is non-hateful. Two classes at once are none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

_LONGEST = 20_000
_SHORT = 400
_LINE = 200

_HYPHENS = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2212"), "-")
_QUOTES = {ord("\u2019"): "'", ord("\u2018"): "'"}
_MARKS = {ord(sign): " " for sign in '*_`"#<>{}[]$\\'}
_PLAIN = {**_HYPHENS, **_QUOTES, **_MARKS}

_SAID = re.compile(
    r"\b(?:final answer|answer|class|classification|classified as|categori[sz]ed as|label(?:ed as)?"
    r"|category|verdict|boxed|result)\s{0,3}(?:\bis\b|[:=]|(?<=as)|(?<=boxed))\s{0,3}([^\n]{1,200})"
)
_REFUSED = re.compile(
    r"\b(?:i|we)(?:'m|\s+am|\s+are)?\s+(?:sorry|afraid|unable|not\s+able|not\s+going|not\s+comfortable"
    r"|can\s?not|can't|could\s?n[o']t|won't|will\s+not|must\s+decline|have\s+to\s+decline|decline"
    r"|refuse|do\s+not\s+feel|don't\s+feel|apologi[sz]e)\b|\bas\s+an\s+ai\b"
)
_FILLERS = (
    r"(?:(?:a|an|any|at|all|be|being|is|it|this|that|the|text|quite|really|actually|necessarily"
    r"|inherently|explicitly|directly|clearly|itself|considered|contain|containing|express|constitute"
    r"|constituting|form|of|any|kind|seem|appear|to|as|in|itself|way|count|qualify|classified"
    r"|merely|just|only|simply)\s+){0,6}"
)
_DENIED = re.compile(rf"(?:\b(?:not|no|never|without|isn't|hardly)\b|n't\b)[\s-]{{1,3}}{_FILLERS}$")
_VALUED = re.compile(r"\s{0,2}[:=]\s{0,2}(no|false|0|yes|true|1)\b")
_NEITHER_NOR = re.compile(r"\bneither\b[^.;\n]{1,80}?\bnor\b[^.;,\n]{0,40}")
_LOOK_BACK = 80


class Read(NamedTuple):
    """A class, or none, and the rule that decided."""

    name: str | None
    rule: str


@dataclass(frozen=True)
class Answers:
    """How the classes of a dataset are read."""

    words: Mapping[str, str]
    """A regular expression for each class, of small letters; where they overlap, the first counts.
    """
    neither: str = ""
    """The class that `neither … nor …` means; empty where it means nothing."""

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        parts = (f"(?P<c{number}>{words})" for number, words in enumerate(self.words.values()))
        return re.compile(rf"(?<![a-z])(?:{'|'.join(parts)})(?![a-z])")

    def read(self, text: str) -> Read:
        """Return the class that a text names."""
        plain = text[-_LONGEST:].casefold().translate(_PLAIN)
        said = [match[1] for match in _SAID.finditer(plain)]
        named = [found for one in said if (found := self._named(one))]
        if named:
            return _only(named[-1], "is said to be the answer")
        if _REFUSED.search(plain[:_SHORT]):
            return Read(None, "refuses to tell, or tells no class")
        lines = [line.strip() for line in plain.splitlines() if line.strip()]
        for line, which in ((lines[0], "first"), (lines[-1], "last")) if lines else ():
            if len(line) <= _LINE and len(found := self._named(line)) == 1:
                return _only(found, f"stands in the {which} line")
        if len(plain) <= _SHORT and (found := self._named(plain)):
            return _only(found, "is the only one that is named")
        return Read(None, "names no class")

    def _named(self, text: str) -> frozenset[str]:
        """Return the classes that a text names, those that are all that is not denied included."""
        if self.neither:
            text = _NEITHER_NOR.sub("neither", text)
        named: set[str] = set()
        denied: set[str] = set()
        names = list(self.words)
        for match in self._pattern.finditer(text):
            name = names[int((match.lastgroup or "c0")[1:])]
            valued = _VALUED.match(text, match.end())
            is_denied = _DENIED.search(text[max(0, match.start() - _LOOK_BACK) : match.start()])
            is_no = valued is not None and valued[1] in {"no", "false", "0"}
            (denied if bool(is_denied) != is_no else named).add(name)
        left = set(names) - denied
        return frozenset(named | left) if len(left) == 1 else frozenset(named)


def _only(found: frozenset[str], rule: str) -> Read:
    if len(found) == 1:
        return Read(min(found), f"the class {rule}")
    return Read(None, f"names {' and '.join(sorted(found))} at once")
