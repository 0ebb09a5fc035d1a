"""Text of unknown origin, such as a plugin's error, in a form that cannot steer a terminal."""

from __future__ import annotations


def harmless(text: str) -> str:
    r"""Return a text with control characters written out (`\x1b`); lines and tabs stay."""
    if text.isprintable():
        return text
    return "".join(
        one if one in "\n\t" or one.isprintable() else one.encode("unicode_escape").decode()
        for one in text
    )
