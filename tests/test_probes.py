"""Probes from a run to all that is made of one, on an engine whose vectors tell the answer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.conftest import Site
from tests.exporting.conftest import exported

from evalctl.store import RunFolder

pytest.importorskip("sklearn")

PLUGIN = """
import hashlib

from evalctl import (
    CategorySpec, ClassSpec, Completion, DatasetSpec, EngineInfo, EngineOptions, EngineSpec,
    Example, Generation, InlineSource, MetricSpec, ModelFacts, ModelSpec, ProbeSpec,
    PromptTemplate, Sample, Score, ScorerSpec, found_class, hookimpl, mean_value,
)

CLASSES = tuple(ClassSpec(name=name) for name in ("sad", "glad"))
ROWS = InlineSource(rows=tuple(
    {"text": f"text number {n} tells nothing", "mood": ("sad", "glad", "glad")[n % 3]}
    for n in range(120)
))


def to_sample(row):
    return Sample(id=str(row.number), input=row.text("text"), target=row.text("mood"))


def labelled(sample, probabilities):
    name = found_class(probabilities)
    return Score(value=float(name == sample.target), answer=name)


def written(sample, completion):
    return Score(value=float(completion.text == sample.target), answer=completion.text)


def target(sample):
    return sample.target


class Encoder:
    info = EngineInfo(name="moody")

    def embed(self, prompts):
        for prompt in prompts:
            number = int(prompt.text.split()[2])
            is_sad = number % 3 == 0
            noise = hashlib.sha256(prompt.text.encode()).digest()[0] / 255
            yield Generation(dataset=prompt.dataset, sample_id=prompt.sample_id,
                             vector=(float(is_sad) + noise / 2, noise), prompt_tokens=5)

    def close(self):
        pass


def open_moody(model, options):
    return Encoder()


def check_moody(model, options):
    return ModelFacts(content_hash=model.path, kind="encoder", capabilities=("embed",),
                      architecture="MoodyModel")


def dataset(name, **changes):
    given = dict(
        name=name, title=name, version="1", licence="CC0-1.0", citation="made for tests",
        sources=(ROWS,), columns=frozenset({"text", "mood"}), to_sample=to_sample,
        headline="right", role="primary", gold=target,
        examples=(Example(sample=Sample(id="0", input="a", target="sad"), good="sad", bad="glad"),),
    )
    return DatasetSpec(**{**given, **changes})


RIGHT = MetricSpec(name="right", title="right", reduce=mean_value, proportion=True)
LABELS = ScorerSpec(name="labels", version="1", classify=labelled, metrics=(RIGHT,))


def probe(name, method):
    return dataset(name, needs="embed", classes=CLASSES,
                   prompt=PromptTemplate(question="{input}", answer=""),
                   probe=ProbeSpec(method=method, folds=4), scorers=(LABELS, LABELS.for_words()))


@hookimpl
def evalctl_categories():
    written_scorer = ScorerSpec(name="words", version="1", score=written, metrics=(RIGHT,))
    return (
        CategorySpec(
            name="moods", title="moods",
            datasets=(dataset("mood", scorers=(written_scorer,)),
                      probe("mood_probe", "logistic"), probe("mood_knn", "neighbours")),
            models=(ModelSpec(name="moody_base", title="moody", path="a", kind="encoder",
                              context_length=512, engine="moody", licence="CC0-1.0"),),
        ),
    )


@hookimpl
def evalctl_engines():
    return (
        EngineSpec(name="moody", title="moody", capabilities=("embed",), kinds=("encoder",),
                   options=EngineOptions, factory="evalctl_moods:open_moody", check=check_moody,
                   is_hosted=False),
    )
