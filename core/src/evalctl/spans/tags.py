"""Tags of tokens to spans: IOB1, IOB2, BIOES and BIOUL.

A valid sequence of each of the four gives the same spans by one rule, that of the CoNLL shared
tasks' `conlleval`; the schemes differ in which sequences are valid. So a scheme is needed to find
mistakes and not to read: IOB1 that is taken for IOB2 is no loss here, but an error where somebody
asks for IOB2.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple, get_args

Scheme = Literal["IOB1", "IOB2", "BIOES", "BIOUL"]
"""How tags mark spans. IOB1: `B-` only where a span follows another of its label; IOB2: `B-` at
each beginning; BIOES: `E-` at each end and `S-` for one token; BIOUL: the same with `L-` and
`U-`."""


class Span(NamedTuple):
    """A labelled stretch of a text or of its tokens."""

    label: str
    """What it is."""
    start: int
    """First character or token, from 0."""
    end: int
    """Behind the last one."""


class _Tag(NamedTuple):
    letter: str
    label: str


_OUT = _Tag("O", "")
_PLAIN = {"L": "E", "U": "S"}
"""BIOUL's letters in BIOES."""
_LETTERS = {"IOB1": "IB", "IOB2": "IB", "BIOES": "IBES", "BIOUL": "IBLU"}


def spans_of_tags(tags: Sequence[str], scheme: Scheme | None = None) -> tuple[Span, ...]:
    """Return the spans of one sentence's tags, in order, counted in tokens.

    Args:
        tags: `O`, or a letter and a label such as `B-Method`.
        scheme: What the tags must be valid in; None reads whatever a model writes, as `conlleval`
            does: a span begins where its label changes or a letter says so.

    Raises:
        ValueError: A tag is none, or is not valid in the scheme where it stands.

    Source: `conlleval` of the CoNLL-2000 shared task (Tjong Kim Sang and Buchholz 2000), its rules
    for the beginning and the end of a chunk, with `S` as in its successors.
    """
    if scheme is not None:
        _check(tags, scheme)
    spans, start = [], -1
    for at, (before, tag) in enumerate(_pairs(tags)):
        if start >= 0 and _is_end(before, tag):
            spans.append(Span(before.label, start, at))
            start = -1
        if tag.letter != "O" and (start < 0 or _is_beginning(before, tag)):
            start = at
    return tuple(spans)


def detect_scheme(sentences: Iterable[Sequence[str]]) -> Scheme:
    """Return the scheme that all sentences' tags are valid in.

    Where several are possible it is the one that asks for most: IOB2 for a file without any span.

    Args:
        sentences: The tags of each; a whole file, since one sentence seldom decides.

    Raises:
        ValueError: A tag is none, or no scheme holds for all; the message tells the first sentence
            and token at which none is left.
    """
    left: list[Scheme] = ["BIOES", "BIOUL", "IOB2", "IOB1"]
    seen: set[str] = set()
    reason = ""
    for number, tags in enumerate(sentences):
        seen.update(tag[:1] for tag in tags)
        for scheme in tuple(left):
            try:
                _check(tags, scheme)
            except ValueError as error:
                left.remove(scheme)
                reason = f"sentence {number}: {error}"
        if not left:
            raise ValueError(f"the tags are in no known scheme: {reason}")
    order: tuple[Scheme, ...] = ("IOB2", "IOB1", "BIOES", "BIOUL")
    if seen & set("ESLU"):
        order = ("BIOES", "BIOUL")
    return next(scheme for scheme in order if scheme in left)


def _pairs(tags: Sequence[str]) -> Iterator[tuple[_Tag, _Tag]]:
    """Yield each tag with the one before it; an `O` stands at either end."""
    before = _OUT
    for at, written in enumerate(tags):
        tag = _parsed(written, at)
        yield before, tag
        before = tag
    yield before, _OUT


def _parsed(written: str, at: int) -> _Tag:
    if written == "O":
        return _OUT
    letter, _, label = written.partition("-")
    if letter not in ("B", "I", "E", "S", "L", "U") or not label:
        raise ValueError(f"token {at}: {written!r:.60} is no tag such as `O` or `B-Method`")
    return _Tag(_PLAIN.get(letter, letter), label)


def _is_end(before: _Tag, tag: _Tag) -> bool:
    return before.letter in "ES" or tag.letter in "OBS" or before.label != tag.label


def _is_beginning(before: _Tag, tag: _Tag) -> bool:
    return tag.letter in "BS" or before.letter in "OES" or before.label != tag.label


def _check(tags: Sequence[str], scheme: Scheme) -> None:
    """See that a sentence is valid in a scheme.

    Raises:
        ValueError: It is not.
    """
    if scheme not in _LETTERS:
        raise ValueError(
            f"{scheme!r} is no scheme of tags; known are {', '.join(get_args(Scheme))}"
        )
    for at, (before, tag) in enumerate(_pairs(tags)):
        written = tags[at] if at < len(tags) else "the sentence's end"
        if at < len(tags) and written[0] not in f"O{_LETTERS[scheme]}":
            raise ValueError(f"token {at}: {written!r:.60} is not of {scheme}")
        if not _may_follow(before, tag, scheme):
            what = f"{written!r:.60} may not follow {tags[at - 1] if at else 'nothing'!r:.60}"
            raise ValueError(f"token {at}: in {scheme} {what}")


def _may_follow(before: _Tag, tag: _Tag, scheme: Scheme) -> bool:
    is_same = before.label == tag.label and before.letter != "O"
    if scheme == "IOB1":
        return tag.letter != "B" or is_same
    if scheme == "IOB2":
        return tag.letter != "I" or is_same
    is_open = before.letter in "BI"
    return is_open == (tag.letter in "IE") and (not is_open or is_same)
