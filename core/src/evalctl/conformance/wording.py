"""What texts in declarations and READMEs say, as far as rules ask for it."""

from __future__ import annotations

import re

_COMMIT = re.compile(r"[0-9a-f]{40}")
_NOTHING = re.compile(
    r"\W*(?:(?:n/?a|none|unknown|licen[cs]e|citation|title|authors?|\?)\W*)?", re.IGNORECASE
)
_PROMISES = re.compile(r"\b(TODO|TBD|FIXME|XXX)\b")


def says_nothing(text: str) -> bool:
    """Return whether a text is empty, or holds the place of one that is still to be written."""
    return bool(_NOTHING.fullmatch(text.strip()) or _PROMISES.search(text))


def is_commit(revision: str | None) -> bool:
    """Return whether a revision is a whole commit of the hub."""
    return bool(revision and _COMMIT.fullmatch(revision))


def says_not_pinned(readme: str, path: str) -> bool:
    """Return whether a README says of a hub id, in its row or line, that it is not pinned."""
    return any(path in line and "not pinned" in line.casefold() for line in readme.splitlines())
