"""Loading plugins one by one, so that none of them can take the tool or another one down."""

from __future__ import annotations

import contextlib
import os
import sys
import textwrap
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pluggy

import evalctl
from evalctl import hookspecs
from evalctl.assembly import Contribution, RefusedError, assemble
from evalctl.errors import PluginError
from evalctl.plugins.contract import collect
from evalctl.plugins.entry_points import Candidate, find_candidates
from evalctl.plugins.failure import describe
from evalctl.plugins.info import Loaded, PluginInfo
from evalctl.plugins.requirements import unmet_requirement
from evalctl.registry import Owner

Watch = Callable[[Candidate], AbstractContextManager[object]]
"""Called with each plugin that is about to be imported; entered until its hooks were called."""


def load(
    *, disabled: Collection[str] = (), strict: bool = False, watch: Watch | None = None
) -> Loaded:
    """Return all that the installed plugins offer, and what became of each of them.

    Args:
        disabled: Names of plugins that are not even imported.
        strict: Whether the first plugin that fails or is incompatible raises.
        watch: Whoever wants to know what plugins do while they load.

    Raises:
        PluginError: Only if `strict`.
    """
    loader = _Loader(frozenset(disabled), strict, watch or contextlib.nullcontext)
    for candidate in find_candidates():
        loader.add(candidate)
    return loader.finish()


@dataclass
class _Loader:
    """What is loaded so far. Lives for one call of `load`."""

    disabled: frozenset[str]
    strict: bool
    watch: Watch
    infos: dict[Owner, PluginInfo] = field(default_factory=dict)
    candidates: dict[Owner, Candidate] = field(default_factory=dict)
    contributions: list[Contribution] = field(default_factory=list)
    manager: pluggy.PluginManager = field(
        default_factory=lambda: pluggy.PluginManager(hookspecs.PROJECT)
    )

    def __post_init__(self) -> None:
        """Tell the manager which hooks there are."""
        self.manager.add_hookspecs(hookspecs)

    def add(self, candidate: Candidate) -> None:
        """Load one plugin, or note why it is not loaded."""
        owner = candidate.owner
        info = PluginInfo(*owner, module=candidate.entry_point.value, status="disabled")
        self.infos[owner] = info
        self.candidates[owner] = candidate
        if owner.plugin in self.disabled:
            return
        if unmet := unmet_requirement(candidate.requires, evalctl.__version__):
            self.infos[owner] = self._incompatible(info, unmet)
            return
        started = time.perf_counter()
        with self._border(owner), _kept_surroundings(), self.watch(candidate):
            if candidate.problem:
                raise PluginError(candidate.problem)
            self._refuse_taken_name(owner)
            plugin = candidate.entry_point.load()
            self.contributions.append(collect(self.manager, plugin, owner))
            self.infos[owner] = replace(info, status="loaded")
        seconds = time.perf_counter() - started
        self.infos[owner] = replace(self.infos[owner], load_seconds=seconds)

    def finish(self) -> Loaded:
        """Put together what was loaded, and note who clashed with whom."""
        registry, refused = assemble(self.contributions)
        for owner, error in refused.items():
            with self._border(owner):
                raise error
        offered = {one.owner: one for one in self.contributions}
        infos = tuple(
            replace(info, offers=offered[owner].offers()) if info.status == "loaded" else info
            for owner, info in self.infos.items()
        )
        return Loaded(replace(registry, hint=_hint(infos)), infos)

    @contextlib.contextmanager
    def _border(self, owner: Owner) -> Iterator[None]:
        """Keep whatever a plugin raises as data: one of the two borders where that is right.

        `SystemExit` and other exits are kept as well (a module may call `sys.exit` or
        `pytest.skip` when imported); only the user's own interruption passes.
        """
        try:
            yield
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            failure = describe(error, self.candidates[owner])
            if self.strict:
                raise PluginError(f"plugin {owner}: {failure.error}") from error
            self.infos[owner] = replace(self.infos[owner], status="failed", **failure._asdict())
            if self.manager.has_plugin(owner.plugin):
                self.manager.unregister(name=owner.plugin)

    def _refuse_taken_name(self, owner: Owner) -> None:
        for other in self.infos:
            if other.plugin == owner.plugin and other != owner:
                message = f"the plugin name {owner.plugin!r} is already taken by {other}"
                raise RefusedError(owner, message, holder=other)

    def _incompatible(self, info: PluginInfo, unmet: str) -> PluginInfo:
        error = f"it needs {unmet}, and this is evalctl {evalctl.__version__}"
        if self.strict:
            raise PluginError(f"plugin {info.name} ({info.distribution} {info.version}): {error}")
        remedy = f"pip install --upgrade {info.distribution}, or take an evalctl that meets {unmet}"
        return replace(info, status="incompatible", error=error, remedy=remedy)


@contextlib.contextmanager
def _kept_surroundings() -> Iterator[None]:
    """Keep what others rely on: working folder, import system, recursion, and standard streams.

    Standard output is for results: what a plugin prints while it loads goes to standard error.
    """
    finders, errors = list(sys.meta_path), sys.stderr
    depth = sys.getrecursionlimit()
    folder = _working_folder()
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    finally:
        sys.stderr = errors
        sys.setrecursionlimit(depth)
        sound = [finder for finder in sys.meta_path if hasattr(finder, "find_spec")]
        sys.meta_path[:] = sound + [finder for finder in finders if finder not in sound]
        if folder and _working_folder() != folder:
            os.chdir(folder)


def _working_folder() -> Path | None:
    try:
        return Path.cwd()
    except OSError:  # somebody removed it
        return None


def _hint(infos: tuple[PluginInfo, ...]) -> str:
    """What a failed look-up adds: the name may belong to a plugin that is not there."""
    absent = [f"{i.name}: {_why(i)}" for i in infos if i.status != "loaded"]
    return f"Plugins that are not loaded: {'; '.join(absent)}." if absent else ""


def _why(info: PluginInfo) -> str:
    if info.error is None:
        return "disabled (by --no-plugin or EVALCTL_DISABLE_PLUGINS)"
    return textwrap.shorten(info.error, 200, placeholder=" …")
