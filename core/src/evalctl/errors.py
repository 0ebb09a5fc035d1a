"""Every error that evalctl raises on purpose, and who is expected to act on it.

The tree::

    EvalctlError
    ├── UsageError                  the user's mistake; the command line exits with 2
    │   ├── UnknownNameError        a name that is not registered; carries suggestions
    │   ├── ConfigError             a configuration file or an option that does not validate
    │   ├── DatasetError            a dataset that holds a broken row
    │   │   └── DatasetMissingError a dataset that is not on this machine and cannot be fetched
    │   ├── ModelError              a model that cannot be found, fitted or loaded
    │   ├── EngineUnavailableError  an engine whose package is not installed
    │   ├── SandboxMissingError     model-written programs cannot be run safely on this machine
    │   └── OutputError             an output folder that cannot be written, a run that is not there
    ├── PluginError                 a plugin that breaks the contract; kept as data by the loader
    ├── EngineError                 an engine that failed while running; finished samples are kept
    │   ├── EngineStoppedError      one that would fail again at once, whoever starts it
    │   └── NotMeasuredError        one that cannot be measured in the way that was asked for
    ├── BudgetSpentError            a run that may spend no more; finished samples are kept
    ├── StorageError                the disk refused a result; what was written is kept
    └── ScoringError                a scorer that failed; recorded on the sample, never a zero
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class EvalctlError(Exception):
    """Base of every error that evalctl raises on purpose."""


class UsageError(EvalctlError):
    """Something the user asked for cannot be done; nothing was loaded or written."""


class UnknownNameError(UsageError):
    """A name is not registered.

    Attributes:
        kind: What was looked up, such as `model`.
        name: The name as the user gave it.
        suggestions: Registered names that look alike, best first.
    """

    def __init__(self, kind: str, name: str, known: Iterable[str], *, hint: str = "") -> None:
        """Build the message from the names that are known."""
        names = sorted(set(known))
        self.kind = kind
        self.name = name
        self.suggestions = near_names(name, names)
        parts = [f"unknown {kind} {name!r}."]
        if self.suggestions:
            parts.append(f"Did you mean {' or '.join(self.suggestions)}?")
        parts.append(f"Known: {', '.join(names) if names else 'none'}.")
        if hint:
            parts.append(hint)
        super().__init__(" ".join(parts))


def near_names(name: str, known: Iterable[str], *, most: int = 3) -> tuple[str, ...]:
    """Return the known names that a name may have been meant for, the best first.

    Case, dashes and underscores make no difference, and a part of a name will do.
    """
    wanted = _plain(name)
    by_plain: dict[str, list[str]] = {}
    for one in known:
        by_plain.setdefault(_plain(one), []).append(one)
    close = difflib.get_close_matches(wanted, by_plain, n=most, cutoff=0.5)
    parts = [one for one in by_plain if wanted in one] if len(wanted) > 2 else []
    found = dict.fromkeys((*close[:1], *parts, *close))
    return tuple(one for plain in found for one in by_plain[plain])[:most]


def _plain(name: str) -> str:
    return name.casefold().replace("-", "_").strip("_ ")


class ConfigError(UsageError):
    """A configuration file, option or flag does not validate."""


class DatasetError(UsageError):
    """A dataset cannot be found, or one of its rows is broken."""


class DatasetMissingError(DatasetError):
    """A dataset is not on this machine and cannot be fetched; another one may do."""


class ModelError(UsageError):
    """A model cannot be found, does not fit this machine, or cannot be loaded by its engine."""


class EngineUnavailableError(UsageError):
    """The package that an engine needs is not installed; the message quotes the pip command."""


class SandboxMissingError(UsageError):
    """Programs have to be run, and there is no sandbox; the message says what would help."""


class OutputError(UsageError):
    """An output folder cannot be written, or a run folder cannot be read."""


class PluginError(EvalctlError):
    """A plugin breaks the contract. The loader keeps it as data and goes on."""


class EngineError(EvalctlError):
    """An engine failed while it was running. What had finished is kept."""


class EngineStoppedError(EngineError):
    """An engine cannot go on, and would not if it were started again: no quota, no server.

    What had finished is kept, and the run can be resumed once the reason is gone.
    """


class NotMeasuredError(EngineError):
    """An engine cannot be measured in the way that was asked for; it goes on."""


class BudgetSpentError(EvalctlError):
    """A run may not spend what its next prompt could cost. What had finished is kept."""


class StorageError(EvalctlError):
    """The disk refused a result while a run was going on. What was written is kept."""


class ScoringError(EvalctlError):
    """A scorer failed or ran out of time. Recorded on the sample as *not scored*."""
