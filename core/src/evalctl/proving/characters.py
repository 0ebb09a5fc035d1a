"""Text that went through the wrong hands: lost characters, wrong encodings, markup left over."""

from __future__ import annotations

import re
from collections.abc import Iterator

from evalctl.proving.findings import Cases, Finding, Seen
from evalctl.scales import counted

_KINDS = {
    "replacement": (re.compile("\ufffd"), "replacement characters (U+FFFD): text was lost"),
    "control": (
        re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]"),
        "control characters",
    ),
    "mojibake": (
        re.compile(
            "[\u00c2\u00c3][\u0080-\u00bf]|\u00e2\u20ac[\u2122\u0153\u201c\u201d\u02dc\u0161]"
        ),
        "characters of UTF-8 read in another encoding, such as `Ã©`",
    ),
    "entities": (
        re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|#\d{1,7}|#x[0-9a-fA-F]{1,6});"),
        "HTML entities, such as `&amp;`",
    ),
    "invisible": (
        re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"),
        "invisible characters that a reader does not see and a model does",
    ),
}
_ASCII = ("control", "entities")
"""Those that a text of ASCII alone can have."""
_AROUND = 15


class OddText:
    """Looks through what models read and what they are held against."""

    def __init__(self) -> None:
        """Begin without any."""
        self._cases = {kind: Cases() for kind in _KINDS}

    def see(self, seen: Seen) -> None:
        """Look through a sample's texts; each kind counts once."""
        sample = seen.sample
        texts = (sample.input, *sample.later_turns, sample.target, *sample.choices)
        whole = "\n".join(texts)
        for kind in _ASCII if whole.isascii() else _KINDS:
            if match := _KINDS[kind][0].search(whole):
                around = whole[max(match.start() - _AROUND, 0) : match.end() + _AROUND]
                self._cases[kind].add(sample.id, ascii(around).strip("'\""))

    def findings(self) -> Iterator[Finding]:
        """Yield each kind that is there, or that none is."""
        found = {kind: cases for kind, cases in self._cases.items() if cases.total}
        for kind, cases in found.items():
            told = f"text: {counted(cases.total, 'row')} with {_KINDS[kind][1]}"
            yield cases.finding(f"text_{kind}", "look", told)
        if not found:
            yield Finding(name="text", verdict="ok", text="text: nothing odd")
