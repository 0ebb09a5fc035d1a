"""Texts of unknown authors, shown to a judge model so that none of them can speak to it.

What a judge is told around them is in each rubric; here is what makes a text harmless to show, and
where rubrics look for a verdict.
"""

from __future__ import annotations

import hashlib
import re

MAX_FENCED = 20_000
"""Characters of a text that are shown by default."""

_KEY_CHARACTERS = 24
"""Of the marker's key: 96 bits of SHA-256, which nobody finds a text for that contains them."""

_LINE_ENDS = dict.fromkeys(map(ord, "\v\f\x1c\x1d\x1e\x85\u2028\u2029"), "\n")
_UNSEEN = (
    range(0x20),  # control characters
    range(0x7F, 0xA0),
    range(0x200E, 0x2010),  # marks of direction, which can show text in another order
    range(0x202A, 0x202F),
    range(0x2060, 0x2070),
    range(0xFFF9, 0xFFFC),
    range(0xE0000, 0xE1000),  # tags and further selectors: letters that nobody sees
    (0x61C, 0x180E, 0x200B, 0xFEFF),
)
_CLEANED = {
    **{code: "\ufffd" for codes in _UNSEEN for code in codes if chr(code) not in "\n\t"},
    **_LINE_ENDS,
}

_TEMPLATE_TOKENS = re.compile(
    r"""
      <(?=[|｜])                                      # <|im_end|>, <｜User｜>
    | <(?=/?(?:s|bos|eos|pad|unk|mask|cls|sep)>)      # </s>
    | <(?=(?:start|end)_of_[a-z]{1,16}>)              # <end_of_turn>
    | <(?=/?(?:think|tool_call|tool_calls|tool_response)>)
    | <(?=/?(?:[a-z]{1,12}_(?:id_)?|unused)\d{1,5}>)  # <extra_id_0>, <SPECIAL_7>
    | <(?=</?SYS>>)                                   # <<SYS>>
    | \[(?=/?(?-i:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|TOOL_CONTENT
        |MODEL_SETTINGS|THINK|ARGS|CALL_ID|CLS|SEP|MASK|PAD|UNK|BOS|EOS)\])
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""Where a token of a chat template may begin, of the kinds that models in use have."""


def fenced(*texts: str, limit: int = MAX_FENCED) -> tuple[str, ...]:
    """Return each text between two marker lines that none of its authors can have guessed.

    All texts that one conversation shows belong into one call. The lines are `BEGIN n KEY` and
    `END n KEY`, n being the text's place from 1. The key is a hash of all the texts, so that a text
    which holds its own end would have to hold its own hash; it is the same whenever the same is
    asked, so that verdicts can be kept. A rubric should say what the lines mean, and that nothing
    between them speaks to the judge.

    What a text cannot do any more: show itself in another order, hide letters (those are shown as
    U+FFFD), break what writes or sends it (lone surrogates likewise), or hold a token by which a
    judge's chat template ends a turn: such are written apart, `< |im_end|>`.

    Args:
        texts: What is shown, whoever wrote it: answers, questions, references.
        limit: Characters that are shown of each; what is longer has a mark where it was cut.
    """
    shown = [_shown(text, limit) for text in texts]
    digest = hashlib.sha256()
    for text in shown:
        encoded = text.encode()
        digest.update(len(encoded).to_bytes(8, "little") + encoded)
    key = digest.hexdigest()[:_KEY_CHARACTERS]
    return tuple(
        f"BEGIN {number} {key}\n{text}\nEND {number} {key}" for number, text in enumerate(shown, 1)
    )


def last_line(text: str) -> str:
    """Return the last line that is not empty, without spaces around it; empty where there is none.

    A judge gives its reasons first, and may quote a verdict that stands in a judged text: so a
    rubric that takes the last line for the verdict, and nothing else, cannot be told one.
    """
    lines = text.strip().splitlines()
    return lines[-1].strip() if lines else ""


def _shown(text: str, limit: int) -> str:
    """Return a text that is harmless to show, no longer than is shown."""
    n_left_out = len(text) - limit
    kept = text[:limit] if n_left_out > 0 else text
    if not kept.isascii():
        kept = kept.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    kept = kept.replace("\r\n", "\n").replace("\r", "\n").translate(_CLEANED)
    kept = _TEMPLATE_TOKENS.sub(r"\g<0> ", kept)
    return f"{kept}\n[cut here: {n_left_out:,} more characters]" if n_left_out > 0 else kept
