"""Putting plugins together: who may add what to whom, and what of it can be replaced: nothing."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from core.tests.test_registry import A, B, C, category, dataset, engine, model, scorer

from evalctl import (
    CategorySpec,
    Completion,
    Continuation,
    DatasetSpec,
    ExecutorSpec,
    MetricSpec,
    Sample,
    Score,
    ScorerSpec,
    mean_value,
)
from evalctl.assembly import Contribution, assemble
from evalctl.registry import Owner, Registry

D = Owner("d", "evalctl-d", "1.0")
OWN_METRICS = (
    MetricSpec(name="accuracy", title="t", reduce=mean_value, repeats=True),
    MetricSpec(name="pass_at_1", title="t", reduce=mean_value, pass_name="pass_at_{k}"),
)
OWN = scorer("own").model_copy(update={"metrics": OWN_METRICS})
BOX = ExecutorSpec(name="box", title="t", isolation="none", probe=lambda: None)


def lenient(sample: Sample, completion: Completion) -> Score:
    return Score(value=1.0)


def added(name: str = "extra", metric: str = "brevity", *datasets: str) -> ScorerSpec:
    metrics = (MetricSpec(name=metric, title="t", reduce=mean_value, repeats=True),)
    return ScorerSpec(
        name=name, version="1", score=lenient, metrics=metrics, datasets=datasets or ("math_set",)
    )


def host(*more: DatasetSpec) -> Contribution:
    """The plugin whose category the others add to."""
    own = dataset("math_set", by=OWN)
    spec = CategorySpec(
        name="math", title="t", aliases=("maths",), models=(model("m"),), datasets=(own, *more)
    )
    return Contribution(A, categories=(spec,), engines=(engine("fake"),), executors=(BOX,))


def scorers(*specs: ScorerSpec, owner: Owner = B) -> Contribution:
    return Contribution(owner, scorers=specs)


def names_of(registry: Registry, dataset: str) -> list[str]:
    return [one.name for one in registry.dataset(dataset).spec.scorers]


class Bad(NamedTuple):
    """A plugin that would replace something, and what its refusal says."""

    plugin: Contribution
    says: str


BY_BOTH = "b (evalctl-b 1.0), is already taken by a (evalctl-a 1.0)"
THERE = "of scorer 'extra', which b (evalctl-b 1.0) adds to dataset 'math_set', is already taken"
REPLACEMENTS = {
    "category": Bad(
        Contribution(B, categories=(category("math"),)), f"category 'math', brought by {BY_BOTH}"
    ),
    "alias": Bad(
        Contribution(B, categories=(category("other", aliases=("maths",)),)),
        f"category 'maths', brought by {BY_BOTH}",
    ),
    "dataset": Bad(
        Contribution(B, datasets=(dataset("math_set", category="math"),)),
        f"dataset 'math_set', brought by {BY_BOTH}",
    ),
    "model": Bad(
        Contribution(B, models=(model("m", "math"),)),
        f"model 'm' of the category 'math', brought by {BY_BOTH}",
    ),
    "weights": Bad(
        Contribution(B, models=(model("m", "math", path="z"),)),
        "model 'm' is z for b (evalctl-b 1.0), but x/y for a (evalctl-a 1.0)",
    ),
    "revision": Bad(
        Contribution(B, models=(model("m", "math").model_copy(update={"revision": "abc"}),)),
        "model 'm' is x/y@abc for b (evalctl-b 1.0), but x/y for a (evalctl-a 1.0)",
    ),
    "engine": Bad(
        Contribution(B, engines=(engine("fake"),)), f"engine 'fake', brought by {BY_BOTH}"
    ),
    "executor": Bad(Contribution(B, executors=(BOX,)), f"executor 'box', brought by {BY_BOTH}"),
    "scorer_of_a_new_dataset": Bad(
        Contribution(B, datasets=(dataset("new", category="math", by=scorer("own", "2")),)),
        "scorer 'own' of dataset 'new', brought by b (evalctl-b 1.0), is not the one that a",
    ),
    "category_score": Bad(
        Contribution(
            B,
            datasets=(dataset("new", category="math").model_copy(update={"role": "primary"}),),
        ),
        "dataset 'new', brought by b (evalctl-b 1.0), has the role `primary`, but the score of the "
        "category 'math' is up to a (evalctl-a 1.0)",
    ),
    "scorer": Bad(scorers(added("own")), "the name of scorer 'own', which b (evalctl-b 1.0)"),
    "headline": Bad(scorers(added(metric="accuracy")), f"metric 'accuracy' {THERE}"),
    "metric": Bad(scorers(added(metric="pass_at_1")), f"metric 'pass_at_1' {THERE}"),
    "mean_of_repeats": Bad(
        scorers(added(metric="accuracy_avg@4")), f"metric 'accuracy_avg@4' {THERE}"
    ),
    "best_of_repeats": Bad(
        scorers(added(metric="accuracy_pass@2")), f"metric 'accuracy_pass@2' {THERE}"
    ),
    "vote_of_repeats": Bad(
        scorers(added(metric="accuracy_maj@16")), f"metric 'accuracy_maj@16' {THERE}"
    ),
    "family": Bad(scorers(added(metric="pass_at_10")), f"metric 'pass_at_10' {THERE}"),
    "known_scorer_that_judges_otherwise": Bad(
        Contribution(
            B,
            datasets=(dataset("new", category="math", by=scorer("known", metric="x")),),
            scorers=(added("known"),),
        ),
        "scorer 'known' of dataset 'math_set', brought by b (evalctl-b 1.0), is not the one that "
        "it brings under that name",
    ),
}


@pytest.mark.parametrize("kind", REPLACEMENTS)
def test_what_is_there_cannot_be_replaced(kind: str) -> None:
    bad = REPLACEMENTS[kind]
    alone, _ = assemble([host()])

    registry, refused = assemble([host(), bad.plugin])

    assert list(refused) == [B]
    assert bad.says in str(refused[B])
    assert registry == alone


ADDING = [
    kind
    for kind, bad in REPLACEMENTS.items()
    if bad.plugin.scorers or bad.plugin.datasets or bad.plugin.models
]


@pytest.mark.parametrize("kind", ADDING)
def test_whoever_adds_gives_way_though_it_comes_first(kind: str) -> None:
    _, refused = assemble([REPLACEMENTS[kind].plugin, host()])

    assert list(refused) == [B]
    assert REPLACEMENTS[kind].says in str(refused[B])


ORPHANS = {
    "absent": Bad(
        scorers(added("extra", "brevity", "math_set", "nowhere")),
        "scorer 'extra' is for the dataset 'nowhere', which is not installed",
    ),
    "homeless": Bad(
        scorers(added().model_copy(update={"datasets": ()})),
        "scorer 'extra' does not say which dataset it is for",
    ),
}


@pytest.mark.parametrize("kind", ORPHANS)
def test_scorer_without_a_dataset_is_refused(kind: str) -> None:
    registry, refused = assemble([host(), ORPHANS[kind].plugin])

    assert str(refused[B]) == ORPHANS[kind].says
    assert names_of(registry, "math_set") == ["own"]


def choose(sample: Sample, given: tuple[Continuation, ...]) -> Score:
    return Score(value=1.0)


def choosing(name: str, metric: str) -> ScorerSpec:
    values = scorer(name, metric=metric).model_dump(exclude={"score", "choose", "metrics"})
    metrics = scorer(name, metric=metric).metrics
    return ScorerSpec(**values, metrics=metrics, choose=choose)


def test_scorer_that_judges_what_a_dataset_does_not_ask_for_is_refused() -> None:
    by_likelihood = choosing("by_likelihood", "likelihood")
    values = {"scorers": (by_likelihood,), "headline": "likelihood", "needs": "choose"}
    chosen = dataset("chosen").model_copy(update=values)
    joining = choosing("more", "more").model_copy(update={"datasets": ("chosen",)})

    _, of_texts = assemble([host(chosen), scorers(added("extra", "brevity", "chosen"))])
    _, of_likelihoods = assemble(
        [host(), scorers(joining.model_copy(update={"datasets": ("math_set",)}))]
    )
    registry, refused = assemble([host(chosen), scorers(joining)])

    assert "judges texts, but the dataset needs `choose`" in str(of_texts[B])
    assert "judges log-likelihoods, but the dataset needs `generate`" in str(of_likelihoods[B])
    assert refused == {}
    assert names_of(registry, "chosen") == ["by_likelihood", "more"]


@pytest.mark.parametrize("role", ["primary", "secondary", "variant", "sample"])
def test_scorer_joins_a_dataset_behind_its_own(role: str) -> None:
    more = dataset("more").model_copy(update={"role": role})

    registry, refused = assemble([host(more), scorers(added("extra", "brevity", "more", "more"))])

    assert refused == {}
    entry = registry.dataset("more")
    assert [one.name for one in entry.spec.scorers] == ["match", "extra"]
    assert [one.name for one in entry.spec.own_scorers] == ["match"]
    assert (entry.owner, entry.spec.headline, entry.spec.role) == (A, "accuracy", role)
    assert entry.spec in registry.category("math").datasets
    assert registry.added_to("more") == {"extra": B}
    assert registry.added_to("math_set") == {}


def test_metric_of_an_added_scorer_belongs_to_the_plugin_that_added_it() -> None:
    registry, _ = assemble([host(), scorers(added())])

    assert (registry.metric("brevity").owner, registry.metric("accuracy").owner) == (B, A)
    assert registry.metric("brevity").headline_of == ()


def test_plugin_is_refused_with_all_of_its_scorers() -> None:
    both = scorers(added("good", "good"), added(metric="accuracy"))

    registry, refused = assemble([host(), both])

    assert list(refused) == [B]
    assert names_of(registry, "math_set") == ["own"]


@pytest.mark.parametrize("order", ["bcd", "dcb", "cbd", "dbc"])
def test_order_of_plugins_does_not_matter(order: str) -> None:
    """B adds a scorer to the dataset that C adds to D's category."""
    plugins = {
        "b": scorers(added("extra", "brevity", "theirs")),
        "c": Contribution(C, datasets=(dataset("theirs", category="games"),)),
        "d": Contribution(D, categories=(category("games"),)),
    }

    registry, refused = assemble([plugins[letter] for letter in order])

    assert refused == {}
    assert names_of(registry, "theirs") == ["match", "extra"]


