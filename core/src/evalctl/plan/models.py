"""Names of models to engines, settings and facts; nothing is loaded."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from pydantic import JsonValue, ValidationError

from evalctl.availability import engine_problem, stand_in
from evalctl.config import UserConfig, apply_model
from evalctl.errors import (
    ConfigError,
    EngineUnavailableError,
    ModelError,
    UnknownNameError,
    near_names,
)
from evalctl.plan.asked import RunSpec
from evalctl.plan.planned import PlannedModel
from evalctl.plan.prices import price_of
from evalctl.prompts import Asking
from evalctl.protocols import ModelRef
from evalctl.registry import Registry
from evalctl.specs import Convention, EngineOptions, EngineSpec, ModelSpec


def resolve_model(
    name: str, asked: RunSpec, registry: Registry, config: UserConfig, notices: list[str]
) -> PlannedModel:
    """Return a model with its engine and validated settings, without datasets.

    Args:
        name: Registered name, or `ENGINE:PATH`.
        asked: The flags that choose engine, preset and options.
        registry: What is installed.
        config: The user's overrides.
        notices: Receives what a reader must know, such as that another engine is used.

    Raises:
        UnknownNameError: No such model, engine or preset.
        ConfigError: An engine option does not validate.
        EngineUnavailableError: The engine's package is not installed.
        ModelError: The model is not there, or does not fit its engine.
    """
    if ":" in name:
        model = _unregistered(name, asked, registry)
        notices.extend([model.facts.notice] if model.facts.notice else [])
        return replace(model, price=price_of(model.ref, config.prices))
    spec = apply_model(registry.model(name), config)
    engine = _choose_engine(spec, asked, registry, notices)
    preset_name, preset = _preset(spec, asked, engine)
    options = make_options(engine, {**preset, **asked.engine_options})
    local = Path(spec.path).is_dir()
    ref = ModelRef(
        name=spec.name,
        path=spec.path,
        revision=spec.revision,
        kind=spec.kind,
        is_local=local,
        may_reason=spec.may_reason,
    )
    facts = engine.check(ref, options)
    notices.extend(notice for notice in (spec.notice, facts.notice) if notice)
    price = price_of(ref, config.prices)
    return PlannedModel(ref, spec, engine, options, facts, (), preset_name, price)


def check_form(flag: str, names: Iterable[str], registry: Registry) -> None:
    """Refuse an engine without a path, and a path where a model's name is wanted.

    Args:
        flag: Where the names were given.
        names: Registered ones, or `ENGINE:PATH`.
        registry: What is installed.

    Raises:
        UnknownNameError: No such engine.
        ModelError: A name has the wrong form.
    """
    registered = {entry.spec.name for entry in registry.models_in()}
    for name in names:
        engine_name, colon, path = name.partition(":")
        if colon and not path:
            form = registry.engine(engine_name).path_form
            raise ModelError(f"{flag} {name}: a path is missing: {engine_name}:{form}")
        if not colon and name not in registered and Path(name).exists():
            forms = " or ".join(
                f"{engine.name}:{name}" for engine in registry.engines if engine.path_form == "DIR"
            )
            raise ModelError(f"{flag} {name}: a path needs its engine in front: {forms}")


def asking_of(model: PlannedModel) -> Asking:
    """Return how a model is asked: its own wrapping, a conversation, or a text to continue."""
    convention = model.spec.convention if model.spec else Convention()
    use = model.options.chat if model.options.chat != "auto" else convention.chat
    if use == "auto":
        use = "always" if _talks(model) and not convention.wrap else "never"
    if use == "always":
        return Asking(style="chat", system=convention.system, is_bare=convention.is_bare)
    if convention.wrap:
        return Asking(style="wrapped", wrap=convention.wrap, is_bare=convention.is_bare)
    return Asking(style="completion")


def _talks(model: PlannedModel) -> bool:
    """Whether a model is one that follows instructions in a conversation."""
    if model.ref.kind in {"api", "recorded"}:
        return True
    if model.spec is not None:
        return model.spec.is_instruct
    words = re.split(r"[-_. ]", Path(model.ref.path).name.lower())
    return model.facts.has_chat_template and "base" not in words


def _unregistered(name: str, asked: RunSpec, registry: Registry) -> PlannedModel:
    engine_name, _, path = name.partition(":")
    engine = registry.engine(engine_name)
    if asked.engine and asked.engine != engine_name:
        raise ConfigError(f"--engine {asked.engine} contradicts --model {name}; leave one out")
    if asked.preset:
        raise ConfigError(f"--preset goes with registered models; {name} has none")
    _require(engine)
    kind = engine.kinds[0]
    is_local = Path(path).exists() or path.startswith((".", "/", "~"))
    path = str(Path(path).expanduser()) if is_local else path
    ref = ModelRef(name=name, path=path, kind=kind, is_local=is_local)
    options = make_options(engine, asked.engine_options)
    facts = engine.check(ref, options)
    if facts.kind is not None:
        ref = ref.model_copy(update={"kind": facts.kind})
    return PlannedModel(ref, None, engine, options, facts, ())


def _require(engine: EngineSpec) -> None:
    if problem := engine_problem(engine):
        raise EngineUnavailableError(problem)


def _choose_engine(
    spec: ModelSpec, asked: RunSpec, registry: Registry, notices: list[str]
) -> EngineSpec:
    """The engine asked for, else the model's own, else an installed one that opens its kind."""
    wanted = registry.engine(asked.engine or spec.engine)
    if spec.kind not in wanted.kinds:
        fitting = [engine.name for engine in registry.engines if spec.kind in engine.kinds]
        raise ModelError(
            f"engine {wanted.name} does not open {spec.name}, a model of the kind {spec.kind}; "
            f"these do: {', '.join(fitting) or 'none that is installed'}"
        )
    problem = engine_problem(wanted)
    if problem is None:
        return wanted
    if asked.engine is None and (other := stand_in(spec, registry)) is not None:
        notices.append(f"{spec.name}: {wanted.name} is not installed; {other.name} is used")
        return other
    raise EngineUnavailableError(problem)


