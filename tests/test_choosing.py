"""Datasets answered by log-likelihoods, from a run to all that is made of one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from tests.commands import Commands
from tests.conftest import Site
from tests.exporting.conftest import exported, json_lines

from evalctl.store import RunFolder

PLUGIN = """
from evalctl import (
    CategorySpec, Completion, Continuation, DatasetSpec, EngineInfo, EngineOptions, EngineSpec,
    Example, Generation, InlineSource, MetricSpec, ModelFacts, ModelSpec, PromptTemplate, Sample,
    Score, ScorerSpec, hookimpl, mean_value,
)

SUBJECTS = ("birds", "stars")


def to_sample(row):
    right = row.number % 3
    return Sample(id=str(row.number), input=row.text("q"), target="ABC"[right],
                  choices=("one", "two", "three"), solution=("one", "two", "three")[right],
                  metadata={"subject": row.data["subject"], "row": row.number})


def rows(count, *subjects):
    return InlineSource(rows=tuple(
        {"q": f"{subject} {number}?", "subject": subject}
        for number in range(count) for subject in subjects
    ))


def chosen(sample, given):
    values = [one.logprob for one in given]
    letter = "ABC"[values.index(max(values))]
    return Score(value=float(letter == sample.target), answer=letter)


def written(sample, completion):
    return Score(value=float(completion.text == sample.target), answer=completion.text)


def right(sample):
    return sample.solution


def letter(sample):
    return sample.target


class Quizzed:
    # The second choice is likeliest; of stars the third. Letters are always B.
    info = EngineInfo(name="quizzed")

    def __init__(self, model):
        self.model = model

    def choose(self, prompts):
        for prompt in prompts:
            best = 2 if "stars" in prompt.text.splitlines()[-2] else 1
            assert len(prompt.continuations) == 3, prompt
            yield Generation(dataset=prompt.dataset, sample_id=prompt.sample_id, prompt_tokens=9,
                             continuations=tuple(
                                 Continuation(logprob=-1.0 - abs(n - best), tokens=n + 1,
                                              is_greedy=n == best)
                                 for n in range(len(prompt.continuations))))

    def generate(self, prompts):
        for prompt in prompts:
            yield Generation(dataset=prompt.dataset, sample_id=prompt.sample_id,
                             completions=(Completion(text="B", output_tokens=1),))

    def close(self):
        pass


def open_engine(model, options):
    return Quizzed(model)


def check(model, options):
    return ModelFacts(content_hash=model.path)


def metric(name):
    return (MetricSpec(name=name, title=name, reduce=mean_value, proportion=True),)


EXAMPLE = Example(
    sample=Sample(id="x", input="q", target="A", choices=("one", "two"), solution="one"),
    good="one", bad="two",
)
QUIZ = DatasetSpec(
    name="quiz", title="quiz", version="1", licence="CC0-1.0", citation="made for tests",
    sources=(rows(12, *SUBJECTS),), columns=frozenset({"q"}), to_sample=to_sample,
    prompt=PromptTemplate(question="About {metadata:subject}: {input}\\n{choices}\\nAnswer:",
                          answer=" {target}"),
    needs="choose", otherwise="quiz_letters", shots_by="subject", groups=("subject", "row"),
    shot_sources=(rows(3, *SUBJECTS),),
    scorers=(
        ScorerSpec(name="chosen", version="1", choose=chosen, metrics=metric("chosen_right")),
    ),
    headline="chosen_right", gold=right, examples=(EXAMPLE,), role="primary",
)
LETTERS = DatasetSpec.model_validate({
    **dict(QUIZ), "name": "quiz_letters", "needs": "generate", "otherwise": "", "role": "variant",
    "scorers": (ScorerSpec(name="written", version="1", score=written,
                           metrics=metric("written_right")),),
    "headline": "written_right", "gold": letter, "perturb": None,
})
SHORT = DatasetSpec.model_validate({
    **dict(QUIZ), "name": "quiz_short", "role": "variant", "shot_sources": (rows(3, "birds"),),
})


@hookimpl
def evalctl_categories():
    return (CategorySpec(name="quizzes", title="quizzes", datasets=(QUIZ, LETTERS, SHORT)),)


@hookimpl
def evalctl_engines():
    fields = dict(options=EngineOptions, factory="evalctl_quizzed:open_engine", check=check,
                  is_hosted=False)
    return (
        EngineSpec(name="quizzed", title="quizzed", capabilities=("generate", "choose"),
                   kinds=("decoder",), **fields),
        EngineSpec(name="writing", title="writing", capabilities=("generate",),
                   kinds=("decoder",), **fields),
    )
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, commands: Commands) -> Site:
    site = Site(tmp_path_factory.mktemp("site"), commands)
    site.add("quizzed", PLUGIN)
    return site


