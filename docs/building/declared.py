"""What the source of a class or function declares: fields with their docstrings, and methods.

It is read from the syntax tree: Python keeps no docstrings of fields, and types as they are written
(`tuple[Example, ...]`) are what a reader wants to see.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from types import EllipsisType, ModuleType

from docs.building.docstrings import Docstring, read

PACKAGE = "evalctl"
_HIDDEN_BASES = {"Record", "Spec"}
"""They add nothing but how values behave, which the reference's first page says."""
_WRAPPERS = {"Annotated", "InstanceOf"}
"""Said to pydantic, not to people: the type is their first argument."""
_SHOWN_DUNDERS = {"__call__", "__iter__", "__len__"}
_BOUNDS = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}


@dataclass(frozen=True)
class Field:
    """A field of a value, a member of an enumeration, or a name of a module."""

    name: str
    type: str
    """As it is written; empty where it is not."""
    default: str | None
    """As it is written; None where it must be given."""
    doc: Docstring
    notes: str = ""
    """What else is said where it is declared: the range of a number, that it will go."""


@dataclass(frozen=True)
class Function:
    """A function or method."""

    name: str
    signature: str
    """From the opening parenthesis on, without `self`."""
    doc: Docstring
    is_property: bool = False
    """Whether it is read like a field."""

    def type_names(self) -> set[str]:
        """Return the names that it is declared with."""
        return {name for text in _annotations(self.signature) for name in names_in(text)}


@dataclass(frozen=True)
class Class:
    """A value type, an interface or an error; inherited fields and methods come first."""

    name: str
    doc: Docstring
    fields: tuple[Field, ...]
    methods: tuple[Function, ...]
    constructor: Function | None
    """Where one is written down."""
    is_interface: bool = False
    """Whether whatever has its methods will do."""

    def members(self) -> list[Field | Function]:
        """Return its fields and methods."""
        return [*self.fields, *self.methods]

    def type_names(self) -> set[str]:
        """Return the names that its fields and methods are declared with."""
        found = {name for one in self.fields if one.type for name in names_in(one.type)}
        functions = [*self.methods, self.constructor] if self.constructor else self.methods
        return found.union(*(one.type_names() for one in functions))


@cache
def class_of(value: type) -> Class:
    """Return what a class declares."""
    nodes = [_class_node(one) for one in reversed(value.__mro__) if _is_shown(one)]
    methods = {
        node.name: node for owner in nodes for node in owner.body if isinstance(node, _FUNCTIONS)
    }
    constructor = methods.pop("__init__", None)
    return Class(
        name=value.__name__,
        doc=read(ast.get_docstring(nodes[-1])),
        fields=tuple(one for node in nodes for one in _fields(node)),
        methods=tuple(
            function_of(node)
            for name, node in methods.items()
            if not name.startswith("_") or name in _SHOWN_DUNDERS
        ),
        constructor=function_of(constructor) if constructor else None,
        is_interface=getattr(value, "_is_protocol", False),
    )


