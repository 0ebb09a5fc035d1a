"""What a run was, whole enough to repeat it; and what differs between two of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Literal

from pydantic import JsonValue

from evalctl.records import Record

_ASIDE = frozenset({"notices", "origin"})
"""Parts of a plan that may differ and decide nothing: what was said, and where files lie."""
_NAMES = ("model", "dataset")
"""What the members of a plan's lists are known by."""
_NO_MATTER = frozenset({"datasets", "pydantic"})
"""Libraries that decide no number."""


class Resumption(Record):
    """One time that a run was gone on with."""

    at: str
    """UTC, ISO 8601."""
    command: tuple[str, ...]
    """The command line as typed."""
    changes: tuple[str, ...] = ()
    """What had changed since, and was accepted."""


class Derivation(Record):
    """The run that another one was made from."""

    kind: Literal["rerun", "score"]
    """Whether it asked again, or scored what was there again."""
    run_id: str
    """Name of the run folder."""
    path: str
    """Where it was."""


class CacheUse(Record):
    """What the generation cache did for a run."""

    folder: str
    """Where it is."""
    hits: int = 0
    """Prompts that were answered from it."""
    misses: int = 0
    """Prompts that were looked for in vain; of a model of which nothing is kept, none is."""


class Manifest(Record):
    """What a run was, whole enough to repeat it: `manifest.json`."""

    schema_version: Literal[1] = 1
    """Version of this file's form."""
    run_id: str
    """Name of the run folder."""
    started: str
    """UTC, ISO 8601."""
    command: tuple[str, ...]
    """The command line as typed."""
    asked: Mapping[str, JsonValue]
    """The flags, as `RunSpec`."""
    config: str | None
    """The user's YAML file, whole."""
    plan: Mapping[str, JsonValue]
    """Everything resolved: paths, revisions, content hashes, options, scorers by function name."""
    plugins: Mapping[str, str]
    """Version by distribution."""
    libraries: Mapping[str, str]
    """Version by library, of those installed that decide results."""
    hardware: Mapping[str, JsonValue]
    """What it ran on."""
    resumed: tuple[Resumption, ...] = ()
    """Each time that it was gone on with."""
    cache: CacheUse | None = None
    """What the generation cache did; None until the run has ended, and where it had none."""
    derived_from: Derivation | None = None
    """The run that this one repeats or scores again; None for a run of its own."""
    digest: str = ""
    """SHA-256 of all else, by which it shows whether anybody has edited it."""

    def sealed(self) -> Manifest:
        """Return it with its digest."""
        return self.model_copy(update={"digest": digest_of(self.model_dump(mode="json"))})


def digest_of(content: Mapping[str, JsonValue]) -> str:
    """Return the digest of a manifest's content as it stands in its file.

    It is over the keys that are there: a later version may know more of them.
    """
    rest = {key: value for key, value in content.items() if key != "digest"}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def differences(before: Manifest, now: Manifest) -> tuple[str, ...]:
    """Return in words what differs between two plans, as far as it decides results."""
    pairs = (
        ("plugin", before.plugins, now.plugins),
        ("library", _deciding(before.libraries), _deciding(now.libraries)),
        ("", before.plan, now.plan),
    )
    return tuple(line for name, old, new in pairs for line in _compare(name, old, new))


def _deciding(libraries: Mapping[str, str]) -> dict[str, str]:
    return {name: number for name, number in libraries.items() if name not in _NO_MATTER}


def _compare(place: str, old: object, new: object) -> Iterator[str]:
    old, new = _named(old), _named(new)
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in dict.fromkeys((*old, *new)):
            if key not in _ASIDE:
                yield from _compare(f"{place} {key}".strip(), old.get(key), new.get(key))
    elif old != new:
        yield f"{place}: {_short(old)} → {_short(new)}"


def _named(value: object) -> object:
    """Return a list of named things as a mapping, so that equal names are compared."""
    if not isinstance(value, list | tuple) or not value:
        return list(value) if isinstance(value, tuple) else value
    for name in _NAMES:
        if all(isinstance(one, Mapping) and name in one for one in value):
            return {f"{name} {one[name]}": one for one in value}
    return list(value)


def _short(value: object) -> str:
    if value is None or value == {} or value == []:
        return "nothing"
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return text if len(text) <= 40 else f"{text[:37]}…"
