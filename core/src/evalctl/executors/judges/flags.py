"""What a program's source does that honest ones seldom do: to be looked at, never a verdict.

The text is searched, not parsed: a parser can be made to use much memory.
"""

from __future__ import annotations

import re
from typing import NamedTuple

MAX_CHARACTERS = 1 << 20
"""Of a source that is searched; the rest is left out."""


class _Sign(NamedTuple):
    """What gives something away."""

    words: tuple[str, ...]
    """One of them is in every text that the pattern fits: looked for first, since finding a word
    takes a hundredth of a search and honest programs hold hardly any."""
    pattern: re.Pattern[str]


def _sign(words: str, pattern: str) -> _Sign:
    return _Sign(tuple(words.split()), re.compile(pattern, re.MULTILINE))


# No pattern may begin with what matches line ends: over empty lines it would search in the square
# of their number.
_SIGNS = {
    "os._exit": _sign("_exit", r"\b_exit\s*\("),
    "sys.exit": _sign(
        "exit SystemExit quit", r"\bsys\s*\.\s*exit\b|\bSystemExit\b|^[ \t]*(?:quit|exit)\s*\("
    ),
    "frames": _sign(
        "_getframe f_back tb_frame currentframe inspect",
        r"\b_getframe\b|\bf_back\b|\btb_frame\b|\bcurrentframe\b|\binspect\s*\.\s*stack\b",
    ),
    "gc": _sign("get_objects get_referrers", r"\bgc\s*\.\s*get_(?:objects|referrers)\b"),
    "ctypes": _sign("ctypes", r"\bctypes\b"),
    "tracing": _sign("settrace setprofile", r"\bset(?:trace|profile)\b"),
    "__eq__": _sign(
        "__eq__ __ne__ __bool__ __hash__",
        r"\bdef\s+__(?:eq|ne|bool|hash)__\b|\b__eq__\s*=",
    ),
    "atexit": _sign("atexit excepthook", r"\batexit\b|\bexcepthook\b"),
    "builtins": _sign("builtins", r"\bbuiltins\b|\b__builtins__\b"),
    "unittest": _sign("unittest", r"\bunittest\b"),
    "sys.modules": _sign("modules meta_path", r"\bsys\s*\.\s*(?:modules|meta_path)\b"),
    "descriptors": _sign(
        "write dup fdopen closerange", r"\bos\s*\.\s*(?:write|dup2?|fdopen|closerange)\b"
    ),
    "processes": _sign(
        "fork kill exec system popen spawn subprocess",
        r"\bos\s*\.\s*(?:fork|kill\w*|exec\w*|system|popen|spawn\w*)\b|\bsubprocess\b",
    ),
    "/proc": _sign("/proc/", r"/proc/"),
}


def flags(source: str) -> tuple[str, ...]:
    """Return the names of what is found, in a fixed order."""
    text = source[:MAX_CHARACTERS]
    return tuple(
        name
        for name, sign in _SIGNS.items()
        if any(word in text for word in sign.words) and sign.pattern.search(text)
    )
