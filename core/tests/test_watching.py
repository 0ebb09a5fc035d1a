"""A sign of life of checks where standard error is no terminal."""

from __future__ import annotations

import re

import pytest

from evalctl.cli.watching import watching


def test_a_log_is_told_now_and_then_how_far_a_check_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("evalctl.cli.watching.LINE_SECONDS", -1.0)
    with watching() as show:
        show("reading", 12_000)
    assert re.fullmatch(r"\[ +0\.\d s\] reading: 12,000\n", capsys.readouterr().err)


def test_a_short_check_is_not_told(capsys: pytest.CaptureFixture[str]) -> None:
    with watching() as show:
        show("reading", 12_000)
    assert capsys.readouterr().err == ""
