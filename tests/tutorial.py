"""Doing what a page of the docs says, block by block, as a reader would do it.

`sh` blocks are typed, `text` blocks must be what is printed, and blocks with a title are put into
the file of that name: whole, or in place of what has the same name in it.
"""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from tests.conftest import Site
from tests.new_packages import install

AS_WRITTEN = " as written"
"""Ends the title of a block that shows what is in a file already."""
NETWORK = ("pip install build", "python -m build", "pip install git+https://")
"""How commands begin that need the network, and are not typed here."""
KIT = ("evalctl plugins check", "pytest")
"""How commands begin that hold the plugin against the rules; tests of their own type them."""

_BLOCK = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.DOTALL | re.MULTILINE)
_RUN = "import os, sys; os.chdir(os.environ['HERE']); from evalctl.cli import main; main()"


class Block(NamedTuple):
    """A fenced block of a page."""

    language: str
    title: str
    body: str


def read_blocks(page: Path) -> list[Block]:
    """Return all blocks of a page, in order."""
    return [Block(*found) for found in _BLOCK.findall(page.read_text())]


@dataclass
class Reader:
    """Somebody who does what a page says, and notes what came out otherwise."""

    site: Site
    """Where packages are installed."""
    here: Path
    """The folder that the reader is in."""
    stand_ins: dict[str, str]
    """What is here in place of a path of the page."""
    printed: str = ""
    """What the last command printed."""
    typed: list[str] = field(default_factory=list)
    """Commands that were run."""
    held_back: list[str] = field(default_factory=list)
    """Commands of the kit."""
    surprises: list[str] = field(default_factory=list)
    """What is not as the page says."""

    def follow(self, block: Block) -> None:
        """Do what a block says."""
        if block.language == "sh":
            for command in block.body.splitlines():
                self._type(command)
        elif block.language == "text":
            self.surprises += list(_missing(block.body, self.printed))
        elif block.title.endswith(AS_WRITTEN):
            self._compare(block)
        elif block.language == "python" and (self.here / block.title).name == "__init__.py":
            put(self.here / block.title, block.body)
        elif block.language == "md":
            _put_row(self.here / block.title, block.body)
        else:
            (self.here / block.title).write_text(block.body)

    def run(self, command: str) -> tuple[int, str]:
        """Run a command of evalctl's; return its exit code and all that it printed."""
        words = [self.stand_ins.get(word, word) for word in shlex.split(command)]
        done = self.site.python(_RUN, *words[1:], environment={"HERE": str(self.here)})
        return done.returncode, done.stdout + done.stderr

    def _type(self, command: str) -> None:
        if command.startswith(NETWORK):
            return
        if command.startswith(KIT):
            self.held_back.append(command)
        elif command.startswith("cd "):
            self.here = self.here / command.removeprefix("cd ")
        elif command == "pip install -e '.[test]'":
            install(self.site, self.here)
        else:
            assert command.startswith("evalctl "), command
            code, self.printed = self.run(command)
            self.typed.append(command)
            self.surprises += [f"{command}: {self.printed}"] if code else []

    def _compare(self, block: Block) -> None:
        path = self.here / block.title.removesuffix(AS_WRITTEN)
        self.surprises += [] if path.read_text() == block.body else [f"{path} is another"]


def put(module: Path, code: str) -> None:
    """Put definitions into a module, at the place of the first one that has a name of theirs."""
    names = {name for node in ast.parse(code).body for name in _defined(node)}
    lines = module.read_text().splitlines(keepends=True)
    old = [node for node in ast.parse("".join(lines)).body if names.intersection(_defined(node))]
    first = old[0].lineno - 1
    for node in reversed(old):
        del lines[node.lineno - 1 : node.end_lineno]
    lines.insert(first, code)
    module.write_text("".join(lines))


def _defined(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.FunctionDef):
        yield node.name
    elif isinstance(node, ast.Assign):
        yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def _put_row(path: Path, row: str) -> None:
    """Put a row in place of the last one of a page's first table."""
    lines = path.read_text().splitlines(keepends=True)
    (last,) = [n for n, line in enumerate(lines) if "_riddles | " in line]
    lines[last] = row
    path.write_text("".join(lines))


def _missing(wanted: str, printed: str) -> Iterator[str]:
    """Yield the lines that were not printed, blanks apart."""
    there = "\n".join(" ".join(line.split()) for line in printed.splitlines())
    lines = (" ".join(line.split()) for line in wanted.splitlines())
    return (f"{line!r} is not in: {printed}" for line in lines if line not in there)
