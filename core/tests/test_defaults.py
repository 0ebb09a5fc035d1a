"""What a run takes where no model is named and none but those that ship with plugins can run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from core.tests.test_registry import A, B, C, dataset, model

from evalctl import CategorySpec, DatasetSpec, EngineOptions, EngineSpec, ModelFacts, ModelSpec
from evalctl.assembly import Contribution, assemble
from evalctl.availability import model_availability
from evalctl.engines.plugin import evalctl_engines
from evalctl.errors import ModelError
from evalctl.plan import Plan, RunSpec, make
from evalctl.plugins import Loaded
from evalctl.protocols import ModelRef
from evalctl.registry import Registry


def look(model: ModelRef, options: EngineOptions) -> ModelFacts:
    return ModelFacts()


TINY = EngineSpec(
    name="tiny",
    title="weights in a package",
    capabilities=("generate",),
    kinds=("decoder",),
    options=EngineOptions,
    factory="nowhere:nothing",
    check=look,
)


def recorded(folder: Path, name: str, *datasets: str) -> ModelSpec:
    """A model of answers to the one sample of each dataset."""
    path = folder / f"{name}.jsonl"
    rows = [{"dataset": dataset, "id": "0", "completions": ["?"]} for dataset in datasets]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    changes = {"kind": "recorded", "engine": "replay", "is_embedded": True, "parameters": 0}
    return model(name, path=str(path)).model_copy(update=changes)


def tiny(name: str, *categories: str) -> ModelSpec:
    changes = {"engine": "tiny", "is_embedded": True, "parameters": 1000}
    return model(name, *categories).model_copy(update=changes)


def sample_of(spec: DatasetSpec) -> DatasetSpec:
    return spec.model_copy(update={"name": f"{spec.name}_sample", "role": "sample"})


def category(name: str, *models: ModelSpec, has_sample: bool = False) -> CategorySpec:
    rows = dataset(f"{name}_rows")
    datasets = (rows, sample_of(rows)) if has_sample else (rows,)
    return CategorySpec(name=name, title=name, models=models, datasets=datasets)


def loaded(*categories: CategorySpec, joining: tuple[ModelSpec, ...] = ()) -> Loaded:
    registry, refused = assemble(
        [
            Contribution(A, engines=(*evalctl_engines(), TINY)),
            Contribution(B, models=joining),
            Contribution(C, categories=categories),
        ]
    )
    assert not refused
    return Loaded(registry, ())


@pytest.fixture
def three(tmp_path: Path) -> Loaded:
    """Two categories with recorded answers of their own, and one without a model."""
    one = category("one", recorded(tmp_path, "one_answers", "one_rows"))
    two = category("two", recorded(tmp_path, "two_answers", "two_rows"))
    return loaded(one, two, category("bare"))


def planned(installed: Loaded, **asked: object) -> Plan:
    return make(RunSpec.model_validate(asked), installed)


def pairs(plan: Plan) -> dict[str, list[str]]:
    return {model.name: [dataset.name for dataset in model.datasets] for model in plan.models}


def test_each_category_gets_the_answers_that_ship_with_it(three: Loaded) -> None:
    plan = planned(three, categories=("one", "two"))
    assert pairs(plan) == {"one_answers": ["one_rows"], "two_answers": ["two_rows"]}
    assert plan.notices == ()


def test_each_dataset_is_asked_of_its_own_categorys_default(three: Loaded) -> None:
    plan = planned(three, datasets=("two_rows", "one_rows"))
    assert pairs(plan) == {"two_answers": ["two_rows"], "one_answers": ["one_rows"]}


def test_the_category_of_a_dataset_decides_and_not_the_one_beside_it(three: Loaded) -> None:
    plan = planned(three, datasets=("one_rows",), categories=("two",))
    assert pairs(plan) == {"one_answers": ["one_rows"]}


def test_all_categories_leave_out_the_one_that_no_model_serves(three: Loaded) -> None:
    plan = planned(three, all_categories=True)
    assert pairs(plan) == {"one_answers": ["one_rows"], "two_answers": ["two_rows"]}
    (notice,) = plan.notices
    assert notice.startswith("left out: no model of bare can run here")


def test_a_category_that_no_model_serves_is_refused_where_it_is_named(three: Loaded) -> None:
    with pytest.raises(ModelError, match=r"no model of bare can run here.*--model ENGINE:PATH"):
        planned(three, categories=("one", "bare"))


def test_another_plugins_default_stands_behind_the_categorys_own(tmp_path: Path) -> None:
    own = category("own", recorded(tmp_path, "own_answers", "own_rows"))
    installed = loaded(own, category("open", has_sample=True), joining=(tiny("general", "*"),))
    plan = planned(installed, categories=("own", "open"))
    assert pairs(plan) == {"own_answers": ["own_rows"], "general": ["open_rows_sample"]}


@pytest.mark.parametrize(
    ("has_sample", "asked"), [(True, "home_rows_sample"), (False, "home_rows")]
)
def test_a_default_takes_the_sample_where_there_is_one(has_sample: bool, asked: str) -> None:
    installed = loaded(category("home", tiny("small"), has_sample=has_sample))
    assert pairs(planned(installed, categories=("home",))) == {"small": [asked]}


def test_a_recording_that_is_named_is_no_default(three: Loaded) -> None:
    plan = planned(three, models=("one_answers",), categories=("two",))
    assert pairs(plan) == {"one_answers": ["one_rows"]}


def test_answers_to_a_dataset_that_is_not_there_are_told_with_their_file(tmp_path: Path) -> None:
    installed = loaded(category("one", recorded(tmp_path, "answers", "two_rows")))
    with pytest.raises(ModelError, match=r"answers.jsonl holds outputs for an unknown dataset"):
        planned(installed, categories=("one",))


def state(spec: ModelSpec) -> tuple[bool, str, str | None]:
    return tuple(model_availability(spec, Registry(engine_entries=ENGINES)))


ENGINES = loaded().registry.engine_entries


def test_recorded_answers_that_ship_can_run(tmp_path: Path) -> None:
    spec = recorded(tmp_path, "answers", "rows")
    assert state(spec) == (True, "its recorded answers ship with the plugin", None)


def test_recorded_answers_that_are_not_there_cannot_run(tmp_path: Path) -> None:
    spec = recorded(tmp_path, "answers", "rows")
    Path(spec.path).unlink()
    assert state(spec) == (False, f"its recorded answers are not here: {spec.path}", "files")