def function_named(function: Callable[..., object]) -> Function:
    """Return what a function of a module declares."""
    (node,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    assert isinstance(node, _FUNCTIONS)
    return function_of(node)


def function_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Function:
    """Return what the syntax tree of a function declares."""
    arguments = node.args
    if arguments.args and arguments.args[0].arg in {"self", "cls"}:
        del arguments.args[0]
    _Plain().visit(arguments)
    returns = f" -> {_written(node.returns)}" if node.returns else ""
    decorators = {ast.unparse(one).split(".")[-1] for one in node.decorator_list}
    return Function(
        name=node.name,
        signature=f"({ast.unparse(arguments)}){returns}",
        doc=read(ast.get_docstring(node)),
        is_property=bool(decorators & {"property", "cached_property"}),
    )


def home_of(name: str, value: object) -> ModuleType | None:
    """Return the module that gives a value its name; None where none that is imported does."""
    ours = [one for key, one in sorted(sys.modules.items()) if key.split(".")[0] == PACKAGE]
    for module in ours:
        is_named = vars(module).get(name) is value
        if is_named and re.search(rf"^{name}\b.*=", inspect.getsource(module), re.MULTILINE):
            return module
    return None


def assigned(name: str, value: object) -> Field:
    """Return where a module gives a value its name, as a field.

    Raises:
        LookupError: No module of the package that is imported does.
    """
    module = home_of(name, value)
    found = _fields(ast.parse(inspect.getsource(module))) if module else ()
    for field in found:
        if field.name == name:
            return field
    raise LookupError(f"no module of {PACKAGE} says `{name} = ...`")


def names_in(type_text: str) -> set[str]:
    """Return the names that a type is written with; the texts of a `Literal` are none."""
    tree = ast.parse(type_text, mode="eval")
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def _annotations(signature: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(f"def f{signature}: ...")):
        found = node.annotation if isinstance(node, ast.arg) else None
        found = node.returns if isinstance(node, ast.FunctionDef) else found
        if found:
            yield ast.unparse(found)


def _is_shown(value: type) -> bool:
    return value.__module__.split(".")[0] == PACKAGE and value.__name__ not in _HIDDEN_BASES


def _class_node(value: type) -> ast.ClassDef:
    (node,) = ast.parse(textwrap.dedent(inspect.getsource(value))).body
    assert isinstance(node, ast.ClassDef)
    return node


def _fields(owner: ast.ClassDef | ast.Module) -> Iterator[Field]:
    for node, following in zip(owner.body, [*owner.body[1:], ast.Pass()], strict=True):
        match node:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=value):
                notes = " ".join([*_deprecation(annotation), *_limits(value)])
                type_ = _written(annotation)
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                notes, type_ = "", ""
            case _:
                continue
        is_private = name.startswith("_") and not name.endswith("__")
        if not is_private and name != "model_config":
            yield Field(name, type_, _default(value), _said(following), notes)


def _said(node: ast.stmt) -> Docstring:
    match node:
        case ast.Expr(value=ast.Constant(value=str(text))):
            return read(text)
    return Docstring()


def _default(node: ast.expr | None) -> str | None:
    match node:
        case None | ast.Constant(value=EllipsisType()):
            return None
        case ast.Call(func=ast.Name(id="Field"), keywords=keywords, args=positional):
            given = {one.arg: one.value for one in keywords}
            factory = given.get("default_factory")
            if factory:
                return f"{ast.unparse(factory)}()"
            return _default(positional[0] if positional else given.get("default"))
    return _written(node)


def _limits(node: ast.expr | None) -> Iterator[str]:
    match node:
        case ast.Call(func=ast.Name(id="Field"), keywords=keywords):
            given = {one.arg: ast.unparse(one.value) for one in keywords}
            said = [f"{words} {given[key]}" for key, words in _BOUNDS.items() if key in given]
            if said:
                yield f"Must be {' and '.join(said)}."


def _deprecation(annotation: ast.expr) -> Iterator[str]:
    """Yield until when a field is there, where `Annotated` has a `Deprecated(...)`."""
    for node in ast.walk(annotation):
        match node:
            case ast.Call(func=ast.Name(id="Deprecated"), keywords=keywords):
                said = {one.arg: ast.literal_eval(one.value) for one in keywords}
                yield f"**Deprecated** since {said['since']}, gone in {said['removed_in']}:"
                yield f"{said['instead']}."


def _written(node: ast.expr) -> str:
    return ast.unparse(_Plain().visit(node))


class _Plain(ast.NodeTransformer):
    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        if isinstance(node.value, ast.Name) and node.value.id in _WRAPPERS:
            inner = node.slice.elts[0] if isinstance(node.slice, ast.Tuple) else node.slice
            return _Plain().visit(inner)  # type: ignore[no-any-return]
        return self.generic_visit(node)
