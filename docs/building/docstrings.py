"""Docstrings in Google's style, read and written as Markdown."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from docs.building.names import Names

_LISTS = {"Args": "Arguments", "Attributes": "Attributes", "Raises": "Raises"}
_TEXTS = ("Returns", "Yields", "Source", "Example", "Examples", "Note")
_HEADING = re.compile(rf"^({'|'.join((*_LISTS, *_TEXTS))}):$", re.MULTILINE)
_ITEM = re.compile(r"^(\*{0,2}[\w.]+)(?: \([^)]*\))?: ", re.MULTILINE)


@dataclass(frozen=True)
class Docstring:
    """What a docstring says."""

    text: str = ""
    """All that stands before the first section."""
    sections: Mapping[str, str] = field(default_factory=dict)
    """By heading, without indentation."""

    def markdown(self, names: Names) -> str:
        """Return it as Markdown, with links to known names."""
        parts = [names.in_text(self.text), *self._sections(names)]
        return "\n\n".join(filter(None, parts))

    def _sections(self, names: Names) -> Iterator[str]:
        for heading, text in self.sections.items():
            if heading in _LISTS:
                lines = [f"- {names.in_text(f'`{name}`: {said}')}" for name, said in items(text)]
                yield "\n".join([f"**{_LISTS[heading]}**", "", *lines])
            else:
                yield f"**{heading}**\n\n{names.in_text(text)}"


def read(docstring: str | None) -> Docstring:
    """Return what a docstring says, which is nothing where there is none."""
    parts = _HEADING.split(inspect.cleandoc(docstring or ""))
    sections = zip(parts[1::2], parts[2::2], strict=True)
    return Docstring(
        text=parts[0].strip(),
        sections={heading: inspect.cleandoc(text) for heading, text in sections},
    )


def items(section: str) -> list[tuple[str, str]]:
    """Return names and what is said of them, of a section such as `Raises`."""
    parts = _ITEM.split(section)
    said = (" ".join(text.split()) for text in parts[2::2])
    return list(zip(parts[1::2], said, strict=True))
