"""Datasets whose texts are classified, from a run to all that is made of one."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from tests.conftest import Site
from tests.exporting.conftest import exported, json_lines

from evalctl.store import RunFolder

PLUGIN = """
from evalctl import (
    CategorySpec, ClassSpec, Completion, DatasetSpec, EngineInfo, EngineOptions, EngineSpec,
    Example, Generation, InlineSource, MetricSpec, ModelFacts, ModelSpec, PromptTemplate,
    Sample, Score, ScorerSpec, found_class, hookimpl, mean_value,
)

CLASSES = (
    ClassSpec(name="sad", words=("sorrow",)),
    ClassSpec(name="glad", words=("joy",)),
    ClassSpec(name="calm", is_rest=True),
)
WORDS = {"tears": "sad", "smile": "glad", "table": "calm"}


def to_sample(row):
    text = row.text("text")
    return Sample(id=str(row.number), input=text, target=WORDS[text.split()[0]],
                  metadata={"word": text.split()[0]})


def labelled(sample, probabilities):
    assert list(probabilities) == ["sad", "glad", "calm"], probabilities
    name = found_class(probabilities)
    return Score(value=float(name == sample.target), answer=name,
                 explanation=f"{probabilities[name]:.2f}")


def written(sample, completion):
    return Score(value=float(completion.text == sample.target), answer=completion.text)


def target(sample):
    return sample.target


class Moody:
    # Each of a text's words gives its label nine tenths; without one, all labels are alike.
    info = EngineInfo(name="moody")

    def __init__(self, labels, is_multi):
        self.labels, self.is_multi = labels, is_multi

    def classify(self, prompts):
        for prompt in prompts:
            found = [word for word in prompt.text.split() if word in WORDS]
            at = [list(WORDS).index(word) for word in found]
            low = 0.1 if self.is_multi else 0.1 / (len(self.labels) - 1)
            given = {label: 0.9 if n in at else low for n, label in enumerate(self.labels)}
            yield Generation(dataset=prompt.dataset, sample_id=prompt.sample_id, labels=given,
                             prompt_tokens=3, is_prompt_cut="long" in prompt.text)

    def close(self):
        pass


class Writing:
    info = EngineInfo(name="writing")

    def generate(self, prompts):
        for prompt in prompts:
            yield Generation(dataset=prompt.dataset, sample_id=prompt.sample_id,
                             completions=(Completion(text="sad", output_tokens=1),))

    def close(self):
        pass


MODELS = {
    "plain": (("Sad", "glad", "CALM"), False),
    "numbers": (("LABEL_0", "LABEL_1", "LABEL_2"), False),
    "several": (("sorrow", "joy"), True),
    "registered": (("LABEL_0", "LABEL_1", "LABEL_2"), False),
}


def open_moody(model, options):
    return Moody(*MODELS[model.path])


def check_moody(model, options):
    labels, is_multi = MODELS[model.path]
    return ModelFacts(content_hash=model.path, kind="encoder", capabilities=("classify",),
                      labels=labels, is_multi_label=is_multi)


def open_writing(model, options):
    return Writing()


def check_writing(model, options):
    return ModelFacts(content_hash=model.path)


RIGHT = (MetricSpec(name="right", title="right", reduce=mean_value, proportion=True),)
EXAMPLE = Example(sample=Sample(id="x", input="tears", target="sad"), good="sad", bad="calm")
TEXTS = ("tears all day", "smile all day", "table long enough", "tears and a smile")
MOODS = DatasetSpec(
    name="moods", title="moods", version="1", licence="CC0-1.0", citation="made for tests",
    sources=(InlineSource(rows=tuple({"text": text} for text in TEXTS)),),
    columns=frozenset({"text"}), to_sample=to_sample, prompt=PromptTemplate(question="{input}"),
    needs="classify", classes=CLASSES, otherwise="moods_written", groups=("word",),
    scorers=(ScorerSpec(name="labelled", version="1", classify=labelled, metrics=RIGHT),),
    headline="right", gold=target, examples=(EXAMPLE,), role="primary",
)
SPOKEN = DatasetSpec.model_validate({
    **dict(MOODS), "name": "moods_written", "needs": "generate", "otherwise": "",
    "role": "variant", "scorers": (ScorerSpec(name="spoken", version="1", score=written,
                                              metrics=RIGHT),),
})


