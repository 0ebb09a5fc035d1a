"""The hand-written pages, of `docs/` and of the packages, in the form that the site wants.

What changes are links (to pages of packages, to folders, to files that are not on the site), titles
of code, and names of the public API, which become links.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from pathlib import Path

from docs.building.names import Names
from docs.building.navigation import section_of_folder

_FENCED = re.compile(r"^( *)(`{3,})[^`\n]*\n.*?^\1\2 *$", re.MULTILINE | re.DOTALL)
_TITLE = re.compile(r'^( *`{3,})(\w+) title="([^"\n]+)"')
_LINK = re.compile(r"(?<!!)\[(?P<text>[^\[\]]*)\]\((?P<path>[^()\s#:]+)(?P<anchor>#[^()\s]*)?\)")
_HEADING = re.compile(r"^#.*$", re.MULTILINE)


def sources(root: Path) -> dict[str, str]:
    """Return all hand-written pages: the path on the site by the path in the repository."""
    found = {
        path.relative_to(root).as_posix(): path.relative_to(root / "docs").as_posix()
        for path in sorted((root / "docs").rglob("*.md"))
    }
    for package in sorted([root / "core", *(root / "plugins").iterdir()]):
        name = "evalctl" if package.name == "core" else f"evalctl-{package.name}"
        folder = package.relative_to(root).as_posix()
        if (package / "CHANGELOG.md").is_file():
            found[f"{folder}/CHANGELOG.md"] = f"changes/{name}.md"
        if (package / "README.md").is_file() and package.name != "core":
            found[f"{folder}/README.md"] = f"packages/{name}.md"
    return found


def written(root: Path, names: Names) -> dict[str, str]:
    """Return the text of all hand-written pages by their path on the site."""
    known = sources(root)
    texts = {}
    for source, path in known.items():
        text = (root / source).read_text(encoding="utf-8")
        if path.startswith("changes/"):
            text = text.replace("# Changelog", f"# Changes of {Path(path).stem}", 1)
        texts[path] = Rewriting(root, source, known, names).of(text)
    return texts


class Rewriting:
    """What a page needs to stand on the site."""

    def __init__(self, root: Path, source: str, known: Mapping[str, str], names: Names) -> None:
        """Say which page it is.

        Args:
            root: The repository.
            source: The page's path in it.
            known: All pages: the path on the site by the path in the repository.
            names: What the reference documents.
        """
        self._root = root
        self._source = source
        self._known = known
        self._names = names

    def of(self, text: str) -> str:
        """Return the page's text as the site wants it; code keeps to itself."""
        parts, at = [], 0
        for block in _FENCED.finditer(text):
            parts += [self._prose(text[at : block.start()]), _titled(block[0])]
            at = block.end()
        return "".join([*parts, self._prose(text[at:])])

    def _prose(self, text: str) -> str:
        linked = _LINK.sub(self._link, text)
        headings = _HEADING.findall(linked)
        texts = [self._names.in_text(part) for part in _HEADING.split(linked)]
        return "".join(a + b for a, b in zip(texts, [*headings, ""], strict=True))

    def _link(self, match: re.Match[str]) -> str:
        path = posixpath.normpath(posixpath.join(posixpath.dirname(self._source), match["path"]))
        target = self._target(path)
        if target:
            start = posixpath.dirname(self._known[self._source])
            relative = posixpath.relpath(target, start or ".")
            return f"[{match['text']}]({relative}{match['anchor'] or ''})"
        if (self._root / path).exists():  # in the repository, and not on the site
            is_named = path.rstrip("/") in match["text"]
            return match["text"] if is_named else f"{match['text']} (`{path}`)"
        return match[0]  # the build will say that it leads nowhere

    def _target(self, path: str) -> str | None:
        folder = path.removeprefix("docs/")
        if path in self._known:
            return self._known[path]
        if f"{path}/README.md" in self._known:
            return self._known[f"{path}/README.md"]
        if path == folder or not (self._root / path).exists():
            return None
        section = section_of_folder(folder)
        return section.page if (self._root / path).is_dir() and section else folder


def _titled(block: str) -> str:
    """Return fenced code whose title, where it has one, is a caption."""
    return _TITLE.sub(r'\1{code-block} \2\n:caption: "`\3`"', block, count=1)
