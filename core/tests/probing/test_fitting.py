"""Probes against plain scikit-learn, and against answers that mean nothing."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pytest

from evalctl.probing import Lesson, fit, fit_words
from evalctl.specs.probes import ProbeMethod

if TYPE_CHECKING:
    from numpy import ndarray

numpy = pytest.importorskip("numpy")
pytest.importorskip("sklearn")

WORDS = {0: ("cell", "gene", "blood"), 1: ("graph", "proof", "lemma"), 2: ("star", "dust", "orbit")}
COMMON = ("the", "of", "and", "we", "show", "that", "in", "a", "new", "paper")


def rows(count: int, seed: int) -> tuple[Any, list[int], list[str]]:
    """Return vectors with a weak trace of the class, classes, and texts with a word of it."""
    chance = random.Random(seed)
    classes = [chance.choice((0, 0, 1, 2)) for _ in range(count)]
    vectors = numpy.array(
        [[chance.gauss(float(one == at), 1.0) * 10**at for at in range(6)] for one in classes],
        dtype=numpy.float32,
    )
    texts = [" ".join((*chance.sample(COMMON, 6), chance.choice(WORDS[one]))) for one in classes]
    return vectors, classes, texts


def lesson(method: ProbeMethod, *, learns_from_dev: bool = False) -> Lesson:
    return Lesson(method, 3, range(200), range(200, 300), learns_from_dev=learns_from_dev)


def accuracy(found: ndarray, classes: Sequence[int]) -> float:
    return float((found.argmax(1) == numpy.array(classes)).mean())


@pytest.mark.parametrize("learns_from_dev", [False, True])
def test_logistic_regression_is_that_of_plain_scikit_learn(*, learns_from_dev: bool) -> None:
    from sklearn.linear_model import LogisticRegression

    vectors, classes, _ = rows(400, 1)
    asked = vectors[300:]

    found = fit(lesson("logistic", learns_from_dev=learns_from_dev), vectors, classes)(asked)

    def trained(end: int, strength: float) -> tuple[Any, Any]:
        known = vectors[:end]
        middle, spread = known.mean(0, dtype=float), known.std(0, dtype=float)

        def scaled(one: ndarray) -> ndarray:
            made: ndarray = (one - middle) / spread
            return made

        model = LogisticRegression(C=strength, max_iter=1000)
        return model.fit(scaled(known), classes[:end]), scaled

    reached = {}
    for power in range(-2, 4):
        model, scaled = trained(200, 2.0**power)
        reached[2.0**power] = model.score(scaled(vectors[200:300]), classes[200:300])
    best = min(c for c, value in reached.items() if value == max(reached.values()))
    model, scaled = trained(300 if learns_from_dev else 200, best)
    assert found == pytest.approx(model.predict_proba(scaled(asked)), abs=1e-3)
    assert accuracy(found, classes[300:]) > 0.6


def test_neighbours_vote_as_in_plain_scikit_learn() -> None:
    from sklearn.neighbors import KNeighborsClassifier

    vectors, classes, _ = rows(400, 2)

    found = fit(lesson("neighbours"), vectors, classes)(vectors[300:])

    plain = KNeighborsClassifier(
        20, metric="cosine", weights=lambda distance: numpy.exp((1 - distance) / 0.07)
    ).fit(vectors[:300], classes[:300])
    assert found == pytest.approx(plain.predict_proba(vectors[300:]), abs=1e-4)


def test_words_are_learnt_from_training_texts_alone() -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    _, classes, texts = rows(400, 3)
    spoilt = [*texts[:300], *("unseen words " + text for text in texts[300:])]

    found = fit_words(lesson("logistic"), spoilt, classes)(texts[300:])

    plain = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True).fit(texts[:200])
    best = max(
        (LogisticRegression(C=2.0**power, max_iter=1000) for power in range(-2, 4)),
        key=lambda one: one.fit(plain.transform(texts[:200]), classes[:200]).score(
            plain.transform(texts[200:300]), classes[200:300]
        ),
    )
    assert found == pytest.approx(best.predict_proba(plain.transform(texts[300:])), abs=1e-4)
    assert accuracy(found, classes[300:]) > 0.95


@pytest.mark.parametrize("method", ["logistic", "neighbours"])
def test_shuffled_answers_teach_nothing(method: ProbeMethod) -> None:
    vectors, classes, texts = rows(1000, 4)
    taught = classes[:300]
    random.Random(5).shuffle(taught)
    mixed, asked = [*taught, *classes[300:]], classes[300:]

    found = fit(lesson(method), vectors, mixed)(vectors[300:])
    words = fit_words(lesson(method), texts, mixed)(texts[300:])

    # Half of the rows are of the commonest class: chance is 0.5, give or take 4 standard errors.
    most = 0.5 + 4 * math.sqrt(0.25 / len(asked))
    assert accuracy(found, asked) < most
    assert accuracy(words, asked) < most


@pytest.mark.parametrize("method", ["logistic", "neighbours"])
def test_a_class_that_nothing_was_learnt_of_has_no_probability(method: ProbeMethod) -> None:
    vectors, classes, _ = rows(300, 6)
    two = [one % 2 for one in classes]

    found = fit(lesson(method), vectors, two)(vectors)

    assert found.shape == (300, 3)
    assert found[:, 2].tolist() == [0.0] * 300
    assert found.sum(1) == pytest.approx(numpy.ones(300))


def test_texts_without_words_can_be_probed() -> None:
    found = fit_words(lesson("logistic"), ["?"] * 300, [0, 1, 1] * 100)(["?", "!"])

    assert found.argmax(1).tolist() == [1, 1]


def test_the_same_rows_always_give_the_same() -> None:
    vectors, classes, _ = rows(300, 7)

    first, second = (fit(lesson("logistic"), vectors, classes)(vectors) for _ in range(2))

    assert (first == second).all()
