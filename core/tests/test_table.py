"""Tables lose nothing, however narrow the terminal is, and break few words."""

from __future__ import annotations

import pytest

from evalctl.cli.table import print_table

ROWS = [
    ("bwrap", "kernel namespaces, a filter of system calls", "bigcodebench_hard_instruct, apps"),
    ("a_long_name_of_a_thing", "hosts without user namespaces", "x" * 70 + " /and/a/path/" * 3),
    ("c", "", "one two three"),
]
COLUMNS = {
    "thing": lambda row: row[0],
    "what it keeps away": lambda row: row[1],
    "datasets": lambda row: row[2],
}


def printed(width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    monkeypatch.setenv("COLUMNS", str(width))
    print_table(ROWS, COLUMNS, empty="")
    return capsys.readouterr().out


@pytest.mark.parametrize("width", [50, 60, 70, 79, 80, 81, 100, 132])
def test_nothing_is_lost_and_no_line_is_too_long(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = printed(1_000, monkeypatch, capsys)
    narrow = printed(width, monkeypatch, capsys)
    assert sorted("".join(narrow.split())) == sorted("".join(whole.split()))
    assert max(map(len, narrow.splitlines())) <= width


def test_words_that_fit_are_not_broken(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "bigcodebench_hard_instruct" in printed(80, monkeypatch, capsys)
