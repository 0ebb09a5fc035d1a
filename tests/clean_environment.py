"""A virtual environment with evalctl in it, as pip installs its wheel, and none of this workspace.

What evalctl depends on is not fetched again, which takes pip half a minute: files of the versions
that run these tests are linked, or copied where the disk is another. pip then finds every
requirement of a wheel in place, without an index. A package that evalctl uses and does not name in
its requirements, even indirectly, is not there.

The environment is made once for each process of the tests, so tests that use it are best in one
file.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from pydantic import JsonValue

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "examples" / "evalctl-genomics"


@dataclass(frozen=True)
class CleanEnvironment:
    """A virtual environment."""

    folder: Path
    """Holds the environment itself, `wheels`, and `work`, where its commands run."""

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "venv" / "bin" / "python"

    def wheel(self, distribution: str) -> Path:
        """The wheel of a distribution of this repository."""
        (found,) = (self.folder / "wheels").glob(f"{distribution}-*.whl")
        return found

    def pip(self, *arguments: str) -> str:
        """Run pip on it, without any index; return what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", "pip", "--python", str(self.python), *arguments],
            env={**os.environ, "PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def install(self, distribution: str) -> None:
        """Install a distribution of this repository from its wheel, with its requirements."""
        self.pip("install", "--quiet", "--no-compile", str(self.wheel(distribution)))

    def run(self, *command: str, within: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command of the environment, such as `evalctl`, and return its outcome."""
        own = {k: v for k, v in os.environ.items() if not k.startswith(("EVALCTL_", "PYTHON"))}
        work = self.folder / "work"
        fixed = {"HF_HOME": str(work / "hub"), "EVALCTL_CACHE": str(work / "generations")}
        return subprocess.run(
            [self.python.parent / command[0], *command[1:]],
            env={**own, **fixed, "COLUMNS": "80"},
            cwd=within or work,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def rows(self, *arguments: str) -> list[dict[str, JsonValue]]:
        """Return what `evalctl list ... --json` prints."""
        done = self.run("evalctl", "list", *arguments, "--json")
        assert done.returncode == 0, done.stderr
        rows = json.loads(done.stdout)
        assert isinstance(rows, list)
        return rows


@pytest.fixture(scope="session")
def clean_environment(tmp_path_factory: pytest.TempPathFactory) -> CleanEnvironment:
    """An environment with evalctl and pytest; the example's wheel lies ready to be installed."""
    made = CleanEnvironment(tmp_path_factory.mktemp("clean"))
    for name in ("wheels", "work"):
        (made.folder / name).mkdir()
    _build(made.folder / "wheels", ROOT / "core", EXAMPLE)
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", str(made.folder / "venv")], check=True
    )
    project = tomllib.loads((ROOT / "core" / "pyproject.toml").read_text())["project"]
    (site,) = (made.folder / "venv" / "lib").glob("python*/site-packages")
    for distribution in _with_all_they_need([*project["dependencies"], "pytest"]):
        _lend(distribution, site)
    made.install("evalctl")
    return made


def _build(wheels: Path, *projects: Path) -> None:
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", wheels]
    if find_spec("hatchling"):  # else pip fetches it for each wheel
        command.append("--no-build-isolation")
    done = subprocess.run([*command, *projects], capture_output=True, text=True, check=False)
    if done.returncode and not os.environ.get("CI"):
        pytest.skip(f"wheels cannot be built: {done.stderr[-500:]}")
    assert done.returncode == 0, done.stderr


def _with_all_they_need(requirements: Iterable[str]) -> Iterator[metadata.Distribution]:
    """Yield the installed distributions that requirements name, and those that these need."""
    waiting, seen = list(requirements), set[str]()
    while waiting:
        requirement = Requirement(waiting.pop())
        key = f"{requirement.name}[{','.join(sorted(requirement.extras))}]"
        if key in seen:
            continue
        seen.add(key)
        found = metadata.distribution(requirement.name)
        yield found
        for needed in map(Requirement, found.requires or ()):
            extras = requirement.extras or {""}
            if needed.marker is None or any(needed.marker.evaluate({"extra": e}) for e in extras):
                waiting.append(str(needed))


def _lend(distribution: metadata.Distribution, site: Path) -> None:
    for file in distribution.files or ():
        target = site / file
        if ".." in file.parts or target.exists():  # a console script, which nobody calls
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(file.locate(), target)
        except OSError:
            shutil.copy2(file.locate(), target)
