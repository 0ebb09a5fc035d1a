"""Loading a plugin so that what it does meanwhile is seen. Runs in a process made for it."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.metadata import EntryPoint
from typing import NamedTuple

import evalctl
from evalctl import hookspecs
from evalctl.assembly import Contribution
from evalctl.conformance.subject import PATIENCE_SECONDS, Imported, Subject
from evalctl.conformance.target import EntryPointAt, Target
from evalctl.conformance.watch import Watch, changed, state
from evalctl.executors.workers import describe
from evalctl.plugins.contract import check_hooks, collect
from evalctl.plugins.failure import summarise
from evalctl.plugins.requirements import unmet_requirement
from evalctl.registry import Owner

IMPORT_SECONDS = 60.0
"""How long importing one module may take."""

HEAVY = frozenset(
    {
        *("vllm", "torch", "transformers", "datasets", "pandas", "sympy", "numpy", "scipy"),
        *("pyarrow", "sklearn", "tensorflow", "jax", "keras", "matplotlib", "PIL", "cv2"),
        *("nltk", "spacy", "polars", "huggingface_hub", "tokenizers", "math_verify"),
        *("latex2sympy2_extended", "openai", "anthropic", "aiohttp", "requests", "httpx"),
    }
)
"""Packages that take long to import and that no listing needs."""


class How(NamedTuple):
    """How a subject's code is called; see the fields of `Subject`."""

    watch: Watch | None = None
    lost: Mapping[str, str] = {}
    announce: Callable[[str, float], None] = lambda step, seconds: None


def load_subject(target: Target, how: How) -> Subject:
    """Return a plugin as far as it can be loaded; nothing that it does on the way gets out."""
    subject = Subject(target, watch=how.watch, lost=how.lost, announce=how.announce)
    if unmet_requirement(target.requires or (), evalctl.__version__):
        subject.imported = Imported(error="not imported, since it needs another evalctl")
        return subject
    for name in evalctl.__all__:  # so that none of it is taken for the plugin's doing
        getattr(evalctl, name)
    plugin, subject.imported = _import(subject)
    if not subject.imported.error:
        _call_hooks(subject, plugin)
    if subject.offered is not None:
        subject.others = tuple(_load_others(subject))
    return subject


def _import(subject: Subject) -> tuple[object, Imported]:
    """Import the module, with an ear on what it does."""
    entry = subject.target.entry
    before, printed, known = state(), _printed(), set(sys.modules)
    plugin: object = None
    error = ""
    effects: list[str] = []
    try:
        subject.step(f"importing {entry.module}", IMPORT_SECONDS)
        if subject.watch is None:
            plugin = _entry_point(entry).load()
        else:
            with subject.watch.listening(lambda event: event.effect is not None) as heard:
                try:
                    plugin = _entry_point(entry).load()
                finally:
                    effects = [event.effect for event in heard if event.effect]
    except BaseException as raised:  # noqa: BLE001  # the border: a module may raise anything
        error = _error(raised)
    if _printed() != printed:
        effects.append("prints something")
    effects += changed(before, state())
    tops = {name.partition(".")[0] for name in set(sys.modules) - known}
    module = sys.modules.get(entry.module)
    return plugin, Imported(
        error=error or _is_elsewhere(subject.target, module),
        heavy=tuple(sorted(tops & HEAVY)),
        effects=tuple(dict.fromkeys(effects)),
        file=getattr(module, "__file__", None) or "",
    )


def _is_elsewhere(target: Target, module: object) -> str:
    """Return what is wrong where a module was not taken from the folder that is checked."""
    file = getattr(module, "__file__", None) or ""
    folder = os.path.realpath(target.path)
    if not target.path or os.path.realpath(file).startswith(f"{folder}{os.sep}"):
        return ""
    return f"{target.entry.module} is imported from {file or 'nowhere'}, not from {target.path}"


def _error(raised: BaseException) -> str:
    """Return what was raised with the place in the code, as far as it is none of Python's own."""
    frames = [
        frame
        for frame in traceback.extract_tb(raised.__traceback__)
        if not frame.filename.startswith("<frozen") and "importlib" not in frame.filename
    ]
    own = [frame for frame in frames if frame.filename != __file__]
    at = f" ({own[-1].filename}:{own[-1].lineno})" if own else ""
    return f"{_said(raised)}{at}"


def _said(raised: BaseException) -> str:
    """Return an error in one line, also where its own text cannot be made."""
    try:
        return summarise(raised)
    except Exception:  # noqa: BLE001  # it is a plugin's class
        return describe(raised)


def _call_hooks(subject: Subject, plugin: object) -> None:
    """Call the hooks twice, each time as a load does."""
    entry = subject.target.entry
    try:
        check_hooks(plugin)
    except Exception as error:  # noqa: BLE001  # the border: looking at an object runs its code
        subject.hooks_problem = _said(error)
        return
    try:
        subject.step("calling its hooks", IMPORT_SECONDS)
        subject.offered = _collect(plugin, entry)
        subject.written_down = subject.write_down()
        subject.step("calling its hooks a second time", IMPORT_SECONDS)
        subject.offered_again = _collect(plugin, entry)
    except BaseException as error:  # noqa: BLE001  # likewise
        subject.offered = None
        subject.offer_problem = f"{subject.doing}: {_error(error)}"


def _load_others(subject: Subject) -> list[Contribution]:
    """Return what the other plugins offer; those that cannot be loaded are left out."""
    found = []
    for other in subject.target.others:
        try:
            subject.step(f"loading the plugin {other.plugin}", PATIENCE_SECONDS)
            found.append(_collect(_entry_point(other).load(), other))
        except BaseException:  # noqa: BLE001  # the border; it is for `doctor` to tell
            continue
    return found


def _collect(plugin: object, entry: EntryPointAt) -> Contribution:
    import pluggy

    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    return collect(manager, plugin, Owner(entry.plugin, entry.distribution, entry.version))


def _entry_point(entry: EntryPointAt) -> EntryPoint:
    import_module(entry.module)
    return EntryPoint(entry.plugin, entry.value, hookspecs.PROJECT)


def _printed() -> int:
    """Return how much was written to where this process's output goes, if that is a file."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    return sum(os.fstat(number).st_size for number in (1, 2))
