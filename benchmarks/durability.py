"""What it costs that nothing is lost, and how soon a run with very many finished samples goes on.

First: recorded outputs scored through `evalctl run` three times in turn: as it is, without syncing,
and without writing samples at all. Then: a run folder with all samples but ten finished is resumed,
and the time until the first missing sample is scored is measured, with the peak of memory.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from harness import write_rows
from timing import in_turn, median_ratio

from evalctl.plan import PlannedDataset, RunSpec, make
from evalctl.plugins import load
from evalctl.records import Completion, Generation
from evalctl.results import SampleResult
from evalctl.run import new_run_folder
from evalctl.run.interruption import Interruption
from evalctl.run.keeping import Ledger
from evalctl.run.manifest import make_manifest
from evalctl.run.observer import SilentObserver
from evalctl.run.tally import Tally
from evalctl.scoring import ScoringPool

LIMIT_SECONDS = 10.0
LIMIT_BYTES = 300 << 20

ARMS = {
    "as it is": "",
    "without syncing": "import os; os.fsync = lambda file: None",
    "without writing": "import evalctl.store.journal as j; j.Journal.append = lambda *a: None",
}
LEFT = 10


def main() -> int:
    """Print the costs; return 1 where a resume is above its limits."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=100_000, help="of the first part")
    parser.add_argument("--rounds", type=int, default=3, help="of the first part")
    parser.add_argument("--finished", type=int, default=1_000_000, help="of the second part")
    asked = parser.parse_args()
    if asked.samples:
        show_costs(asked.samples, asked.rounds)
    return show_resume(asked.finished) if asked.finished else 0


def show_costs(count: int, rounds: int) -> None:
    """Print seconds per sample of each arm, and ratios."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_rows(folder, count)
        words = ["run", "--model", f"replay:{folder / 'outputs.jsonl'}", "--dataset", "gsm8k"]
        words += ["--data", name, "--out", str(folder / "runs"), "--json"]
        start = "from evalctl.cli import main; main()"
        commands = {
            arm: [sys.executable, "-c", f"{code}\n{start}", *words] for arm, code in ARMS.items()
        }
        spent = in_turn(commands, rounds)
    base = [one.seconds for one in spent["without writing"]]
    for arm, found in spent.items():
        wall = min(one.seconds for one in found)
        busy = min(one.processor_seconds for one in found)
        ratio = median_ratio([one.seconds for one in found], base)
        print(
            f"{arm:16} {1e6 * wall / count:7.0f} µs a sample, {1e6 * busy / count:7.0f} µs of "
            f"processor; {ratio:.3f} of the time without writing"
        )


def show_resume(count: int) -> int:
    """Print how soon a run with `count` samples, all but ten finished, goes on."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_rows(folder, count)
        run = write_run(folder, count)
        size = sum(path.stat().st_size for path in run.rglob("*") if path.is_file())
        print(f"a run with {count - LEFT:,} of {count:,} samples finished: {size >> 20} MiB")
        seconds, peak = resume(run)
    print(f"first missing sample scored after {seconds:.1f} s (at most {LIMIT_SECONDS:.0f})")
    print(f"peak memory {peak >> 20} MiB (at most {LIMIT_BYTES >> 20})")
    print(
        f"ratio to the limits: time {seconds / LIMIT_SECONDS:.2f}, memory {peak / LIMIT_BYTES:.2f}"
    )
    return 1 if seconds > LIMIT_SECONDS or peak > LIMIT_BYTES else 0


def write_run(folder: Path, count: int) -> Path:
    """Write a run of all samples but the last ten, as a run leaves it that is killed there.

    Every sample gets the result of the first one: scoring a million would take ten minutes.
    """
    outputs = (folder / "outputs.jsonl").read_text().splitlines()
    (folder / "left.jsonl").write_text("\n".join(outputs[-LEFT:]) + "\n")
    asked = RunSpec(
        models=(f"replay:{folder / 'left.jsonl'}",),
        datasets=("gsm8k",),
        data_folders=(folder,),
        out=folder / "runs",
        max_errors=count,
    )
    plan = make(asked, load())
    place = new_run_folder(plan)
    place.create(make_manifest(plan, place))
    (model,) = plan.models
    (dataset,) = model.datasets
    tallies = {dataset.name: Tally(dataset)}
    ledger = Ledger(model, place, SilentObserver(), Interruption(), tallies)
    with ExitStack() as stack:
        ledger.open(stack)
        first = first_result(dataset, json.loads(outputs[0])["completions"][0])
        for index, line in enumerate(outputs[:-LEFT]):
            name = str(json.loads(line)["id"])
            result = first.model_copy(update={"sample_id": name, "index": index})
            ledger.keep(result)
    return place.path


def first_result(dataset: PlannedDataset, text: str) -> SampleResult:
    """Return the scored result of a dataset's first sample."""
    asked = next(dataset.prompts(0))
    generation = Generation(
        dataset=dataset.name, sample_id=asked.sample.id, completions=(Completion(text=text),)
    )
    pool = ScoringPool()
    (result,) = (*pool.score(asked, generation), *pool.finish())
    pool.close()
    return result


def resume(run: Path) -> tuple[float, int]:
    """Resume a run; return the seconds until a new sample is on disk, and the peak of memory."""
    (samples,) = run.glob("samples/*/*.jsonl")
    size = samples.stat().st_size
    command = [sys.executable, "-c", "from evalctl.cli import main; main()"]
    began = time.perf_counter()
    process = subprocess.Popen(
        [*command, "run", "--resume", str(run)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    seconds, peak = 0.0, 0
    while process.poll() is None:
        if not seconds and samples.stat().st_size > size:
            seconds = time.perf_counter() - began
        peak = max(peak, peak_bytes(process.pid))
        time.sleep(0.01)
    if process.returncode:
        raise RuntimeError(f"the resume ended with {process.returncode}")
    return seconds, peak


def peak_bytes(pid: int) -> int:
    """Return the largest resident size that a process had; 0 where it has ended.

    What `wait4` gives begins with the size of the process that started it.
    """
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM")), 0)


if __name__ == "__main__":
    sys.exit(main())
