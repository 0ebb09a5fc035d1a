"""Runs that are killed: a plugin whose every answer is known, and processes to send signals to."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.conftest import Site

N_SAMPLES = 60

PLUGIN = """
from __future__ import annotations

import time
import zlib

from evalctl import (
    CategorySpec, Completion, DatasetSpec, EngineInfo, EngineOptions, EngineSpec, Example,
    FileParts, FileSource, Generation, MetricSpec, ModelFacts, Sample, Sampling, Score, ScorerSpec,
    hookimpl, mean_value,
)


def to_sample(row):
    number = row.text("number")
    return Sample(id=f"s{number}", input=f"What is {number}?", target=number,
                  cluster=f"c{int(number) % 7}")


def digest(text):
    return zlib.crc32(text.encode())


class Steady:
    '''Answers by the question alone, in blocks of five, the last one of a block first.

    The model `unsteady` lets every tenth answer depend on what else is in its block.
    '''

    def __init__(self, model):
        self.info = EngineInfo(name="steady")
        self.is_unsteady = model.path == "unsteady"

    def generate(self, prompts):
        block = []
        for prompt in prompts:
            block.append(prompt)
            if len(block) == 5:
                yield from self.answer(block)
                block = []
        yield from self.answer(block)

    def answer(self, block):
        time.sleep(0.02)
        neighbours = sorted(prompt.sample_id for prompt in block)
        for prompt in reversed(block):
            mood = ""
            if self.is_unsteady and prompt.sample_id.endswith("0"):
                mood = f" {neighbours}"
            what = digest(prompt.text + str(prompt.messages)) % 5
            texts = [f"{what} {prompt.seed} {number}{mood}" for number in range(prompt.n)]
            completions = tuple(Completion(text=text, output_tokens=3) for text in texts)
            yield Generation(dataset=prompt.dataset, sample_id=prompt.sample_id, prompt_tokens=7,
                             completions=completions)

    choose = generate

    def close(self):
        pass


def open_engine(model, options):
    return Steady(model)


def check(model, options):
    return ModelFacts(content_hash="steady")


def score(sample, completion):
    time.sleep(0.002)
    what = int(completion.text.split()[0])
    if what == 0:
        return Score(value=0.0)
    if what == 1:
        raise ValueError(f"no sense in {sample.id}")
    return Score(value=what / 4, answer=str(what))


METRIC = MetricSpec(name="likeness", title="likeness", reduce=mean_value)
SCORER = ScorerSpec(name="likeness_score", version="1", score=score, metrics=(METRIC,),
                    is_isolated=True)
EXAMPLE = Example(sample=Sample(id="1", input="?", target="1"), good="4", bad="2")
ROWS = DatasetSpec(
    name="steady_rows", title="rows", version="1", licence="CC0-1.0", citation="made for tests",
    sources=(FileSource(parts=(FileParts(paths=("rows.jsonl",)),)),), columns=frozenset({"number"}),
    to_sample=to_sample, scorers=(SCORER,), headline="likeness", examples=(EXAMPLE,),
    role="primary", repeats=2, sampling=Sampling(temperature=0.5),
)


@hookimpl
def evalctl_categories():
    return [CategorySpec(name="steadiness", title="steadiness", models=(), datasets=(ROWS,))]


@hookimpl
def evalctl_engines():
    return [EngineSpec(name="steady", title="steady", capabilities=("generate",),
                       kinds=("decoder",), options=EngineOptions,
                       factory="evalctl_steady:open_engine", check=check)]
"""

DRIVER = """
import json, os, sys
import evalctl.cli.run, evalctl.cli.running, evalctl.cli.lazy
import evalctl.engines.host, evalctl.executors.workers
from evalctl.cli import main

