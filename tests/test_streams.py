"""Streams that are closed, full or narrow: what can be written is, and a line tells the rest."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from tests.conftest import Site

ANSWER = "#### 2"
COMMAND = f"{sys.executable} -c 'from evalctl.cli import main; main()'"


@pytest.fixture
def place(site: Site) -> Site:
    """Two rows of GSM8K's form with recorded answers."""
    folder = site.folder / "data" / "gsm8k"
    folder.mkdir(parents=True)
    row = json.dumps({"question": "1 + 1?", "answer": f"1 + 1 = 2\n{ANSWER}"})
    (folder / "test.jsonl").write_text(f"{row}\n" * 2)
    rows = [{"dataset": "gsm8k", "id": str(n), "completions": [ANSWER]} for n in range(2)]
    text = "".join(json.dumps(row) + "\n" for row in rows)
    (site.folder / "outputs.jsonl").write_text(text)
    return site


RUN = "run --model replay:outputs.jsonl --data data"


def shell(
    place: Site, arguments: str, redirection: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", "-c", f"{COMMAND} {arguments} {redirection}"],
        cwd=place.folder,
        env={**os.environ, "PYTHONPATH": str(place.folder), **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def statuses(place: Site) -> list[str]:
    found = (place.folder / "runs").glob("*/summary.json")
    return [json.loads(path.read_text(encoding="utf-8"))["status"] for path in found]


@pytest.mark.parametrize(
    ("redirection", "reason"),
    [(">&-", "Bad file descriptor"), (">/dev/full", "No space left on device")],
)
@pytest.mark.parametrize("more", ["", "--json"])
def test_results_are_on_disk_where_standard_output_takes_nothing(
    place: Site, redirection: str, reason: str, more: str
) -> None:
    done = shell(place, f"{RUN} {more}", redirection)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == f"error: cannot write to standard output: {reason}"
    assert "bug" not in done.stderr
    assert statuses(place) == ["complete"]


@pytest.mark.parametrize("redirection", ["2>&-", "2>/dev/full"])
def test_standard_error_that_takes_nothing_ends_no_command(place: Site, redirection: str) -> None:
    done = shell(place, f"{RUN} --json", redirection)
    assert done.returncode == 0
    assert json.loads(done.stdout)["status"] == "complete"
    assert shell(place, "list models --category nothing", redirection).returncode == 2


def test_all_streams_may_be_closed(place: Site) -> None:
    assert shell(place, RUN, "<&- >&- 2>&-").returncode == 1
    assert statuses(place) == ["complete"]


def test_characters_that_the_encoding_lacks_are_replaced(place: Site) -> None:
    done = shell(place, RUN, "", PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr
    assert "numerical_accuracy" in done.stdout
    assert done.stdout.isascii()


def test_help_that_cannot_be_written_is_told(place: Site) -> None:
    done = shell(place, "--help", ">/dev/full")
    assert done.returncode == 1
    assert done.stderr == "error: cannot write to standard output: No space left on device\n"


def test_the_version_is_printed_without_importing_anything_heavy(place: Site) -> None:
    code = (
        "import atexit, sys\n"
        "heavy = {'pydantic', 'rich', 'pluggy'}\n"
        "atexit.register(lambda: sys.stderr.write(f'{heavy & set(sys.modules)}'))\n"
        "from evalctl.cli import main; main(['--version'])"
    )
    done = place.python(code)
    assert (done.returncode, done.stderr) == (0, "set()")
    assert done.stdout.startswith("evalctl ")


@pytest.mark.parametrize(
    "command", [(), ("run",), ("show",), ("check",), ("list",), ("list", "runs")]
)
def test_h_is_help_everywhere(place: Site, command: tuple[str, ...]) -> None:
    short, long = place.run(*command, "-h"), place.run(*command, "--help")
    assert short.returncode == 0, short.stderr
    assert "Usage: evalctl" in short.stdout
    assert short.stdout == long.stdout