def test_plugin_may_add_a_scorer_to_its_own_dataset_and_share_it() -> None:
    shared = added("shared", "brevity", "mine", "math_set")
    mine = dataset("mine", category="math")

    registry, refused = assemble([host(), Contribution(B, datasets=(mine,), scorers=(shared,))])

    assert refused == {}
    assert names_of(registry, "mine") == ["match", "shared"]
    assert names_of(registry, "math_set") == ["own", "shared"]


def test_scorer_that_a_dataset_has_may_be_added_to_another_one() -> None:
    known = scorer("known", metric="known")
    mine = dataset("mine", category="math", by=known)
    joining = known.model_copy(update={"datasets": ("math_set",)})

    registry, refused = assemble([host(), Contribution(B, datasets=(mine,), scorers=(joining,))])

    assert refused == {}
    assert names_of(registry, "math_set") == ["own", "known"]


@pytest.mark.parametrize("second", [added(), added("other")], ids=["scorer", "metric"])
def test_of_two_that_add_the_same_the_first_stands(second: ScorerSpec) -> None:
    registry, refused = assemble([host(), scorers(added()), scorers(second, owner=C)])

    assert list(refused) == [C]
    assert "is already taken there by b (evalctl-b 1.0)" in str(refused[C])
    assert registry.added_to("math_set") == {"extra": B}


