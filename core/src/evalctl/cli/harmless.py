"""Text of unknown origin, such as a plugin's error, in a form that cannot steer a terminal."""

from __future__ import annotations


def harmless(text: str) -> str:
    r"""Return a text with control characters written out (`\x1b`); lines and tabs stay."""
    if text.isprintable():
        return text
    return "".join(one if one in "\n\t" or one.isprintable() else _written(one) for one in text)


def _written(character: str) -> str:
    code = ord(character)
    width, sign = next(pair for pair in ((2, "x"), (4, "u"), (8, "U")) if code < 16 ** pair[0])
    return f"\\{sign}{code:0{width}x}"
