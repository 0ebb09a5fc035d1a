"""Proving a dataset's scorer on its real rows: gold answers score full marks, wrong ones do not.

Each gold answer is rendered as a model would write it. The perturbed one is the same text with the
last digit of the answer changed; rows whose answer has no digit are left out of that half. Where a
dataset needs `choose`, the choice that is the answer is made by far the likeliest, by every measure
of length; the perturbed answer is another choice.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from evalctl.errors import DatasetError
from evalctl.executors.choice import ChosenSandbox
from evalctl.plan import LoadedDataset, PlannedDataset
from evalctl.prompts import Asking
from evalctl.records import Completion, Continuation, Generation, Sample
from evalctl.results import SampleResult
from evalctl.scoring import ScoringPool
from evalctl.specs import DatasetSpec

Render = Callable[[Sample], str | None]
"""A sample to an output; None where it has none."""


class GoldRow(NamedTuple):
    """A row that did not score as it must."""

    sample_id: str
    target: str
    answer: str
    """What was read out of the output."""
    reason: str


class GoldReport(NamedTuple):
    """How many rows scored as they must, and those that did not."""

    n_rows: int
    """Rows that were scored."""
    n_right: int
    """Of them, those that scored as they must."""
    wrong: tuple[GoldRow, ...]
    """The others."""


def render_gold(spec: DatasetSpec) -> Render:
    """Return how a dataset's gold answers are rendered.

    Raises:
        DatasetError: The dataset does not say.
    """
    if spec.gold is None:
        raise DatasetError(f"dataset {spec.name!r} does not say how its gold answers are rendered")
    return spec.gold


def perturbed(spec: DatasetSpec) -> Render:
    """Return the dataset's rendering of a wrong answer, else one with its last digit changed."""
    gold = render_gold(spec)
    if spec.needs == "choose":
        return spec.perturb or (lambda sample: _other_choice(gold(sample), sample))
    return spec.perturb or (lambda sample: _last_digit_changed(gold(sample), sample.target))


def _other_choice(text: str | None, sample: Sample) -> str | None:
    """Return the text of the next choice that is another one."""
    if text is None:
        return None
    at = sample.choices.index(text) if text in sample.choices else 0
    ordered = (*sample.choices[at:], *sample.choices[:at])
    return next((choice for choice in ordered if choice != text), None)


def _last_digit_changed(text: str | None, target: str) -> str | None:
    return None if text is None else change_last_digit(text, target)


def change_last_digit(text: str, target: str) -> str | None:
    """Return the text with the last digit of the answer changed.

    The answer is the last occurrence of the target, as it is or with thousands separators. None
    where the target has no digit or does not stand in the text.
    """
    spellings = (target, _with_thousands(target))
    found, written = max((text.rfind(spelling), spelling) for spelling in spellings)
    digits = [index for index, character in enumerate(written) if character in _DIGITS]
    if found < 0 or not digits:
        return None
    at = found + digits[-1]
    return f"{text[:at]}{(int(text[at]) + 1) % 10}{text[at + 1 :]}"


def _with_thousands(target: str) -> str:
    return f"{int(target):,}" if target.isdecimal() and len(target) < 100 else target


_DIGITS = "0123456789"
_UNLIKELY = -1e9
"""Of choices that are no answer; less than the answer's even by the byte."""


def prove(
    planned: PlannedDataset,
    render: Render,
    *,
    must_be_right: bool,
    sandbox: ChosenSandbox | None = None,
) -> GoldReport:
    """Score an output for every row and report those that did not score as they must.

    Args:
        planned: The dataset with its metrics.
        render: The output of a row.
        must_be_right: Whether full marks are wanted, or anything but full marks.
        sandbox: Where programs are run; None where the dataset has none.
    """
    headline = planned.loaded.spec.headline
    n_rows = n_right = 0
    wrong: list[GoldRow] = []
    for result in _score_all(planned, render, ScoringPool.for_programs(sandbox)):
        n_rows += 1
        value = result.metrics[headline]
        if value is not None and (value >= 1.0) == must_be_right:
            n_right += 1
        else:
            wrong.append(_describe(planned, result))
    return GoldReport(n_rows, n_right, tuple(wrong))


def planned_for_check(loaded: LoadedDataset) -> PlannedDataset:
    """Return a dataset with its plain metrics, without judged scorers' say."""
    spec = loaded.spec
    return PlannedDataset(
        loaded=loaded,
        asking=Asking(),
        shots=(),
        sampling=spec.sampling,
        repeats=1,
        metrics={scorer.name: scorer.metrics for scorer in spec.scorers},
    )


def write_gold(loaded: LoadedDataset, render: Render, path: Path) -> int:
    """Write the rendered answers as a file for the engine `replay`; return how many.

    Raises:
        DatasetError: The dataset is answered by log-likelihoods, which cannot be replayed.
    """
    if loaded.spec.needs != "generate":
        raise DatasetError(
            f"dataset {loaded.spec.name!r} needs `{loaded.spec.needs}`; the engine replay gives "
            "texts alone; check it without a file"
        )
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for sample in loaded.samples():
            if (text := render(sample)) is not None:
                row = {"dataset": loaded.spec.name, "id": sample.id, "completions": [text]}
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
                count += 1
    return count


def _score_all(
    planned: PlannedDataset, render: Render, pool: ScoringPool
) -> Iterator[SampleResult]:
    try:
        for asked in planned.prompts(seed=0):
            if (text := render(asked.sample)) is None:
                continue
            yield from pool.score(asked, _generation(planned, asked.sample, text))
        yield from pool.finish()
    finally:
        pool.close()


def _generation(planned: PlannedDataset, sample: Sample, text: str) -> Generation:
    """Return what an engine gives whose answer is a text."""
    given = Generation(dataset=planned.name, sample_id=sample.id)
    if planned.loaded.spec.needs != "choose":
        return given.model_copy(update={"completions": (Completion(text=text),)})
    at = sample.choices.index(text) if text in sample.choices else -1
    return given.model_copy(
        update={
            "continuations": tuple(
                Continuation(logprob=-1e-6 if index == at else _UNLIKELY, tokens=1, is_greedy=False)
                for index in range(len(sample.choices))
            )
        }
    )


def _describe(planned: PlannedDataset, result: SampleResult) -> GoldRow:
    headline = planned.loaded.spec.headline
    scorer = next(
        name
        for name, metrics in planned.metrics.items()
        if any(metric.name == headline for metric in metrics)
    )
    score = result.scores[scorer][0]
    return GoldRow(result.sample_id, result.target, score.answer or "", score.explanation)
