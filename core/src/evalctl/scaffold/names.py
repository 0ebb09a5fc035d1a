"""The names of a new package, all made of one that the user gives."""

from __future__ import annotations

import keyword
import re
from typing import NamedTuple

from evalctl.errors import ConfigError

LONGEST = 32
"""Characters of a name: it stands in tables that are to fit 80 columns."""

_PREFIX = re.compile(r"evalctl[-_]")
_NAME = re.compile(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*")
_RULE = (
    "a name is of lower-case ASCII letters and digits, with single hyphens or underscores "
    "between them, and begins with a letter"
)


class PackageNames(NamedTuple):
    """What a new package and its parts are called."""

    category: str
    """Of the category and the entry point: `promoter_sites`."""

    @property
    def distribution(self) -> str:
        """What pip installs, and the folder: `evalctl-promoter-sites`."""
        return f"evalctl-{self.category.replace('_', '-')}"

    @property
    def module(self) -> str:
        """What Python imports: `evalctl_promoter_sites`."""
        return f"evalctl_{self.category}"

    @property
    def dataset(self) -> str:
        """The sample dataset."""
        return f"{self.category}_riddles"

    @property
    def model(self) -> str:
        """The recorded answers."""
        return f"{self.category}_recorded"

    @property
    def scorer(self) -> str:
        """What judges the sample dataset's answers."""
        return f"{self.category}_number"


def read_name(given: str) -> PackageNames:
    """Return the names that follow from one, which may be the distribution's.

    Raises:
        ConfigError: It is no name; the message says what one is, and what it might be instead.
    """
    prefix = _PREFIX.match(given)
    name = given[prefix.end() :] if prefix else given
    problem = _problem(name)
    if problem:
        near = _near(name)
        hint = f" Did you mean {near}?" if near else ""
        raise ConfigError(f"{given!r:.80} cannot name a plugin: {problem}.{hint}")
    return PackageNames(name.replace("-", "_"))


def _problem(name: str) -> str:
    if not name:
        return f"it is empty; {_RULE}"
    if len(name) > LONGEST:
        return f"it has {len(name)} characters, and {LONGEST} is the limit"
    if keyword.iskeyword(name):
        return "it is a word of Python's own"
    if any(sign in name for sign in "/\\") or name.startswith("."):
        return "it is a path, and --dir says where the package goes"
    return "" if _NAME.fullmatch(name) else _RULE


def _near(name: str) -> str:
    """Return the name that was perhaps meant; empty where there is none."""
    near = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    return near if near != name and not _problem(near) else ""
