"""Probes in a run: what they learn from, and what they never see."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Iterator

import pytest

from evalctl.errors import EngineStoppedError
from evalctl.plan.probes import DEV, TRAIN, PlannedProbe, TrainingRow
from evalctl.records import Generation, Prompt
from evalctl.run.probing import Probes
from evalctl.specs import ProbeSpec
from evalctl.specs.probes import ProbeMethod

pytest.importorskip("sklearn")

CLASSES = ("left", "right")


class Vectors:
    """An engine whose vector of a text is that text's alone, and says nothing of its class."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        held = list(prompts)
        for prompt in reversed(held):  # in any order
            self.asked.append(prompt.text)
            chance = random.Random(prompt.text)
            vector = tuple(chance.gauss(0.0, 1.0) for _ in range(64))
            yield Generation(
                dataset=prompt.dataset, sample_id=prompt.sample_id, vector=vector, prompt_tokens=3
            )


def answer_of(text: str) -> int:
    """Return a class that nothing but the text itself tells."""
    return hashlib.sha256(text.encode()).digest()[0] % 2


def planned(spec: ProbeSpec, parts: dict[int, range]) -> PlannedProbe:
    rows = tuple(
        TrainingRow(f"text{number}", answer_of(f"text{number}"), part)
        for part, numbers in parts.items()
        for number in numbers
    )
    return PlannedProbe(spec, CLASSES, rows, "here", 0, "p")


def prompts(numbers: Iterable[int]) -> list[Prompt]:
    return [Prompt(dataset="d", sample_id=str(n), text=f"text{n}") for n in numbers]


def share_right(found: Iterable[Generation]) -> float:
    right = [
        max(one.labels, key=lambda name: one.labels[name])
        == CLASSES[answer_of(f"text{one.sample_id}")]
        for one in found
    ]
    return sum(right) / len(right)


def dealt(method: ProbeMethod) -> PlannedProbe:
    return planned(
        ProbeSpec(method=method, folds=4), {n: range(n * 100, n * 100 + 100) for n in range(4)}
    )


@pytest.mark.parametrize("method", ["logistic", "neighbours"])
def test_what_is_asked_about_was_never_learnt_from(method: ProbeMethod) -> None:
    probes = Probes({"d": dealt(method)}, (), on_phase=print)

    found = list(probes.hold(Vectors(), prompts(range(400))))

    # Whoever had seen a row would know its answer, as its vector is its alone; others can guess.
    assert (len(found), 0.4 < share_right(found) < 0.6) == (400, True)


def test_whoever_learnt_a_row_knows_its_answer() -> None:
    both = {TRAIN: range(100), DEV: range(100, 200)}
    spec = dealt("neighbours").spec.model_copy(update={"folds": 0})
    probes = Probes({"d": planned(spec, both)}, (), on_phase=print)

    found = list(probes.hold(Vectors(), prompts(range(200))))

    assert share_right(found) == 1.0


def test_answers_have_probabilities_by_vectors_and_by_words_and_no_vector() -> None:
    probes = Probes({"d": dealt("logistic")}, (), on_phase=print)

    (found,) = probes.hold(Vectors(), prompts([7]))

    assert (found.dataset, found.sample_id, found.prompt_tokens) == ("d", "7", 3)
    assert (tuple(found.labels), tuple(found.words)) == (CLASSES, CLASSES)
    assert sum(found.labels.values()) == pytest.approx(1.0)
    assert (found.vector, found.labels != found.words) == ((), True)


def test_rows_are_read_once_for_all_datasets_that_have_them() -> None:
    engine = Vectors()
    both = Probes({"d": dealt("logistic"), "e": dealt("neighbours")}, (), on_phase=print)
    asked = [*prompts([1]), *(one.model_copy(update={"dataset": "e"}) for one in prompts([1]))]

    found = list(both.hold(engine, asked))

    assert ([one.dataset for one in found], len(engine.asked)) == (["d", "e"], 400)


def test_a_dataset_without_a_probe_goes_through() -> None:
    (found,) = Probes({}, (), on_phase=print).hold(Vectors(), prompts([1]))

    assert len(found.vector) == 64


def test_a_row_without_a_vector_ends_the_model_at_once() -> None:
    def failing(asked: Iterable[Prompt]) -> Iterator[Generation]:
        for prompt in asked:
            yield Generation(dataset="d", sample_id=prompt.sample_id, error="no numbers")

    probes = Probes({"d": dealt("logistic")}, (), on_phase=print)

    with pytest.raises(EngineStoppedError, match="no vector of row 1 to learn from: no numbers"):
        list(probes.hold(failing, prompts([1])))


def test_a_sample_that_fails_fails_alone() -> None:
    both = {TRAIN: range(100), DEV: range(100, 200)}
    spec = dealt("logistic").spec.model_copy(update={"folds": 0})
    probes = Probes({"d": planned(spec, both)}, (), on_phase=print)
    probes.train(Vectors(), "d")

    def failing(asked: Iterable[Prompt]) -> Iterator[Generation]:
        for prompt in asked:
            yield Generation(dataset="d", sample_id=prompt.sample_id, error="too much")

    (found,) = probes.hold(failing, prompts([300]))

    assert (found.error, dict(found.labels)) == ("too much", {})
