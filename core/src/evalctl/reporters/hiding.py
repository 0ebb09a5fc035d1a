"""What people read in the place of texts that may hurt, unless they ask for them."""

from __future__ import annotations


def hidden(text: str) -> str:
    """Return the line that stands for a text."""
    return f"hidden: {len(text):,} characters; --show-unsafe shows it"
