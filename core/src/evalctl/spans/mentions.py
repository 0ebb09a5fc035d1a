"""Reading the entities that a model names out of what it wrote. Linear in the text.

What is read, the first that there is: JSON (a list of objects with a label and a text, of pairs, or
an object of lists by label, alone or under a key such as `entities`; inside a fence or among words;
of several values the last); the whole objects of JSON that breaks off; lines such as
`Method: parsing`, `parsing | Method` or `- parsing (Method)`; a word for none. An object may say
which `occurrence` of its text in the source it means, from 1. A label that is not known is kept as
it is written: it was named, and is wrong.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from evalctl.spans.alignment import MAX_MENTIONS, Mention

_LABEL_KEYS = ("label", "type", "entity_type", "category", "class", "tag", "entity_group", "entity")
_TEXT_KEYS = ("text", "mention", "span", "entity", "name", "phrase", "term", "value", "word")
_MAX_TRIES = 40
"""So many places are tried at which JSON might begin."""
_MAX_TEXT = 1000
"""Characters of an entity; a longer one is none."""
_OPENING = re.compile(r"[\[{]")
_OBJECT = re.compile(r"\{[^{}]{1,2000}\}")
_NONE = re.compile(
    r"\W*(?:there\s{1,3}(?:are|is)\s{1,3})?(?:none|nothing|no(?:\s{1,3}[a-z]{1,20}){0,2}\s{1,3}"
    r"(?:entity|entities|terms?|spans?|mentions?)"
    r"(?:\s{1,3}(?:were|was|are|is)?\s{0,3}(?:found|present|mentioned|named)?)?)\W*",
    re.IGNORECASE,
)
_MARK = re.compile(r"^\s{0,20}(?:[-*\u2022+]\s{1,5}|\d{1,3}[.)]\s{1,5})?")
_IN_BRACKETS = re.compile(r"^(.{1,1000}?)\s{0,3}[(\[]([^()\[\]]{1,60})[)\]]$")
_SEPARATORS = ("|", "\t", " -> ", " \u2192 ", ": ", ":", " - ", " \u2013 ", " \u2014 ")


def read_mentions(text: str, labels: Sequence[str]) -> tuple[Mention, ...] | None:
    """Return the entities that a text names, in its order; None where it cannot be read.

    Args:
        text: What a model wrote.
        labels: The labels that were asked for; written ones are compared by letters and digits
            alone.
    """
    known = {_plain(label): label for label in labels}
    values = list(_json_values(text))
    singles = [made for value in values if (made := _single(value, known))]
    if len(singles) > 1:  # an object a line
        return tuple(singles)
    for value in reversed(values):
        if (mentions := _of_value(value, known)) is not None:
            return tuple(mentions)
    if rest := [made for value in _whole_objects(text) if (made := _single(value, known))]:
        return tuple(rest)
    if lines := list(_of_lines(text, known)):
        return tuple(lines)
    return () if _NONE.fullmatch(text.strip()[:200]) else None


def _json_values(text: str) -> Iterator[object]:
    """Yield the values of JSON in a text that are whole, those inside of others left out."""
    decoder, at, tries = json.JSONDecoder(), 0, 0
    while tries < _MAX_TRIES and (opening := _OPENING.search(text, at)):
        try:
            value, at = decoder.raw_decode(text, opening.start())
            yield value
        except (ValueError, RecursionError):
            at, tries = opening.end(), tries + 1


def _whole_objects(text: str) -> Iterator[object]:
    for match in _OBJECT.finditer(text):
        try:
            yield json.loads(match[0])
        except (ValueError, RecursionError):
            continue


def _of_value(value: object, known: Mapping[str, str]) -> list[Mention] | None:
    """Return the mentions of a value of JSON; None where it is of no form that is read."""
    if isinstance(value, list):
        made = [_single(one, known) for one in value]
        mentions = [mention for mention in made if mention]
        return mentions if mentions or not value else None
    if not isinstance(value, dict):
        return None
    if single := _single(value, known):
        return [single]
    by_label = {known[_plain(key)]: found for key, found in value.items() if _plain(key) in known}
    if by_label:
        return [mention for label, found in by_label.items() for mention in _named(label, found)]
    inner = [_of_value(one, known) for one in value.values() if isinstance(one, list | dict)]
    readable = [mentions for mentions in inner if mentions is not None]
    if not value:
        return []
    return readable[0] if len(value) <= 3 and readable else None


def _single(value: object, known: Mapping[str, str]) -> Mention | None:
    """Return the mention that an object or a pair is."""
    if isinstance(value, list) and len(value) == 2:
        first, second = value
        if _is_text(first) and _is_text(second):
            return _pair(str(first), str(second), known)
    if not isinstance(value, dict):
        return None
    texts = {str(key).lower(): one for key, one in value.items() if _is_text(one)}
    labelled = [key for key in _LABEL_KEYS if key in texts]
    certain = [key for key in labelled if _plain(texts[key]) in known]
    if not (label := next(iter(certain or labelled), "")):
        return None
    named = next((key for key in _TEXT_KEYS if key in texts and key != label), "")
    if not named:
        return None
    number = value.get("occurrence")
    occurrence = number if type(number) is int and 0 < number <= MAX_MENTIONS else 0
    return Mention(_known(texts[label], known), texts[named].strip(), occurrence)


def _named(label: str, found: object) -> Iterator[Mention]:
    for one in found if isinstance(found, list) else [found]:
        if isinstance(one, dict):
            one = next((one[key] for key in _TEXT_KEYS if key in one), None)
        if _is_text(one):
            yield Mention(label, str(one).strip())


def _of_lines(text: str, known: Mapping[str, str]) -> Iterator[Mention]:
    for line in text.splitlines():
        if 2 < len(line) <= 2 * _MAX_TEXT:
            yield from _of_line(_MARK.sub("", line).strip().strip("*`").rstrip(",;"), known)


def _of_line(line: str, known: Mapping[str, str]) -> Iterable[Mention]:
    for separator in _SEPARATORS:
        first, found, second = line.partition(separator)
        if found and _plain(first) in known:
            label = known[_plain(first)]
            return _separate(label, second)
        first, found, second = line.rpartition(separator)
        if found and _plain(second) in known:
            return _separate(known[_plain(second)], first)
    match = _IN_BRACKETS.match(line)
    if match and _plain(match[2]) in known:
        return _separate(known[_plain(match[2])], match[1])
    return ()


def _separate(label: str, texts: str) -> list[Mention]:
    """Return the entities of one label, which semicolons keep apart; none for a word for none."""
    parts = [part.strip().strip("\"'`*").strip() for part in texts.split(";")]
    return [Mention(label, part) for part in parts if part and not _NONE.fullmatch(part)]


def _pair(first: str, second: str, known: Mapping[str, str]) -> Mention | None:
    if _plain(first) in known and _plain(second) not in known:
        return Mention(known[_plain(first)], second.strip())
    if _plain(second) in known:
        return Mention(known[_plain(second)], first.strip())
    return None


def _known(label: str, known: Mapping[str, str]) -> str:
    return known.get(_plain(label), label.strip()[:60])


def _is_text(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value.strip()) <= _MAX_TEXT


def _plain(text: str) -> str:
    return "".join(sign for sign in text[:100].casefold() if sign.isalnum())
