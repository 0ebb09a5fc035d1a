"""Scorers, metrics and judges that misbehave: a run goes on, counts them, and prints JSON alone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import Site

RIDDLES = """
import os
import sys

from evalctl import (
    CategorySpec, Completion, DatasetSpec, Example, InlineSource, JudgeSpec, Message, MetricSpec,
    PromptTemplate, Sample, Sampling, Score, ScorerSpec, hookimpl, mean_value,
)


def to_sample(row):
    return Sample(id=str(row.number), input=row.text("q"), target="b")


def score(sample, completion):
    return Score(value=float(completion.text == "b"), answer=completion.text)


def score_first(sample, completion):
    return score(sample, completion) if sample.id == "0" else bad(sample, completion)


def ask(sample, completion):
    return (Message(role="user", content=completion.text),)


def parse(text):
    return Score(value=1.0 if text == "good" else 0.0, answer=text)


reduce = mean_value
isolated = False
chosen = score
judge = None


def riddles():
    metric = MetricSpec(name="solved", title="t", reduce=reduce, proportion=True, repeats=True)
    scorers = [ScorerSpec(name="solved", version="1", score=chosen, is_isolated=isolated,
                          metrics=(metric,))]
    if judge:
        graded = MetricSpec(name="graded", title="t", reduce=mean_value)
        scorers.append(ScorerSpec(name="graded", version="1", judge=judge, metrics=(graded,)))
    return DatasetSpec(
        name="riddles", title="R", version="1", licence="CC0-1.0", citation="ours",
        sources=(InlineSource(rows=tuple({"q": f"q{n}"} for n in range(4))),),
        columns=frozenset({"q"}), to_sample=to_sample,
        prompt=PromptTemplate(question="{input}", instruction="{input}", stop=("\\n",)),
        sampling=Sampling(max_tokens=16), scorers=tuple(scorers), headline="solved",
        examples=(Example(sample=Sample(id="e", input="q", target="b"), good="b", bad="c"),),
        gold=lambda sample: "b", role="primary",
    )


@hookimpl
def evalctl_categories():
    return (CategorySpec(name="games", title="Games", datasets=(riddles(),)),)
"""

BAD_SCORERS = {
    "nan": ("return Score(value=float('nan'))", "the value nan is not finite"),
    "two": ("return Score(value=2.0)", "the value 2 is not in the range from 0 to 1"),
    "none": ("return None", "returned NoneType, not a Score"),
    "exit": ("sys.exit(3)", "SystemExit: 3"),
    "raise": ("raise TypeError('boom')", "TypeError: boom"),
}
BAD_METRICS = {
    "nan": ("return float('nan')", "metric solved: the value nan is not finite"),
    "text": ("return 'a'", "metric solved: the value is of the type str"),
    "raise": ("raise ValueError('red')", "metric solved: ValueError: red"),
    "two": ("return 2", "metric solved: the value 2 is not in the range"),
}


def add(site: Site, code: str) -> None:
    """Install the riddles with further code, and record two answers for each of the four."""
    site.add("games", RIDDLES + code)
    rows = [{"dataset": "riddles", "id": str(n), "completions": ["b", "a"]} for n in range(4)]
    write(site.folder / "outputs.jsonl", rows)


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


ARGUMENTS = ("run", "--category", "games", "--model", "replay:outputs.jsonl")


def run(site: Site, *more: str, code: int) -> dict[str, Any]:
    done = site.run(*ARGUMENTS, "--json", *more)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    summary: dict[str, Any] = json.loads(done.stdout)
    return summary


def riddles(summary: dict[str, Any]) -> dict[str, Any]:
    (dataset,) = summary["models"][0]["datasets"]
    assert isinstance(dataset, dict)
    return dataset


@pytest.mark.parametrize("isolated", [False, True])
@pytest.mark.parametrize("name", BAD_SCORERS)
def test_a_bad_score_fails_its_sample_alone(site: Site, name: str, isolated: bool) -> None:
    body, reason = BAD_SCORERS[name]
    add(site, f"\ndef bad(s, c):\n    {body}\n\nchosen = score_first\nisolated = {isolated}\n")
    dataset = riddles(run(site, code=1))
    assert dataset["failures"] == {"engine": 0, "scorer": 3}
    assert dataset["n_done"] == 4
    (metric,) = dataset["metrics"]
    assert (metric["value"], metric["n_scored"]) == (1.0, 1)
    assert reason in dataset["reasons"][0]


@pytest.mark.parametrize("name", BAD_METRICS)
def test_a_bad_metric_is_counted_and_its_expansions_have_no_value(site: Site, name: str) -> None:
    body, reason = BAD_METRICS[name]
    add(site, f"\ndef reduce(scores):\n    {body}\n")
    summary = run(site, "--repeats", "2", "--temperature", "1", code=1)
    dataset = riddles(summary)
    assert dataset["failures"]["scorer"] == 8
    assert {metric["value"] for metric in dataset["metrics"]} == {None}
    assert reason in dataset["reasons"][0]


def test_a_lone_surrogate_in_a_score_is_written_as_a_replacement(site: Site) -> None:
    add(site, "\ndef chosen(s, c):\n    return Score(value=1.0, answer='\\ud800')\n")
    run(site, code=0)
    (path,) = (site.folder / "runs").rglob("riddles.jsonl")
    line = json.loads(path.read_text(encoding="utf-8").splitlines()[0])
    assert line["scores"]["solved"][0]["answer"] == "\ufffd"


@pytest.mark.parametrize("isolated", [False, True])
def test_what_plugins_print_is_never_on_standard_output(site: Site, isolated: bool) -> None:
    chatter = "print('CHATTER'); os.write(1, b'CHATTER\\n'); os.system('echo CHATTER')"
    code = f"\n{chatter}\ndef chosen(s, c):\n    {chatter}\n    return score(s, c)\n"
    add(site, f"{code}isolated = {isolated}\n")
    done = site.run(*ARGUMENTS, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["status"] == "complete"
    assert done.stderr.count("CHATTER") >= 3 + 4 * 3


JUDGE = "\njudge = JudgeSpec(prompt=ask, parse=parse, version='1')\n"


def verdicts(site: Site, count: int = 4) -> None:
    rows = [
        {"dataset": "riddles/graded", "id": f"{n}#0", "completions": ["good"]} for n in range(count)
    ]
    write(site.folder / "verdicts.jsonl", rows)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("def ask(s, c):\n    raise OSError('no')", "the judge cannot be asked: OSError: no"),
        ("def ask(s, c):\n    return 5", "the judge cannot be asked: TypeError"),
        ("def ask(s, c):\n    return ()", "its prompt is no conversation"),
        ("def parse(text):\n    sys.exit(3)", "SystemExit: 3"),
        ("def parse(text):\n    return Score(value=7)", "the value 7 is not in the range"),
        ("def parse(text):\n    return 'good'", "returned str, not a Score"),
    ],
)
def test_a_bad_judge_function_is_not_scored(site: Site, body: str, reason: str) -> None:
    add(site, f"\n{body}\n{JUDGE}")
    verdicts(site)
    dataset = riddles(run(site, "--judge", "replay:verdicts.jsonl", code=1))
    assert dataset["failures"] == {"engine": 0, "scorer": 4}
    assert reason in dataset["reasons"][0]
    solved, graded = dataset["metrics"]
    assert (solved["value"], graded["value"]) == (1.0, None)


HALTING_JUDGE = """
import time

