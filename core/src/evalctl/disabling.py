"""Which plugins the environment says are not to be imported."""

from __future__ import annotations

import os

DISABLED = "EVALCTL_DISABLE_PLUGINS"
"""The environment's variable: names of plugins, with commas between them."""


def disabled_plugins() -> tuple[str, ...]:
    """Return the names of plugins that are not to be imported, as the environment has them."""
    listed = os.environ.get(DISABLED, "").split(",")
    return tuple(dict.fromkeys(name.strip() for name in listed if name.strip()))
