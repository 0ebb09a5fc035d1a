"""Texts that may hurt are hidden from people who do not ask for them, and from nobody else."""

from __future__ import annotations

import json
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from pydantic import JsonValue
from tests.conftest import TOYS, Site

from evalctl.cli.check_report import without_texts
from evalctl.cli.progress import LineObserver
from evalctl.cli.rerun import _hidden
from evalctl.proving import Case, Finding
from evalctl.reporters.terminal import without_unsafe
from evalctl.results import DatasetResult, ModelResult, RunResult
from evalctl.run import Change

ASKED, WRITTEN = "words that hurt", "an answer that hurts"
PLUGIN = """
from evalctl import CategorySpec, FileParts, FileSource, Sample, ScorerSpec, hookimpl
from evalctl_toys import TOY_SCORER, dataset


def read(row):
    if "label" in row.data:
        raise ValueError(f"label {row.data['label']!r} is none")
    return Sample(id=str(row.number), input=row.text("question"), target=row.text("answer"))


def quote(sample, completion):
    raise ValueError(f"cannot score {completion.text!r}")


def rows(name):
    return (FileSource(parts=(FileParts(paths=(name,)),)),)


SHARED = {"role": "primary", "to_sample": read, "is_unsafe": True}
FAILING = ScorerSpec(name="failing", version="1", score=quote, metrics=TOY_SCORER.metrics)


@hookimpl
def evalctl_categories():
    datasets = (
        dataset("hurtful", sources=rows("hurtful.jsonl"), scorers=(FAILING,), **SHARED),
        dataset("broken", sources=rows("broken.jsonl"), **SHARED),
        dataset("harmless", sources=rows("hurtful.jsonl"), role="secondary", to_sample=read),
    )
    return (CategorySpec(name="hurting", title="hurting", datasets=datasets),)
"""
SHARES: dict[str, JsonValue] = {"different": 2, "counts": {"hate": 7, "none": 3}}
RUN = ("run", "--model", "replay:said.jsonl", "--dataset")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    site = Site(tmp_path_factory.mktemp("unsafe"))
    site.add("toys", TOYS.read_text())
    site.add("hurting", PLUGIN)
    row = {"question": ASKED, "answer": f"{ASKED} as an answer"}
    write(site.folder / "hurtful.jsonl", row, {"question": "1 + 1", "answer": "2"})
    write(site.folder / "broken.jsonl", row, {"question": "?", "answer": "?", "label": ASKED})
    said = [
        {"dataset": name, "id": id_, "completions": [WRITTEN]}
        for name in ("hurtful", "broken", "harmless")
        for id_ in ("0", "1")
    ]
    write(site.folder / "said.jsonl", *said)
    return site


def write(path: Path, *rows: object) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def done(site: Site, *arguments: str) -> CompletedProcess[str]:
    return site.run(*arguments, environment={"EVALCTL_DATA": str(site.folder)})


def said(site: Site, *arguments: str) -> str:
    """Return all that a command says, its lines joined."""
    found = done(site, *arguments)
    return " ".join((found.stdout + found.stderr).split())


@pytest.fixture(scope="module")
def run_id(site: Site) -> str:
    found = done(site, *RUN, "hurtful", "--json", "--out", str(site.folder / "runs"))
    return str(json.loads(found.stdout)["run_id"])


def test_a_dry_run_shows_no_prompt(site: Site) -> None:
    plain = said(site, *RUN, "hurtful", "--dry-run")

    assert ASKED not in plain
    assert "hidden: 22 characters; --show-unsafe shows it" in plain
    assert ASKED in said(site, *RUN, "hurtful", "--dry-run", "--show-unsafe")
    assert ASKED in said(site, *RUN, "hurtful", "--dry-run", "--json")
    assert ASKED in said(site, *RUN, "harmless", "--dry-run")


def test_a_run_and_what_shows_it_quote_no_answer(site: Site, run_id: str) -> None:
    folder = str(site.folder / "runs")
    for command in ((*RUN, "hurtful"), ("show", run_id)):
        plain = said(site, *command, "--out", folder)
        assert WRITTEN not in plain
        assert "hidden: 56 characters; --show-unsafe shows it" in plain
    assert WRITTEN in said(site, "show", run_id, "--out", folder, "--show-unsafe")
    assert WRITTEN in said(site, "show", run_id, "--out", folder, "--json")


