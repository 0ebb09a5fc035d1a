"""Loading plugins one by one, so that none of them can take the tool or another one down."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace

import pluggy

import evalctl
from evalctl import hookspecs
from evalctl.assembly import Contribution, assemble
from evalctl.errors import PluginError
from evalctl.plugins.contract import collect
from evalctl.plugins.entry_points import Candidate, find_candidates
from evalctl.plugins.failure import describe
from evalctl.plugins.info import Loaded, PluginInfo
from evalctl.plugins.requirements import unmet_requirement
from evalctl.registry import Owner


def load(*, disabled: Collection[str] = (), strict: bool = False) -> Loaded:
    """Return all that the installed plugins offer, and what became of each of them.

    Args:
        disabled: Names of plugins that are not even imported.
        strict: Whether the first plugin that fails or is incompatible raises.

    Raises:
        PluginError: Only if `strict`.
    """
    loader = _Loader(frozenset(disabled), strict)
    for candidate in find_candidates():
        loader.add(candidate)
    return loader.finish()


@dataclass
class _Loader:
    """What is loaded so far. Lives for one call of `load`."""

    disabled: frozenset[str]
    strict: bool
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
        name = candidate.entry_point.name
        owner = Owner(name, candidate.distribution, candidate.version)
        info = PluginInfo(*owner, module=candidate.entry_point.value, status="disabled")
        self.infos[owner] = info
        self.candidates[owner] = candidate
        if name in self.disabled:
            return
        if unmet := unmet_requirement(candidate.requires, evalctl.__version__):
            self.infos[owner] = self._incompatible(info, unmet)
            return
        started = time.perf_counter()
        with self._border(owner), _output_to_stderr():
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
                raise PluginError(f"the plugin name {owner.plugin!r} is already taken by {other}")

    def _incompatible(self, info: PluginInfo, unmet: str) -> PluginInfo:
        error = f"it needs {unmet}, and this is evalctl {evalctl.__version__}"
        if self.strict:
            raise PluginError(f"plugin {info.name} ({info.distribution} {info.version}): {error}")
        remedy = f"pip install --upgrade {info.distribution}, or pip install '{unmet}'"
        return replace(info, status="incompatible", error=error, remedy=remedy)


@contextlib.contextmanager
def _output_to_stderr() -> Iterator[None]:
    """Standard output is for results: what a plugin prints while it loads goes elsewhere."""
    with contextlib.redirect_stdout(sys.stderr):
        yield


def _hint(infos: tuple[PluginInfo, ...]) -> str:
    """What a failed look-up adds: the name may belong to a plugin that is not there."""
    absent = [f"{i.name}: {i.error or i.status}" for i in infos if i.status != "loaded"]
    return f"Plugins that are not loaded: {'; '.join(absent)}." if absent else ""
