"""Putting a `Registry` together out of what the plugins returned; nothing of it can be replaced.

A plugin is accepted whole or not at all. The rules are in `draft.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from evalctl.assembly.contribution import Contribution, RefusedError
from evalctl.assembly.draft import Draft
from evalctl.registry import Owner, Registry

__all__ = ["Contribution", "RefusedError", "assemble"]


def assemble(
    contributions: Iterable[Contribution], *, hint: str = ""
) -> tuple[Registry, dict[Owner, RefusedError]]:
    """Return the registry of all contributions that stand together, and why others do not.

    Args:
        contributions: One per plugin; of two that clash, the first one stands.
        hint: What failed look-ups in the registry add to their message.
    """
    standing = list(contributions)
    refused: dict[Owner, RefusedError] = {}
    while True:
        draft = Draft(standing)
        if not draft.refused:
            return draft.registry(hint), refused
        refused |= _certain(draft.refused)
        standing = [one for one in standing if one.owner not in refused]


def _certain(refused: Mapping[Owner, RefusedError]) -> dict[Owner, RefusedError]:
    """Return those who clash with somebody who stands; the others get another chance without it.

    Where all clash with one another in a circle, the first one goes.
    """
    found = {owner: error for owner, error in refused.items() if error.holder not in refused}
    return found or dict([next(iter(refused.items()))])
