"""Writes `docs/hooks.md` out of the hookspecs; with `--check`, tells whether it is in step."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from evalctl import hookspecs

PAGE = Path(__file__).parent / "hooks.md"
INTRODUCTION = """\
# Hooks

A plugin implements some of these with `@evalctl.hookimpl` in the module that its entry point
(group `evalctl`) names. Each hook takes no argument, returns an iterable of specs, and is called
once: what is returned is put together afterwards, so that no order matters. A plugin is accepted
whole or not at all, and [cannot replace](extending.md#what-is-refused) what is there.

This page is made of the hookspecs' docstrings by `python docs/make_hooks.py`.
"""


def main() -> int:
    """Write the page, or compare it; return the exit code."""
    text = "\n".join([INTRODUCTION, *map(section, specified())])
    is_stale = not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != text
    if is_stale and "--check" not in sys.argv:
        PAGE.write_text(text, encoding="utf-8")
    sys.stdout.write("changed: hooks.md\n" if is_stale else "in step\n")
    return 1 if is_stale and "--check" in sys.argv else 0


def specified() -> Iterator[Callable[[], object]]:
    """Yield the hookspecs, in order."""
    for name, function in vars(hookspecs).items():
        if inspect.isfunction(function) and name.startswith(f"{hookspecs.PROJECT}_"):
            yield function


def section(hook: Callable[[], object]) -> str:
    """Return what the page says of a hook: what it returns, and its docstring."""
    kind = hookspecs.RESULT_TYPES[hook.__name__].__name__
    told = f"Returns{(inspect.getdoc(hook) or '').removeprefix('Return')}"
    return f"## {hook.__name__}\n\nResult: `Iterable[{kind}]`\n\n{told}\n"


if __name__ == "__main__":
    sys.exit(main())
