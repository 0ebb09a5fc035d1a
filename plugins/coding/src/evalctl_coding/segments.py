"""A text of Python taken apart at its left margin: what each statement is, binds and mentions.

Nothing is parsed: a parser can be made to use much memory, and whether a program parses is found
out in the sandbox. Everything here takes time linear in the text.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

MAX_CHARACTERS = 1 << 18
"""Of a text that is taken apart; a longer one is one segment of the kind `whole`."""

Kind = Literal[
    "definition", "import", "assignment", "compound", "simple", "indented", "prose", "whole"
]
"""`compound` is `if`, `for`, `try` and the like; `simple` any other statement, such as a call;
`indented` a body whose beginning is not in the text; `prose` what is no Python."""

_TOKEN = re.compile(
    r'"""(?:[^"\\]++|\\.|"(?!""))*+(?:""")?'
    r"|'''(?:[^'\\]++|\\.|'(?!''))*+(?:''')?"
    r'|"(?:[^"\\\n]++|\\.)*+"?'
    r"|'(?:[^'\\\n]++|\\.)*+'?"
    r"|#[^\n]*+|\\\n|[()\[\]{}\n]",
    re.DOTALL,
)
"""Strings, comments, brackets and ends of lines; what is between them does not matter here."""
_WORD = re.compile(r"[^\W\d]\w*")
_RESETS = re.compile(r"@\w|(?:async )?def \w|class \w|from [\w.]+ import\b")
"""No line at the left margin begins like that inside of brackets, whatever is open."""
_GOES_ON = re.compile(r"[ \t\f\n#)\]}]|(?:else|elif|except|finally)\b|\Z")
_FILLER = re.compile(r"[ \t\f]*+(?:\n|\Z)|#")
_DEFINITION = re.compile(r"(?:async[ \t]+)?def[ \t]+(\w+)|class[ \t]+(\w+)[ \t]*[(:]")
_IMPORT = re.compile(
    r"import[ \t]+[\w.]+(?:[ \t]+as[ \t]+\w+)?"
    r"(?:[ \t]*,[ \t]*[\w.]+(?:[ \t]+as[ \t]+\w+)?)*+[ \t]*(?=[#;\n]|$)"
    r"|from[ \t]+[\w.]+[ \t]+import\b"
)
_ASSIGNMENT = re.compile(
    r"[(\[*]?[^\W\d][\w.,* \t]*+(?:\[[^\]\n]*+\][\w.,* \t]*+)*+[)\]]?[ \t]*+"
    r"(?::[^=\n]*+)?(?:[-+*/%&|^@]|//|\*\*|>>|<<)?=(?!=)"
)
_COMPOUND = re.compile(r"(?:if|while|for|with|try|match|async[ \t]+(?:for|with))\b")
_SIMPLE = re.compile(
    r"(?:assert|del|global|nonlocal|raise|return|yield|await|print)\b"
    r"|(?:pass|break|continue)[ \t]*(?:#|$)"
    r"|[^\W\d][\w.]*+(?:\[[^\]\n]*+\][\w.]*+)*+\(|[\[{]|[rbfuRBFU]{0,2}[\"']",
    re.MULTILINE,
)
_NEVER_CODE = re.compile(r"[`$?\u2018\u2019\u201c\u201d]|>>>|\.\s*$")
_NEIGHBOURS = re.compile(r"([^\W\d]\w*)[ \t]+(?=([^\W\d]\w*))")
_MAY_ADJOIN = frozenset(keyword.kwlist) | {"print", "match", "case", "type"}
_PARAMETER = re.compile(r"[(,*][ \t\n]*+([^\W\d]\w*)")
_TARGETS = re.compile(
    r"^[ \t]*+((?:\w+[ \t]*,[ \t]*)*+\w+)[ \t]*+(?::[^=\n]*+)?=(?!=)", re.MULTILINE
)
_LOOPS = re.compile(r"\b(?:for|as)[ \t]+([\w, \t]{1,80}+)")
_SHARED = re.compile(r"^[ \t]*+(?:global|nonlocal)[ \t]+([^\n]*)", re.MULTILINE)
_TESTED = 300
"""Characters of a first line by which code and prose are told apart."""


class Segment(NamedTuple):
    """One statement at the left margin, with the lines that belong to it."""

    text: str
    kind: Kind
    names: frozenset[str] = frozenset()
    """What it binds; `*` for a starred import."""
    is_open: bool = False
    """Whether the text ends inside of it: a bracket or a string was never closed."""

    @property
    def mentions(self) -> frozenset[str]:
        """All names in it, those in strings and comments included."""
        return frozenset(_WORD.findall(self.text))

    @property
    def wants(self) -> frozenset[str]:
        """The names that it may take from the text around it: none that it binds for itself."""
        if self.kind != "definition":
            return self.mentions
        header = _head(self.text).partition("):")[0].partition(":\n")[0]
        bound = {*_PARAMETER.findall(header)}
        for targets in (*_TARGETS.findall(self.text), *_LOOPS.findall(self.text)):
            bound.update(_WORD.findall(targets))
        for shared in _SHARED.findall(self.text):
            bound.difference_update(_WORD.findall(shared))
        return self.mentions - bound

    def has_method(self, name: str) -> bool:
        """Return whether it is a class with such a method."""
        pattern = rf"^[ \t]+(?:async[ \t]+)?def[ \t]+{re.escape(name)}\b"
        return (
            self.kind == "definition"
            and name not in self.names
            and re.search(pattern, self.text, re.MULTILINE) is not None
        )


def segments(text: str) -> tuple[Segment, ...]:
    """Return the statements of a text in order; joined, their texts are the text."""
    if len(text) > MAX_CHARACTERS:
        return (Segment(text, "whole"),)
    starts, is_open = _logical_lines(text)
    begins = list(_begins(text, starts))
    ends = [*begins[1:], len(text)]
    made = [_segment(text[begin:end]) for begin, end in zip(begins, ends, strict=True)]
    if made and is_open:
        made[-1] = made[-1]._replace(is_open=True)
    return tuple(made)


def outside_strings(text: str) -> str:
    """Return a text without its strings and comments."""
    return _TOKEN.sub(lambda match: "" if match[0][0] in "\"'#" else match[0], text)


def reachable(roots: Iterable[str], known: Iterable[Segment]) -> frozenset[str]:
    """Return the names that are wanted from some names on, by way of what binds them."""
    by_name: dict[str, set[str]] = {}
    for segment in known:
        for name in segment.names:
            by_name.setdefault(name, set()).update(segment.wants)
    waiting, seen = list(roots), set(roots)
    while waiting:
        for name in by_name.pop(waiting.pop(), ()):
            if name not in seen:
                seen.add(name)
                waiting.append(name)
    return frozenset(seen)


def _logical_lines(text: str) -> tuple[list[int], bool]:
    """Return where lines begin that are in no bracket or string, and whether one stays open."""
    starts, depth, is_open = [0], 0, False
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token == "\n":
            if depth == 0 or _RESETS.match(text, match.end()):
                starts.append(match.end())
                depth = 0
        elif token in "([{":
            depth += 1
        elif token in ")]}":
            depth = max(depth - 1, 0)
        elif token[:3] in ('"""', "'''"):
            is_open = len(token) < 6 or token[-3:] != token[:3]
    return starts, is_open or depth > 0


def _begins(text: str, starts: Iterable[int]) -> Iterator[int]:
    """Yield where statements begin; the first one begins with the text.

    Blank lines, comments and decorators belong to the statement that follows where none has begun.
    """
    is_first, is_waiting = True, False
    for start in starts:
        is_decorator = text.startswith("@", start)
        if is_first or not (is_waiting or _GOES_ON.match(text, start)):
            yield start
            is_waiting = is_decorator
        if is_first or is_waiting:
            is_waiting = is_decorator or _FILLER.match(text, start) is not None
            is_first = False


def _segment(text: str) -> Segment:
    head = _head(text)
    if head.lstrip("\n")[:1] in (" ", "\t"):
        return Segment(text, "indented")
    if (match := _DEFINITION.match(head)) is not None:
        return Segment(text, "definition", frozenset({match[1] or match[2]}))
    if _is_prose(head):
        return Segment(text, "prose")
    if _IMPORT.match(head):
        return Segment(text, "import", _imported(head))
    if (match := _ASSIGNMENT.match(head)) is not None:
        target = match[0].partition(":")[0]
        return Segment(text, "assignment", frozenset(_WORD.findall(target)))
    if _COMPOUND.match(head) and ":" in outside_strings(head):
        return Segment(text, "compound")
    return Segment(text, "simple" if _SIMPLE.match(head) else "prose")


def _head(text: str) -> str:
    """Return a statement from its first own line on: without blank lines, comments, decorators."""
    place = 0
    while place < len(text):
        end = text.find("\n", place) + 1 or len(text)
        line = text[place:end]
        if line.strip() and not line.startswith(("#", "@")):
            break
        place = end
    return text[place:]


def _is_prose(head: str) -> bool:
    """Return whether a first line cannot be Python: words side by side, marks of other texts."""
    line = outside_strings(head.partition("\n")[0][:_TESTED])
    if _NEVER_CODE.search(line):
        return True
    return any(
        first not in _MAY_ADJOIN and second not in _MAY_ADJOIN
        for first, second in _NEIGHBOURS.findall(line)
    )


def _imported(head: str) -> frozenset[str]:
    """Return the names that an import binds."""
    told = outside_strings(head)
    if told.startswith("from"):
        parts = told.partition("import")[2].replace("(", " ").replace(")", " ").split(",")
        bound = [part.split()[-1] for part in parts if part.split()]
    else:
        parts = told.partition("\n")[0].removeprefix("import").split(";")[0].split(",")
        bound = [part.split()[-1].split(".")[0] for part in parts if part.split()]
    return frozenset(bound)
