"""Thousands of documents, each with its own image, through a tiny model: does memory stay flat?

Pages are drawn by evalctl-multimodal, written in DocVQA's form and asked of a tiny Donut, whose
answers are nonsense: every page is opened, decoded and looked at. Memory is that of the command and
of the engine's process together. Run from the root of the clone.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from processes import PeakMemory

from evalctl_multimodal.drawing import draw_page

LIMIT_BYTES = 150 << 20
WRITE_MODEL = (
    "import sys; from pathlib import Path; from core.tests.engines.tiny_seeing import write_donut; "
    "write_donut(Path(sys.argv[1]))"
)


class Seen(NamedTuple):
    """What a run took."""

    draw_seconds: float
    run_seconds: float
    image_bytes: int
    """Of all pages, unpacked, as a model's processor gets them."""
    peak_bytes: int


def main() -> int:
    """Print pages per second and the growth of memory; return 1 where it is above the limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int, nargs="?", default=5_000, help="pages of the large run")
    parser.add_argument("--small", type=int, default=250, help="pages of the small run")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        model = Path(name) / "donut"
        subprocess.run([sys.executable, "-c", WRITE_MODEL, str(model)], check=True)
        small, large = (measure(model, count) for count in (asked.small, asked.count))
    for count, seen in ((asked.small, small), (asked.count, large)):
        print(
            f"{count:,} pages: drawn in {seen.draw_seconds:.0f} s, run in {seen.run_seconds:.0f} s "
            f"({count / seen.run_seconds:.0f}/s), {seen.image_bytes >> 20:,} MiB of pixels, peak "
            f"{seen.peak_bytes >> 20:,} MiB"
        )
    growth = large.peak_bytes - small.peak_bytes
    print(f"growth: {growth / (1 << 20):.0f} MiB (at most {LIMIT_BYTES >> 20})")
    return 1 if growth > LIMIT_BYTES else 0


def measure(model: Path, count: int) -> Seen:
    """Return what a run over that many pages takes, start-up included."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        began = time.monotonic()
        pixels = write_pages(folder / "docvqa", count)
        drawn = time.monotonic() - began
        places = ["--data", str(folder), "--out", str(folder / "runs"), "--dataset", "docvqa"]
        options = ["--samples", "all", "--max-tokens", "1", "--no-cache"]
        engine = ["--engine-option", "batch_size=16"]
        command = [sys.executable, "-m", "evalctl", "run", "--model", f"transformers:{model}"]
        began = time.monotonic()
        with (
            subprocess.Popen(
                [*command, *places, *options, *engine],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            ) as process,
            PeakMemory(process.pid) as memory,
        ):
            _, errors = process.communicate()
        if process.returncode:
            raise RuntimeError(errors.decode(errors="replace")[-2000:])
        return Seen(drawn, time.monotonic() - began, pixels, memory.bytes)


def write_pages(folder: Path, count: int) -> int:
    """Draw pages and ask a question about each; return the bytes of their pixels in RGB."""
    (folder / "documents").mkdir(parents=True)
    rows, pixels = [], 0
    for number in range(count):
        page = draw_page(number)
        name = f"documents/{number}.png"
        page.sheet.save(folder / name)
        asked = page.asked[0]
        rows.append(
            {
                "questionId": number,
                "question": asked.question,
                "image": name,
                "docId": number,
                "answers": list(asked.answers),
            }
        )
        pixels += 3 * page.sheet.width * page.sheet.height
    (folder / "val_v1.0.json").write_text(json.dumps({"data": rows}))
    return pixels


if __name__ == "__main__":
    sys.exit(main())
