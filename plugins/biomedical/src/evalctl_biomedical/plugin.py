"""The category: what `evalctl run --category biomedical` runs."""

from __future__ import annotations

from collections.abc import Iterable

from evalctl import CategorySpec, hookimpl


@hookimpl
def evalctl_categories() -> Iterable[CategorySpec]:
    """Return the category; without datasets there is none yet."""
    return ()
