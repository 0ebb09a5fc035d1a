"""Puts all pages together in `build/docs-pages`, has Sphinx build them, and looks at the result."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from docs.building import commands, reference
from docs.building.navigation import lost, with_navigation
from docs.building.pages import written
from docs.building.public_api import public_api
from sphinx.cmd.build import main as sphinx

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PAGES = ROOT / "build" / "docs-pages"
SITE = ROOT / "build" / "docs"

_LOADED = re.compile(
    r"""<(?:script|img|iframe|source)\b[^>]*\bsrc=["']?((?:https?:)?//[^"'\s>]+)"""
    r"""|<link\b(?=[^>]*\brel=["']?(?:stylesheet|preload|preconnect|icon))"""
    r"""[^>]*\bhref=["']?((?:https?:)?//[^"'\s>]+)"""
)


def main() -> int:
    """Build the site anew; return the exit code."""
    for folder in (PAGES, SITE):
        shutil.rmtree(folder, ignore_errors=True)
    pages = all_pages()
    if lost(pages):
        where = "no pattern of docs/building/navigation.py takes them"
        sys.stderr.write(f"pages in no section: {', '.join(lost(pages))}; {where}\n")
        return 1
    _put(with_navigation(pages))
    # Every warning is an error, and all of them are shown before the build fails.
    strict = ["--quiet", "--fail-on-warning", "--nitpicky", "--show-traceback"]
    code = sphinx([*strict, "-c", str(HERE), str(PAGES), str(SITE)])
    for path in sorted(SITE.rglob("*.html")):
        for address in loaded(path.read_text(encoding="utf-8")):
            sys.stderr.write(f"{path}: a browser would load {address}\n")
            code = 1
    sys.stdout.write(f"{SITE / 'index.html'}\n")
    return code


def all_pages() -> dict[str, str]:
    """Return all pages but those that sections begin with, by path."""
    api = public_api()
    described = reference.pages(api, schemas=ROOT / "docs" / "schemas")
    return written(ROOT, api.names()) | described | commands.pages()


def loaded(html: str) -> list[str]:
    """Return the addresses on other hosts that a browser fetches to show a page."""
    return [first or second for first, second in _LOADED.findall(html)]


def _put(texts: Mapping[str, str]) -> None:
    ignored = shutil.ignore_patterns("*.md", "*.py", "building", "__pycache__")
    shutil.copytree(ROOT / "docs", PAGES, ignore=ignored)
    for path, text in texts.items():
        target = PAGES / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
