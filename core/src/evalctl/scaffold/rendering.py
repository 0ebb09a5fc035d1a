"""Filling in the templates: one pass, with values that were checked and are quoted where they go.

A placeholder is `<<name>>`. What is filled in is not looked at again, so that no value can smuggle
one in, and one that has no value is an error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from importlib.resources import files
from typing import NamedTuple

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression
from packaging.version import Version

import evalctl
from evalctl.errors import ConfigError
from evalctl.scaffold.names import PackageNames

LONGEST_TEXT = 60
"""Characters of a title or an author, so that a line of code with it stays a line."""
APACHE = "Apache-2.0"
"""The licence whose text is here."""

_PLACEHOLDER = re.compile(r"<<(\w+)>>")


class About(NamedTuple):
    """What the user says of a new package."""

    title: str
    """The category's, one line."""
    author: str = ""
    """Who writes it; empty leaves that out."""
    licence: str = APACHE
    """Of the code, as an SPDX expression."""


class Target(NamedTuple):
    """A file of the new package."""

    template: str
    """Its name in `templates/`, without `.template`."""
    path: str
    """In the new package, with placeholders."""


TARGETS = (
    Target("pyproject.toml", "pyproject.toml"),
    Target("README.md", "README.md"),
    Target("LICENSE", "LICENSE"),
    Target("category.py", "<<module>>/__init__.py"),
    Target("riddles.jsonl", "<<module>>/riddles.jsonl"),
    Target("demo.py", "<<module>>/demo.py"),
    Target("demo.jsonl", "<<module>>/demo.jsonl"),
    Target("test_category.py", "tests/test_<<category>>.py"),
    Target("ci.yml", ".github/workflows/ci.yml"),
    Target("gitignore", ".gitignore"),
)
"""All files, in the order in which one reads them."""


def checked_about(about: About) -> About:
    """Return what the user says, with the licence as SPDX writes it.

    Raises:
        ConfigError: A text is empty, too long or cannot be printed; or it is no SPDX expression.
    """
    _check_line("--title", about.title)
    if about.author:
        _check_line("--author", about.author)
    if "," in about.author:
        raise ConfigError("--author is one name; further ones go into pyproject.toml")
    try:
        licence = canonicalize_license_expression(about.licence)
    except InvalidLicenseExpression:
        raise ConfigError(
            f"--licence {about.licence!r:.80}: not an SPDX expression, such as {APACHE}, MIT or "
            "LicenseRef-Proprietary"
        ) from None
    return about._replace(licence=licence)


def render(names: PackageNames, about: About) -> dict[str, str]:
    """Return the text of every file of a new package, by its path.

    Raises:
        KeyError: A template has a placeholder that nothing is known of.
    """
    values = _values(names, about)
    targets = [one for one in TARGETS if one.template != "LICENSE" or about.licence == APACHE]
    return {fill(one.path, values): fill(read(one.template), values) for one in targets}


def read(template: str) -> str:
    """Return a template as it stands."""
    path = files("evalctl.scaffold") / "templates" / f"{template}.template"
    return path.read_text(encoding="utf-8")


def fill(template: str, values: Mapping[str, str]) -> str:
    """Return a template with its placeholders replaced, in one pass.

    Raises:
        KeyError: One has no value.
    """
    return _PLACEHOLDER.sub(lambda match: values[match[1]], template)


def python_text(text: str) -> str:
    """Return a string literal of Python, in the quotes that need the fewest escapes."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    return quote + text.replace("\\", "\\\\").replace(quote, f"\\{quote}") + quote


def toml_text(text: str) -> str:
    """Return a basic string of TOML; JSON escapes in the same way all that is printable."""
    return json.dumps(text, ensure_ascii=False)


def markdown_text(text: str) -> str:
    """Return a text that Markdown shows as it is."""
    return re.sub(r"([!#$&*<>\[\\\]_`{|}~])", r"\\\1", text)


def accepted_range(version: str) -> str:
    """Return the versions of evalctl that a package made by this one says it works with."""
    major, minor = Version(version).release[:2]
    return f">=0.{minor},<0.{minor + 1}" if major == 0 else f">={major}.{minor},<{major + 1}"


def _values(names: PackageNames, about: About) -> dict[str, str]:
    has_text = about.licence == APACHE
    said = "see `LICENSE`" if has_text else "add its text as `LICENSE`"
    author = f"authors = [{{ name = {toml_text(about.author)} }}]\n" if about.author else ""
    return {
        "category": names.category,
        "distribution": names.distribution,
        "module": names.module,
        "python_title": python_text(about.title),
        "toml_title": toml_text(about.title),
        "markdown_title": markdown_text(about.title),
        "toml_authors": author,
        "toml_licence": toml_text(about.licence),
        "licence_sentence": f"The code: {about.licence}, {said}. The rows: see the table above.",
        "evalctl_range": accepted_range(evalctl.__version__),
    }


def _check_line(flag: str, text: str) -> None:
    if not text.strip() or text != text.strip():
        raise ConfigError(f"{flag} {text!r:.80}: it is empty, or has blanks at an end")
    if len(text) > LONGEST_TEXT:
        raise ConfigError(f"{flag}: {len(text)} characters, and {LONGEST_TEXT} is the limit")
    odd = next((sign for sign in text if not sign.isprintable()), None)
    if odd is not None:
        raise ConfigError(f"{flag} {text!r:.80}: {odd!r} cannot be printed")
