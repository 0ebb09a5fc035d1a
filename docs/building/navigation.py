"""Which page stands where: sections by pattern, so that a new page needs no entry in a list."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from fnmatch import fnmatch

from docs.building.directives import contents

ROOT_PAGE = "index.md"


@dataclass(frozen=True)
class Section:
    """A part of the site: an entry of the bar on top, and the pages below it."""

    page: str
    """Its first page, which is made where it is not written."""
    title: str
    """In the bar."""
    introduction: str = ""
    """One sentence for a page that is made."""
    patterns: tuple[str, ...] = ()
    """Its pages in order; `*` stays within a folder."""

    def place(self, path: str) -> int | None:
        """Return where a page stands in the order; None where it is not of this section."""
        for place, pattern in enumerate(self.patterns):
            if fnmatch(path, pattern) and path.count("/") == pattern.count("/"):
                return place
        return None


USING = Section(
    "using/index.md",
    "Using evalctl",
    "Run models, read what came out, and know how far to trust it.",
    (
        *("tutorial.md", "configuration.md", "scores.md", "results.md", "comparing.md"),
        *(
            "specialization.md",
            "exporting.md",
            "estimates.md",
            "efficiency.md",
            "api-models.md",
            "judges.md",
            "cache.md",
            "sandbox.md",
        ),
        "completion.md",
    ),
)
"""Takes every page of `docs/` itself that no other section claims."""

SECTIONS = (
    USING,
    Section(
        "categories/index.md",
        "Categories",
        "What each category asks, how answers are judged, and which scores others published.",
        ("categories/*.md", "packages/*.md"),
    ),
    Section(
        "plugins/index.md",
        "Writing plugins",
        "A category, a dataset, a model or an engine of your own.",
        (
            *("writing-plugins.md", "hooks.md", "extending.md", "conformance.md", "checking.md"),
            "datasets.md",
            *("compatibility.md", "plugin*.md"),
        ),
    ),
    Section("reference/index.md", "Reference", patterns=("reference/*.md",)),
    Section("commands/index.md", "Command line", patterns=("commands/*.md",)),
    Section(
        "design/index.md",
        "Design",
        "How evalctl is built, why it is as it is, and what has changed.",
        ("architecture.md", "decisions/*.md", "changes/evalctl.md", "changes/*.md"),
    ),
)
"""In the bar's order."""


def section_of(path: str) -> Section | None:
    """Return the section of a page; None for a page in a folder that no section names."""
    for section in SECTIONS:
        if section.place(path) is not None:
            return section
    return USING if "/" not in path else None


def lost(paths: Iterable[str]) -> list[str]:
    """Return the pages that are in no section."""
    return [path for path in paths if section_of(path) is None]


def section_of_folder(folder: str) -> Section | None:
    """Return the section that has a folder's pages."""
    return section_of(posixpath.join(folder, "any.md"))


def with_navigation(texts: dict[str, str]) -> dict[str, str]:
    """Return pages with tables of contents, and with the first pages of sections.

    Args:
        texts: Markdown by path.
    """
    made = dict(texts)
    for section in SECTIONS:
        members = _members(section, texts)
        if section.page not in texts:
            made[section.page] = _first_page(section, members)
        elif "{toctree}" not in texts[section.page]:
            made[section.page] += "\n" + contents(_from(section.page, members)) + "\n"
    titled = [f"{section.title} <{section.page}>" for section in SECTIONS]
    made[ROOT_PAGE] += "\n" + contents(titled) + "\n"
    return made


def _members(section: Section, paths: Collection[str]) -> list[str]:
    places = {
        path: place if (place := section.place(path)) is not None else len(section.patterns)
        for path in paths
        if path != ROOT_PAGE and path != section.page and section_of(path) is section
    }
    return sorted(places, key=lambda path: (places[path], path))


def _first_page(section: Section, members: list[str]) -> str:
    paths = _from(section.page, members)
    links = "\n".join(f"- [](<{path}>)" for path in paths)
    return f"# {section.title}\n\n{section.introduction}\n\n{links}\n\n{contents(paths)}\n"


def _from(page: str, paths: list[str]) -> list[str]:
    return [posixpath.relpath(path, posixpath.dirname(page)) for path in paths]
