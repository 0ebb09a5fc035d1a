"""What differs between two sides besides the model: each such thing in one line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from evalctl.comparing.facts import DatasetFacts
from evalctl.comparing.sides import RunSide

MAX_SHOWN = 60
"""Characters of a setting's value that are shown."""

_ABSENT = "none"


def differing_settings(a: RunSide, b: RunSide) -> Iterator[str]:
    """Yield what differs between two sides' runs and engines, A's value first."""
    if a.model == b.model and a.planned.content_hash != b.planned.content_hash:
        yield f"weights: both models are named {a.model}, but their files differ"
    yield from _line("engine", a.planned.engine, b.planned.engine)
    if a.planned.engine == b.planned.engine:
        yield from _lines("engine option", a.planned.options, b.planned.options)
    yield from _line("seed", a.facts.seed, b.facts.seed)
    yield from _line("judge", a.facts.judge, b.facts.judge)
    yield from _lines("version of", a.facts.plugins, b.facts.plugins)
    yield from _lines("version of", a.facts.libraries, b.facts.libraries)


def differing_dataset(a: DatasetFacts, b: DatasetFacts) -> Iterator[str]:
    """Yield what differs in how a dataset was read, asked and scored, A's value first."""
    name = a.dataset
    if a.content_hash != b.content_hash:
        yield f"{name}: the data differ (hash {a.content_hash[:12]} against {b.content_hash[:12]})"
    yield from _line(f"{name}: adapter version", a.adapter_version, b.adapter_version)
    yield from _line(f"{name}: prompt style", a.style, b.style)
    yield from _line(f"{name}: worked examples", _listed(a.shots), _listed(b.shots))
    yield from _line(f"{name}: completions per sample", a.repeats, b.repeats)
    yield from _line(f"{name}: headline metric", a.headline, b.headline)
    yield from _lines(f"{name}: sampling", a.sampling, b.sampling)
    for scorer in sorted(a.scorers.keys() | b.scorers.keys()):
        ours, theirs = a.scorers.get(scorer), b.scorers.get(scorer)
        if isinstance(ours, dict) and isinstance(theirs, dict):
            yield from _lines(f"{name}: scorer {scorer}", ours, theirs)
        else:
            yield from _line(f"{name}: scorer {scorer}", _presence(ours), _presence(theirs))


def differing_prompts(dataset: str, count: int, shared: int) -> str:
    """Return how many samples were asked in different words."""
    return f"{dataset}: {count:,} of {shared:,} shared samples were asked with another prompt"


def _lines(
    what: str,
    a: Mapping[str, JsonValue] | Mapping[str, str],
    b: Mapping[str, JsonValue] | Mapping[str, str],
) -> Iterator[str]:
    for key in sorted(a.keys() | b.keys()):
        yield from _line(f"{what} {key}", a.get(key), b.get(key))


def _line(what: str, a: object, b: object) -> Iterator[str]:
    if a != b:
        yield f"{what}: {_shown(a)} against {_shown(b)}"


def _shown(value: object) -> str:
    text = _ABSENT if value is None or value == "" else str(value)
    return text if len(text) <= MAX_SHOWN else f"{text[: MAX_SHOWN - 1]}…"


def _listed(ids: tuple[str, ...]) -> str:
    return f"{len(ids)} ({', '.join(ids)})" if ids else _ABSENT


def _presence(scorer: JsonValue) -> str | None:
    return None if scorer is None else "there"
