"""What a plugin does while it loads: which packages it imports, how long each takes, warnings.

The time that evalctl's own modules take is taken out, so that whoever imports them first is not
blamed for them.
"""

from __future__ import annotations

import contextlib
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import NamedTuple

from pydantic import BaseModel

import evalctl
from evalctl.deprecations import EvalctlDeprecationWarning
from evalctl.plugins.entry_points import Candidate
from evalctl.plugins.failure import text_of
from evalctl.registry import Owner


class Imported(NamedTuple):
    """A package that a plugin imported first, with all that it imported in turn."""

    package: str
    """Top-level name."""
    seconds: float
    """How long importing took, in all."""
    brought: tuple[str, ...]
    """Other packages that came with it, by top-level name."""


class Warned(NamedTuple):
    """A warning that came while a plugin loaded."""

    category: str
    """Name of its class."""
    message: str
    """What it says."""
    place: str
    """File and line that it is about."""
    is_of_evalctl: bool
    """Whether it is one of evalctl's deprecations."""


@dataclass
class Seen:
    """What one plugin did while it loaded."""

    seconds: float = 0.0
    """Import and hooks, without what evalctl itself took."""
    imported: tuple[Imported, ...] = ()
    """Packages other than its own and evalctl's, the slowest first."""
    warned: tuple[Warned, ...] = ()
    """Warnings about lines of its own, and all of evalctl's deprecations."""


@dataclass
class Watcher:
    """Watches plugins load: `load(watch=watcher)`; then `seen` has what each did."""

    seen: dict[Owner, Seen] = field(default_factory=dict)
    """By plugin, of those that were imported."""

    @contextlib.contextmanager
    def __call__(self, candidate: Candidate) -> Iterator[None]:
        """Watch one plugin load."""
        own = candidate.package
        clock = _ImportClock(own)
        with warnings.catch_warnings(record=True) as caught, clock:
            warnings.simplefilter("always")
            began = time.perf_counter()
            try:
                yield
            finally:
                seconds = time.perf_counter() - began
                self.seen[candidate.owner] = Seen(
                    seconds - clock.of_evalctl, clock.imported(), tuple(_own(own, caught))
                )


def warm_up() -> None:
    """Import and build all that plugins share, so that the first of them does not pay for it."""
    for name in evalctl.__all__:
        kind = getattr(evalctl, name)
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            kind.model_rebuild()


def _own(package: str, caught: Sequence[warnings.WarningMessage]) -> Iterator[Warned]:
    """Yield the warnings that a package is to blame for, each once."""
    files = {
        getattr(module, "__file__", None)
        for name, module in list(sys.modules.items())
        if name.partition(".")[0] == package
    }
    found: dict[Warned, None] = {}
    for one in caught:
        is_of_evalctl = issubclass(one.category, EvalctlDeprecationWarning)
        if is_of_evalctl or one.filename in files:
            place = f"{one.filename}, line {one.lineno}"
            told = one.message if isinstance(one.message, str) else text_of(one.message)
            found[Warned(one.category.__name__, told, place, is_of_evalctl)] = None
    yield from found


class _Running(NamedTuple):
    """A package whose import is going on."""

    package: str
    began: float


class _ImportClock(MetaPathFinder):
    """Times imports by the top-level package that was asked for first.

    Each module's loader gets an `exec_module` of ours for as long as the clock is entered: the
    loader itself stays what it was, since packages look at their loaders.
    """

    def __init__(self, own: str) -> None:
        """Take the plugin's package, whose modules count as none."""
        self.of_evalctl = 0.0
        self._own = own
        self._seconds: dict[str, float] = {}
        self._brought: dict[str, set[str]] = {}
        self._outermost: _Running | None = None
        self._patched: list[Loader] = []
        self._thread = threading.get_ident()

    def __enter__(self) -> None:
        """Begin to look at imports."""
        sys.meta_path.insert(0, self)

    def __exit__(self, *_: object) -> None:
        """Leave the import system as it was."""
        with contextlib.suppress(ValueError):
            sys.meta_path.remove(self)
        for loader in self._patched:
            vars(loader).pop("exec_module", None)

    def imported(self) -> tuple[Imported, ...]:
        """Return the packages that were imported, the slowest first."""
        found = [
            Imported(name, seconds, tuple(sorted(self._brought.get(name, ()))))
            for name, seconds in self._seconds.items()
        ]
        return tuple(sorted(found, key=lambda one: -one.seconds))

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return what the other finders find, with a loader that is timed."""
        for finder in list(sys.meta_path):
            if finder is not self and hasattr(finder, "find_spec"):
                spec = finder.find_spec(name, path, target)
                if spec is not None:
                    self._time(spec.loader)
                    return spec
        return None

    def _time(self, loader: Loader | None) -> None:
        held = getattr(loader, "__dict__", None)
        if loader is None or isinstance(loader, type) or held is None or "exec_module" in held:
            return
        if hasattr(loader, "exec_module"):
            held["exec_module"] = partial(self._execute, loader.exec_module)
            self._patched.append(loader)

    def _execute(self, execute: Callable[[ModuleType], None], module: ModuleType) -> None:
        package = module.__name__.partition(".")[0]
        if threading.get_ident() != self._thread or package == self._own:
            return execute(module)
        if self._outermost is not None:
            if package != self._outermost.package:
                self._brought.setdefault(self._outermost.package, set()).add(package)
            return execute(module)
        self._outermost = _Running(package, time.perf_counter())
        try:
            return execute(module)
        finally:
            self._finish(self._outermost)
            self._outermost = None

    def _finish(self, running: _Running) -> None:
        seconds = time.perf_counter() - running.began
        if running.package == "evalctl":
            self.of_evalctl += seconds
        else:
            self._seconds[running.package] = self._seconds.get(running.package, 0.0) + seconds
