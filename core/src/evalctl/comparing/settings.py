"""What differs between two sides besides the model: each such thing in one line."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from pydantic import JsonValue

from evalctl.comparing.facts import DatasetFacts
from evalctl.comparing.sides import RunSide
from evalctl.store import told_apart

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
    both = a.facts.plugins.keys() & b.facts.plugins.keys()  # others take no part in what is shared
    ours, theirs = ({name: side.facts.plugins[name] for name in both} for side in (a, b))
    yield from _lines("version of", ours, theirs)
    yield from _lines("version of", a.facts.libraries, b.facts.libraries)


def differing_dataset(a: DatasetFacts, b: DatasetFacts, metrics: Collection[str]) -> Iterator[str]:
    """Yield what differs in how a dataset was read, asked and scored, A's value first.

    A scorer that a plugin added decides nothing but its own metrics: it is passed over where none
    of these is among the `metrics` that are compared.
    """
    name = a.dataset
    if a.content_hash != b.content_hash:
        yield f"{name}: the data differ (hash {a.content_hash[:12]} against {b.content_hash[:12]})"
    yield from _line(f"{name}: adapter version", a.adapter_version, b.adapter_version)
    yield from _line(f"{name}: prompt style", a.style, b.style)
    yield from _line(f"{name}: worked examples", _listed(a.shots), _listed(b.shots))
    yield from _line(f"{name}: completions per sample", a.repeats, b.repeats)
    yield from _line(f"{name}: headline metric", a.headline, b.headline)
    yield from _lines(f"{name}: sampling", a.sampling, b.sampling)
    yield from _lines(f"{name}: sampling", a.sampling_by, b.sampling_by)
    for scorer in sorted(a.scorers.keys() | b.scorers.keys()):
        if (a.is_of_added(scorer) or b.is_of_added(scorer)) and not (
            (a.metrics_of(scorer) | b.metrics_of(scorer)).intersection(metrics)
        ):
            continue
        what = f"{name}: scorer {scorer}"
        ours, theirs = a.scorers.get(scorer), b.scorers.get(scorer)
        if a.repeats != b.repeats:
            ours, theirs = _without_more(ours, theirs), _without_more(theirs, ours)
        yield from _line(what, ours, theirs)


def _without_more(scorer: JsonValue, other: JsonValue) -> JsonValue:
    """Return a scorer without the metrics that the other lacks: repeats decide which there are."""
    if not isinstance(scorer, dict) or not isinstance(other, dict):
        return scorer
    ours, theirs = scorer.get("metrics"), other.get("metrics")
    if not isinstance(ours, dict) or not isinstance(theirs, dict):
        return scorer
    return {**scorer, "metrics": {name: ours[name] for name in ours if name in theirs}}


def differing_prompts(dataset: str, count: int, shared: int) -> str:
    """Return how many samples were asked in different words."""
    return f"{dataset}: {count:,} of {shared:,} shared samples were asked with another prompt"


def differing_lines(
    what: str, a: Mapping[str, JsonValue], b: Mapping[str, JsonValue]
) -> Iterator[str]:
    """Yield the entries that differ, `WHAT KEY: A against B`."""
    for line in _lines(what, a, b):
        yield line.strip()


def _lines(
    what: str,
    a: Mapping[str, JsonValue] | Mapping[str, str],
    b: Mapping[str, JsonValue] | Mapping[str, str],
) -> Iterator[str]:
    for key in sorted(a.keys() | b.keys()):
        yield from _line(f"{what} {key}", a.get(key), b.get(key))


def _line(what: str, a: object, b: object) -> Iterator[str]:
    """Yield what differs, of settings with keys each key."""
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        yield from _lines(what, a, b)
    elif a != b:
        ours, theirs = told_apart(_text(a), _text(b))
        yield f"{what}: {ours} against {theirs}"


def _text(value: object) -> str:
    if isinstance(value, Mapping):
        return "there"
    return _ABSENT if value is None or value == "" else str(value)


def _listed(ids: tuple[str, ...]) -> str:
    return f"{len(ids)} ({', '.join(ids)})" if ids else _ABSENT
