"""The reference of the public API: a page for each value type, and pages for all else."""

from __future__ import annotations

import importlib
import inspect
import json
from collections.abc import Iterator
from pathlib import Path

from docs.building import declared
from docs.building.directives import (
    class_directive,
    constant_directive,
    contents,
    function_directive,
    page,
    type_directive,
)
from docs.building.docstrings import read
from docs.building.names import Names
from docs.building.public_api import TESTING, PublicApi

GROUPS = {
    "specs": "What plugins declare",
    "sources": "Where rows come from",
    "records": "The values of a run",
    "executions": "Running programs",
    "protocols": "Engines",
    "recorded_ids": "Engines",
}
"""Headings of value types, by the module of `evalctl` that defines them."""
OTHER_GROUP = "Other values"
REST = "What else there is"

_INTRODUCTION = """\
Plugins import from `evalctl` and from nothing deeper. Each name has its place here, made from the
docstrings of this version.

Value types are frozen: fields are given by name, one that is not known is refused, and
`value.model_copy(update={...})` makes a changed copy. Functions are values of fields; in files they
are written as `module:name`.
"""
_TYPES = """\
Fields are declared with these. They need no import: a value that fits is enough.
`JsonValue` is pydantic's: whatever JSON can hold.
"""


def pages(api: PublicApi, *, schemas: Path) -> dict[str, str]:
    """Return the pages of the reference by path.

    Args:
        api: What there is.
        schemas: The folder of the JSON schemas of files.
    """
    names = api.names()
    made = {
        f"reference/{name}.md": page(name, class_directive(declared.class_of(value), names))
        for name, value in api.values.items()
    }
    others = {
        "functions": page("Functions and markers", *_functions(api, names)),
        "errors": page("Errors", _tree(api), *_errors(api, names)),
        "types": page("Other types", _TYPES, *_types(api, names), module="None"),
    }
    others["schemas"] = _schemas(schemas)
    if api.testing:
        others["testing"] = page(TESTING, *_testing(api, names), module=TESTING)
    made |= {f"reference/{name}.md": text for name, text in others.items()}
    made["reference/index.md"] = _index(api, list(others))
    return made


def group_of(value: type) -> str:
    """Return the heading that a value type stands under."""
    return GROUPS.get(value.__module__.split(".")[1], OTHER_GROUP)


def _index(api: PublicApi, others: list[str]) -> str:
    parts = [f"# Reference\n\n{_INTRODUCTION}"]
    for group in dict.fromkeys([*GROUPS.values(), OTHER_GROUP]):
        members = {name: one for name, one in api.values.items() if group_of(one) == group}
        if members:
            rows = [f"| [{name}]({name}.md) | {_first(one)} |" for name, one in members.items()]
            parts.append(
                "\n".join([f"## {group}", "", "| name | what it is |", "| --- | --- |", *rows])
            )
            parts.append(contents(members, caption=group))
    links = [f"- [](./{name}.md)" for name in others]
    parts += ["\n".join([f"## {REST}", "", *links]), contents(others, caption=REST)]
    return "\n\n".join(parts) + "\n"


def _first(value: type) -> str:
    return declared.class_of(value).doc.text.split("\n\n")[0].replace("\n", " ")


def _functions(api: PublicApi, names: Names) -> Iterator[str]:
    for function in api.functions.values():
        yield function_directive(declared.function_named(function), names)
    for name, value in api.constants.items():
        yield constant_directive(declared.assigned(name, value), names)


def _tree(api: PublicApi) -> str:
    """Return the errors as a list in which each stands below the one that it is a kind of."""
    lines = [f"{'  ' * depth}- `{error.__name__}`" for error, depth in _ordered(api)]
    return api.names().in_text("\n".join(lines))


def _ordered(
    api: PublicApi, base: type | None = None, depth: int = 0
) -> Iterator[tuple[type, int]]:
    """Yield all errors, each before the kinds of it, with how many stand above it."""
    for error in api.errors.values():
        above = error.__bases__[0]
        if above is base or (base is None and above.__name__ not in api.errors):
            yield error, depth
            yield from _ordered(api, error, depth + 1)


def _errors(api: PublicApi, names: Names) -> Iterator[str]:
    for error, _ in _ordered(api):
        base = error.__bases__[0].__name__
        yield class_directive(declared.class_of(error), names, base=base, kind="exception")


def _types(api: PublicApi, names: Names) -> Iterator[str]:
    for name, value in api.types.items():
        if isinstance(value, type):
            yield class_directive(declared.class_of(value), names)
        else:
            yield type_directive(declared.assigned(name, value), names)


def _schemas(folder: Path) -> str:
    rows = []
    for path in sorted(folder.glob("*.json")):
        schema = json.loads(path.read_text(encoding="utf-8"))
        said = str(schema.get("description", "")).partition("\n\n")[0].replace("\n", " ")
        name = path.name.removesuffix(".schema.json")
        rows.append(f"| [{name}](../schemas/{path.name}) | {said} |")
    return "\n".join(["# JSON schemas", "", "| schema | of what |", "| --- | --- |", *rows, ""])


def _testing(api: PublicApi, names: Names) -> Iterator[str]:
    yield read(importlib.import_module(TESTING).__doc__).markdown(names)
    for name, value in api.testing.items():
        if isinstance(value, type):
            yield class_directive(declared.class_of(value), names)
        elif inspect.isfunction(value):
            yield function_directive(declared.function_named(value), names)
        else:
            yield constant_directive(declared.assigned(name, value), names)
