"""Whether a distribution's stated requirement on evalctl is met by the evalctl that runs."""

from __future__ import annotations

import re
from collections.abc import Iterable


def unmet_requirement(requires: Iterable[str], version: str) -> str | None:
    """Return the first requirement on evalctl that a version does not meet; None if all are met.

    A requirement that cannot be parsed is not met.

    Args:
        requires: Requirements of a distribution, as in its metadata.
        version: Of the evalctl that runs.
    """
    for text in requires:
        if _ON_EVALCTL.match(text):
            quick = meets_range(text, version)
            if quick is False:
                return text.replace(" ", "")
            if quick is None and (unmet := _unmet(text, version)):
                return unmet
    return None


def meets_range(text: str, version: str) -> bool | None:
    """Whether a version meets a requirement of the form `evalctl>=0.1,<0.2`; None if of another.

    Nearly all plugins write it so, and importing `packaging` to read it would cost each listing a
    tenth of what its libraries cost.
    """
    clauses = _RANGE.fullmatch(text)
    if clauses is None or not _RELEASE.fullmatch(version):
        return None
    given = _release(version)
    return all(
        (given >= _release(bound)) == (operator == ">=")
        for operator, bound in _CLAUSE.findall(clauses[1])
    )


def _unmet(text: str, version: str) -> str | None:
    from packaging.requirements import InvalidRequirement, Requirement  # see `meets_range`

    try:
        requirement = Requirement(text)
    except InvalidRequirement:
        return text
    applies = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
    if not applies or requirement.specifier.contains(version, prereleases=True):
        return None
    return f"{requirement.name}{requirement.specifier}"


def _release(text: str) -> tuple[int, ...]:
    """The numbers of a version without zeros at its end, for 0.1 and 0.1.0 are the same."""
    numbers = [int(number) for number in text.split(".")]
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


_ON_EVALCTL = re.compile(r"evalctl\s*(?:$|[^\w\s.-])", re.IGNORECASE)
_RELEASE = re.compile(r"\d+(?:\.\d+)*")
_CLAUSE = re.compile(rf"(>=|<)\s*({_RELEASE.pattern})")
_RANGE = re.compile(rf"evalctl\s*({_CLAUSE.pattern}(?:\s*,\s*{_CLAUSE.pattern})*)")
