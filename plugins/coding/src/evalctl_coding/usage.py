"""What an answer adds to its function that no test asks for: examples, own tests, a main part.

Such lines may read input, fail or never end, and say nothing on whether the function is right.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from evalctl_coding.segments import Segment, reachable

_WORKING = frozenset({"simple", "compound"})
_READS = frozenset({"input", "stdin"})
_SHOWS = frozenset({"print", "exit", "quit", "unittest", "doctest", "pytest", "__name__"})
_CHECKS = re.compile(r"(?:assert|raise)\b")


def without_usage(
    parts: Sequence[Segment], entry_point: str, *, is_cut: bool = False
) -> tuple[Segment, ...]:
    """Return a program's statements without those that only use it.

    Left out are statements at the left margin that read input, print, check, or name the function
    or what uses it; values that are computed for none of what stays; and an unfinished last
    definition that the function does not need. Definitions, imports, and whatever else prepares
    the function's work stay.

    Args:
        parts: The statements.
        entry_point: The function that tests call.
        is_cut: Whether the answer's end may be missing.

    Source: EvalPlus and BigCodeBench leave out everything but imports, definitions and
    assignments (Liu et al. 2023, arXiv 2305.01210, and the sanitizer that its README describes);
    here a loop that fills a table stays.
    """
    users = _users(parts, entry_point)
    needed = reachable({entry_point}, parts)
    staying = [part for part in parts if part.kind == "definition" or _works(part, users)]
    wanted = reachable(frozenset[str]().union(*(part.wants for part in staying)), parts)
    kept = [
        part
        for part in parts
        if part.kind not in ("assignment", *_WORKING)
        or _works(part, users)
        or _prepares(part, users, needed, wanted)
    ]
    if kept and (is_cut or kept[-1].is_open) and not _gives(kept[-1], entry_point, needed):
        kept.pop()
    return tuple(kept)


def _gives(part: Segment, entry_point: str, needed: frozenset[str]) -> bool:
    return bool(part.names & needed) or part.has_method(entry_point)


def _users(parts: Sequence[Segment], entry_point: str) -> frozenset[str]:
    """Return the names of what uses the function or reads input, directly or not."""
    definitions = [part for part in parts if part.kind == "definition"]
    users = {entry_point}
    for part in definitions:
        if part.mentions & _READS or part.has_method(entry_point):
            users |= part.names
    by_mention: dict[str, set[str]] = {}
    for part in definitions:
        for name in part.mentions:
            by_mention.setdefault(name, set()).update(part.names)
    waiting = list(users)
    while waiting:
        for name in by_mention.pop(waiting.pop(), ()):
            if name not in users:
                users.add(name)
                waiting.append(name)
    return frozenset(users)


def _works(part: Segment, users: frozenset[str]) -> bool:
    """Return whether a statement does more than show, check or use the function."""
    if part.kind not in _WORKING or (part.kind == "simple" and _CHECKS.match(part.text.lstrip())):
        return False
    return part.mentions.isdisjoint(users | _READS | _SHOWS)


def _prepares(
    part: Segment, users: frozenset[str], needed: frozenset[str], wanted: frozenset[str]
) -> bool:
    """Return whether an assignment makes what the function needs or other definitions want."""
    mentions = part.mentions
    if part.kind != "assignment" or not mentions.isdisjoint(_READS):
        return False
    if "(" not in part.text:
        return True
    return not part.names.isdisjoint(wanted if mentions.isdisjoint(users) else needed)
