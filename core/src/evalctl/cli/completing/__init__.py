"""Shell completion: the answer to what the scripts of `evalctl completion SHELL` ask at each TAB.

    evalctl __complete bash LINE REPLACED      LINE ends at the cursor, REPLACED is the end of it
    evalctl __complete zsh CURRENT WORD...     CURRENT is the word at the cursor, WORDs those before
    evalctl __complete fish CURRENT WORD...    likewise, with CURRENT as it was typed

The first line of the answer says what the shell should offer where it gets no candidates: `files`,
`folders` or `nothing`; for bash also `joined` where no space follows. Then comes one candidate a
line, for zsh and fish with a tab and a description. What a terminal would not show as it is, or a
shell not take for a name, is left out. The scripts discard standard error: nothing that goes wrong
here, least of all a plugin, is in the way of somebody who types.

`place.py` finds what stands at the cursor, `shell_words.py` knows how shells quote, `scripts.py`
holds the scripts. The values of options and arguments come from `cli/candidates.py`.
"""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout

from evalctl.cli.completing.place import Offer, Place, find
from evalctl.cli.completing.shell_words import quoted, read_line, unquote
from evalctl.cli.lazy import build
from evalctl.errors import ConfigError

_MOST_SECONDS = 10
"""Nobody waits longer at a TAB, whatever a plugin does while it is loaded."""

_MOST_HELP = 70
"""Characters of a description."""

_OPEN_ENDS = ("/", ":", "=")
"""What a candidate ends with that is no whole word yet."""

_FALLBACKS = {"DIR": "folders", "RUN": "folders", "FILE": "files", "PATH": "files"}
"""What a shell offers for a value, by a word of what `--help` calls it."""


def answer(arguments: Sequence[str]) -> None:
    """Write the answer to a script's question to standard output.

    Raises:
        ConfigError: It is no script that asks.
    """
    shell, *rest = arguments or ("",)
    if shell not in {"bash", "zsh", "fish"} or not rest:
        raise ConfigError("__complete is for the scripts that `evalctl completion` prints")
    signal.signal(signal.SIGALRM, lambda *_: os._exit(0))
    signal.alarm(_MOST_SECONDS)
    # A plugin that is missing is missing among the candidates, however strict commands are.
    os.environ.pop("EVALCTL_STRICT_PLUGINS", None)
    with redirect_stdout(sys.stderr):
        lines = answer_lines(shell, *rest)
    sys.stdout.write("".join(f"{line}\n" for line in lines))


def answer_lines(shell: str, *asked: str) -> list[str]:
    """Return the lines of the answer to what the script of a shell asked."""
    return _for_bash(*asked) if shell == "bash" else _for_others(shell, *asked)


def _for_bash(line: str, replaced: str = "") -> list[str]:
    """Return the answer for bash, where candidates take the place of `replaced` as they are."""
    read = read_line(line)
    if read.is_redirection or not read.current.endswith(replaced):
        return ["files"]
    head = read.current.removesuffix(replaced)
    standing, quote = unquote(head)
    place = find(build(), read.words, unquote(read.current)[0])
    found = [
        text
        for offer in _safe(place)
        if (whole := place.before + offer.value).startswith(standing)
        and (text := quoted(whole[len(standing) :], quote, begins_word=not head)) is not None
    ]
    is_joined = len(found) == 1 and found[0].endswith(_OPEN_ENDS)
    return [f"{_fallback(place)}{' joined' if is_joined else ''}", *found]


def _for_others(shell: str, current: str, *words: str) -> list[str]:
    typed = unquote(current)[0] if shell == "fish" else current
    place = find(build(), words, typed)
    # zsh is told what stands before a value, fish compares the whole word.
    before = place.before if shell == "fish" else ""
    told = (f"{before}{offer.value}\t{_one_line(offer.help)}" for offer in _safe(place))
    return [_fallback(place), *told]


def _fallback(place: Place) -> str:
    words = re.split(r"[^A-Z]+", place.metavar)
    return next((_FALLBACKS[word] for word in words if word in _FALLBACKS), "nothing")


def _safe(place: Place) -> Iterator[Offer]:
    """Yield what is fit to be offered, each value once."""
    encoding = sys.stdout.encoding or "utf-8"
    offers = {offer.value: offer for offer in reversed(place.offers)}
    for value, offer in reversed(offers.items()):
        is_option = bool(value.startswith("-") and place.metavar)
        is_lost = value.encode(encoding, "replace").decode(encoding) != value
        if value and value.isprintable() and not is_option and not is_lost:
            yield offer


def _one_line(text: str) -> str:
    plain = "".join(one if one.isprintable() else " " for one in text)
    short = " ".join(plain.split())
    return short if len(short) <= _MOST_HELP else f"{short[: _MOST_HELP - 1].rstrip()}…"
