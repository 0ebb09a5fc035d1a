from __future__ import annotations

import subprocess

import pytest

from evalctl.cli.completing.shell_words import Line, quoted, read_line, unquote

HOSTILE = [
    "$(touch pwned)",
    "`touch pwned`",
    "a;touch pwned",
    "two  words",
    "a'b",
    'a"b',
    "a\\b",
    "*",
    "~root",
    "#a",
    "{a,b}",
    "a|b&c>d<e",
    "${HOME}$HOME",
    "a:b=c",
    "%s%n",
    "ünï",
    "-rf",
    "[ab]?",
    "a=~root:~",
]


@pytest.mark.parametrize(
    ("raw", "text", "quote"),
    [
        ("plain", "plain", ""),
        (r"two\ words", "two words", ""),
        ("'two words'/x", "two words/x", ""),
        ("'open $HOME", "open $HOME", "'"),
        (r'"open \$HOME \n', r"open $HOME \n", '"'),
        ("\"it's", "it's", '"'),
        (r"it\'s", "it's", ""),
        ("$(rm -rf ~)", "$(rm -rf ~)", ""),
        ("", "", ""),
    ],
)
def test_quotes_are_read_and_nothing_else_is(raw: str, text: str, quote: str) -> None:
    assert unquote(raw) == (text, quote)


@pytest.mark.parametrize(
    ("line", "words", "current", "is_redirection"),
    [
        ("evalctl run -m vllm:mo", ("run", "-m"), "vllm:mo", False),
        ("evalctl run  -m ", ("run", "-m"), "", False),
        ("evalctl show 'my run", ("show",), "'my run", False),
        (r"evalctl show my\ r", ("show",), r"my\ r", False),
        ("evalctl show '' x", ("show", ""), "x", False),
        ("evalctl list runs > out", ("list", "runs"), "out", True),
        ("evalctl list runs 2>/dev/null -", ("list", "runs"), "-", False),
        ("evalctl list runs 2>&1 >> ", ("list", "runs"), "", True),
        ("evalctl", (), "evalctl", False),
    ],
)
def test_a_line_is_split_as_bash_does(
    line: str, words: tuple[str, ...], current: str, is_redirection: bool
) -> None:
    assert read_line(line) == Line(words, current, is_redirection)


@pytest.mark.parametrize("quote", ["", "'", '"'])
def test_bash_reads_back_what_was_quoted(quote: str) -> None:
    texts = {text: quoted(text, quote, begins_word=True) for text in HOSTILE}
    known = {text: word for text, word in texts.items() if word is not None}
    words = " ".join(f"{quote}{word}{quote}" for word in known.values())
    read = subprocess.run(
        ["bash", "-c", f"printf '%s\\n' {words}"], capture_output=True, text=True, check=True
    )
    assert read.stdout.splitlines() == list(known)
    assert len(known) >= len(HOSTILE) - 1


def test_what_no_quote_can_hold_is_left_out() -> None:
    assert quoted("a'b", "'", begins_word=True) is None
    assert quoted("a!b", '"', begins_word=True) is None
    assert quoted("a!b", "", begins_word=True) == r"a\!b"


def test_a_tilde_inside_of_a_word_stays_as_it_is() -> None:
    assert quoted("~/x", "", begins_word=False) == "~/x"
    assert quoted("~/x", "", begins_word=True) == r"\~/x"