from evalctl import EngineInfo, EngineOptions, EngineSpec, Generation, ModelFacts


class Judge:
    info = EngineInfo(name="halting")

    def __init__(self, mood):
        self.mood = mood

    def generate(self, prompts):
        for number, prompt in enumerate(prompts):
            if number == 2 and self.mood == "hangs":
                time.sleep(600)
            if number == 2 and self.mood == "raises":
                raise RuntimeError("out of luck")
            yield Generation(dataset=prompt.dataset, sample_id=prompt.sample_id,
                             completions=(Completion(text="good"),))

    def close(self):
        pass


def open_judge(model, options):
    return Judge(model.path)


def check(model, options):
    return ModelFacts()


@hookimpl
def evalctl_engines():
    return [EngineSpec(name="halting", title="h", capabilities=("generate",), kinds=("decoder",),
                       options=EngineOptions, factory="evalctl_games:open_judge", check=check)]
"""


def judged(site: Site) -> list[dict[str, Any]]:
    found = (site.folder / "runs").glob("*/judged/*/riddles.jsonl")
    return [json.loads(line) for path in found for line in path.read_text().splitlines()]


def test_a_judge_that_fails_leaves_its_verdicts_and_counts_the_rest(site: Site) -> None:
    add(site, JUDGE + HALTING_JUDGE)
    dataset = riddles(run(site, "--judge", "halting:raises", code=1))
    _, graded = dataset["metrics"]
    assert (graded["value"], graded["n_scored"]) == (1.0, 2)
    assert dataset["failures"] == {"engine": 0, "scorer": 2}
    assert len(judged(site)) == 2  # a resume asks for the others


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_judge_leaves_its_verdicts(site: Site, number: signal.Signals) -> None:
    add(site, JUDGE + HALTING_JUDGE)
    code = "import sys; from evalctl.cli import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", code, *ARGUMENTS, "--judge", "halting:hangs", "--json"],
        cwd=site.folder,
        env={**os.environ, "PYTHONPATH": str(site.folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    began = time.monotonic()
    while len(judged(site)) < 2 and time.monotonic() - began < 60:
        time.sleep(0.1)
    process.send_signal(number)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    _, graded = riddles(json.loads(output))["metrics"]
    assert (graded["value"], graded["n_scored"]) == (1.0, 2)
    assert len(judged(site)) == 2


def test_a_plugin_that_does_not_end_loading_is_named_with_what_leaves_it_out(site: Site) -> None:
    site.add("endless", "import time\ntime.sleep(0.6)\n")
    impatient = "from evalctl.cli import waiting; waiting.PATIENCE = 0.2\n"

    done = site.python(impatient + "from evalctl.cli import main; main()", "list", "categories")

    assert "still loading the plugin endless (evalctl-endless 1.2.3) after 0.2 s" in done.stderr
    assert "EVALCTL_DISABLE_PLUGINS=endless leaves it out" in done.stderr
