"""Two categories with models whose declared specialities are true, false or unknown."""

from __future__ import annotations

import json
from pathlib import Path

from tests.conftest import TOYS, Site

SAMPLES = 60

PLUGIN = """
from evalctl import CategorySpec, InlineSource, hookimpl
from evalctl_toys import dataset, model

ROWS = InlineSource(rows=tuple({"question": f"{n} + 0", "answer": str(n)} for n in range(60)))


def recorded(name, weight):
    return model(name, path=f"{name}.jsonl", kind="recorded", engine="replay",
                 specialization_weight=weight, priority="low" if name == "plain" else "medium")


@hookimpl
def evalctl_categories():
    return (
        CategorySpec(
            name="adding", title="adding",
            datasets=(dataset("sums", role="primary", sources=(ROWS,)),
                      dataset("totals", role="primary", sources=(ROWS,))),
            models=(recorded("plain", 0.3), recorded("modest", 0.1), recorded("special", 0.9),
                    recorded("boasting", 0.8), recorded("failing", 0.7)),
        ),
        CategorySpec(
            name="wording", title="wording",
            datasets=(dataset("words", role="primary", sources=(ROWS,)),),
            models=(recorded("plain", 0.3),),
        ),
    )
"""

RIGHT = {
    "special": {"sums": 54, "totals": 54, "words": 30},
    "boasting": {"sums": 33, "totals": 30, "words": 30},
    "failing": {"sums": 6, "totals": 6, "words": 30},
    "plain": {"sums": 30, "totals": 30, "words": 30},
    "modest": {"sums": 57, "totals": 57, "words": 30},
}
"""By model and dataset, how many of the 60 samples are answered rightly: the first ones."""


def add_specialists(site: Site) -> None:
    """Install the categories `adding` and `wording`, and write the outputs of their models."""
    site.add("toys", TOYS.read_text())
    site.add("specialists", PLUGIN)
    for name, right in RIGHT.items():
        write_outputs(site, name, right)


def write_outputs(site: Site, name: str, right: dict[str, int]) -> None:
    """Write the outputs of one model."""
    rows = [
        {"dataset": dataset, "id": str(n), "completions": [str(n) if n < count else "?"]}
        for dataset, count in right.items()
        for n in range(SAMPLES)
    ]
    (site.folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def run(site: Site, *models: str) -> Path:
    """Run models on both categories, and return the run's folder."""
    named = [argument for model in models for argument in ("--model", model)]
    fixed = ("--category", "adding", "--category", "wording", "--samples", "all", "--json")
    done = site.run("run", *named, *fixed)
    assert done.returncode == 0, done.stdout + done.stderr
    return site.folder / "runs" / str(json.loads(done.stdout)["run_id"])
