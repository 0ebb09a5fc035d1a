"""Whether what a distribution requires is met: the evalctl that runs, and other distributions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from typing import NamedTuple


def unmet_requirement(requires: Iterable[str], running: str) -> str | None:
    """Return the first requirement on evalctl that a version does not meet; None if all are met.

    A requirement that cannot be parsed is not met.

    Args:
        requires: Requirements of a distribution, as in its metadata.
        running: Version of the evalctl that runs.
    """
    for text in requires:
        if is_on_evalctl(text):
            quick = meets_range(text, running)
            if quick is False:
                return text.replace(" ", "")
            if quick is None and (unmet := _unmet(text, running)):
                return unmet
    return None


def is_on_evalctl(text: str) -> bool:
    """Whether a requirement is one on evalctl itself."""
    return _ON_EVALCTL.match(text) is not None


class Unmet(NamedTuple):
    """A requirement on another distribution that is not met."""

    wanted: str
    """Name and versions."""
    installed: str | None
    """The version that is there; None where it is not installed."""

    @property
    def quoted(self) -> str:
        """As a shell reads it."""
        return self.wanted if re.fullmatch(r"[\w.-]+", self.wanted) else f"'{self.wanted}'"


def unmet_requirements(requires: Iterable[str]) -> tuple[Unmet, ...]:
    """Return the requirements on other distributions than evalctl that are not met.

    Those that cannot be read, and those of extras, are passed over.
    """
    from packaging.requirements import Requirement  # only after a failure

    unmet = []
    for text in requires:
        try:
            requirement = Requirement(text)
            applies = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
            installed = _installed(requirement.name)
            if is_on_evalctl(text) or not applies:
                continue
            if installed and requirement.specifier.contains(installed, prereleases=True):
                continue
        except ValueError:
            continue
        unmet.append(Unmet(f"{requirement.name}{requirement.specifier}", installed))
    return tuple(unmet)


def _installed(name: str) -> str | None:
    try:
        return version(name) or None
    except PackageNotFoundError:
        return None


def meets_range(text: str, running: str) -> bool | None:
    """Whether a version meets a requirement of the form `evalctl>=0.1,<0.2`; None if of another.

    Nearly all plugins write it so, and importing `packaging` to read it would cost each listing a
    tenth of what its libraries cost.
    """
    clauses = _RANGE.fullmatch(text)
    if clauses is None or not _RELEASE.fullmatch(running):
        return None
    given = _release(running)
    return all(
        (given >= _release(bound)) == (operator == ">=")
        for operator, bound in _CLAUSE.findall(clauses[1])
    )


def _unmet(text: str, running: str) -> str | None:
    from packaging.requirements import Requirement  # see `meets_range`

    try:
        requirement = Requirement(text)
        applies = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        if not applies or requirement.specifier.contains(running, prereleases=True):
            return None
    except ValueError:  # no requirement, or numbers of thousands of digits
        return text[:40]
    return f"{requirement.name}{requirement.specifier}"


def _release(text: str) -> tuple[int, ...]:
    """The numbers of a version without zeros at its end, for 0.1 and 0.1.0 are the same."""
    numbers = [int(number) for number in text.split(".")]
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


_ON_EVALCTL = re.compile(r"evalctl\s*(?:$|[^\w\s.-])", re.IGNORECASE)
_RELEASE = re.compile(r"\d{1,9}(?:\.\d{1,9})*")
_CLAUSE = re.compile(rf"(>=|<)\s*({_RELEASE.pattern})")
_RANGE = re.compile(rf"evalctl\s*({_CLAUSE.pattern}(?:\s*,\s*{_CLAUSE.pattern})*)")
