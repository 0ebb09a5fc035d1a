"""Probes in a run: vectors come from the engine, answers from what was trained on other rows.

A probe is trained when its dataset is first asked about, on vectors that the same engine gives. It
outlives an engine that dies. Vectors are held as long as it takes to train, and never written:
results hold the probabilities of the classes, and a resumed run trains again, on the same rows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, NamedTuple

from evalctl.errors import EngineStoppedError
from evalctl.plan import PlannedDataset
from evalctl.plan.probes import DEV, PlannedProbe
from evalctl.probing import Learned, Lesson, Predict, fit, fit_words
from evalctl.records import Generation, Prompt
from evalctl.run.ranking import ranked
from evalctl.run.turns import Ask

HELD = 2
"""Sets of rows whose vectors are held: a training split, and the dataset's own rows in folds."""


@dataclass
class Probes:
    """The probes of one model."""

    planned: Mapping[str, PlannedProbe]
    """By dataset."""
    ranked: Collection[str]
    """Datasets whose choices are ranked."""
    on_phase: Callable[[str], None]
    """Called with what is being waited for."""
    _trained: dict[str, _Trained] = field(default_factory=dict)
    _embedded: dict[tuple[str, ...], _Embedded] = field(default_factory=dict)

    @classmethod
    def of(cls, datasets: Iterable[PlannedDataset], on_phase: Callable[[str], None]) -> Probes:
        """Return those of a model's datasets."""
        held = tuple(datasets)
        planned = {one.name: one.probe for one in held if one.probe is not None}
        ranked = {one.name for one in held if one.loaded.spec.judged == "rank"}
        return cls(planned, ranked, on_phase)

    def train(self, ask: Ask, dataset: str) -> None:
        """Train a dataset's probe, where it has one that is not trained.

        Raises:
            EngineError: The engine cannot go on.
        """
        if dataset in self.planned and dataset not in self._trained:
            self._trained[dataset] = self._train(ask, dataset, self.planned[dataset])

    def hold(self, ask: Ask, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        """Yield for each prompt what its dataset's probe makes of it, in any order.

        Prompts of datasets without a probe here go through as they are.

        Raises:
            EngineError: The engine cannot go on.
        """
        for dataset, group in groupby(prompts, key=lambda prompt: prompt.dataset):
            self.train(ask, dataset)
            trained = self._trained.get(dataset)
            if dataset in self.ranked:
                yield from ranked(ask, group)
            elif trained is None:
                yield from ask(group)
            else:
                yield from trained.answers(ask, group)

    def _train(self, ask: Ask, dataset: str, planned: PlannedProbe) -> _Trained:
        embedded = self._vectors(ask, dataset, planned)
        self.on_phase(f"{dataset}: training the probe ({planned.spec.method})")
        if planned.spec.folds:
            return _Dealt(dataset, planned, embedded)
        return _Split(planned, embedded)

    def _vectors(self, ask: Ask, dataset: str, planned: PlannedProbe) -> _Embedded:
        """Return the rows' vectors, which serve other datasets with the same rows as well."""
        texts = tuple(row.text for row in planned.rows)
        if texts not in self._embedded:
            self.on_phase(f"{dataset}: vectors of {len(texts):,} rows to learn from")
            while len(self._embedded) >= HELD:
                del self._embedded[next(iter(self._embedded))]
            self._embedded[texts] = _embedded(ask, dataset, texts)
        return self._embedded[texts]


class _Embedded(NamedTuple):
    """The vectors of all rows, and what the model said of each."""

    vectors: Any
    """`[row, dimension]`, of 32 bits."""
    said: list[Generation]
    """Without their vectors."""


def _embedded(ask: Ask, dataset: str, texts: Sequence[str]) -> _Embedded:
    import numpy

    count = len(texts)
    prompts = (
        Prompt(dataset=dataset, sample_id=str(at), text=text) for at, text in enumerate(texts)
    )
    vectors: Any = None
    said: dict[int, Generation] = {}
    for generation in ask(prompts):
        at = int(generation.sample_id)
        if generation.error is not None or not generation.vector:
            raise EngineStoppedError(
                f"dataset {dataset}: no vector of row {at + 1} to learn from: "
                f"{generation.error or 'the engine gave none'}"
            )
        if vectors is None:
            vectors = numpy.empty((count, len(generation.vector)), dtype=numpy.float32)
        vectors[at] = generation.vector
        said[at] = generation.model_copy(update={"vector": ()})
    if len(said) < count:
        raise EngineStoppedError(
            f"dataset {dataset}: the engine gave {len(said)} of {count} vectors"
        )
    return _Embedded(vectors, [said[at] for at in range(count)])


class _Trained:
    """A trained probe."""

    def answers(self, ask: Ask, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        """Yield what it makes of each prompt."""
        raise NotImplementedError


class _Split(_Trained):
    """One that learnt from a training split."""

    def __init__(self, planned: PlannedProbe, embedded: _Embedded) -> None:
        train, dev = (
            [at for at, row in enumerate(planned.rows) if (row.part == DEV) == is_dev]
            for is_dev in (False, True)
        )
        lesson = Lesson(
            planned.spec.method, len(planned.classes), train, dev, learns_from_dev=False
        )
        self._classes = planned.classes
        self._by_vector, self._by_words = _learnt(planned, embedded, lesson)

    def answers(self, ask: Ask, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        """Yield them as vectors come."""
        import numpy

        texts: dict[str, str] = {}

        def noted() -> Iterator[Prompt]:
            for prompt in prompts:
                texts[prompt.sample_id] = prompt.text
                yield prompt

        for generation in ask(noted()):
            text = texts.pop(generation.sample_id, "")
            if generation.error is not None:
                yield generation
                continue
            vector = numpy.array([generation.vector], dtype=numpy.float32)
            found = self._by_vector(vector)[0], self._by_words([text])[0]
            yield _answered(generation, self._classes, *found)


class _Dealt(_Trained):
    """One for each fold, which learnt from the others; all rows are answered when it is made."""

    def __init__(self, dataset: str, planned: PlannedProbe, embedded: _Embedded) -> None:
        self._known: dict[str, Generation] = {}
        folds = planned.spec.folds
        by_fold: list[list[int]] = [[] for _ in range(folds)]
        for at, row in enumerate(planned.rows):
            by_fold[row.part].append(at)
        for fold, asked in enumerate(by_fold):
            dev = (fold + 1) % folds
            train = [at for part in range(folds) if part not in {fold, dev} for at in by_fold[part]]
            lesson = Lesson(
                planned.spec.method, len(planned.classes), train, by_fold[dev], learns_from_dev=True
            )
            by_vector, by_words = _learnt(planned, embedded, lesson)
            texts = [planned.rows[at].text for at in asked]
            pairs = zip(by_vector(embedded.vectors[asked]), by_words(texts), strict=True)
            for at, text, (one, other) in zip(asked, texts, pairs, strict=True):
                said = embedded.said[at].model_copy(update={"dataset": dataset})
                self._known[text] = _answered(said, planned.classes, one, other)

    def answers(self, ask: Ask, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        """Yield them from what is known; every row that can be asked about was dealt."""
        del ask
        for prompt in prompts:
            yield self._known[prompt.text].model_copy(update={"sample_id": prompt.sample_id})


def _learnt(planned: PlannedProbe, embedded: _Embedded, lesson: Lesson) -> tuple[Predict, Learned]:
    answers = [row.answer for row in planned.rows]
    by_words = fit_words(lesson, [row.text for row in planned.rows], answers)
    return fit(lesson, embedded.vectors, answers), by_words


def _answered(generation: Generation, classes: tuple[str, ...], one: Any, other: Any) -> Generation:  # noqa: ANN401  numpy's
    """Return a generation with the probabilities by vectors and by words in place of its vector."""
    return generation.model_copy(
        update={
            "vector": (),
            "labels": dict(zip(classes, map(float, one), strict=True)),
            "words": dict(zip(classes, map(float, other), strict=True)),
        }
    )
