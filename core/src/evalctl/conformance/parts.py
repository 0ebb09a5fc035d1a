"""Rules on models and engines: that what they name is there, and what users must know of them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from pydantic import ValidationError

from evalctl.conformance.rule import DoesNotApplyError, Finding, Rule
from evalctl.conformance.subject import Subject
from evalctl.conformance.wording import is_commit, says_not_pinned, says_nothing
from evalctl.errors import UnknownNameError
from evalctl.plugins.failure import summarise
from evalctl.specs import EngineSpec, ModelSpec

_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")


def _engine(subject: Subject, name: str) -> EngineSpec | None:
    known = {spec.name: spec for spec in subject.contribution.engines}
    try:
        return known.get(name) or subject.registry.engine(name)
    except UnknownNameError:
        return None


def _find_unknown_engines(subject: Subject) -> Iterator[Finding]:
    for model in subject.models():
        names = {model.engine, *(preset.engine for preset in model.presets.values())}
        for name in sorted(names):
            if _engine(subject, name) is None:
                what = f"names the engine {name!r}, which no installed plugin brings"
                yield Finding(where=f"model {model.name}", what=what)


def _find_unfit_kinds(subject: Subject) -> Iterator[Finding]:
    for model in subject.models():
        engine = _engine(subject, model.engine)
        if engine is not None and model.kind not in engine.kinds:
            opens = ", ".join(engine.kinds)
            what = f"is of the kind {model.kind!r}; its engine {engine.name} opens {opens}"
            yield Finding(where=f"model {model.name}", what=what)


def _find_wrong_presets(subject: Subject) -> Iterator[Finding]:
    presets = [
        (model, name, preset)
        for model in subject.models()
        for name, preset in model.presets.items()
    ]
    if not presets:
        raise DoesNotApplyError("no model has presets")
    for model, name, preset in presets:
        engine = _engine(subject, preset.engine)
        if engine is None:
            continue  # told by another rule
        try:
            engine.options.model_validate(dict(preset.options))
        except ValidationError as error:
            yield Finding(where=f"model {model.name}, preset {name}", what=summarise(error))


def _find_without_licence(subject: Subject) -> Iterator[Finding]:
    for model in subject.models():
        if says_nothing(model.licence):
            yield Finding(where=f"model {model.name}", what=f"its licence is {model.licence!r}")


def _find_unpinned(subject: Subject) -> Iterator[Finding]:
    on_hub = [model for model in subject.models() if _is_on_hub(model)]
    if not on_hub:
        raise DoesNotApplyError("none is on the hub")
    for model in on_hub:
        if is_commit(model.revision) or says_not_pinned(subject.target.readme, model.path):
            continue
        what = f"the hub id {model.path} has the revision {model.revision!r}, no commit"
        yield Finding(where=f"model {model.name}", what=what)


def _is_on_hub(model: ModelSpec) -> bool:
    if model.is_embedded or model.kind in {"api", "recorded"}:
        return False
    return bool(_HUB_ID.fullmatch(model.path)) and not Path(model.path).exists()


def _find_open_wraps(subject: Subject) -> Iterator[Finding]:
    wrapped = [model for model in subject.models() if model.convention.wrap]
    if not wrapped:
        raise DoesNotApplyError("no model has one")
    for model in wrapped:
        if model.convention.wrap.count("{instruction}") != 1:
            what = "its `wrap` does not hold {instruction} once"
            yield Finding(where=f"model {model.name}", what=what)


def _find_missing_factories(subject: Subject) -> Iterator[Finding]:
    offered = subject.contribution
    named = [(f"engine {spec.name}", spec.factory) for spec in offered.engines]
    named += [(f"executor {spec.name}", spec.factory) for spec in offered.executors if spec.factory]
    if not named:
        raise DoesNotApplyError("it has none")
    for where, factory in named:
        if problem := _factory_problem(factory):
            yield Finding(where=where, what=problem)


def _factory_problem(factory: str) -> str | None:
    """Return why a factory cannot be had, told without importing what may be heavy."""
    module, _, name = factory.partition(":")
    if not name:
        return f"its factory {factory!r} is no `module:function`"
    try:
        spec = find_spec(module)
    except (ImportError, ValueError):
        spec = None
    if spec is None:
        return f"its factory's module {module} is not there"
    if spec.origin is None or not spec.origin.endswith(".py"):
        return None  # compiled: only a run can tell
    tree = ast.parse(Path(spec.origin).read_bytes())
    return None if name in _defined(tree) else f"{module} defines no {name}"


def _defined(tree: ast.Module) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names.update(alias.asname or alias.name for alias in node.names)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return names


def _find_options_without_defaults(subject: Subject) -> Iterator[Finding]:
    for engine in subject.engines():
        try:
            engine.options()
        except ValidationError as error:
            yield Finding(where=f"engine {engine.name}", what=summarise(error))


RULES = (
    Rule(
        "models-name-a-known-engine",
        "A model whose engine nobody brings is listed and can never be run.",
        "Name an engine of `evalctl list engines`, or put the plugin that brings it into "
        "`dependencies`.",
        _find_unknown_engines,
    ),
    Rule(
        "models-suit-their-engine",
        "An engine opens certain kinds of model; a run would refuse the others.",
        "Set `ModelSpec.kind` to what the model is, or name an engine that opens that kind.",
        _find_unfit_kinds,
    ),
    Rule(
        "model-presets-are-valid",
        "A preset with an option that its engine does not know is refused when a user chooses it.",
        "Keep to the options of the preset's engine (`evalctl list engines`).",
        _find_wrong_presets,
    ),
    Rule(
        "models-name-their-licence",
        "Users may not use a model whose licence they do not know.",
        "Set `ModelSpec.licence` as the model's card states it.",
        _find_without_licence,
    ),
    Rule(
        "models-pin-their-revision",
        "Weights and chat templates on the hub are replaced now and then; a figure belongs to one "
        "commit of them.",
        "Set `ModelSpec.revision` to the 40 hexadecimal digits of the commit that you looked at; "
        "where there is none to be had, write `not pinned` beside its hub id in the README.",
        _find_unpinned,
    ),
    Rule(
        "model-wraps-hold-the-instruction",
        "What a wrapping leaves out is never asked.",
        "Write `{instruction}` once into `Convention.wrap`.",
        _find_open_wraps,
    ),
    Rule(
        "factories-are-found",
        "A factory is imported when a model or a sandbox is opened: a wrong name shows only in a "
        "user's run.",
        "Write `module:function` of a function that is there.",
        _find_missing_factories,
    ),
    Rule(
        "engine-options-have-defaults",
        "An engine is opened with its defaults where a user sets nothing.",
        "Give each field of the engine's options model a default.",
        _find_options_without_defaults,
    ),
)
