"""A category with two primary datasets, and runs on it with answers that are known beforehand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from pydantic import JsonValue
from tests.conftest import TOYS, Site

from evalctl.store.seals import digest_of

PLUGIN = """
from evalctl import CategorySpec, InlineSource, Sample, hookimpl
from evalctl_toys import dataset

ROWS = InlineSource(rows=tuple({"question": f"{n} + 0", "answer": str(n)} for n in range(60)))


def in_families(row):
    sample = Sample(id=str(row.number), input=row.text("question"), target=row.text("answer"))
    return sample.model_copy(update={"cluster": str(row.number // 5)})


@hookimpl
def evalctl_categories():
    datasets = (
        dataset("quiz", role="primary", sources=(ROWS,)),
        dataset("families", role="primary", sources=(ROWS,), to_sample=in_families),
    )
    return (CategorySpec(name="quizzes", title="quizzes", datasets=datasets),)
"""

SAMPLES = range(60)


def add_quizzes(site: Site) -> None:
    """Install the category `quizzes`: 60 samples in each dataset, `families` in twelve of five."""
    site.add("toys", TOYS.read_text())
    site.add("quiz", PLUGIN)


def record(site: Site, name: str, wrong: Mapping[str, range]) -> None:
    """Write the outputs of a model that is wrong on some samples of each dataset."""
    rows = [
        {"dataset": dataset, "id": str(n), "completions": ["?" if n in missed else str(n)]}
        for dataset, missed in wrong.items()
        for n in SAMPLES
    ]
    (site.folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def run(site: Site, name: str, *more: str, out: str = "runs") -> Path:
    """Run recorded outputs, and return the run's folder under the name that is asked for."""
    fixed = ("--samples", "all", "--out", f"making-{name}", "--json")
    models = more if "--model" in more else ("--model", f"replay:{name}.jsonl", *more)
    done = site.run("run", "--category", "quizzes", *models, *fixed)
    assert done.returncode == 0, done.stdout + done.stderr
    made = site.folder / f"making-{name}" / str(json.loads(done.stdout)["run_id"])
    (site.folder / out).mkdir(exist_ok=True)
    return made.rename(site.folder / out / name)


def edit(path: Path, **changes: JsonValue) -> None:
    """Change fields of a file of a run; it is given the digest that belongs to it then."""
    content = {**json.loads(path.read_text()), **changes}
    path.write_text(json.dumps({**content, "digest": digest_of(content)}))
