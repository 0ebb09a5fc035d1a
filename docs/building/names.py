"""Links to what the reference documents, wherever its names are written."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass

_LINK_OR_CODE = re.compile(
    r"\[[^\[\]]*\]\([^()]*\)"  # a link stays as it is, whatever code is in its text
    r"|(?<![`}])`(?P<name>[A-Za-z_][\w.]*)`(?!`)"
)


@dataclass(frozen=True)
class Names:
    """The names that the reference knows."""

    full: Mapping[str, str]
    """Full name in the reference, by the name that people write, such as `Score.value`."""
    own: str = ""
    """The name whose page this is: texts do not lead from a page to itself."""

    def of_page(self, own: str) -> Names:
        """Return the same names for one's own page."""
        return Names(self.full, own)

    def in_text(self, text: str) -> str:
        """Return Markdown in which known names between single backticks are links."""
        return _LINK_OR_CODE.sub(self._reference, text)

    def in_type(self, text: str) -> str:
        """Return a type in which known names are written in full, which makes them links."""
        return ast.unparse(_InFull(self.full).visit(ast.parse(text, mode="eval")))

    def in_signature(self, text: str) -> str:
        """Return a signature likewise; it begins with its parenthesis."""
        tree = _InFull(self.full).visit(ast.parse(f"def f{text}: pass"))
        return ast.unparse(tree).partition(":\n")[0].removeprefix("def f")

    def _reference(self, match: re.Match[str]) -> str:
        name = match["name"]
        if name not in self.full or name.partition(".")[0] == self.own:
            return match[0]
        return f"{{py:obj}}`{name} <{self.full[name]}>`"


class _InFull(ast.NodeTransformer):
    def __init__(self, full: Mapping[str, str]) -> None:
        self._full = full

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.copy_location(ast.Name(self._full.get(node.id, node.id), node.ctx), node)