def _preset(
    spec: ModelSpec, asked: RunSpec, engine: EngineSpec
) -> tuple[str | None, Mapping[str, JsonValue]]:
    name = asked.preset or ("balanced" if "balanced" in spec.presets else None)
    if name is None:
        return None, {}
    if name not in spec.presets:
        raise UnknownNameError(f"preset of {spec.name}", name, spec.presets)
    preset = spec.presets[name]
    if preset.engine != engine.name:
        if asked.preset:
            raise ConfigError(
                f"preset {name} of {spec.name} is made for {preset.engine}, not for {engine.name}"
            )
        made = [name for name, preset in spec.presets.items() if preset.engine == engine.name]
        return (made[0], spec.presets[made[0]].options) if made else (None, {})
    return name, preset.options


def make_options(engine: EngineSpec, values: Mapping[str, JsonValue | str]) -> EngineOptions:
    """Return an engine's validated options.

    Raises:
        ConfigError: A key is unknown or a value does not fit; the message says what is possible.
    """
    try:
        return engine.options.model_validate(dict(values))
    except ValidationError as error:
        problem = error.errors()[0]
        key = ".".join(str(part) for part in problem["loc"])
        if problem["type"] == "extra_forbidden":
            known = sorted(engine.options.model_fields)
            near = near_names(key, known, most=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise ConfigError(
                f"engine {engine.name} has no option {key!r}.{hint} Known: {', '.join(known)}."
            ) from None
        given = f" (given: {problem['input']!r})" if key else ""
        raise ConfigError(
            f"engine {engine.name}, option {key or 'combination'}: {problem['msg']}{given}"
        ) from None
