"""YAML from a file that nobody vouches for: bounded, without tags, duplicates or bombs.

What comes out is plain data and a way to tell the line of each of its keys.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from evalctl.config.yaml_remedies import not_yaml
from evalctl.errors import ConfigError

if TYPE_CHECKING:
    from yaml import Node, SafeLoader

MAX_BYTES = 1 << 20
"""Of the file."""

MAX_NODES = 20_000
"""Values of the file, and of what its aliases stand for, so that none can be a bomb."""

_MERGE = "tag:yaml.org,2002:merge"
_TEXT = "tag:yaml.org,2002:str"


class YamlFile:
    """A parsed file."""

    def __init__(self, path: Path, data: object, root: Node | None) -> None:
        """Keep what was parsed."""
        self.path = path
        self.data = data
        """Plain data; None for an empty file."""
        self._root = root

    def location(self, keys: Sequence[str | int]) -> str:
        """Return `FILE:LINE` of the value that a path of keys leads to, as far as it leads."""
        from yaml import MappingNode, SequenceNode

        node, line = self._root, 1
        for key in keys:
            if isinstance(node, MappingNode):
                pairs = [(k, v) for k, v in node.value if k.value == str(key)]
                if not pairs:
                    break
                line, node = pairs[0][0].start_mark.line + 1, pairs[0][1]
            elif isinstance(node, SequenceNode) and isinstance(key, int) and key < len(node.value):
                node = node.value[key]
                line = node.start_mark.line + 1
            else:
                break
        return f"{self.path}:{line}"


def read_yaml(path: Path, text: str | None = None, *, what: str = "configuration") -> YamlFile:
    """Return the contents of a YAML file.

    Args:
        path: The file, for reading it and for messages.
        text: What it holds, where that is known; then it is not read.
        what: What the file is, for messages.

    Raises:
        ConfigError: It cannot be read, is too large, or is not YAML as it may be here: one
            document, no tags, no key twice, keys that are texts.
    """
    import yaml

    text = read_text(path, what) if text is None else text
    loader: SafeLoader | None = None
    try:
        loader = _bounded_loader(text, path)
        root = loader.get_single_node()
        if root is None:
            return YamlFile(path, None, None)
        _count(root, path, {}, set())
        data = loader.construct_document(root)
    except yaml.MarkedYAMLError as error:
        raise ConfigError(not_yaml(path, text, error)) from None
    except (yaml.YAMLError, ValueError) as error:
        raise ConfigError(f"{path}: not valid YAML: {str(error).splitlines()[0]}") from None
    except RecursionError:
        raise ConfigError(f"{path}: nested too deeply for a {what}") from None
    finally:
        if loader is not None:
            loader.dispose()
    return YamlFile(path, data, root)


def _bounded_loader(text: str, path: Path) -> SafeLoader:
    """Return a loader that stops at too many nodes: a megabyte of commas would take half a minute.

    The loader in C is faster, but recurses without looking at the stack.
    """
    import yaml

    class BoundedLoader(yaml.SafeLoader):
        nodes = 0

        def compose_node(self, parent: Node | None, index: int) -> Node | None:
            self.nodes += 1
            if self.nodes > MAX_NODES:
                line = self.get_mark().line + 1
                raise ConfigError(f"{path}:{line}: more than {MAX_NODES} values; too many by far")
            return super().compose_node(parent, index)

    return BoundedLoader(text)


def read_text(path: Path, what: str = "configuration") -> str:
    """Return the text of a YAML file.

    Raises:
        ConfigError: It cannot be read, is too large, or is no text.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{what} {path} cannot be read: {error.strerror or error}") from None
    if len(raw) > MAX_BYTES:
        raise ConfigError(f"{path}: larger than {MAX_BYTES} bytes; that is no {what}")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path}:{line}: not UTF-8 text") from None


def _count(node: Node, path: Path, known: dict[int, int], above: set[int]) -> int:
    """Return how many nodes there are with aliases written out; check keys on the way."""
    from yaml import MappingNode, SequenceNode

    if id(node) in known:
        return known[id(node)]
    where = f"{path}:{node.start_mark.line + 1}"
    if id(node) in above:
        raise ConfigError(f"{where}: an alias within what it stands for")
    above.add(id(node))
    children: list[Node] = []
    if isinstance(node, MappingNode):
        _check_keys(node, path)
        children = [value for _, value in node.value]
    elif isinstance(node, SequenceNode):
        children = node.value
    count = 1 + sum(_count(child, path, known, above) for child in children)
    above.remove(id(node))
    if count > MAX_NODES:
        raise ConfigError(f"{where}: its aliases stand for more than {MAX_NODES} values")
    known[id(node)] = count
    return count


def _check_keys(node: Node, path: Path) -> None:
    seen: dict[str, int] = {}
    for key, _ in node.value:
        line = key.start_mark.line + 1
        if key.tag == _MERGE:
            continue
        if key.tag != _TEXT:
            raise ConfigError(f"{path}:{line}: a key must be a text; write it in quotes")
        if key.value in seen:
            raise ConfigError(
                f"{path}:{line}: key {key.value!r} stands here again; first on line "
                f"{seen[key.value]}"
            )
        seen[key.value] = line
