"""A plain reading of tags after the rules that `conlleval` states, and spans written as tags.

It decides for each pair of neighbours by table, and shares no code with what it is compared with.
"""

from __future__ import annotations

from random import Random

Spans = list[tuple[str, int, int]]

ENDS_BETWEEN = {"BB", "BO", "BS", "IB", "IO", "IS", "EB", "EI", "EE", "EO", "ES"} | {
    "SB",
    "SI",
    "SE",
    "SO",
    "SS",
}
"""Letters of neighbours between which a span of one label ends."""
BEGINS_BETWEEN = {"BB", "IB", "SB", "EB", "OB", "OI", "OE", "OS", "EI", "EE", "SI", "SE"} | {
    "BS",
    "IS",
    "ES",
    "SS",
}
"""Letters of neighbours between which a span of one label begins."""


def read_plainly(tags: list[str]) -> Spans:
    """Return the spans of tags, by the tables."""
    spans, begin = [], 0
    letters = [("O" if tag == "O" else tag[0].translate(str.maketrans("LU", "ES"))) for tag in tags]
    labels = [tag[2:] for tag in tags]
    before, label = "O", ""
    for at in range(len(tags) + 1):
        letter, new = (letters[at], labels[at]) if at < len(tags) else ("O", "")
        is_other = label != new
        if before != "O" and (before + letter in ENDS_BETWEEN or is_other):
            spans.append((label, begin, at))
        if letter != "O" and (before + letter in BEGINS_BETWEEN or is_other):
            begin = at
        before, label = letter, new
    return spans


def random_tags(random: Random, letters: str, length: int) -> list[str]:
    """Return tags in no order, valid or not."""
    made = [f"{random.choice(letters)}-{random.choice('AB')}" for _ in range(length)]
    return [random.choice(["O", tag, tag]) for tag in made]


def random_spans(random: Random, length: int) -> Spans:
    """Return spans that do not overlap, in order."""
    spans, at = [], 0
    while at < length:
        size = random.randint(1, 3)
        if random.random() < 0.6 and at + size <= length:
            spans.append((random.choice("AB"), at, at + size))
        at += size
    return spans


def written(spans: Spans, length: int, scheme: str) -> list[str]:
    """Return spans as tags of a scheme."""
    tags = ["O"] * length
    begin, end, single = {"BIOES": "BES", "BIOUL": "BLU"}.get(scheme, "BIB")
    before = ("", 0, 0)
    for label, start, stop in spans:
        first = begin
        if scheme == "IOB1":
            first = "B" if before[0] == label and before[2] == start else "I"
        elif stop - start == 1:
            first = single
        tags[start] = f"{first}-{label}"
        for at in range(start + 1, stop):
            tags[at] = f"{end if at == stop - 1 else 'I'}-{label}"
        before = (label, start, stop)
    return tags
