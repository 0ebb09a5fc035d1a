"""Writes what the public API is; with `--check`, tells whether the snapshot is in step.

The public API is `evalctl.__all__`, `evalctl.testing.__all__` and the hooks: see compatibility.md.
"""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import inspect
import sys
import types
import typing
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from annotated_types import BaseMetadata
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from evalctl import deprecations
from evalctl.hookspecs import RESULT_TYPES

SNAPSHOT = Path(__file__).parent.parent / "tests" / "public_api.txt"
MODULES = ("evalctl", "evalctl.testing")
WHAT_TO_DO = """
The public API is not what tests/public_api.txt says. Is the change meant?
- Something new: write it under "Added" in core/CHANGELOG.md.
- Something that goes, or that a plugin must do otherwise: docs/compatibility.md says how it is
  deprecated first, and the change is written under "Changed", "Deprecated" or "Removed".
Then run `python docs/make_api_snapshot.py`, and commit the snapshot with the change.
"""


def main() -> int:
    """Write the snapshot, or compare it; return the exit code."""
    text = "\n".join(snapshot()) + "\n"
    kept = SNAPSHOT.read_text(encoding="utf-8") if SNAPSHOT.is_file() else ""
    if "--check" not in sys.argv:
        SNAPSHOT.write_text(text, encoding="utf-8")
    elif text != kept:
        changes = difflib.unified_diff(kept.splitlines(), text.splitlines(), "kept", "now", n=1)
        sys.stdout.write("\n".join(changes) + "\n" + WHAT_TO_DO)
        return 1
    sys.stdout.write("in step\n" if text == kept else "written\n")
    return 0


def snapshot() -> Iterator[str]:
    """Yield the lines of the snapshot."""
    yield "The public API of evalctl, written by docs/make_api_snapshot.py; not to be edited."
    for module_name in MODULES:
        if importlib.util.find_spec(module_name) is None:
            continue
        module = importlib.import_module(module_name)
        yield from ("", module_name, "=" * len(module_name))
        for name in sorted(module.__all__):
            yield ""
            yield from _of_name(name, getattr(module, name))
            yield from _deprecated(deprecations.NAMES.get(name))
    yield from ("", "hooks", "=====", "")
    for hook, kind in RESULT_TYPES.items():
        yield f"{hook}() -> Iterable[{kind.__name__}]"
        yield from _deprecated(deprecations.HOOKS.get(hook))


def _of_name(name: str, value: object) -> Iterator[str]:
    if isinstance(value, type):
        yield from _of_class(name, value)
    elif typing.get_origin(value) is not None:
        yield f"type {name} = {words(value)}"
    elif inspect.isroutine(value):
        yield f"def {name}{_signature(value)}"
    else:
        yield f"{name}: {type(value).__name__}"


def _of_class(name: str, kind: type) -> Iterator[str]:
    bases = [base.__name__ for base in kind.__bases__ if base is not object]
    yield f"class {name}({', '.join(bases)})" if bases else f"class {name}"
    yield from (f"    {line}" for line in (*_fields(kind), *_methods(kind)))


def _fields(kind: type) -> Iterator[str]:
    if issubclass(kind, BaseModel):
        for name, field in kind.model_fields.items():
            yield _pydantic_field(name, field)
            yield from _deprecated(deprecations.deprecated_fields(kind).get(name))
        return
    kept: set[str] = set()
    for one in reversed(kind.__mro__):
        if one.__module__.startswith("evalctl"):
            for name, annotation in inspect.get_annotations(one).items():
                if not name.startswith("_") and name not in kept:
                    kept.add(name)
                    yield f"{name}: {_annotation(annotation)}{_plain_default(kind, name)}"


def _pydantic_field(name: str, field: FieldInfo) -> str:
    limits = [repr(one) for one in field.metadata if isinstance(one, BaseMetadata)]
    default = "" if field.is_required() else f" = {_value(field.get_default())}"
    if field.default_factory is not None:
        default = f" = {getattr(field.default_factory, '__name__', 'made')}()"
    return (
        f"{name}: {words(field.annotation)}{default}{'  # ' if limits else ''}{', '.join(limits)}"
    )


