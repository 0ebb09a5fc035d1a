"""Keeping keys out of errors, logs and manifests. Pure functions of strings."""

from __future__ import annotations

import re

_LOOKS_LIKE_A_KEY = re.compile(r"\b(?:sk|pk|rk|key|xai|gsk)[-_][A-Za-z0-9*_\-]{8,}")
"""Keys of well-known vendors, also half covered with asterisks, as servers quote them."""


_SHORTEST = 4
"""A key that is shorter is none, and would blot out words."""
CUT = "…"
"""Stands where a text was shortened, perhaps in the midst of a key."""


def without_secrets(text: str, key: str) -> str:
    """Return a text with a key, and whatever looks like one, blotted out."""
    if len(key) >= _SHORTEST:
        text = text.replace(key, "[key]")
        for length in range(len(key) - 1, _SHORTEST - 1, -1):
            text = text.replace(key[:length] + CUT, f"[key]{CUT}")
    return _LOOKS_LIKE_A_KEY.sub("[key]", text)
