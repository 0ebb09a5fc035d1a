"""Runs to be exported: real ones, on recorded outputs that are as hostile as models can be."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic import JsonValue
from tests.conftest import Site

from evalctl.exporting import ExportOptions, ExportSource, export, format_named
from evalctl.store import RunFolder

HOSTILE = (
    '=HYPERLINK("http://example.org","click")\n#### 4',
    "-6",
    "<think>first\n\n#### 5</think>#### 8\x00 and \x1b[2J\x9b2J \u2028\u2029\x85 end\r\n",
    "+1+cmd|' /C calc'!A0\r\n#### 10",
    "x" * 1_000_000 + "\n#### 12",
    "<think>never ends: #### 14",
    '\'quoted, "twice"; 🙂 \ud7ff\ue000 e\u0301\n\n#### 16',
    "I do not know.",
)
"""Outputs on the eight rows of `Exportable`, whose golds are 4, 6 … 18."""


@dataclass(frozen=True)
class Exportable:
    """A folder with eight rows of GSM8K's form, and runs on them."""

    site: Site

    def record(self, *completions: list[str]) -> None:
        """Record outputs, those of a row each."""
        rows = [
            {"dataset": "gsm8k", "id": str(number), "completions": texts}
            for number, texts in enumerate(completions)
        ]
        text = "".join(json.dumps(row) + "\n" for row in rows)
        (self.site.folder / "outputs.jsonl").write_text(text)

    def run(self, *more: str, outputs: str = "outputs.jsonl") -> RunFolder:
        """Run recorded outputs; return the run folder."""
        arguments = ("--model", f"replay:{outputs}", "--data", "data", "--json", *more)
        done = self.site.run("run", *arguments)
        assert done.stdout, done.stderr
        return RunFolder(self.site.folder / "runs" / json.loads(done.stdout)["run_id"])

    def export(self, *arguments: str) -> tuple[int, str, str]:
        """Run `evalctl export`; return exit code, standard output and standard error."""
        done = self.site.run("export", *arguments)
        return done.returncode, done.stdout, done.stderr


def make(site: Site) -> Exportable:
    folder = site.folder / "data" / "gsm8k"
    folder.mkdir(parents=True)
    rows = [
        {"question": f"{n} + {n}?", "answer": f"{n} + {n} = {2 * n}\n#### {2 * n}"}
        for n in range(2, 10)
    ]
    (folder / "test.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return Exportable(site)


@pytest.fixture(scope="session")
def exportable(tmp_path_factory: pytest.TempPathFactory) -> Exportable:
    return make(Site(tmp_path_factory.mktemp("export")))


@pytest.fixture(scope="session")
def hostile_run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A complete run, one hostile completion a sample."""
    made = make(Site(tmp_path_factory.mktemp("hostile")))
    made.record(*([text] for text in HOSTILE))
    return made.run()


@pytest.fixture(scope="session")
def repeated_run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A run of three completions a sample that failed: two samples have no outputs."""
    made = make(Site(tmp_path_factory.mktemp("repeated")))
    made.record(*(["#### 4", text, "#### 1"] for text in HOSTILE[:6]))
    verdicts = [
        {"dataset": "gsm8k/proof_correctness", "id": f"{row}#{turn}", "completions": ["Grade: 2"]}
        for row in range(6)
        for turn in range(3)
    ]
    text = "".join(json.dumps(row) + "\n" for row in verdicts)
    (made.site.folder / "verdicts.jsonl").write_text(text)
    return made.run("--repeats", "3", "--judge", "replay:verdicts.jsonl")


def exported(run: RunFolder, name: str, target: Path, *, is_raw: bool = False) -> Path:
    """Export a run in this process; return the target."""
    source = ExportSource.read(run)
    export(source, format_named(name), target, ExportOptions(is_raw=is_raw))
    return target


def json_lines(path: Path) -> list[dict[str, JsonValue]]:
    """Return the objects of a JSON Lines file, whose lines end with a line feed alone."""
    text = path.read_bytes().decode()
    assert text.endswith("\n")
    return [json.loads(line) for line in text[:-1].split("\n")]


def read_with(program: str, *exports: Path) -> list[dict[str, Any]]:
    """Run a program beside this file that reads exports; return what it prints of each."""
    command = [sys.executable, str(Path(__file__).with_name(program)), *map(str, exports)]
    offline = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_DISABLE_PROGRESS_BARS": "1"}
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, **offline}
    )
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def changed_copy(run: RunFolder, target: Path, **changes: object) -> RunFolder:
    """Copy a run and change its manifest, as another version would write it."""
    shutil.copytree(run.path, target)
    manifest = run.manifest().model_copy(update=changes).sealed()
    (target / "manifest.json").write_text(manifest.model_dump_json())
    return RunFolder(target)
