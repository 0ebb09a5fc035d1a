"""How shells split and quote words; nothing here is ever evaluated.

Variables, substitutions and patterns stay the text that they are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

_BEFORE_A_BACKSLASH = '$`"\\\n'
"""What a backslash quotes inside of double quotes."""

_PLAIN = re.compile(r"[A-Za-z0-9_@%+=:,./-]")
"""Characters that bash reads as they are, wherever they stand."""


class Line(NamedTuple):
    """A command line of bash, up to the cursor."""

    words: tuple[str, ...]
    """The words before the one at the cursor, without the command's name."""
    current: str
    """The word at the cursor as it was typed, quotes and all."""
    is_redirection: bool
    """Whether the word at the cursor is the file of a redirection."""


@dataclass
class _Word:
    """A word that is being read."""

    raw: str = ""
    text: str = ""
    quote: str = ""
    is_escaped: bool = False

    def add(self, character: str) -> None:
        """Read one more character."""
        self.raw += character
        if self.is_escaped:
            if self.quote and character not in _BEFORE_A_BACKSLASH:
                self.text += "\\"
            self.text += character
            self.is_escaped = False
        elif character == "\\" and self.quote != "'":
            self.is_escaped = True
        elif character == self.quote:
            self.quote = ""
        elif character in "'\"" and not self.quote:
            self.quote = character
        else:
            self.text += character

    @property
    def is_open(self) -> bool:
        """Whether the next character is part of it, whatever it is."""
        return bool(self.quote) or self.is_escaped


def unquote(raw: str) -> tuple[str, str]:
    """Return what a word stands for, and the quote that is open at its end (or nothing)."""
    word = _Word()
    for character in raw:
        word.add(character)
    return word.text, word.quote


def read_line(line: str) -> Line:
    """Split a command line of bash; redirections are no words of it."""
    words: list[str] = []
    word = _Word()
    is_target = False
    for character in line:
        is_break = not word.is_open and character in " \t\n<>"
        if not is_break:
            word.add(character)
            continue
        if word.raw and not is_target and not (character in "<>" and word.raw.isdigit()):
            words.append(word.text)
        is_target = character in "<>" or (is_target and not word.raw)
        word = _Word()
    return Line(tuple(words[1:]), word.raw, is_target)


def quoted(text: str, quote: str, *, begins_word: bool) -> str | None:
    """Return text as bash has to be given it; None where there is no plain way.

    Args:
        text: One printable line.
        quote: The quote that is open before it (or nothing); the shell closes it.
        begins_word: Whether nothing of the word stands before it.
    """
    if quote == "'":
        return None if "'" in text else text
    if quote == '"':
        # Inside of double quotes nothing keeps bash from reading `!` as a reference to its history.
        return None if "!" in text else re.sub(r'([$`"\\])', r"\\\1", text)
    escaped = "".join(one if _PLAIN.match(one) or one.isalnum() else f"\\{one}" for one in text)
    return escaped if begins_word else escaped.replace("\\~", "~")
