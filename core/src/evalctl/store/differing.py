"""What differs between two manifests, each thing in one line that a person can act on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from evalctl.store.manifests import Manifest

MAX_SHOWN = 60
"""Characters of a value that are shown."""
HASH_SHOWN = 12
"""Characters of a hash that are shown."""

_ASIDE = frozenset({"notices", "origin", "price"})
"""Parts of a plan that may differ and decide no score: what was said, where files lie, prices."""
_NAMES = ("model", "dataset")
"""What the members of a plan's lists are known by."""
_NO_MATTER = frozenset({"anthropic", "datasets", "openai", "pydantic"})
"""Libraries that decide no number."""


class _Place(NamedTuple):
    """Where in a plan one is."""

    subject: str = ""
    """What is looked at: `dataset gsm8k of model reference`."""
    keys: tuple[str, ...] = ()
    """Of its parts."""

    def at(self, key: str) -> _Place:
        return self._replace(keys=(*self.keys, key))

    def of(self, member: str) -> _Place:
        """Return the place of a named member of a list."""
        owner = self._replace(keys=self.keys[:-1]).told()
        return _Place(f"{member} of {owner}" if owner else member)

    def told(self) -> str:
        return ": ".join(part for part in (self.subject, " ".join(self.keys)) if part)


def differences(before: Manifest, now: Manifest) -> tuple[str, ...]:
    """Return in words what differs between two plans, as far as it decides results."""
    pairs = (
        (_Place().at("plugin"), before.plugins, now.plugins),
        (_Place().at("library"), _deciding(before.libraries), _deciding(now.libraries)),
        (_Place(), before.plan, now.plan),
    )
    return tuple(line for place, old, new in pairs for line in _compare(place, old, new))


def told_apart(old: str, new: str, *, most: int = MAX_SHOWN) -> tuple[str, str]:
    """Return two different texts, cut to what is shown, so that the difference is in it.

    Args:
        old: The one.
        new: The other.
        most: Characters that are shown of each, besides marks of what was left out.
    """
    pairs = enumerate(zip(old, new, strict=False))
    differs = next((n for n, (a, b) in pairs if a != b), min(len(old), len(new)))
    start = 0 if differs < most // 2 else differs - most // 2
    if max(len(old), len(new)) <= most:
        start = 0
    return _cut(old, start, most), _cut(new, start, most)


def _cut(text: str, start: int, most: int) -> str:
    ending = "…" if len(text) > start + most else ""
    return f"{'…' if start else ''}{text[start : start + most]}{ending}"


def _deciding(libraries: Mapping[str, str]) -> dict[str, str]:
    return {name: number for name, number in libraries.items() if name not in _NO_MATTER}


def _compare(place: _Place, old: object, new: object) -> Iterator[str]:
    is_list = _are_named(old) or _are_named(new)
    if is_list:
        old, new = _named(old), _named(new)
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in dict.fromkeys((*old, *new)):
            if key not in _ASIDE:
                inner = place.of(key) if is_list else place.at(key)
                yield from _compare(inner, old.get(key), new.get(key))
    elif _plain(old) != _plain(new):
        yield _line(place, old, new)


def _line(place: _Place, old: object, new: object) -> str:
    if old is None and isinstance(new, Mapping):
        return f"{place.told()} was not there before"
    if new is None and isinstance(old, Mapping):
        return f"{place.told()} is no longer there"
    is_hash = place.keys[-1:] == ("content_hash",)
    most = HASH_SHOWN if is_hash else MAX_SHOWN
    shown = " → ".join(told_apart(_text(old), _text(new), most=most))
    if not is_hash:
        return f"{place.told()}: {shown}"
    whose = place._replace(keys=place.keys[:-1]).told()
    return f"{whose}: the contents have changed (content_hash {shown})"


def _are_named(value: object) -> bool:
    return isinstance(value, list | tuple) and bool(value) and isinstance(_named(value), Mapping)


def _named(value: object) -> object:
    """Return a list of named things as a mapping, so that equal names are compared."""
    if not isinstance(value, list | tuple):
        return {} if value is None else value
    for name in _NAMES:
        if all(isinstance(one, Mapping) and name in one for one in value):
            return {f"{name} {one[name]}": one for one in value}
    return value


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _text(value: object) -> str:
    if value is None or value == {} or value == []:
        return "nothing"
    return value if isinstance(value, str) else json.dumps(value, default=str)