@hookimpl
def evalctl_categories():
    model = ModelSpec(name="moody_one", title="moody", path="registered", kind="encoder",
                      context_length=64, engine="moody", licence="CC0-1.0")
    category = CategorySpec(
        name="moods_of", title="moods", models=(model,), datasets=(MOODS, SPOKEN)
    )
    return (category,)


@hookimpl
def evalctl_engines():
    fields = dict(options=EngineOptions, is_hosted=False)
    return (
        EngineSpec(name="moody", title="moody", capabilities=("classify",), kinds=("encoder",),
                   factory="evalctl_moody:open_moody", check=check_moody, **fields),
        EngineSpec(name="writing", title="writing", capabilities=("generate", "classify"),
                   kinds=("decoder",), factory="evalctl_moody:open_writing", check=check_writing,
                   **fields),
    )
"""
NUMBERS = "labels=LABEL_0=sad,LABEL_1=glad,LABEL_2=calm"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    site = Site(tmp_path_factory.mktemp("site"))
    site.add("moody", PLUGIN)
    return site


def run(site: Site, *arguments: str, code: int = 0) -> dict[str, Any]:
    """Run and return the summary."""
    done = site.run("run", "--samples", "all", "--json", *arguments)
    assert done.returncode == code, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def refused(site: Site, *arguments: str) -> str:
    """Run what is the user's mistake; return what is said, on one line."""
    done = site.run(*arguments)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return " ".join(done.stderr.split())


def dataset_of(summary: dict[str, Any]) -> dict[str, Any]:
    (model,) = summary["models"]
    (dataset,) = model["datasets"]
    found: dict[str, Any] = dataset
    return found


@pytest.fixture(scope="module")
def summary(site: Site) -> dict[str, Any]:
    return run(site, "--dataset", "moods", "--model", "moody:plain", "--shots", "3")


@pytest.fixture(scope="module")
def folder(site: Site, summary: dict[str, Any]) -> RunFolder:
    return RunFolder(site.folder / "runs" / str(summary["run_id"]))


def test_texts_alone_are_classified_and_what_was_cut_is_counted(
    summary: dict[str, Any], folder: RunFolder
) -> None:
    (metric,) = dataset_of(summary)["metrics"]
    results = {one.sample_id: one for one in folder.results("moody:plain", "moods")}

    assert (metric["value"], metric["n_scored"], metric["n_truncated"]) == (1.0, 4, 1)
    assert results["0"].prompt.text == "tears all day"
    assert results["0"].generation.labels == {"Sad": 0.9, "glad": 0.05, "CALM": 0.05}
    assert results["0"].scores["labelled"][0].answer == "sad"
    assert [one["value"] for one in dataset_of(summary)["groups"]["word"]] == [1.0, 1.0, 1.0]


def test_what_labels_mean_is_in_the_manifest(folder: RunFolder) -> None:
    manifest = json.loads((folder.path / "manifest.json").read_text())

    assert manifest["plan"]["models"][0]["datasets"][0]["labels"] == {
        "classes": ["sad", "glad", "calm"],
        "rest": "calm",
        "by_label": {"Sad": "sad", "glad": "glad", "CALM": "calm"},
        "is_multi_label": False,
    }


def test_several_labels_at_once_are_taken_in_the_order_of_classes(site: Site) -> None:
    found = run(site, "--dataset", "moods", "--model", "moody:several")
    folder = RunFolder(site.folder / "runs" / str(found["run_id"]))
    scores = {
        one.sample_id: one.scores["labelled"][0] for one in folder.results("moody:several", "moods")
    }

    assert dataset_of(found)["metrics"][0]["value"] == 1.0
    # Nothing says table, and the rest is what sorrow and joy leave; tears come before a smile.
    assert (scores["2"].answer, scores["2"].explanation) == ("calm", "0.90")
    assert scores["3"].answer == "sad"