def test_manifest_summary_and_files_say_it_and_hold_the_texts(site: Site, run_id: str) -> None:
    folder = site.folder / "runs" / run_id
    manifest = json.loads((folder / "manifest.json").read_text())
    summary = json.loads((folder / "summary.json").read_text())

    assert manifest["plan"]["models"][0]["datasets"][0]["is_unsafe"] is True
    assert summary["models"][0]["datasets"][0]["is_unsafe"] is True
    assert WRITTEN in summary["models"][0]["datasets"][0]["reasons"][0]
    exported = site.folder / "all.jsonl"
    made = said(site, "export", str(folder), "--format", "jsonl", "--to", str(exported))
    assert WRITTEN not in made
    assert WRITTEN in exported.read_text()


def test_a_broken_row_is_refused_without_quoting_it(site: Site) -> None:
    plain = said(site, *RUN, "broken")

    assert ASKED not in plain
    assert "broken row for 'broken': why is hidden (31 characters)" in plain
    assert "`evalctl check broken --show-unsafe` shows it" in plain


def test_a_check_quotes_no_row(site: Site) -> None:
    for name in ("broken", "hurtful"):
        plain = said(site, "check", name, "--samples", "0")
        assert ASKED not in plain
    shown = said(site, "check", "broken", "--samples", "0", "--show-unsafe")
    assert f"label '{ASKED}' is none" in shown
    assert ASKED in said(site, "check", "broken", "--samples", "0", "--json")


def test_labels_are_told_and_answers_at_length_are_not() -> None:
    labels = Finding(name="labels", verdict="ok", text="'hate' 70 %", figures=SHARES)
    texts = labels.model_copy(update={"figures": {"different": 900, "counts": {}}})
    case = Case(id="1", what="quoted")

    assert without_texts(labels).text == "'hate' 70 %"
    assert without_texts(texts).text == "labels: hidden: 11 characters; --show-unsafe shows it"
    (hidden,) = without_texts(labels.model_copy(update={"cases": (case,)})).cases
    assert (hidden.id, hidden.what) == ("1", "hidden: 6 characters; --show-unsafe shows it")


def test_what_came_out_otherwise_is_hidden_by_dataset() -> None:
    shared = {"role": "primary", "headline": "m", "metrics": (), "n_samples": 1, "n_done": 1}
    datasets = (
        DatasetResult(dataset="a", n_available=1, is_unsafe=True, **shared),
        DatasetResult(dataset="b", n_available=1, **shared),
    )
    model = ModelResult(model="m", engine="replay", datasets=datasets)
    result = RunResult(run_id="r", status="complete", models=(model,))
    changes = tuple(
        Change(
            model="m", dataset=name, sample_id="1", completion=0, position=0, before="x", after="yy"
        )
        for name in "ab"
    )

    first, second = _hidden(changes, result)

    assert (first.before, first.after) == tuple(
        f"hidden: {count} characters; --show-unsafe shows it" for count in (1, 2)
    )
    assert (second.before, second.after) == ("x", "yy")


class _Named:
    """All that progress asks of a planned model that ended."""

    name = "m"


def _ended(*, is_unsafe: bool) -> ModelResult:
    shared = {"role": "primary", "headline": "m", "metrics": (), "n_samples": 1, "n_done": 0}
    dataset = DatasetResult(dataset="a", n_available=1, is_unsafe=is_unsafe, **shared)
    quoted = f"the server said 401: you asked {ASKED}\x1b[2J"
    return ModelResult(model="m", engine="openai", datasets=(dataset,), error=quoted)


@pytest.mark.parametrize("is_unsafe", [True, False])
def test_why_a_model_ended_is_hidden_where_a_server_may_quote_a_prompt(
    is_unsafe: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    ended = _ended(is_unsafe=is_unsafe)

    LineObserver().finished(_Named(), ended)  # type: ignore[arg-type]  # a name is all it reads
    (shown,) = without_unsafe(RunResult(run_id="r", status="failed", models=(ended,))).models

    logged = capsys.readouterr().err
    assert (ASKED in logged) is not is_unsafe
    assert (ASKED in str(shown.error)) is not is_unsafe
    assert "\x1b" not in logged


def test_a_model_that_came_to_its_end_has_no_error_to_hide() -> None:
    ended = _ended(is_unsafe=True).model_copy(update={"error": None})

    (shown,) = without_unsafe(RunResult(run_id="r", status="complete", models=(ended,))).models

    assert shown.error is None
