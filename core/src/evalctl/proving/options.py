"""Which of a question's options is the right one."""

from __future__ import annotations

import re

from evalctl.records import Sample

_LETTER = re.compile(r"\(?([A-Za-z])[).:]*")


def right_option(sample: Sample) -> int | None:
    """Return the position of the right option from 0; None where there is none, or no options.

    The target is the option's text, else its letter, as `B`, `b`, `(B)` or `B.`, else its number
    from 0.
    """
    choices, target = sample.choices, sample.target.strip()
    for position, choice in enumerate(choices):
        if choice.strip() == target:
            return position
    if match := _LETTER.fullmatch(target):
        position = ord(match[1].upper()) - ord("A")
    elif target.isascii() and target.isdecimal() and len(target) < 4:
        position = int(target)
    else:
        return None
    return position if position < len(choices) else None


def is_answerable(sample: Sample) -> bool:
    """Return whether a question without options, or with the right one among them, is asked.

    Several right options, as `A, C`, will do; so will numbers that count from 1.
    """
    if not sample.choices or right_option(sample) is not None:
        return True
    if sample.target.strip() == str(len(sample.choices)):
        return True
    parts = [part for part in re.split(r"[,;&\s]+", sample.target.strip()) if part]
    return len(parts) > 1 and all(
        right_option(sample.model_copy(update={"target": part})) is not None for part in parts
    )