def _plain_default(kind: type, name: str) -> str:
    defaults: dict[str, object] = getattr(kind, "_field_defaults", {})
    if name in defaults:
        return f" = {_value(defaults[name])}"
    found = inspect.getattr_static(kind, name, inspect.Parameter.empty)
    is_value = not (inspect.isdatadescriptor(found) or found is inspect.Parameter.empty)
    return f" = {_value(found)}" if is_value else ""


def _methods(kind: type) -> Iterator[str]:
    found: dict[str, object] = {}
    for one in reversed(kind.__mro__):
        if one.__module__.startswith("evalctl"):
            found.update(one.__dict__)
    for name, value in sorted(found.items()):
        if (name.startswith("_") and name != "__init__") or name == "model_post_init":
            continue
        if name == "__init__" and (
            issubclass(kind, BaseModel) or getattr(kind, "_is_protocol", False)
        ):
            continue
        if isinstance(value, classmethod | staticmethod):
            yield f"@{type(value).__name__} def {name}{_signature(value.__func__)}"
        elif isinstance(value, property) and value.fget:
            yield f"@property def {name}{_signature(value.fget)}"
        elif inspect.isfunction(value):
            yield f"def {name}{_signature(value)}"


def _deprecated(note: deprecations.Deprecated | None) -> Iterator[str]:
    if note:
        yield f"    (deprecated since {note.since}, gone in {note.removed_in}: {note.instead})"


def _signature(function: Callable[..., object]) -> str:
    try:
        found = inspect.signature(function)
    except (TypeError, ValueError):
        return "(...)"
    plain = [
        one.replace(annotation=one.empty, default=one.empty) for one in found.parameters.values()
    ]
    told = {one.name: _parameter(one) for one in found.parameters.values()}
    shell = str(inspect.Signature(plain))[1:-1]
    parts = [_filled(part, told) for part in shell.split(", ")] if shell else []
    returned = found.return_annotation
    told_returned = "" if returned is found.empty else f" -> {_annotation(returned)}"
    return f"({', '.join(parts)}){told_returned}"


def _filled(part: str, told: dict[str, str]) -> str:
    """Put annotation and default to a parameter; `/` and `*` stay as they are."""
    name = part.lstrip("*")
    return part[: len(part) - len(name)] + told[name] if name in told else part


def _parameter(one: inspect.Parameter) -> str:
    annotated = "" if one.annotation is one.empty else f": {_annotation(one.annotation)}"
    default = "" if one.default is one.empty else f" = {_value(one.default)}"
    return f"{one.name}{annotated}{default}"


def _annotation(annotation: object) -> str:
    return annotation if isinstance(annotation, str) else words(annotation)


def words(kind: object) -> str:
    """Return a type as people write it, its literals with all their values."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if kind is None or kind is type(None):
        return "None"
    if kind is Ellipsis:
        return "..."
    if isinstance(kind, typing.ForwardRef):
        return kind.__forward_arg__
    if origin is typing.Annotated:
        return words(arguments[0])
    if origin is typing.Literal:
        return f"Literal[{', '.join(map(repr, arguments))}]"
    if origin in (typing.Union, types.UnionType):
        return " | ".join(map(words, arguments))
    if isinstance(kind, list):
        return ", ".join(map(words, kind))
    if origin is not None and getattr(origin, "__name__", "") == "Callable":
        return f"Callable[[{words(list(arguments[0]))}], {words(arguments[1])}]"
    if origin is not None:
        return f"{origin.__name__}[{_joined(arguments)}]"
    return getattr(kind, "__name__", None) or str(kind)


def _joined(arguments: Iterable[object]) -> str:
    return ", ".join(map(words, arguments))


def _value(value: object) -> str:
    if isinstance(value, type):
        return value.__name__
    if inspect.isroutine(value):
        return f"{value.__module__}:{value.__qualname__}"
    if isinstance(value, BaseModel):
        given = [
            f"{name}={_value(getattr(value, name))}" for name in sorted(value.model_fields_set)
        ]
        return f"{type(value).__name__}({', '.join(given)})"
    return repr(value)


if __name__ == "__main__":
    sys.exit(main())