def test_labels_that_fit_no_class_are_refused_with_what_to_do(site: Site) -> None:
    said = refused(site, "run", "--dataset", "moods", "--model", "moody:numbers")

    assert "dataset moods: none of the model's labels ('LABEL_0', 'LABEL_1', 'LABEL_2')" in said
    assert "means 'sad', 'glad', 'calm'" in said
    assert '--engine-option "labels=LABEL_0=sad,LABEL_1=glad,LABEL_2=calm"' in said


@pytest.mark.parametrize(
    ("option", "message"),
    [
        (
            "labels=LABEL_0=sad,LABEL_1=glad",
            "('LABEL_0', 'LABEL_1', 'LABEL_2') means 'calm'",
        ),
        ("labels=LABEL_0=sad,LABEL_1=calm,LABEL_2=calm", "none of the model's labels"),
        ("labels=LABLE_O=sad", "the model has no label 'LABLE_O'; did you mean 'LABEL_"),
        ("labels=sad", "write LABEL=CLASS,LABEL=CLASS"),
        ("labels=LABEL_0=sad,LABEL_0=glad", "a label stands there twice"),
        ("labels={LABEL_0", "it begins like JSON and is none"),
    ],
)
def test_what_a_user_says_of_labels_is_checked(site: Site, option: str, message: str) -> None:
    arguments = ("--dataset", "moods", "--model", "moody:numbers", "--engine-option", option)

    assert message in refused(site, "run", *arguments)


@pytest.mark.parametrize(
    "option", [NUMBERS, 'labels={"LABEL_0": "sorrow", "LABEL_1": "joy", "LABEL_2": "calm"}']
)
def test_labels_are_told_by_an_engine_option(site: Site, option: str) -> None:
    arguments = ("--dataset", "moods", "--model", "moody:numbers", "--engine-option", option)

    assert dataset_of(run(site, *arguments))["metrics"][0]["value"] == 1.0


def test_labels_of_a_registered_model_are_told_in_the_users_file(site: Site) -> None:
    file = site.folder / "labels.yaml"
    file.write_text(
        "models:\n  moody_one:\n    labels: {LABEL_0: sad, LABEL_1: glad, LABEL_2: calm}\n"
    )

    named = ("--category", "moods_of", "--model", "moody_one")
    found = run(site, *named, "--config", str(file))
    said = refused(site, "run", *named)

    assert dataset_of(found)["metrics"][0]["value"] == 1.0
    assert "moody_one can answer none of: moods" in said
    assert "Say what they mean" in said


def test_answers_are_scored_again_found_again_and_gone_on_with(
    site: Site, folder: RunFolder, summary: dict[str, Any]
) -> None:
    before = dataset_of(summary)
    again = site.run("score", str(folder.path), "--json")
    cached = run(site, "--dataset", "moods", "--model", "moody:plain")
    run(site, "--dataset", "moods", "--model", "moody:plain", "--out", "cut")
    (cut,) = (site.folder / "cut").iterdir()
    (samples,) = cut.glob("samples/*/moods.jsonl")
    samples.write_bytes(b"".join(samples.read_bytes().splitlines(keepends=True)[:2]))
    resumed = site.run("run", "--resume", str(cut), "--json")

    assert again.returncode == 0, again.stderr
    assert dataset_of(json.loads(again.stdout))["metrics"] == before["metrics"]
    assert cached["models"][0]["usage"]["cached"] == 4
    assert dataset_of(cached)["metrics"] == before["metrics"]
    assert resumed.returncode == 0, resumed.stderr
    assert dataset_of(json.loads(resumed.stdout))["metrics"] == before["metrics"]


def test_running_again_gives_the_same(site: Site, folder: RunFolder) -> None:
    done = site.run("rerun", str(folder.path), "--json")

    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)["repetition"]
    assert (found["n_compared"], found["n_changed"]) == (4, 0)


