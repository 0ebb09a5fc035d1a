"""Keeping keys out of errors, logs and manifests. Pure functions of strings."""

from __future__ import annotations

import re

_LOOKS_LIKE_A_KEY = re.compile(r"\b(?:sk|pk|rk|key|xai|gsk)[-_][A-Za-z0-9*_\-]{8,}")
"""Keys of well-known vendors, also half covered with asterisks, as servers quote them."""


def without_secrets(text: str, key: str) -> str:
    """Return a text with a key, and whatever looks like one, blotted out."""
    if len(key) >= 4:
        text = text.replace(key, "[key]")
    return _LOOKS_LIKE_A_KEY.sub("[key]", text)
