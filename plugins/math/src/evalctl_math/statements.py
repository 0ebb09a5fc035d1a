"""Sentences that state an answer, and the value inside a sentence.

What lives here: `find_statement` ("the answer is ...", "Final Answer: ..."), and `leading_value`,
which cuts a value out of the words around it ("72 clips (48 + 24)" gives 72). What does not: the
order of the rules (see `answers`).

Each phrase is looked up locally: at most `MAX_PHRASES` of them, each with at most `MAX_REACH`
characters of context, so the time stays linear for any text.
"""

from __future__ import annotations

import re
from typing import Final

from evalctl_math.latex import unwrap
from evalctl_math.spans import Span, find_mathematics

MAX_PHRASES: Final = 200
MAX_REACH: Final = 1_000

_PHRASE: Final = re.compile(
    r"\banswer(?:[ \t]{0,3}\*{0,3}[ \t]{0,3}(?:[:=]|\bis\b|\bare\b)"
    r"|[^.\n:=?]{1,60}?(?:\bis\b|\bare\b|:|=))"
    r"|答案(?:是|为|：|:)",
    re.IGNORECASE,
)
_FILLER: Final = re.compile(
    r"(?:[\s:*_>=]|\b(?:therefore|thus|indeed|simply|then|just|equal to|given by|approximately"
    r"|about|roughly|that|is|the)\b){0,20}",
    re.IGNORECASE,
)
_SENTENCE_END: Final = re.compile(
    r"\n|[.!?](?=[\s*\"')\]]|$)(?<!a\.m\.)(?<!p\.m\.)(?<!\d\.(?=\d))"
    r"|,?\s(?:I hope|because|since|which|where|so|but|as)\b",
)
_JOINED: Final = re.compile(r"(?:\s*(?:,|and|or|,\s*and|,\s*or)\s*)?", re.IGNORECASE)
_WORD: Final = re.compile(
    r"(?<![A-Za-z\\])(?:[A-Za-z]{3,}|(?:so|it|is|we|he|to|of|be|at|by|as|if|my|no|an|do|on|us)"
    r"(?![A-Za-z]))",
    re.IGNORECASE,
)
_NO_ANSWER: Final = re.compile(
    r"(?:not|in|to|as|an?|based|found|shown|given|below|above|unknown|unclear|correct|incorrect"
    r"|wrong|right|also|now|always|what|how|this|that|it|we|i)\b",
    re.IGNORECASE,
)
_NO_PROSE: Final = re.compile(
    r"\\[A-Za-z]+\s*(?:\{[^{}]*\})?|(?<![A-Za-z])(?:sin|cos|tan|cot|sec|csc|log|exp|sqrt|and|pi"
    r"|inf|infinity|or|a\.?m|p\.?m)(?![A-Za-z])",
    re.IGNORECASE,
)
_LEADING: Final = re.compile(
    r"[-+]?\s?[$€£]?\s?(?:\\?\$)?(?:\d[\d,]*(?:\.\d+)?|\.\d+)(?:[eE][-+]?\d+)?"
    r"(?:\s?[-+*/×÷^=:]\s?[$€£]?\(?\d[\d,]*(?:\.\d+)?\)?|\s\d+/\d+)*(?:\s?\\?%)?"
)
_CHOICE: Final = re.compile(r"\*{0,2}(\([A-J]\)|[A-J](?=[).:]|\s*$|\*))")
_NUMBER: Final = re.compile(r"(?<![\w.])[-+]?[$€£]?\d[\d,]*(?:\.\d+)?(?:/\d+)?%?")
_PARENTHESIS: Final = re.compile(r"\([^()]*\)")
_CLOCK: Final = re.compile(r"\d{1,2}(?::\d\d)?\s?[ap]\.?\s?m\b", re.IGNORECASE)


def find_statement(text: str) -> str | None:
    """Return the answer that the last stating phrase with an answer behind it gives."""
    phrases = list(_PHRASE.finditer(text))[-MAX_PHRASES:]
    for phrase in reversed(phrases):
        answer = _stated(text[phrase.end() : phrase.end() + MAX_REACH])
        if answer:
            return answer
    return None


def is_prose(text: str) -> bool:
    """Say whether ordinary words stand in the text outside of commands."""
    return _WORD.search(_NO_PROSE.sub(" ", text)) is not None


def leading_value(text: str) -> str:
    """Return the value that a short piece of text gives, without the words around it.

    A text that begins with a number gives that number (of a calculation: its result); another
    text with numbers gives its last one; a text without numbers, or without words, is given whole.
    """
    text = unwrap(text)
    choice = _CHOICE.match(text)
    if choice is not None:
        return choice.group(1)
    if not is_prose(text) or _CLOCK.match(text):
        return _result(text)
    result = _PARENTHESIS.sub("", text).rpartition("=")[2] if "=" in text else ""
    leading = _LEADING.match(result.strip()) or _LEADING.match(text)
    if leading is not None and leading.group().strip():
        return _result(leading.group().rstrip(" ,"))
    spans = find_mathematics(text)
    if spans:
        return _result(unwrap(spans[-1].content))
    numbers = _NUMBER.findall(text)
    if numbers:
        return str(numbers[-1]).rstrip(",")
    short = len(text) <= 40 and len(text.split()) <= 4 and not _NO_ANSWER.match(text)
    return text if short else ""


def _stated(rest: str) -> str:
    """Return the value at the start of what follows a stating phrase."""
    filler = _FILLER.match(rest)
    rest = rest[filler.end() :] if filler is not None else rest
    spans = find_mathematics(rest)
    if spans and spans[0].start <= 2 and not rest[: spans[0].start].strip("*_ "):
        return _joined(rest, spans)
    sentence = rest[: _end_of_sentence(rest)]
    return leading_value(re.sub(r"\s(?:and|or)\s{0,9}$", "", sentence))


def _joined(rest: str, spans: list[Span]) -> str:
    """Return a mathematics span together with the ones joined to it by commas or `and`."""
    parts, end = [unwrap(spans[0].content)], spans[0].end
    for span in spans[1:]:
        between = _JOINED.fullmatch(rest, end, span.start)
        if between is None or not rest[end : span.start].strip():
            break
        parts.append(unwrap(span.content))
        end = span.end
    percent = "%" if re.match(r"\s?\\?%|\s?percent", rest[end:]) else ""
    return ", ".join(parts) + percent


def _end_of_sentence(text: str) -> int:
    """Return where the sentence ends; brackets and braces are not cut open."""
    for match in _SENTENCE_END.finditer(text):
        head = text[: match.start()]
        if head.count("{") <= head.count("}") and head.strip():
            return match.start()
    return len(text)


def _result(text: str) -> str:
    """Return the right side of a calculation such as `48 + 24 = 72`; other text unchanged."""
    left, found, right = text.rpartition("=")
    if found and right.strip() and not re.search(r"[A-Za-z\\<>!]", left):
        return right.strip()
    return text.strip()
