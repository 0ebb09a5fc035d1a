"""What is declared, as the directives that Sphinx makes headings, links and an index of."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from docs.building.declared import Class, Field, Function
from docs.building.names import Names

_OUTER = "`" * 8
_INNER = "`" * 6


def directive(
    kind: str, head: str, body: str = "", *, options: Mapping[str, str | None] | None = None
) -> str:
    """Return a directive in Markdown; options that are None are left out, empty ones are flags."""
    fence = _INNER if kind in {"py:attribute", "py:method", "py:property"} else _OUTER
    # Quoted as JSON, which is YAML: a default such as "\n" must arrive as it was written.
    lines = [
        f":{key}: {json.dumps(value, ensure_ascii=False) if value else ''}".rstrip()
        for key, value in (options or {}).items()
        if value is not None
    ]
    content = ["", body] if body else []
    return "\n".join([f"{fence}{{{kind}}} {head}".rstrip(), *lines, *content, fence])


def class_directive(declared: Class, names: Names, *, base: str = "", kind: str = "class") -> str:
    """Return a class with its fields and methods; `kind` may be `exception`."""
    names = names.of_page(declared.name)
    head = declared.name
    parts = [f"A kind of {names.in_text(f'`{base}`')}."] if base else []
    parts.append(declared.doc.markdown(names))
    if declared.is_interface:
        parts.append("An interface: any object with these members will do.")
    needed = [f"`{one.name}`" for one in declared.fields if one.default is None]
    if declared.constructor:
        head += names.in_signature(declared.constructor.signature).removesuffix(" -> None")
        parts.append(declared.constructor.doc.markdown(names))
    elif needed and len(needed) < len(declared.fields):
        parts.append(f"**Must be given:** {', '.join(needed)}.")
    parts += [field_directive(one, names) for one in declared.fields]
    parts += [method_directive(one, names) for one in declared.methods]
    return directive(f"py:{kind}", head, "\n\n".join(filter(None, parts)))


def field_directive(field: Field, names: Names) -> str:
    """Return a field: name, type, default and what it means."""
    body = " ".join(filter(None, [field.doc.markdown(names), field.notes]))
    type_ = names.in_type(field.type) if field.type else None
    return directive(
        "py:attribute", field.name, body, options={"type": type_, "value": field.default}
    )


def method_directive(method: Function, names: Names) -> str:
    """Return a method or property of a class."""
    signature = names.in_signature(method.signature)
    body = method.doc.markdown(names)
    if not method.is_property:
        return directive("py:method", method.name + signature, body)
    type_ = signature.partition(" -> ")[2] or None
    return directive("py:property", method.name, body, options={"type": type_})


def function_directive(function: Function, names: Names) -> str:
    """Return a function of a module."""
    head = function.name + names.in_signature(function.signature)
    return directive("py:function", head, function.doc.markdown(names))


def constant_directive(constant: Field, names: Names) -> str:
    """Return a value that a module gives a name."""
    return directive("py:data", constant.name, constant.doc.markdown(names))


def type_directive(alias: Field, names: Names) -> str:
    """Return a name that stands for a type."""
    body = alias.doc.markdown(names)
    canonical = names.in_type(alias.default) if alias.default else None
    return directive("py:type", alias.name, body, options={"canonical": canonical})


def page(title: str, *parts: str, module: str = "evalctl") -> str:
    """Return a page of the reference whose names belong to a module; `None` is no module."""
    return "\n\n".join(filter(None, [f"# {title}", directive("py:currentmodule", module), *parts]))


def contents(pages: Iterable[str], *, caption: str = "") -> str:
    """Return a table of contents that is seen in the navigation, and not on the page."""
    options = {"hidden": "", "caption": caption or None}
    return directive("toctree", "", "\n".join(pages), options=options)
