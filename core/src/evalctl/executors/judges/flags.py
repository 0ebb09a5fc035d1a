"""What a program's source does that honest ones seldom do: to be looked at, never a verdict.

The text is searched, not parsed: a parser can be made to use much memory.
"""

from __future__ import annotations

import re

MAX_CHARACTERS = 1 << 20
"""Of a source that is searched; the rest is left out."""

# No pattern may begin with what matches line ends: over empty lines it would search in the square
# of their number.
_PATTERNS = {
    "os._exit": r"\b_exit\s*\(",
    "sys.exit": r"\bsys\s*\.\s*exit\b|\bSystemExit\b|^[ \t]*(?:quit|exit)\s*\(",
    "frames": r"\b_getframe\b|\bf_back\b|\btb_frame\b|\bcurrentframe\b|\binspect\s*\.\s*stack\b",
    "gc": r"\bgc\s*\.\s*get_(?:objects|referrers)\b",
    "ctypes": r"\bctypes\b",
    "tracing": r"\bset(?:trace|profile)\b",
    "__eq__": r"\bdef\s+__(?:eq|ne|bool|hash)__\b|\b__eq__\s*=",
    "atexit": r"\batexit\b|\bexcepthook\b",
    "builtins": r"\bbuiltins\b|\b__builtins__\b",
    "unittest": r"\bunittest\b",
    "sys.modules": r"\bsys\s*\.\s*(?:modules|meta_path)\b",
    "descriptors": r"\bos\s*\.\s*(?:write|dup2?|fdopen|closerange)\b",
    "processes": r"\bos\s*\.\s*(?:fork|kill\w*|exec\w*|system|popen|spawn\w*)\b|\bsubprocess\b",
    "/proc": r"/proc/",
}
_SEARCHES = {name: re.compile(pattern, re.MULTILINE) for name, pattern in _PATTERNS.items()}


def flags(source: str) -> tuple[str, ...]:
    """Return the names of what is found, in a fixed order."""
    text = source[:MAX_CHARACTERS]
    return tuple(name for name, search in _SEARCHES.items() if search.search(text))