for line in sys.stdin:
    arguments, log = json.loads(line)
    pid = os.fork()
    if pid == 0:
        os.setsid()
        out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        for number in (1, 2):
            os.dup2(out, number)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        main(arguments)
    print(pid, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
"""
"""Starts `evalctl` again and again from one process that has imported it already."""

RUN = (
    *("run", "--model", "steady:x", "--dataset", "steady_rows", "--data", "data", "-n", "all"),
    "--no-cache",
)
CACHE = {"EVALCTL_CACHE": "generations"}
MAX_ERRORS = ("--max-errors", "1000")


class Driver:
    """Starts commands one after the other; between `start` and `wait` they can be killed."""

    def __init__(self, site: Site, environment: Mapping[str, str] | None = None) -> None:
        own = {key: value for key, value in os.environ.items() if not key.startswith("EVALCTL_")}
        path = os.pathsep.join([str(site.folder), os.environ.get("PYTHONPATH", "")]).strip(":")
        self.environment = {
            **own,
            **{"PYTHONPATH": path, "COLUMNS": "80"},
            **CACHE,
            **(environment or {}),
        }
        self.folder = site.folder
        self.log = site.folder / "log.txt"
        self.process = subprocess.Popen(
            [sys.executable, "-c", DRIVER],
            env=self.environment,
            cwd=site.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self, *arguments: str) -> int:
        """Start `evalctl` and return its process id."""
        self._put(json.dumps([arguments, str(self.log)]))
        return int(self._get())

    def wait(self) -> int:
        """Return the exit code of what was started; the negative signal where one ended it."""
        return int(self._get())

    def run(self, *arguments: str) -> int:
        """Start `evalctl` and return its exit code."""
        self.start(*arguments)
        return self.wait()

    def beside(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `evalctl` in another process, while what was started goes on."""
        return self.python("from evalctl.cli import main; main()", *arguments)

    def python(self, code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run Python code in another process."""
        return self._apart([sys.executable, "-c", code, *arguments])

    def in_small_folder(self, code: str, out: str) -> subprocess.CompletedProcess[str]:
        """Run Python code that gets a folder on a small file system of its own, and one to keep."""
        small = self.folder / out / "small"
        small.mkdir()
        bwrap = Path(sys.executable).with_name("bwrap")
        mounts = ["--dev-bind", "/", "/", "--size", "600000", "--tmpfs", str(small)]
        kept = str(self.folder / out / "kept")
        python = [sys.executable, "-c", code, str(small), kept, *RUN, *MAX_ERRORS]
        return self._apart([str(bwrap if bwrap.exists() else "bwrap"), *mounts, *python])

    def _apart(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def said(self) -> str:
        """Return what the last command printed."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(60)

    def _put(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def _get(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()


@contextmanager
def driver_at(site: Site, **environment: str) -> Iterator[Driver]:
    """The plugin, its rows, and a process that starts commands there."""
    site.add("steady", PLUGIN)
    (site.folder / "data").mkdir()
    lines = (json.dumps({"number": str(number)}) for number in range(N_SAMPLES))
    (site.folder / "data" / "rows.jsonl").write_text("\n".join(lines) + "\n")
    driver = Driver(site, environment)
    try:
        yield driver
    finally:
        driver.close()


def the_run(driver: Driver, out: str = "runs") -> Path:
    """Return the only run folder."""
    (path,) = (driver.folder / out).glob("*/manifest.json")
    return path.parent


def samples_file(run: Path) -> Path:
    (path,) = run.glob("samples/*/steady_rows.jsonl")
    return path


def summary_of(run: Path) -> dict[str, Any]:
    """Return a summary without what differs from one run to the next: its name, and times."""
    summary: dict[str, Any] = json.loads((run / "summary.json").read_text(encoding="utf-8"))
    del summary["run_id"], summary["digest"]
    for model in summary["models"]:
        for key in ("load_seconds", "generate_seconds", "tokens_per_second"):
            del model["usage"][key]
    return summary


def results_of(run: Path) -> dict[str, dict[str, Any]]:
    """Return all sample results by id, each once, without times."""
    results: dict[str, dict[str, Any]] = {}
    for line in samples_file(run).read_text(encoding="utf-8").splitlines():
        result = json.loads(line)
        del result["generation"]["seconds"], result["generation"]["first_token_seconds"]
        assert result["sample_id"] not in results, "a sample stands twice"
        results[result["sample_id"]] = result
    return results


def children_of(pid: int, mark: str) -> list[int]:
    """Return the processes below another one whose command line holds a mark."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            if int(fields[1]) == pid and mark in (entry / "cmdline").read_text():
                found.append(int(entry.name))
        except (OSError, IndexError):
            continue
    return found


def wait_for(what: str, found: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait until a function returns something true."""
    end = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < end, f"{what} did not come"
        time.sleep(0.005)


def kill(pid: int) -> None:
    """Send SIGKILL; a process that is gone is fine."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
