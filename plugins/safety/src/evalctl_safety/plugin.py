"""The category: what `evalctl run --category safety` runs."""

from __future__ import annotations

from collections.abc import Iterable

from evalctl import CategorySpec, hookimpl


@hookimpl
def evalctl_categories() -> Iterable[CategorySpec]:
    """Return the category of safety; it is still without datasets, and so without a category."""
    return ()