def run(site: Site, *arguments: str, code: int = 0) -> dict[str, Any]:
    """Run and return the summary."""
    done = site.run("run", "--samples", "all", "--json", *arguments)
    assert done.returncode == code, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def summary(site: Site) -> dict[str, Any]:
    """Of a run with two worked examples."""
    return run(site, "--category", "quizzes", "--model", "quizzed:x", "--shots", "2")


@pytest.fixture(scope="module")
def folder(site: Site, summary: dict[str, Any]) -> RunFolder:
    return RunFolder(site.folder / "runs" / str(summary["run_id"]))


def dataset_of(summary: dict[str, Any]) -> dict[str, Any]:
    (model,) = summary["models"]
    (dataset,) = model["datasets"]
    found: dict[str, Any] = dataset
    return found


def test_the_headline_is_told_by_group(summary: dict[str, Any]) -> None:
    groups = dataset_of(summary)["groups"]

    # Rows 0, 2, 4 … are birds. B is right in rows 1, 4, 7 …, C in rows 2, 5, 8 …
    assert [(one["group"], one["value"], one["n_scored"]) for one in groups["subject"]] == [
        ("birds", pytest.approx(4 / 12), 12),
        ("stars", pytest.approx(4 / 12), 12),
    ]
    assert groups["subject"][0]["interval_method"] == "wilson"
    assert len(groups["row"]) == 24
    assert sum(one["value"] for one in groups["row"]) == 8


def test_the_table_has_few_groups_and_all_of_them_when_asked(site: Site, folder: RunFolder) -> None:
    plain = site.run("show", str(folder.path)).stdout
    whole = site.run("show", str(folder.path), "--groups").stdout

    assert "by subject" in plain
    assert "    birds" in plain
    assert "by row: 24 (show --groups)" in plain
    assert "    23" in whole


def test_worked_examples_are_those_of_the_questions_group(folder: RunFolder) -> None:
    first = next(iter(folder.results("quizzed:x", "quiz")))

    assert first.prompt.text.count("About birds:") == 3
    assert "stars" not in first.prompt.text
    assert first.prompt.continuations == (" one", " two", " three")


def test_a_group_without_worked_examples_is_the_users_to_know(site: Site) -> None:
    done = site.run("run", "--dataset", "quiz_short", "--model", "quizzed:x", "--shots", "2")

    assert done.returncode == 2
    assert "holds 0 with the subject 'stars'" in done.stderr


def test_answers_are_scored_again_without_a_model(site: Site, folder: RunFolder) -> None:
    done = site.run("score", str(folder.path), "--json")

    assert done.returncode == 0, done.stderr
    again = json.loads(done.stdout)
    assert dataset_of(again)["metrics"] == dataset_of(run_summary(folder))["metrics"]
    assert dataset_of(again)["groups"] == dataset_of(run_summary(folder))["groups"]


def run_summary(folder: RunFolder) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder.path / "summary.json").read_text())
    return found


def test_answers_come_from_the_cache_the_next_time(site: Site, summary: dict[str, Any]) -> None:
    again = run(site, "--category", "quizzes", "--model", "quizzed:x", "--shots", "2")

    assert again["models"][0]["usage"]["cached"] == 24
    assert dataset_of(again)["metrics"] == dataset_of(summary)["metrics"]


def test_a_resume_goes_on_with_groups(
    site: Site, folder: RunFolder, summary: dict[str, Any], tmp_path: Path
) -> None:
    run(site, "--category", "quizzes", "--model", "quizzed:x", "--shots", "2", "--out", "cut")
    (cut,) = (site.folder / "cut").iterdir()
    (samples,) = cut.glob("samples/*/quiz.jsonl")
    samples.write_bytes(b"".join(samples.read_bytes().splitlines(keepends=True)[:10]))

    done = site.run("run", "--resume", str(cut), "--json")

    assert done.returncode == 0, done.stderr
    assert dataset_of(json.loads(done.stdout))["groups"] == dataset_of(summary)["groups"]


def test_comparing_and_running_again_take_them(site: Site, folder: RunFolder) -> None:
    again = site.run("rerun", str(folder.path), "--json")
    assert again.returncode == 0, again.stderr
    found = json.loads(again.stdout)
    assert (found["repetition"]["n_compared"], found["repetition"]["n_changed"]) == (24, 0)

    other = str(site.folder / "runs" / found["summary"]["run_id"])
    done = site.run("compare", str(folder.path), other, "--json")
    assert done.returncode == 0, done.stderr


def test_gold_choices_are_proved(site: Site) -> None:
    done = site.run("check", "quiz", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["gold"]["n_right"], report["perturbed"]["n_right"]) == (24, 24)

    refused = site.run("check", "quiz", "--write-gold", "gold.jsonl")
    assert refused.returncode == 2
    assert "which the engine replay does not give" in " ".join(refused.stderr.split())
    assert not (site.folder / "gold.jsonl").exists()


