"""Groups validated in several processes, each of which loads the plugins for itself.

Specs hold functions that no process can hand to another, so that a worker is told names and places
and finds the specs among its own.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import PurePosixPath
from typing import NamedTuple

from evalctl.disabling import disabled_plugins
from evalctl.plugins import load
from evalctl.registry import Registry
from evalctl.scan.families import Family
from evalctl.scan.grouping import Group, Use
from evalctl.scan.validating import Validated, validate
from evalctl.sources.located import FileAt


class _Task(NamedTuple):
    """A group as it goes to another process."""

    dataset: str
    use: Use
    split: str
    parts: tuple[FileAt, ...]
    names: tuple[PurePosixPath, ...]


def validate_all(groups: Sequence[Group], workers: int) -> Iterator[Validated]:
    """Yield what the rows of groups are like, in order.

    Args:
        groups: The groups; where there are several workers, of datasets of installed plugins.
        workers: How many processes read them; 1 is this one.
    """
    if workers < 2 or len(groups) < 2:
        yield from map(validate, groups)
        return
    context = multiprocessing.get_context("spawn")  # pyarrow has threads, which a fork would lose
    with ProcessPoolExecutor(min(workers, len(groups)), mp_context=context) as pool:
        yield from pool.map(_validated, [_told(one) for one in groups])


def _told(group: Group) -> _Task:
    return _Task(group.spec.name, group.use, group.split, group.parts, group.names)


def _validated(task: _Task) -> Validated:
    entry = _registry().dataset(task.dataset)
    family = Family((entry,))
    return validate(Group(family, entry.spec, task.use, task.split, task.parts, task.names))


@cache
def _registry() -> Registry:
    return load(disabled=disabled_plugins()).registry
