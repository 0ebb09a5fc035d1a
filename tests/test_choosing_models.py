"""Which models a run takes where none is named, and what each of them is asked."""

from __future__ import annotations

import json

import pytest
from tests.commands import Commands
from tests.conftest import Site

STONES = """
from evalctl import (
    CategorySpec, Completion, DatasetSpec, EngineInfo, EngineOptions, EngineSpec, Example,
    Generation, InlineSource, MetricSpec, ModelFacts, ModelSpec, Sample, Score, ScorerSpec,
    hookimpl,
)

def to_sample(row):
    return Sample(id=str(row.number), input=row.text("question"), target=row.text("answer"))

def score(sample, completion):
    right = float(completion.text == sample.target)
    return Score(value=right, answer=completion.text, counts={"right": right, "all": 1.0})

def check(model, options):
    return ModelFacts()

class Stone:
    info = EngineInfo(name="stones")

    def generate(self, prompts):
        for prompt in prompts:
            yield Generation(
                dataset=prompt.dataset, sample_id=prompt.sample_id,
                completions=(Completion(text="hard"),),
            )

    def close(self):
        pass

def open_engine(model, options):
    return Stone()

weighed = ScorerSpec(
    name="stone_right", version="1", score=score,
    metrics=(MetricSpec(name="stone_share", title="share of right ones",
                        pooled=lambda sums: sums["right"] / sums["all"] if sums else None),),
)

def dataset(name, role):
    return DatasetSpec(
        name=name, title="stones", version="1", licence="CC0-1.0", citation="tests",
        sources=(InlineSource(rows=(
            {"question": "a stone is", "answer": "hard"},
            {"question": "water is", "answer": "wet"},
        )),),
        columns=frozenset({"question", "answer"}), to_sample=to_sample, scorers=(weighed,),
        headline="stone_share", gold=lambda sample: sample.target,
        perturb=lambda sample: "soft", role=role,
        examples=(Example(sample=Sample(id="0", input="a", target="b"), good="b", bad="c"),),
    )

def model(name):
    return ModelSpec(
        name=name, title=name, path=name, kind="rule", parameters=1, context_length=10,
        engine="stones", licence="CC0-1.0", is_embedded=True, datasets=("stone_quiz",),
    )

@hookimpl
def evalctl_categories():
    return (CategorySpec(
        name="stones", title="stones", models=(model("pebble"), model("boulder")),
        datasets=(dataset("stone_quiz", "primary"), dataset("stone_essays", "secondary")),
    ),)

@hookimpl
def evalctl_engines():
    return (EngineSpec(
        name="stones", title="stones", capabilities=("generate",), kinds=("rule",),
        options=EngineOptions, factory="evalctl_stones:open_engine", check=check, is_hosted=False,
    ),)
"""
"""A third party's category, with two baselines by rules, for one of its datasets, and an engine."""


@pytest.fixture(scope="module")
def stones(tmp_path_factory: pytest.TempPathFactory, commands: Commands) -> Site:
    """A folder of distributions that holds the category of stones."""
    site = Site(tmp_path_factory.mktemp("site"), commands)
    site.add("stones", STONES)
    return site


def asked(site: Site, *arguments: str) -> dict[str, list[str]]:
    """The datasets that each model of a plan is asked."""
    done = site.run("run", *arguments, "--dry-run", "--json")
    assert done.returncode == 0, done.stderr
    models = json.loads(done.stdout)["models"]
    return {m["model"]: [d["dataset"] for d in m["datasets"]] for m in models}


def test_all_that_ship_with_a_plugin_are_taken_where_no_other_model_can_run(stones: Site) -> None:
    assert asked(stones, "-c", "stones") == {"boulder": ["stone_quiz"], "pebble": ["stone_quiz"]}


def test_a_model_is_asked_nothing_of_categories_that_it_is_not_in(stones: Site) -> None:
    assert asked(stones, "--all-categories") == {
        "pebble": ["stone_quiz"],
        "boulder": ["stone_quiz"],
        "reference": ["coding_sample", "efficiency_sample", "math_sample"],
    }


def test_of_all_categories_those_without_data_are_left_out_and_told(stones: Site) -> None:
    done = stones.run("run", "--all-categories", "--dry-run", "--json")

    notices = json.loads(done.stdout)["notices"]
    assert "left out: no dataset of the category general is on this machine" in str(notices)


def test_a_category_that_was_named_must_have_data(stones: Site) -> None:
    done = stones.run("run", "-c", "general", "-c", "math", "-m", "reference", "--dry-run")

    assert done.returncode == 2
    assert "no dataset of the category general is on this machine" in done.stderr


def test_datasets_of_two_categories_go_to_the_models_of_each(stones: Site) -> None:
    assert asked(stones, "-d", "stone_quiz", "-d", "math_sample") == {
        "pebble": ["stone_quiz"],
        "boulder": ["stone_quiz"],
        "reference": ["math_sample"],
    }


def test_a_dataset_that_a_model_was_not_made_for_is_refused_where_it_is_named(stones: Site) -> None:
    done = stones.run("run", "--model", "pebble", "-d", "stone_essays")
    assert done.returncode == 2
    assert "pebble cannot be asked: dataset stone_essays" in done.stderr
    assert "made for stone_quiz alone" in done.stderr


def test_a_rule_takes_no_tokens(stones: Site) -> None:
    done = stones.run("run", "--model", "pebble", "--dry-run", "--json")
    (dataset,) = json.loads(done.stdout)["estimates"]["models"][0]["datasets"]
    assert (dataset["prompt_tokens"], dataset["output_tokens_at_most"]) == (0, 0)


def test_an_engine_of_rules_stands_in_for_no_other(stones: Site) -> None:
    done = stones.run("run", "--model", "reference", "--engine", "stones", "-d", "math_sample")
    assert done.returncode == 2
    assert "engine stones does not open reference, a model of the kind decoder" in done.stderr


def test_models_are_compared_by_a_pooled_metric(stones: Site) -> None:
    done = stones.run("run", "-c", "stones", "--out", "pooled", "--json")
    assert done.returncode == 0, done.stderr
    run = json.loads(done.stdout)["run_id"]

    compared = stones.run("compare", f"pooled/{run}", "--json")

    assert compared.returncode == 0, compared.stderr
    (pair,) = json.loads(compared.stdout)["pairs"]
    (dataset,) = pair["datasets"]
    assert (dataset["metric"], dataset["test"]) == ("stone_share", "exchange_exact")
    assert dataset["difference"] == dataset["value_a"] - dataset["value_b"]


def test_a_pooled_metric_whose_plugin_is_gone_is_refused_with_the_reason(stones: Site) -> None:
    done = stones.run("run", "-c", "stones", "--out", "gone", "--json")
    run = json.loads(done.stdout)["run_id"]

    compared = stones.run(
        "compare", f"gone/{run}", environment={"EVALCTL_DISABLE_PLUGINS": "stones"}
    )

    assert compared.returncode == 2
    assert "stone_share is made of sums over all samples; no installed" in compared.stderr


def test_the_command_line_is_a_module_too(stones: Site) -> None:
    done = stones.python("import runpy; runpy.run_module('evalctl', run_name='__main__')", "-h")
    assert done.returncode == 0
    assert "Usage: evalctl" in done.stdout