"""


@pytest.fixture(scope="module")
def moods(tmp_path_factory: pytest.TempPathFactory) -> Site:
    site = Site(tmp_path_factory.mktemp("moods"))
    site.add("moods", PLUGIN)
    return site


def run(site: Site, out: Path, *arguments: str) -> RunFolder:
    done = site.run("run", "--out", str(out), "--no-cache", *arguments)
    assert done.returncode == 0, done.stderr
    return RunFolder(next(iter(out.iterdir())))


def test_every_probe_stands_beside_words_alone(moods: Site, tmp_path: Path) -> None:
    folder = run(moods, tmp_path, "-c", "moods", "-m", "moody_base", "-n", "all")

    (model,) = folder.summary().models
    found = {
        dataset.dataset: {metric.name: metric.value for metric in dataset.metrics}
        for dataset in model.datasets
    }
    assert set(found) == {"mood_probe", "mood_knn"}
    for metrics in found.values():
        assert metrics["right"] == 1.0
        assert 0.4 < (metrics["words_right"] or 0.0) < 0.75  # two thirds are glad


def test_repeats_of_a_probe_are_refused(moods: Site, tmp_path: Path) -> None:
    asked = ("run", "-d", "mood_probe", "-m", "moody:a", "--repeats", "2")
    done = moods.run(*asked, "--out", str(tmp_path / "runs"))

    assert done.returncode == 2
    assert "--repeats 2: mood_probe: what is computed" in " ".join(done.stderr.split())
    assert not (tmp_path / "runs").exists()


def test_estimates_count_what_a_probe_learns_from_once(moods: Site) -> None:
    done = moods.run("run", "-c", "moods", "-m", "moody:a", "-n", "20", "--dry-run", "--json")

    assert done.returncode == 0, done.stderr
    (model,) = json.loads(done.stdout)["estimates"]["models"]
    first, second = model["datasets"]
    # The vectors of all 120 rows serve both probes; 20 of them are asked about.
    assert (first["prompts"], first["training_rows"], second["training_rows"]) == (20, 100, 0)
    assert first["training_tokens"] == pytest.approx(5 * first["prompt_tokens"], rel=0.05)
    shown = moods.run("run", "-d", "mood_knn", "-m", "moody:a", "-n", "20", "--dry-run").stdout
    assert "of 100 other rows to learn from" in " ".join(shown.split())
    assert "time: unknown; --probe measures it" in shown


def test_the_plan_tells_what_a_probe_was_trained_on(moods: Site, tmp_path: Path) -> None:
    folder = run(moods, tmp_path, "-d", "mood_probe", "-m", "moody:a", "-n", "20")

    manifest = json.loads((folder.path / "manifest.json").read_text())
    (dataset,) = manifest["plan"]["models"][0]["datasets"]
    assert dataset["n_samples"] == 20
    assert (dataset["probe"]["method"], dataset["probe"]["folds"]) == ("logistic", 4)
    assert sum(dataset["probe"]["rows_by_part"]) == 120
    (line, *_) = next(folder.path.glob("samples/*/mood_probe.jsonl")).read_text().splitlines()
    assert '"vector"' not in line
    assert json.loads(line)["prompt"]["protocol"] == dataset["probe"]["protocol"]


def test_an_encoder_is_refused_a_prompt_with_what_it_can_be_asked(
    moods: Site, tmp_path: Path
) -> None:
    done = moods.run("run", "-d", "mood", "-m", "moody_base", "--out", str(tmp_path))

    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    told = " ".join(done.stderr.split())
    assert (
        "mood is scored by answers that are written (`generate`), which engine moody does" in told
    )
    assert "Of moods it can be asked: mood_probe, mood_knn" in told


def test_a_model_that_writes_is_refused_a_probe(moods: Site, tmp_path: Path) -> None:
    done = moods.run(
        "run", "-d", "mood_probe", "-m", "openai:x@http://host", "--out", str(tmp_path)
    )

    assert done.returncode == 2
    told = " ".join(done.stderr.split())
    assert "scored by vectors of texts (`embed`), which engine openai does not give" in told


def test_answers_that_are_kept_are_those_of_the_same_protocol(moods: Site, tmp_path: Path) -> None:
    environment = {"EVALCTL_CACHE": str(tmp_path / "cache")}
    asked = ["run", "-d", "mood_probe", "-m", "moody:/"]
    for place in ("one", "two"):
        done = moods.run(*asked, "--out", str(tmp_path / place), environment=environment)
        assert done.returncode == 0, done.stderr

    one, two = (
        RunFolder(next((tmp_path / place).iterdir())).summary().models[0]
        for place in ("one", "two")
    )
    assert one.datasets[0].metrics == two.datasets[0].metrics


def test_what_a_probe_said_can_be_replayed(moods: Site, tmp_path: Path) -> None:
    folder = run(moods, tmp_path / "out", "-d", "mood_probe", "-m", "moody:a", "-n", "30")
    file = exported(folder, "replay", tmp_path / "recorded.jsonl")

    again = run(
        moods, tmp_path / "again", "-d", "mood_probe", "-m", f"replay:{file}", "--only-recorded"
    )

    values = [
        next(m.value for m in one.summary().models[0].datasets[0].metrics if m.name == "right")
        for one in (folder, again)
    ]
    assert values == [1.0, 1.0]
