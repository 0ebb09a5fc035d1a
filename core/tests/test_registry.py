"""The registry: what it is put together of, what is refused, and how it is looked up."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from evalctl import (
    CategorySpec,
    Completion,
    DatasetSpec,
    EngineOptions,
    EngineSpec,
    Example,
    InlineSource,
    MetricSpec,
    ModelFacts,
    ModelRef,
    ModelSpec,
    Row,
    Sample,
    Score,
    ScorerSpec,
    UnknownNameError,
)
from evalctl.assembly import Contribution, assemble
from evalctl.registry import Owner, Registry

A, B, C = (Owner(name, f"evalctl-{name}", "1.0") for name in "abc")


def to_sample(row: Row) -> Sample:
    return Sample(id=str(row.number), input=row.text("question"))


def judge(sample: Sample, completion: Completion) -> Score:
    return Score(value=1.0)


def first(scores: tuple[Score, ...]) -> float | None:
    return scores[0].value


def check(model: ModelRef, options: EngineOptions) -> ModelFacts:
    return ModelFacts()


def scorer(name: str = "match", version: str = "1", metric: str = "accuracy") -> ScorerSpec:
    metrics = (MetricSpec(name=metric, title="share of right answers", reduce=first),)
    return ScorerSpec(name=name, version=version, score=judge, metrics=metrics)


def dataset(name: str, *, category: str = "", by: ScorerSpec | None = None) -> DatasetSpec:
    by = by or scorer()
    return DatasetSpec(
        name=name,
        title="questions",
        version="1",
        licence="CC0-1.0",
        citation="made for tests",
        category=category,
        sources=(InlineSource(rows=({"question": "?"},)),),
        columns=frozenset({"question"}),
        to_sample=to_sample,
        scorers=(by,),
        headline=by.metrics[0].name,
        examples=(Example(sample=Sample(id="0", input="?"), good="!", bad="."),),
        role="secondary" if category else "primary",
    )


def model(name: str, *categories: str, path: str = "x/y", weight: float = 0.5) -> ModelSpec:
    return ModelSpec(
        name=name,
        title=name,
        path=path,
        parameters=10**9,
        context_length=1024,
        engine="fake",
        licence="MIT",
        categories=categories,
        specialization_weight=weight,
    )


def category(name: str, *models: ModelSpec, aliases: tuple[str, ...] = ()) -> CategorySpec:
    return CategorySpec(
        name=name, title=name, aliases=aliases, models=models, datasets=(dataset(f"{name}_set"),)
    )


def engine(name: str) -> EngineSpec:
    return EngineSpec(
        name=name,
        title=name,
        capabilities=("generate",),
        kinds=("decoder",),
        options=EngineOptions,
        factory="a:b",
        check=check,
    )


def brings(owner: Owner, *categories: CategorySpec) -> Contribution:
    return Contribution(owner, categories=categories)


@pytest.fixture
def registry() -> Registry:
    """Two categories that share a model, and a third plugin that adds to them."""
    shared = model("shared", weight=0.9), model("shared", weight=0.2)
    registry, refused = assemble(
        [
            brings(A, category("math", shared[0], aliases=("mathematical_reasoning",))),
            brings(B, category("coding", model("coder"), shared[1])),
            Contribution(
                C,
                datasets=(dataset("extra", category="mathematical_reasoning"),),
                models=(model("anywhere", "*"), model("somewhere", "coding", "absent")),
                engines=(engine("fake"),),
            ),
        ],
        hint="Plugins that are not loaded: d: boom.",
    )
    assert not refused
    return registry


@pytest.mark.parametrize("name", ["math", "mathematical_reasoning"])
def test_category_is_found_by_short_name_and_alias(registry: Registry, name: str) -> None:
    assert registry.category(name).name == "math"


def test_model_has_the_weight_that_a_category_gives_it(registry: Registry) -> None:
    assert registry.model("shared", category="math").specialization_weight == 0.9
    assert registry.model("shared", category="coding").specialization_weight == 0.2
    assert registry.model("shared").specialization_weight == 0.9


def test_categories_of_a_model_are_all_that_it_serves(registry: Registry) -> None:
    assert [spec.name for spec in registry.categories_of("shared")] == ["math", "coding"]
    assert [spec.name for spec in registry.categories_of("anywhere")] == ["math", "coding"]
    assert [spec.name for spec in registry.categories_of("somewhere")] == ["coding"]


def test_category_holds_what_other_plugins_added(registry: Registry) -> None:
    assert [spec.name for spec in registry.datasets_of("math")] == ["math_set", "extra"]
    assert [spec.name for spec in registry.models_of("coding")] == [
        "coder",
        "shared",
        "anywhere",
        "somewhere",
    ]


def test_entry_knows_its_category_and_its_plugin(registry: Registry) -> None:
    entry = registry.dataset("extra")

    assert (entry.spec.name, entry.category, entry.owner) == ("extra", "math", C)


def test_metric_knows_where_it_is_used(registry: Registry) -> None:
    metric = registry.metric("accuracy")

    assert metric.scorers == ("match",)
    assert metric.datasets == metric.headline_of == ("math_set", "extra", "coding_set")
    assert registry.scorer("match").metrics == (metric.spec,)


@pytest.mark.parametrize("kind", ["category", "model", "dataset", "engine", "scorer", "metric"])
def test_unknown_name_tells_the_known_and_the_plugins_that_failed(
    registry: Registry, kind: str
) -> None:
    with pytest.raises(UnknownNameError, match=f"unknown {kind} 'nothing'") as caught:
        getattr(registry, kind)("nothing")

    assert "Known: " in str(caught.value)
    assert str(caught.value).endswith("Plugins that are not loaded: d: boom.")


def test_unknown_executor_is_told_though_there_is_none(registry: Registry) -> None:
    with pytest.raises(UnknownNameError, match="Known: none"):
        registry.executor("docker")


def test_unknown_name_suggests_near_ones(registry: Registry) -> None:
    with pytest.raises(UnknownNameError) as caught:
        registry.model("shard")

    assert caught.value.suggestions == ("shared",)


def test_registry_cannot_be_changed(registry: Registry) -> None:
    with pytest.raises(FrozenInstanceError):
        registry.hint = ""  # type: ignore[misc]  # that is the point


def test_model_for_all_categories_is_registered_where_there_is_none() -> None:
    registry, _ = assemble([Contribution(A, models=(model("anywhere", "*"),))])

    assert registry.model("anywhere").name == "anywhere"
    assert registry.categories_of("anywhere") == ()


CLASHES = {
    "category": (brings(B, category("math")), "category 'math'"),
    "alias": (brings(B, category("other", aliases=("math",))), "category 'math'"),
    "dataset": (
        Contribution(B, datasets=(dataset("math_set", category="math"),)),
        "dataset 'math_set'",
    ),
    "model": (Contribution(B, models=(model("m", "math"),)), "model 'm' of the category 'math'"),
    "engine": (Contribution(B, engines=(engine("fake"),)), "engine 'fake'"),
}


@pytest.mark.parametrize("kind", CLASHES)
def test_name_that_is_taken_refuses_the_second_plugin_and_names_both(kind: str) -> None:
    second, what = CLASHES[kind]
    one = Contribution(A, categories=(category("math", model("m")),), engines=(engine("fake"),))

    registry, refused = assemble([one, second])

    assert [spec.name for spec in registry.categories] == ["math"]
    assert str(refused[B]) == (
        f"{what}, brought by b (evalctl-b 1.0), is already taken by a (evalctl-a 1.0)"
    )


def test_same_name_for_other_weights_is_refused() -> None:
    _, refused = assemble(
        [brings(A, category("math", model("m"))), brings(B, category("code", model("m", path="z")))]
    )

    assert "model 'm' is z for b (evalctl-b 1.0), but x/y for a" in str(refused[B])


def test_same_name_for_another_scorer_is_refused() -> None:
    other = dataset("extra", category="math", by=scorer(version="2"))

    _, refused = assemble([brings(A, category("math")), Contribution(B, datasets=(other,))])

    assert "scorer 'match' of dataset 'extra'" in str(refused[B])


def test_scorer_may_be_shared_by_plugins() -> None:
    extra = dataset("extra", category="math", by=scorer())

    _, refused = assemble([brings(A, category("math")), Contribution(B, datasets=(extra,))])

    assert refused == {}


def test_plugin_is_refused_as_a_whole() -> None:
    half = Contribution(B, categories=(category("math"),), engines=(engine("fake"),))

    registry, refused = assemble([brings(A, category("math")), half])

    assert list(refused) == [B]
    assert registry.engines == ()


def test_plugin_that_needs_a_refused_ones_category_is_refused_too() -> None:
    clashing = brings(B, category("math"), category("code"))
    guest = Contribution(C, datasets=(dataset("extra", category="code"),))

    registry, refused = assemble([brings(A, category("math")), clashing, guest])

    assert list(refused) == [B, C]
    assert "category 'code', which is not installed" in str(refused[C])
    assert [entry.spec.name for entry in registry.dataset_entries] == ["math_set"]


def test_plugin_refused_for_a_missing_category_does_not_cost_another_one_its_name() -> None:
    orphan = Contribution(
        A, datasets=(dataset("extra", category="absent"),), engines=(engine("fake"),)
    )

    registry, refused = assemble([orphan, Contribution(B, engines=(engine("fake"),))])

    assert list(refused) == [A]
    assert registry.engine_entries[0].owner == B
