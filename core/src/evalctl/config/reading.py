"""A configuration file to validated overrides, or to messages that say where what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError

from evalctl.config.overrides import CacheOverride, UserConfig
from evalctl.config.yaml_file import YamlFile, read_yaml
from evalctl.errors import ConfigError, near_names

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

MAX_PROBLEMS = 5
"""Problems told at once."""

M = TypeVar("M", bound=BaseModel)


def load(path: Path, text: str | None = None) -> UserConfig:
    """Return the overrides of a configuration file.

    Args:
        path: The file.
        text: What it holds, where that is known; then it is not read.

    Raises:
        ConfigError: It cannot be read, is not YAML, or says something that does not validate; the
            message names file, line and key, and near names for unknown keys.
    """
    config, _ = read_as(path, UserConfig, text)
    return config.model_copy(
        update={
            "data": tuple(path.parent / folder.expanduser() for folder in config.data),
            "cache": _seen_from(path.parent, config.cache),
        }
    )


def _seen_from(folder: Path, cache: CacheOverride) -> CacheOverride:
    if cache.folder is None:
        return cache
    return cache.model_copy(update={"folder": folder / cache.folder.expanduser()})


def read_as(
    path: Path, kind: type[M], text: str | None = None, *, what: str = "configuration"
) -> tuple[M, YamlFile]:
    """Return a YAML file as a model, and the file, which knows the lines of its keys.

    Args:
        path: The file; an empty one is the model without arguments.
        kind: The model.
        text: What it holds, where that is known; then it is not read.
        what: What the file is, for messages.

    Raises:
        ConfigError: As `load` has it.
    """
    file = read_yaml(path, text, what=what)
    data = {} if file.data is None else file.data
    if not isinstance(data, dict):
        raise ConfigError(f"{path}: a mapping is needed, with keys {_listed(kind)}")
    try:
        return kind.model_validate(data), file
    except ValidationError as error:
        found = error.errors(include_url=False)
        problems = [_describe(problem, file, kind) for problem in found[:MAX_PROBLEMS]]
        if len(found) > MAX_PROBLEMS:
            problems.append(f"and {len(found) - MAX_PROBLEMS} more problems in {path}")
        raise ConfigError("\n".join(dict.fromkeys(problems))) from None


def _describe(problem: ErrorDetails, file: YamlFile, kind: type[BaseModel]) -> str:
    keys = [key for key in problem["loc"] if key != "[key]"]
    where = f"{file.location(keys)}: {'.'.join(str(key) for key in keys) or 'the file'}"
    if problem["type"] in {"model_type", "dict_type", "mapping_type"}:
        return f"{where}: {_wanted_form(_model_at(keys, kind), problem['input'])}"
    if problem["type"] != "extra_forbidden":
        message = problem["msg"].removeprefix("Value error, ")
        given = problem["input"]
        shown = "" if isinstance(given, dict | list) else f" (given: {given!r:.80})"
        return f"{where}: {message[:1].lower()}{message[1:]}{shown}"
    model = _model_at(keys[:-1], kind)
    unknown = f"{where}: unknown key"
    if model is None:
        return unknown
    near = near_names(str(keys[-1]), model.model_fields, most=1)
    return f"{unknown}; {f'did you mean {near[0]}? ' if near else ''}known: {_listed(model)}"


def _wanted_form(model: type[BaseModel] | None, given: object) -> str:
    """Return that a mapping is wanted, with the value at its place where there is only one."""
    shown = f"(given: {given!r:.80})"
    if model is None:
        return f"a mapping is needed {shown}"
    required = [name for name, field in model.model_fields.items() if field.is_required()]
    if len(required) == 1 and isinstance(given, int | float) and not isinstance(given, bool):
        return f"write it as {{{required[0]}: {given}}}; known: {_listed(model)}"
    return f"a mapping is needed, with keys {_listed(model)} {shown}"


def _model_at(keys: Sequence[str | int], kind: type[BaseModel]) -> type[BaseModel] | None:
    """Return the model that a path of keys leads to, for the names of its fields."""
    annotation: object = kind
    for key in keys:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            annotation = _bare(annotation.model_fields[str(key)].annotation)
        else:
            annotation = _bare(get_args(annotation)[1])  # a mapping's values
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return None


def _bare(annotation: object) -> object:
    """Return an annotation without `Annotated`, and without the None that may stand for it."""
    if get_origin(annotation) is UnionType:
        annotation = next(one for one in get_args(annotation) if one is not NoneType)
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def _listed(model: type[BaseModel]) -> str:
    return ", ".join(model.model_fields)
