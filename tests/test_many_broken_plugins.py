"""With fifteen broken plugins at once beside the good ones, every command still works."""

from __future__ import annotations

import json
from typing import NamedTuple

import pytest
from tests.conftest import TOYS, Site
from tests.test_bad_plugins import ALL

BROKEN = [
    "raising",
    "exiting",
    "leaving",
    "unparsable",
    "misspelled",
    "missing_dependency",
    "wrong_type",
    "forgetful",
    "hook_raising",
    "stopping_midway",
    "invalid_spec",
    "too_new",
    "wide_of_module",
    "twin_dataset",
]


class Line(NamedTuple):
    """What a command must do."""

    code: int
    """Its exit code."""
    says: str
    """Part of what it prints."""


RUN = "run --dataset toy_sums --model replay:outputs.jsonl --json"
POLICY = "datasets: {toy_sums: {samples: 1}}\n"
LINES = {
    "--help": Line(0, "Evaluate models on the datasets"),
    "list categories": Line(0, "toys"),
    "list models": Line(0, "toy_giant"),
    "list datasets": Line(0, "toy_sums"),
    "list metrics": Line(0, "toy_accuracy"),
    "list engines": Line(0, "toy_engine"),
    "list executors": Line(0, "toy_box"),
    "list plugins": Line(0, "hook_raising"),
    "list runs": Line(0, "FIRST"),
    RUN: Line(0, '"status": "complete"'),
    f"{RUN} --dry-run": Line(0, '"toy_sums"'),
    "run --resume FIRST": Line(0, "toy_accuracy"),
    "show FIRST": Line(0, "toy_accuracy"),
    "compare FIRST SECOND": Line(0, "toy_sums"),
    "score FIRST": Line(0, "toy_accuracy"),
    "rerun SECOND": Line(0, "toy_sums"),
    "export FIRST --format csv": Line(0, "toy_sums"),
    "gate FIRST --policy policy.yaml": Line(0, "toy_sums"),
    "check math_sample": Line(0, "math_sample"),
    "specialization FIRST": Line(0, "toys"),
    "cache info": Line(0, "generations"),
    "plugins doctor": Line(1, "15 wrong"),
}


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The toys among all of them."""
    site = Site(tmp_path_factory.mktemp("broken"))
    site.add("toys", TOYS.read_text())
    for name in BROKEN:
        bad = ALL[name]
        site.add(name, bad.code, requires=bad.requires, entry_point=bad.entry_point)
    site.add("lost", "")
    (site.folder / "evalctl_lost-1.2.3.dist-info" / "METADATA").unlink()
    output = {"dataset": "toy_sums", "id": "0", "completions": ["2"]}
    (site.folder / "outputs.jsonl").write_text(json.dumps(output) + "\n")
    (site.folder / "policy.yaml").write_text(POLICY)
    return site


@pytest.fixture(scope="module")
def runs(broken: Site) -> dict[str, str]:
    """The names of two runs."""
    done = [broken.run(*RUN.split()) for _ in range(2)]
    assert [one.returncode for one in done] == [0, 0], done[0].stderr
    first, second = (json.loads(one.stdout)["run_id"] for one in done)
    return {"FIRST": first, "SECOND": second}


@pytest.mark.parametrize("line", LINES)
def test_every_command_still_works(broken: Site, runs: dict[str, str], line: str) -> None:
    done = broken.run(*(runs.get(word, word) for word in line.split()))
    assert done.returncode == LINES[line].code, done.stdout + done.stderr
    assert runs.get(LINES[line].says, LINES[line].says) in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_the_doctor_explains_each(broken: Site) -> None:
    told = json.loads(broken.run("plugins", "doctor", "--json").stdout)["plugins"]
    rows = {row["distribution"]: row for row in told}
    for name in BROKEN:
        worst = rows[f"evalctl-{name}"]["findings"][0]
        assert worst["is_wrong"]
        assert ALL[name].error in worst["text"]
        assert ALL[name].remedy in worst["remedy"]
    assert rows["evalctl-toys"]["is_sound"]