def test_a_model_that_cannot_choose_is_asked_otherwise(site: Site) -> None:
    found = run(site, "--category", "quizzes", "--model", "writing:x")

    (model,) = found["models"]
    assert [one["dataset"] for one in model["datasets"]] == ["quiz_letters"]
    assert model["categories"][0]["made_of"] == ["quiz_letters:written_right"]
    assert model["categories"][0]["missing"] == []
    assert any("quiz_letters in place of quiz" in notice for notice in found["notices"])

    again = site.run("score", str(found["run_id"]), "--json")
    assert json.loads(again.stdout)["models"][0]["categories"] == model["categories"]


def test_repeats_that_no_dataset_can_have_are_refused(site: Site) -> None:
    done = site.run("run", "-d", "quiz", "-d", "quiz_short", "-m", "quizzed:x", "--repeats", "2")

    assert done.returncode == 2
    assert "--repeats 2: quiz, quiz_short: what is computed" in " ".join(done.stderr.split())


def test_repeats_are_told_to_mean_nothing_where_choices_are_weighed(site: Site) -> None:
    both = ("-d", "quiz", "-d", "quiz_letters", "-m", "quizzed:x", "--temperature", "1")
    found = run(site, *both, "--repeats", "2", "--pass-k", "2")

    (notice,) = (one for one in found["notices"] if "quiz: each sample has one answer" in one)
    assert "log-likelihoods are computed and not drawn" in notice
    manifest = site.folder / "runs" / str(found["run_id"]) / "manifest.json"
    (model,) = json.loads(manifest.read_text())["plan"]["models"]
    assert [one["repeats"] for one in model["datasets"]] == [1, 2]


def test_it_is_said_why_a_model_on_a_server_is_asked_otherwise(site: Site) -> None:
    model = ("--model", "openai:m@http://127.0.0.1:9/v1")
    done = site.run("run", "--category", "quizzes", *model, "--dry-run")
    told = " ".join((done.stdout + done.stderr).split())
    assert "quiz, which is scored by the log-likelihoods of given answers (`choose`)" in told
    assert "a model on a server is asked for texts alone" in told
    assert "for quiz itself open the model's weights by vllm or transformers" in told


def test_a_stand_in_that_is_named_makes_no_category_score(site: Site) -> None:
    found = run(site, "--dataset", "quiz_letters", "--model", "writing:x")

    assert found["models"][0]["categories"] == []


def test_jsonl_has_each_continuation_with_its_text(folder: RunFolder, tmp_path: Path) -> None:
    rows = json_lines(exported(folder, "jsonl", tmp_path / "rows.jsonl"))

    assert rows[0]["continuations"] == [
        {"text": " one", "logprob": -2.0, "tokens": 1, "is_greedy": False},
        {"text": " two", "logprob": -1.0, "tokens": 2, "is_greedy": True},
        {"text": " three", "logprob": -2.0, "tokens": 3, "is_greedy": False},
    ]
    exported(folder, "parquet", tmp_path / "rows.parquet")
    assert '""text"": "" one""' in exported(folder, "csv", tmp_path / "r.csv").read_text()


def test_lm_eval_is_told_of_choices_and_of_the_shots_of_a_question(
    folder: RunFolder, tmp_path: Path
) -> None:
    out = exported(folder, "lm-eval", tmp_path / "out")
    (path,) = out.rglob("results_*.json")
    results = json.loads(path.read_text())
    (samples,) = out.rglob("samples_*.jsonl")

    assert results["n-shot"] == {"quiz": 2}
    assert results["configs"]["quiz"]["output_type"] == "multiple_choice"
    assert results["configs"]["quiz"]["num_fewshot"] == 2
    assert json_lines(samples)[0]["filtered_resps"] == [
        ["-2.0", "False"],
        ["-1.0", "True"],
        ["-2.0", "False"],
    ]


def test_inspect_and_every_eval_ever_have_the_likeliest_choice_as_the_output(
    folder: RunFolder, tmp_path: Path
) -> None:
    (log,) = exported(folder, "inspect", tmp_path / "inspect").glob("*.eval")
    with ZipFile(log) as archive:
        sample = json.loads(archive.read("samples/0_epoch_1.json"))
    (path,) = exported(folder, "every-eval-ever", tmp_path / "eee").rglob("*_samples.jsonl")
    (record,) = (tmp_path / "eee").rglob("????????-*-????????????.json")
    details = json.loads(record.read_text())["evaluation_results"][0]["generation_config"]

    assert sample["choices"] == [" one", " two", " three"]
    assert sample["output"]["completion"] == " two"
    assert sample["scores"]["chosen"]["answer"] == "B"
    assert json_lines(path)[0]["output"]["raw"] == [" two"]
    assert details["additional_details"]["shots"] == "2"
