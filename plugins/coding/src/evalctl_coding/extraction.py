"""The program in a model's answer: pure functions of strings, in linear time.

The text is never parsed here: a parser can be made to use much memory, and whether a program
parses is found out in the sandbox.
"""

from __future__ import annotations

import re

_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})[ \t]*([^\n`]*)$", re.MULTILINE)
_PYTHON = frozenset({"", "python", "py", "python3", "python 3"})
_START = re.compile(r"^(?:async def |def |class |import |from \w|@\w)", re.MULTILINE)
_GOES_ON = re.compile(
    r"async def |def |class |import |from \w|@\w|if |for |while |try:|except|finally|else|elif "
    r"|with |#|[)\]}]|[A-Za-z_]\w*(?:\.\w+|\[[^\]\n]*\])* *(?:[-+*/|&]?=|:[^=\n]+=|\()|\s|$"
)
"""How a line of code at the left margin may begin; prose after the code does not."""


def defines(program: str, name: str) -> bool:
    """Return whether a function of that name is defined at the left margin."""
    return re.search(rf"^(?:async )?def {re.escape(name)}\b", program, re.MULTILINE) is not None


def blocks(text: str) -> tuple[str, ...]:
    """Return the contents of fenced blocks of Python, or of no language, in order.

    A fence that is never closed holds all that follows it.
    """
    found: list[str] = []
    start, mark, language = -1, "", ""
    for match in _FENCE.finditer(text):
        label = match[2].strip().lower()
        if start < 0:
            start, mark, language = match.end() + 1, match[1], label
        elif match[1].startswith(mark) and not label:
            if language in _PYTHON:
                found.append(text[start : match.start()])
            start = -1
    if 0 <= start < len(text) and language in _PYTHON:
        found.append(text[start:])
    return tuple(found)


def program(text: str, *, prompt: str, entry_point: str) -> str | None:
    """Return the program that an answer stands for; None where it holds nothing.

    In this order: the last fenced block that defines the function, with what the prompt defines
    before it; a fenced block as the function's body; all fenced blocks together; text without
    fences that defines the function, cut where prose follows; anything else as the prompt's
    continuation.

    Args:
        text: The answer, without its reasoning.
        prompt: What the function begins with; empty where the dataset gives none.
        entry_point: The function that tests call; empty where it is not known.
    """
    text = text.replace("\r\n", "\n")
    if not text.strip():
        return None
    fenced = blocks(text)
    if not fenced:
        return _unfenced(text, prompt, entry_point)
    whole = [block for block in fenced if defines(block, entry_point)]
    if whole:
        return _head(prompt, entry_point) + whole[-1]
    if prompt and fenced[0][:1] in (" ", "\t"):
        return _joined(prompt, fenced[0])
    return _head(prompt, entry_point) + "\n".join(fenced)


def _unfenced(text: str, prompt: str, entry_point: str) -> str:
    if defines(text, entry_point) or not prompt:
        start = _START.search(text)
        return _head(prompt, entry_point) + _code_only(text[start.start() if start else 0 :])
    return _joined(prompt, text)


def _code_only(text: str) -> str:
    """Return the lines up to the first that cannot be code."""
    kept = []
    for line in text.split("\n"):
        if not _GOES_ON.match(line):
            break
        kept.append(line)
    return "\n".join(kept)


def _joined(prompt: str, body: str) -> str:
    return prompt + body if prompt.endswith("\n") or body.startswith("\n") else f"{prompt}\n{body}"


def _head(prompt: str, entry_point: str) -> str:
    """Return what a prompt holds before its function: imports and helpers."""
    match = re.search(rf"^(?:async )?def {re.escape(entry_point)}\b", prompt, re.MULTILINE)
    return prompt[: match.start()] if match and entry_point else ""
