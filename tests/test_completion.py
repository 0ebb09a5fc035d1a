"""Completion in a real bash in a terminal, and what a TAB imports.

What zsh and fish are answered is tested in `core/tests/test_completing.py`; they need not be there.
"""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

from tests.conftest import TOYS, Site
from tests.test_import_weight import HEAVY, imported_by


def test_another_shell_is_the_users_mistake(site: Site) -> None:
    done = site.run("completion", "fsh")
    assert done.returncode == 2
    assert "Known: bash, fish, zsh." in done.stderr


def test_who_asks_without_a_script_is_told_so(site: Site) -> None:
    done = site.run("__complete", "tcsh", "x")
    assert done.returncode == 2
    assert "evalctl completion" in done.stderr


def test_commands_and_options_are_completed_without_plugins(toys: Site) -> None:
    modules = imported_by(toys, "__complete", "zsh", "--", "run")
    assert not modules & {"evalctl.plugins", "evalctl.registry", "pydantic", "rich"}
    assert not imported_by(toys, "__complete", "zsh", "", "run", "--category") & HEAVY


BREAKING = """
import os, sys, warnings
print("said by a plugin"); print("said by a plugin", file=sys.stderr)
os.write(1, b"said by a plugin"); os.write(2, b"said by a plugin")
warnings.warn("said by a plugin")
raise RuntimeError("said by a plugin")
"""


class Terminal:
    """A bash with completion in a terminal, where `evalctl` writes down what it is given."""

    def __init__(self, site: Site) -> None:
        """Start it in a site's folder."""
        self.log = site.folder / "given"
        self.log.touch()
        program = site.folder / "bin/evalctl"
        program.parent.mkdir()
        program.write_text(f"#!{sys.executable}\nfrom evalctl.cli import main\nmain()\n")
        program.chmod(0o755)
        (site.folder / "rc").write_text(
            "PS1='$ '; HISTFILE=\n"
            + site.run("completion", "bash").stdout
            + "evalctl() { printf '%s\\0' \"$@\" >>given; echo >>given; }\n"
        )
        path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
        python_path = f"{site.folder}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"
        environment = {
            "TERM": "dumb",
            "PATH": path,
            "PYTHONPATH": python_path,
            "LC_ALL": "C.UTF-8",
            "EVALCTL_STRICT_PLUGINS": "1",
        }
        self.screen = b""
        self.master, slave = pty.openpty()
        self.process = subprocess.Popen(
            ["bash", "--noprofile", "--rcfile", "rc", "-i"],
            cwd=site.folder,
            env=environment,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)

    def given(self, typed: str) -> list[str]:
        """Return the arguments that a line has after TAB at its end."""
        n_before = self.log.read_text().count("\n")
        os.write(self.master, typed.encode() + b"\t\n")
        until = time.monotonic() + 20
        while self.log.read_text().count("\n") == n_before and time.monotonic() < until:
            if select.select([self.master], [], [], 0.02)[0]:
                self.screen += os.read(self.master, 65536)
        return self.log.read_text().splitlines()[-1].split("\0")[:-1]

    def close(self) -> None:
        """End it."""
        self.process.kill()
        self.process.wait()
        os.close(self.master)


def add_runs(folder: Path, names: list[str]) -> None:
    for name in names:
        (folder / "runs" / name).mkdir(parents=True)
        (folder / "runs" / name / "manifest.json").write_text("{}")


def test_bash_gives_the_very_name_and_runs_and_shows_nothing(site: Site) -> None:
    add_runs(site.folder, ["$(touch pwned)", "co:lon"])
    site.add("toys", TOYS.read_text())
    site.add("broken", BREAKING)
    terminal = Terminal(site)
    try:
        given = {
            typed: terminal.given(f"evalctl {typed}")
            for typed in ("show \\$", 'show "$', "compare co:", "run --category=to")
        }
    finally:
        terminal.close()
    assert given == {
        "show \\$": ["show", "$(touch pwned)"],
        'show "$': ["show", "$(touch pwned)"],
        "compare co:": ["compare", "co:lon"],
        "run --category=to": ["run", "--category=toys"],
    }
    assert not (site.folder / "pwned").exists()
    assert b"said by a plugin" not in terminal.screen
    assert b"warning" not in terminal.screen