def test_plugin_that_adds_a_metric_twice_is_refused() -> None:
    _, refused = assemble([host(), scorers(added(), added("other"))])

    assert "is already taken there by itself" in str(refused[B])


def test_plugin_that_clashes_with_a_refused_one_alone_stands() -> None:
    clashing = Contribution(B, categories=(category("code"), category("math")))
    third = Contribution(C, categories=(category("code"),))
    fourth = Contribution(D, datasets=(dataset("more", category="code"),))

    registry, refused = assemble([host(), clashing, third, fourth])

    assert list(refused) == [B]
    assert [spec.name for spec in registry.datasets_of("code")] == ["code_set", "more"]


def test_of_plugins_that_clash_in_a_circle_the_first_goes() -> None:
    one = Contribution(
        B, categories=(category("b"),), datasets=(dataset("c_set", category="math"),)
    )
    other = Contribution(
        C, categories=(category("c"),), datasets=(dataset("b_set", category="math"),)
    )

    registry, refused = assemble([host(), one, other])

    assert list(refused) == [B]
    assert registry.dataset("b_set").category == "math"


@pytest.mark.parametrize(
    "broken",
    [
        Contribution(B, datasets=(DatasetSpec.model_construct(name="x"),)),
        Contribution(B, categories=(CategorySpec.model_construct(),)),
        Contribution(B, scorers=(ScorerSpec.model_construct(name="x", datasets=("math_set",)),)),
        Contribution(B, scorers=(added().model_copy(update={"datasets": 7}),)),
    ],
)
def test_spec_that_was_made_past_its_validation_costs_its_plugin_alone(
    broken: Contribution,
) -> None:
    registry, refused = assemble([broken, host()])

    assert list(refused) == [B]
    assert registry == assemble([host()])[0]


class Leaving(ScorerSpec):
    """A spec whose own code ends the process, or tries to."""

    def __eq__(self, other: object) -> bool:
        raise SystemExit(0)

    __hash__ = None  # type: ignore[assignment]  # as Python does for whoever defines equality


def test_spec_whose_own_code_exits_costs_its_plugin_alone() -> None:
    leaving = Leaving.model_construct(**dict(added()))
    registry, refused = assemble([host(), Contribution(B, scorers=(leaving,) * 2)])

    assert list(refused) == [B]
    assert registry == assemble([host()])[0]


def test_own_scorer_of_a_dataset_cannot_name_datasets() -> None:
    with pytest.raises(ValueError, match="its scorer extra names `datasets`"):
        dataset("mine", by=added())
