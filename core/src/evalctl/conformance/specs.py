"""Rules on specs as values: valid, frozen, written down, and the same after they were used."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping

from pydantic import ValidationError

from evalctl.conformance.judging import judged
from evalctl.conformance.readers import readers_of, usual_texts
from evalctl.conformance.rule import DoesNotApplyError, Finding, NotCheckedError, Rule
from evalctl.conformance.subject import Subject, examples_of
from evalctl.plugins.failure import summarise
from evalctl.records import Record
from evalctl.specs import function_name


def _nested(value: object, where: str) -> Iterator[tuple[str, Record]]:
    """Yield each record in a value with its path, the innermost first."""
    if isinstance(value, Record):
        for name in type(value).model_fields:
            yield from _nested(getattr(value, name, None), f"{where}.{name}")
        yield where, value
    elif isinstance(value, list | tuple):
        for index, one in enumerate(value):
            label = getattr(one, "name", index)
            yield from _nested(one, f"{where}[{label}]")
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield from _nested(one, f"{where}[{key}]")


def _records(subject: Subject) -> Iterator[tuple[str, Record]]:
    for where, spec in subject.specs():
        yield from _nested(spec, where)


def _fields(record: Record) -> Iterator[tuple[str, object]]:
    for name in type(record).model_fields:
        yield name, getattr(record, name, None)


def _find_invalid(subject: Subject) -> Iterator[Finding]:
    for where, record in _records(subject):
        try:
            type(record).model_validate(dict(_fields(record)))
        except ValidationError as error:
            yield Finding(where=where, what=summarise(error))


def _find_unfrozen(subject: Subject) -> Iterator[Finding]:
    for where, record in _records(subject):
        if not record.model_config.get("frozen"):
            what = f"its class, {type(record).__name__}, is not frozen"
            yield Finding(where=where, what=what)
        for name, value in _fields(record):
            if isinstance(value, list | set | bytearray):
                what = f"holds a {type(value).__name__}, which can be changed"
                yield Finding(where=f"{where}.{name}", what=what)


def _find_unwritable(subject: Subject) -> Iterator[Finding]:
    for where, spec in subject.specs():
        try:
            spec.model_dump_json(warnings="none")
        except Exception as error:  # noqa: BLE001  # serialisers are the plugin's own code, too
            yield Finding(where=where, what=summarise(error))


def _find_nameless_functions(subject: Subject) -> Iterator[Finding]:
    for where, record in _records(subject):
        for name, value in _fields(record):
            if callable(value) and (problem := _name_problem(value)):
                yield Finding(where=f"{where}.{name}", what=problem)


def _name_problem(function: Callable[..., object]) -> str | None:
    """Return why a function is not found again under the name that a manifest gives it."""
    name = function_name(function)
    inner = function.func if isinstance(function, functools.partial) else function
    if "<lambda>" in name or "<locals>" in name:
        kind = "a lambda" if "<lambda>" in name else "made inside another function"
        return f"{name} is {kind}, which no name leads back to"
    module, _, path = name.partition(":")
    found: object = sys.modules.get(module)
    for part in path.split("."):
        found = inspect.getattr_static(found, part, None)
    if isinstance(found, staticmethod | classmethod):
        found = found.__func__
    return None if found is inner else f"{name} is not the function that the spec holds"


_CHANGED = "is no longer what it was once its scorers and prompts had run"


def _find_changed(subject: Subject) -> Iterator[Finding]:
    before = subject.written_down
    if before is None:
        raise NotCheckedError("its specs cannot be written down")
    _use_all(subject)
    after = subject.write_down()
    for where, text in before.items():
        if after is None or after[where] != text:
            yield Finding(where=where, what=_CHANGED)
    for dataset in subject.extended:
        if examples_of(dataset) != subject.examples_before[dataset.name]:
            yield Finding(where=f"the samples of dataset {dataset.name}", what=_CHANGED)


def _use_all(subject: Subject) -> None:
    """Run the scorers and prompts that there are, whatever comes of it."""
    try:
        datasets = subject.judged_datasets()
    except DoesNotApplyError:
        return
    for dataset in datasets:
        judged(subject, dataset)
    for used in subject.scorers():
        for reader in readers_of(used):
            for name, text in usual_texts(used):
                subject.attempt(f"{reader.where} on {name}", reader.read, text)


RULES = (
    Rule(
        "specs-are-valid",
        "`model_copy(update=...)` and `model_construct` check nothing, so that a wrong value shows "
        "only in a user's run.",
        "Make the spec anew, or hold a changed copy against `type(spec).model_validate`.",
        _find_invalid,
    ),
    Rule(
        "specs-are-frozen",
        "Specs are shared by all that runs; one that can be changed makes a result depend on what "
        "ran before it.",
        "Use tuples and not lists, frozensets and not sets, and classes with `frozen=True`.",
        _find_unfrozen,
    ),
    Rule(
        "specs-can-be-written-down",
        "A run's manifest holds the specs that it used; what cannot be written as JSON ends the "
        "run before it begins.",
        "Keep to JSON's values, and to text that UTF-8 can hold (no half of a surrogate pair).",
        _find_unwritable,
    ),
    Rule(
        "functions-are-found-by-name",
        "A manifest names the very function that scored a run, and worker processes are sent "
        "functions by name; a lambda has none.",
        "Define the function at the top level of a module; `functools.partial` of one will do.",
        _find_nameless_functions,
    ),
    Rule(
        "specs-stay-as-they-are",
        "A scorer that writes into a sample or spec makes later scores depend on earlier ones.",
        "Never change what a scorer or prompt is given; copy it first.",
        _find_changed,
    ),
)
