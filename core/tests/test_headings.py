from __future__ import annotations

import re

import pytest

from evalctl.cli.lazy import COMMANDS, build


def help_of(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    build().main([*words, "--help"], prog_name="evalctl", standalone_mode=False)
    return capsys.readouterr().out


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def test_options_of_a_run_are_under_headings(capsys: pytest.CaptureFixture[str]) -> None:
    told = help_of(capsys, "run")
    headings = re.findall(r"^(\w.*):$", told, re.MULTILINE)
    assert headings == ["What to run", "How to ask", "Engine", "Files and limits", "Options"]
    assert told.index("What to run:") < told.index("--category NAME") < told.index("How to ask:")
    assert told.count("--dry-run  ") == told.count("--help  ") == 1


def test_arguments_are_called_as_the_docs_call_them(capsys: pytest.CaptureFixture[str]) -> None:
    told = help_of(capsys, "compare")
    assert told.startswith("Usage: evalctl compare [OPTIONS] RUN...\n")
    assert "\n  RUN...  Names or folders of runs" in told


@pytest.mark.parametrize("command", COMMANDS)
def test_help_fits_a_narrow_terminal(capsys: pytest.CaptureFixture[str], command: str) -> None:
    told = help_of(capsys, command)
    assert max(map(len, told.splitlines())) <= 80
    assert "..." not in told.replace("RUN...", "").replace("K,...", "").replace("[ARGS]...", "")


def test_the_first_help_shows_where_to_begin(capsys: pytest.CaptureFixture[str]) -> None:
    told = help_of(capsys)
    assert "evalctl run --category math" in told
    for name, listed in COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(listed.help)}$", told, re.MULTILINE)