def test_what_was_exported_for_replay_scores_the_same(
    site: Site, folder: RunFolder, summary: dict[str, Any], tmp_path: Path
) -> None:
    path = exported(folder, "replay", tmp_path / "labels.jsonl")

    found = run(site, "--model", f"replay:{path}")

    assert json_lines(path)[0] == {
        "dataset": "moods",
        "id": "0",
        "labels": {"sad": 0.9, "glad": 0.05, "calm": 0.05},
    }
    # What was cut is no longer known of what is replayed.
    known = ("value", "n_scored", "interval")
    (before,), (after,) = dataset_of(summary)["metrics"], dataset_of(found)["metrics"]
    assert [after[name] for name in known] == [before[name] for name in known]


def test_gold_classes_are_proved_and_replayed(site: Site) -> None:
    done = site.run(
        "check", "moods", "--json", "--write-gold", "gold.jsonl", "--write-perturbed", "wrong.jsonl"
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)

    right = run(site, "--model", "replay:gold.jsonl")
    wrong = run(site, "--model", "replay:wrong.jsonl")

    assert (report["gold"]["n_right"], report["perturbed"]["n_right"]) == (4, 4)
    assert dataset_of(right)["metrics"][0]["value"] == 1.0
    assert dataset_of(wrong)["metrics"][0]["value"] == 0.0


def test_recorded_texts_are_no_labels(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "texts.jsonl"
    path.write_text('{"dataset": "moods", "id": "0", "completions": ["sad"]}\n')

    said = refused(site, "run", "--model", f"replay:{path}")

    assert (
        "holds completions for moods, which is scored by the probabilities of given labels" in said
    )
    assert "completions are scored by moods_written" in said


def test_a_model_that_writes_is_asked_otherwise(site: Site) -> None:
    found = run(site, "--category", "moods_of", "--model", "writing:x")
    said = refused(site, "run", "--dataset", "moods", "--model", "writing:x")

    assert dataset_of(found)["dataset"] == "moods_written"
    assert any("moods_written in place of moods" in notice for notice in found["notices"])
    assert "a model of the kind decoder can be asked to `generate` alone" in said
    assert "moods_written asks for it in words" in said


def test_a_classifier_is_not_asked_to_write_or_to_judge(site: Site) -> None:
    named = refused(site, "run", "--dataset", "moods_written", "--model", "moody:plain")
    judge = refused(
        site, "run", "--dataset", "moods", "--model", "moody:plain", "--judge", "moody:plain"
    )

    assert "scored by answers that are written (`generate`), which engine moody does not" in named
    assert "it writes no text, and so no verdict" in judge


def test_tables_have_each_label_with_its_probability(folder: RunFolder, tmp_path: Path) -> None:
    rows = json_lines(exported(folder, "jsonl", tmp_path / "rows.jsonl"))
    with exported(folder, "csv", tmp_path / "rows.csv").open(newline="") as file:
        cells = next(csv.DictReader(file))
    exported(folder, "parquet", tmp_path / "rows.parquet")

    assert rows[0]["labels"] == {"Sad": 0.9, "glad": 0.05, "CALM": 0.05}
    assert json.loads(cells["labels"]) == rows[0]["labels"]


def test_other_tools_are_told_all_labels(folder: RunFolder, tmp_path: Path) -> None:
    (log,) = exported(folder, "inspect", tmp_path / "inspect").glob("*.eval")
    with ZipFile(log) as archive:
        sample = json.loads(archive.read("samples/0_epoch_1.json"))
    (lines,) = exported(folder, "every-eval-ever", tmp_path / "eee").rglob("*_samples.jsonl")
    (samples,) = exported(folder, "lm-eval", tmp_path / "lm").rglob("samples_*.jsonl")
    labels = {"Sad": 0.9, "glad": 0.05, "CALM": 0.05}

    assert json.loads(sample["output"]["completion"]) == labels
    assert sample["metadata"]["evalctl"]["labels"] == labels
    assert json.loads(json_lines(lines)[0]["output"]["raw"][0]) == labels
    assert json.loads(json_lines(samples)[0]["resps"][0][0]) == labels
