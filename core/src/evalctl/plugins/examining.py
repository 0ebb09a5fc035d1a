"""`evalctl plugins doctor`: all that is known of each installed plugin, and what to do about it.

What is wrong takes something from the user (a plugin that is not there); advice does not.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from types import FunctionType, ModuleType
from typing import Literal, NamedTuple

from evalctl.plugins.entry_points import Candidate, find_candidates
from evalctl.plugins.info import PluginInfo
from evalctl.plugins.installation import Installation, installation, leftovers, shadows, top_levels
from evalctl.plugins.loader import load
from evalctl.plugins.requirements import is_on_evalctl, unmet_requirements
from evalctl.plugins.watching import Imported, Seen, Watcher, warm_up
from evalctl.registry import Owner

SLOW_SECONDS = 0.3
"""A plugin that takes longer to load, beyond what evalctl itself takes, is called slow."""

Kind = Literal[
    "failed",
    "incompatible",
    "clash",
    "metadata",
    "requirement",
    "shadowed",
    "slow",
    "deprecation",
    "warning",
]
"""What a finding is about."""


class Finding(NamedTuple):
    """Something that a user, or those who make a plugin, can mend."""

    kind: Kind
    """What it is about."""
    is_wrong: bool
    """Whether something does not work; otherwise it is advice."""
    text: str
    """What was found, as a sentence."""
    remedy: str
    """What to do about it."""


class Examined(NamedTuple):
    """One installed plugin."""

    info: PluginInfo
    """What became of it, with the time that it took without evalctl's part."""
    installation: Installation
    """Where it is."""
    imported: tuple[Imported, ...]
    """Packages that its loading imported first, the slowest first."""
    findings: tuple[Finding, ...]
    """What to do, the worst first."""

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong; there may be advice."""
        return not any(finding.is_wrong for finding in self.findings)


def examine(disabled: Collection[str] = ()) -> tuple[Examined, ...]:
    """Load all installed plugins and return what is to be said of each, built-ins first.

    Args:
        disabled: Names of plugins that are not imported.
    """
    candidates = {one.owner: one for one in find_candidates()}
    watcher = Watcher()
    warm_up()
    loaded = load(disabled=disabled, watch=watcher)
    examiner = _Examiner(candidates, watcher.seen)
    return tuple(examiner.examine(info) for info in loaded.plugins)


class _Examiner:
    """What is known of all plugins together."""

    def __init__(self, candidates: Mapping[Owner, Candidate], seen: Mapping[Owner, Seen]) -> None:
        """Find what plugins share."""
        self._candidates = candidates
        self._seen = seen
        # Who imported a package first, where that took long.
        self._first = {
            one.package: (owner, one)
            for owner, done in seen.items()
            for one in done.imported
            if one.seconds > SLOW_SECONDS
        }
        self._makers: dict[str, set[str]] = defaultdict(set)
        for candidate in candidates.values():
            for name in top_levels(candidate):
                self._makers[name].add(candidate.distribution)

    def examine(self, info: PluginInfo) -> Examined:
        """Return all that is to be said of one plugin."""
        owner = Owner(info.name, info.distribution, info.version)
        candidate, seen = self._candidates[owner], self._seen.get(owner, Seen())
        findings = [
            *_failure(info, candidate),
            *_requirements(info, candidate),
            *self._shadows(candidate),
            *(self._speed(owner, seen) if info.status != "disabled" else ()),
            *_warnings(seen, candidate),
        ]
        shown = replace(info, load_seconds=seen.seconds)
        return Examined(shown, installation(candidate), seen.imported, tuple(findings))

    def _shadows(self, candidate: Candidate) -> Iterator[Finding]:
        for text, remedy in shadows(candidate):
            yield Finding("shadowed", False, text, remedy)
        for folder in leftovers(candidate):
            text = (
                f"{candidate.distribution} is installed once more: {folder}; only this one counts"
            )
            yield Finding("shadowed", False, text, f"pip uninstall {candidate.distribution}, twice")
        for name in sorted(top_levels(candidate)):
            if others := sorted(self._makers[name] - {candidate.distribution}):
                text = (
                    f"{' and '.join(others)} installs a module {name} as well; one hides the other"
                )
                remedy = f"tell those who make {candidate.distribution}"
                yield Finding("shadowed", False, text, remedy)

    def _speed(self, owner: Owner, seen: Seen) -> Iterator[Finding]:
        remedy = f"in {owner.distribution}, import inside the functions that need it"
        if seen.seconds > SLOW_SECONDS:
            text = f"it takes {seen.seconds:.2f} s to load, which every command waits for"
            yield Finding("slow", False, f"{text}: {_spent(seen)}", remedy)
        for package in _named(self._candidates[owner].package):
            first, imported = self._first.get(package, (owner, None))
            if first != owner and imported:
                text = (
                    f"it imports {package} ({imported.seconds:.2f} s) when it is loaded, too; here "
                    f"that took no time, for {first.plugin} had done so before"
                )
                yield Finding("slow", False, text, remedy)


def _failure(info: PluginInfo, candidate: Candidate) -> Iterator[Finding]:
    if info.error is None:
        return
    kind: Kind = "incompatible" if info.status == "incompatible" else "failed"
    if candidate.problem:
        kind = "metadata"
    elif info.holder:
        kind = "clash"
    yield Finding(kind, True, info.error, info.remedy or "")


def _requirements(info: PluginInfo, candidate: Candidate) -> Iterator[Finding]:
    for unmet in unmet_requirements(candidate.requires):
        there = f"{unmet.installed} is installed" if unmet.installed else "it is not installed"
        text = f"it requires {unmet.wanted}, and {there}"
        yield Finding("requirement", False, text, f"pip install {unmet.quoted}")
    states_one = candidate.is_built_in or any(map(is_on_evalctl, candidate.requires))
    if not states_one and not candidate.problem:
        yield Finding(
            "requirement",
            False,
            "it does not say which evalctl it needs, so that one of another time may break it",
            f"tell those who make {candidate.distribution} to require evalctl in a range",
        )


def _warnings(seen: Seen, candidate: Candidate) -> Iterator[Finding]:
    for one in seen.warned:
        kind: Kind = "deprecation" if "Deprecation" in one.category else "warning"
        told = one.message if one.is_of_evalctl else f"{one.category}: {one.message}"
        remedy = f"change it in {candidate.distribution}"
        yield Finding(kind, False, f"{told} ({one.place})", remedy)


def _spent(seen: Seen) -> str:
    """Return what the time went into, in words."""
    parts = [
        f"importing {one.package} {one.seconds:.2f} s{_brought(one.brought)}"
        for one in seen.imported
        if one.seconds > 0.1 * seen.seconds
    ]
    own = seen.seconds - sum(one.seconds for one in seen.imported)
    return ", ".join([*parts, f"its own code {max(own, 0.0):.2f} s"])


HEAVY = frozenset(
    {
        "vllm",
        "torch",
        "transformers",
        "datasets",
        "pandas",
        "sympy",
        "numpy",
        "scipy",
        "pyarrow",
        "sklearn",
        "tensorflow",
        "jax",
        "matplotlib",
        "nltk",
        "spacy",
    }
)
"""Packages that are worth naming where another one brought them."""


def _brought(packages: Sequence[str]) -> str:
    others = [name for name in packages if name not in sys.stdlib_module_names]
    named = sorted(others, key=lambda name: (name not in HEAVY, name))[:6]
    more = f" and {len(others) - len(named)} more" if len(others) > len(named) else ""
    return f" (with {', '.join(named)}{more})" if named else ""


def _named(own: str) -> list[str]:
    """Return the top-level packages that a plugin's modules have something of."""
    found: dict[str, None] = {}
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == own and isinstance(module, ModuleType):
            for value in list(vars(module).values()):
                if type(value) is ModuleType:
                    found[str(vars(value).get("__name__")).partition(".")[0]] = None
                elif type(value) in (FunctionType, type):
                    found[str(value.__module__).partition(".")[0]] = None
    return list(found)
