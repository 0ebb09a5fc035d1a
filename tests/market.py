"""The plugin of `docs/extending.md`, recorded outputs for what it adds to, and runs of them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from typing import Any

from tests.conftest import Site
from tests.test_docs import blocks

PLUGIN = blocks("extending.md")["evalctl_market/__init__.py"]
ROW = json.dumps({"question": "1 + 1?", "answer": "1 + 1 = 2\n#### 2"})
OUTPUTS = {"gsm8k": (r"It is \boxed{2}.", "#### 2", r"It is \boxed{3}."), "market_sums": ("6", "5")}
RUN = ("run", "--model", "replay:outputs.jsonl", "--data", "data")


def install(site: Site, *parts: str) -> None:
    site.add("market", "\n".join((PLUGIN, *parts)))


def uninstall(site: Site) -> None:
    shutil.rmtree(site.folder / "evalctl_market-1.2.3.dist-info")
    (site.folder / "evalctl_market.py").unlink()


def furnish(site: Site) -> Site:
    """Put three rows of GSM8K and recorded outputs there; the third one is wrong."""
    folder = site.folder / "data" / "gsm8k"
    folder.mkdir(parents=True)
    (folder / "test.jsonl").write_text(f"{ROW}\n" * 3)
    rows = [
        {"dataset": dataset, "id": str(n), "completions": [text]}
        for dataset, texts in OUTPUTS.items()
        for n, text in enumerate(texts)
    ]
    (site.folder / "outputs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return site


def ran(site: Site, name: str, *more: str, code: int = 0) -> dict[str, Any]:
    """Run something, give its folder a name, and return the summary."""
    done = site.run(*RUN, "--out", f"making-{name}", "--json", *more)
    assert done.returncode == code, done.stdout + done.stderr
    summary: dict[str, Any] = json.loads(done.stdout)
    (site.folder / "runs").mkdir(exist_ok=True)
    made = site.folder / f"making-{name}" / str(summary["run_id"])
    made.rename(site.folder / "runs" / name)
    return summary


def dataset_of(summary: Mapping[str, Any], name: str = "gsm8k") -> dict[str, Any]:
    found: dict[str, Any] = next(
        one for one in summary["models"][0]["datasets"] if one["dataset"] == name
    )
    return found


def values(dataset: Mapping[str, Any]) -> dict[str, float | None]:
    return {metric["name"]: metric["value"] for metric in dataset["metrics"]}
