"""Real small distributions, found by `importlib.metadata` as if pip had installed them.

Every test file here runs the command line in a process of its own, so nothing is patched.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import JsonValue
from tests.clean_environment import clean_environment

__all__ = ["clean_environment"]  # a fixture for all that is here

TOYS = Path(__file__).with_name("toys.py")
"""A third-party plugin as it should be: a category, an engine and an executor."""


@dataclass(frozen=True)
class Site:
    """A folder of installed distributions, in front of what is installed already."""

    folder: Path
    """On the path of every process that is started here."""

    def add(
        self,
        name: str,
        code: str | None,
        *,
        requires: Sequence[str] = ("evalctl>=0.1",),
        entry_point: str | None = None,
        plugin: str | None = None,
    ) -> None:
        """Install the distribution `evalctl-NAME` 1.2.3, with the module `evalctl_NAME`.

        Args:
            name: Ends the names of distribution and module, and names the entry point.
            code: Of the module; None installs metadata only.
            requires: Requirements that the metadata state.
            entry_point: What the entry point names, if not the module.
            plugin: Name of the entry point, if not `name`.
        """
        module = f"evalctl_{name}"
        info = self.folder / f"{module}-1.2.3.dist-info"
        info.mkdir(parents=True)
        metadata = ["Metadata-Version: 2.1", f"Name: evalctl-{name}", "Version: 1.2.3"]
        metadata += [f"Requires-Dist: {requirement}" for requirement in requires]
        entry = f"[evalctl]\n{plugin or name} = {entry_point or module}\n"
        files = {"METADATA": "\n".join(metadata) + "\n", "entry_points.txt": entry}
        for file, text in files.items():
            (info / file).write_text(text)
        recorded = [f"{info.name}/{file},," for file in (*files, "RECORD")]
        if code is not None:
            (self.folder / f"{module}.py").write_text(code)
            recorded.append(f"{module}.py,,")
        (info / "RECORD").write_text("\n".join(recorded) + "\n")

    def run(
        self, *arguments: str, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run `evalctl` in a process of its own and return its outcome."""
        code = "import sys; from evalctl.cli import main; main()"
        return self.python(code, *arguments, environment=environment)

    def rows(self, *arguments: str) -> list[dict[str, JsonValue]]:
        """Run `evalctl list ... --json` and return its rows."""
        done = self.run("list", *arguments, "--json")
        assert done.returncode == 0, done.stderr
        rows = json.loads(done.stdout)
        assert isinstance(rows, list)
        return rows

    def python(
        self, code: str, *arguments: str, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run Python code in a process of its own and return its outcome."""
        own = {key: value for key, value in os.environ.items() if not key.startswith("EVALCTL_")}
        path = os.pathsep.join([str(self.folder), os.environ.get("PYTHONPATH", "")]).strip(":")
        fixed = {
            "PYTHONPATH": path,
            "COLUMNS": "80",
            "HF_HOME": str(self.folder / "no-cache"),
            "EVALCTL_CACHE": str(self.folder / "generations"),
            "XDG_CONFIG_HOME": str(self.folder / "config"),
        }
        return subprocess.run(
            [sys.executable, "-c", code, *arguments],
            env={**own, **fixed, **(environment or {})},
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """An empty folder of distributions."""
    folder = tmp_path / "site"
    folder.mkdir()
    return Site(folder)


@pytest.fixture(scope="module")
def toys(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A folder of distributions that holds the toy plugin; shared by a file's tests."""
    toys = Site(tmp_path_factory.mktemp("site"))
    toys.add("toys", TOYS.read_text())
    return toys
