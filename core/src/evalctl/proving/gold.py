"""Proving a dataset's scorer on its real rows: gold answers score full marks, wrong ones do not.

Each gold answer is rendered as a model would write it. The wrong one is the dataset's own, else the
same text with the last digit of the answer changed; where the answer has no digit, it is the gold
answer of an earlier row whose target is another. Where a dataset needs `choose` or `classify`, the
choice or class that is the answer is made by far the likeliest; the wrong one is another one.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from evalctl.errors import DatasetError, OutputError
from evalctl.executors.choice import ChosenSandbox
from evalctl.plan import LoadedDataset, PlannedDataset
from evalctl.plan.labels import own_reading
from evalctl.plan.made_up import made_up, options_of, other_option
from evalctl.prompts import Asking
from evalctl.proving.findings import KEPT, Watch, unwatched
from evalctl.records import Sample, Score
from evalctl.results import SampleResult
from evalctl.scoring import Failure, ScoringPool, attempt
from evalctl.specs import DatasetSpec, ScorerSpec
from evalctl.specs.scoring import WHOLE

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
    """The first of the others."""
    n_unproven: int = 0
    """Rows that could not be scored on this machine, or that alone have no value; in no other
    number."""
    unproven: tuple[GoldRow, ...] = ()
    """The first of them."""


def why_unproven(spec: DatasetSpec) -> str:
    """Return why gold answers cannot prove a dataset's scorer; nothing where they can."""
    if spec.gold is None:
        return f"dataset {spec.name!r} does not say how its gold answers are rendered"
    if _headline(spec).judge is not None:
        return f"the headline of dataset {spec.name!r} comes from a judge model"
    if not math.isfinite(_full_marks(spec)):
        return f"the headline of dataset {spec.name!r} has no greatest value"
    return ""


def render_gold(spec: DatasetSpec) -> Render:
    """Return how a dataset's gold answers are rendered.

    Raises:
        DatasetError: The dataset does not say.
    """
    if spec.gold is None:
        raise DatasetError(f"dataset {spec.name!r} does not say how its gold answers are rendered")
    return spec.gold


def perturbed(spec: DatasetSpec) -> Render:
    """Return the dataset's rendering of a wrong answer, else our own.

    Ours remembers rows: take a new one for each way through a dataset.
    """
    if spec.perturb is not None:
        return spec.perturb
    gold = render_gold(spec)
    return partial(_other_option, spec, gold) if spec.judged in WHOLE else _Perturbed(gold)


def _other_option(spec: DatasetSpec, gold: Render, sample: Sample) -> str | None:
    """Return a choice or class that is not the answer."""
    text = gold(sample)
    return None if text is None else other_option(text, options_of(spec, sample) or ())


class _Perturbed:
    """Changes the last digit of a gold answer, else gives that of an earlier, different row."""

    def __init__(self, gold: Render) -> None:
        self._gold = gold
        self._earlier: list[tuple[str, str]] = []
        """Plain target and gold answer of one row, then of one with another target."""

    def __call__(self, sample: Sample) -> str | None:
        text = self._gold(sample)
        if text is None:
            return None
        changed = change_last_digit(text, sample.target)
        return self._of_another(sample.target, text) if changed is None else changed

    def _of_another(self, target: str, text: str) -> str | None:
        plain = "".join(sign for sign in target.casefold() if sign.isalnum())
        known = [before for before, _ in self._earlier]
        if plain and plain not in known and len(known) < 2:
            self._earlier.append((plain, text))
        return next((other for before, other in self._earlier if before != plain), None)


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


def prove(
    planned: PlannedDataset,
    render: Render,
    *,
    must_be_right: bool,
    sandbox: ChosenSandbox | None = None,
    watch: Watch = unwatched,
) -> GoldReport:
    """Score an output for every row and report those that did not score as they must.

    Args:
        planned: The dataset with its metrics.
        render: The output of a row.
        must_be_right: Whether full marks are wanted, or anything but full marks.
        sandbox: Where programs are run; None where the dataset has none.
        watch: Told how far it is.
    """
    n_right = n_wrong = n_unproven = 0
    wrong: list[GoldRow] = []
    unproven: list[GoldRow] = []
    full = _full_marks(planned.loaded.spec)
    told = "scoring gold answers" if must_be_right else "scoring wrong answers"
    for result in _score_all(planned, render, ScoringPool.for_programs(sandbox)):
        watch(told, n_right + n_wrong + n_unproven)
        if isinstance(result, GoldRow):
            n_wrong += 1
            wrong += [result] if n_wrong <= KEPT else ()
            continue
        value = _value(planned, result)
        if value is not None and (value >= full) == must_be_right:
            n_right += 1
        elif value is None and _is_unproven(planned, result):
            n_unproven += 1
            unproven += [_describe(planned, result)] if n_unproven <= KEPT else ()
        else:
            n_wrong += 1
            wrong += [_describe(planned, result)] if n_wrong <= KEPT else ()
    return GoldReport(n_right + n_wrong, n_right, tuple(wrong), n_unproven, tuple(unproven))


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
        reading=own_reading(spec),
    )


def write_gold(loaded: LoadedDataset, render: Render, path: Path) -> int:
    """Write the rendered answers as a file for the engine `replay`; return how many.

    Raises:
        OutputError: The file cannot be written.
        DatasetError: The dataset's own function fails on a row, or the dataset is answered by
            log-likelihoods, which cannot be replayed.
    """
    if loaded.spec.judged in {"choose", "rank"}:
        raise DatasetError(
            f"dataset {loaded.spec.name!r} needs `{loaded.spec.needs}`, which the engine replay "
            "does not give; check it without a file"
        )
    count, spec = 0, loaded.spec
    try:
        with path.open("w", encoding="utf-8") as file:
            for sample in loaded.samples():
                text = _rendered(loaded.spec, render, sample)
                if isinstance(text, Failure):
                    raise DatasetError(
                        f"dataset {loaded.spec.name!r}, sample {sample.id!r}: {text.reason}"
                    )
                if text is not None:
                    given = _recorded(spec, sample, text)
                    row = {"dataset": loaded.spec.name, "id": sample.id, **given}
                    file.write(json.dumps(row, ensure_ascii=False) + "\n")
                    count += 1
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror or error}") from error
    return count


def _recorded(spec: DatasetSpec, sample: Sample, text: str) -> dict[str, object]:
    """Return what a row for `replay` holds besides its sample."""
    if spec.judged == "classify":
        return {"labels": {one.name: float(one.name == text) for one in spec.classes}}
    # Of earlier turns nothing is known to be right.
    replies = [*("" for _ in sample.later_turns), text]
    return {"completions": [replies if sample.later_turns else text]}


def _rendered(spec: DatasetSpec, render: Render, sample: Sample) -> str | Failure | None:
    """Return a plugin's output for a row, or why there is none that can be used."""
    text = attempt(render, sample)
    if text is None or isinstance(text, Failure):
        return text and Failure(f"rendering its answer failed: {text.reason}")
    if not isinstance(text, str):
        return Failure(f"its answer is rendered as {type(text).__name__}, not as a text")
    if spec.judged == "classify" and text not in (options_of(spec, sample) or ()):
        return Failure(f"its answer {text!r:.80} is none of the dataset's classes")
    return text


def _score_all(
    planned: PlannedDataset, render: Render, pool: ScoringPool
) -> Iterator[SampleResult | GoldRow]:
    """Yield the result of each row's output; rows without any are left out."""
    try:
        for asked in planned.prompts(seed=0):
            text = _rendered(planned.loaded.spec, render, asked.sample)
            if isinstance(text, Failure):
                yield GoldRow(asked.sample.id, asked.sample.target, "", text.reason)
            elif text is not None:
                yield from pool.score(asked, made_up(asked, text))
        yield from pool.finish()
    finally:
        pool.close()


def _headline(spec: DatasetSpec) -> ScorerSpec:
    """Return the scorer that the headline is made of."""
    return next(s for s in spec.scorers if any(m.name == spec.headline for m in s.metrics))


def _full_marks(spec: DatasetSpec) -> float:
    return next(m.upper for m in _headline(spec).metrics if m.name == spec.headline)


def _value(planned: PlannedDataset, result: SampleResult) -> float | None:
    """Return the headline of one row; of a pooled one, what the row's own counts make of it."""
    _, metric = planned.headline
    if metric.pooled is None:
        return result.metrics[metric.name]
    score = _score_of(planned, result)
    value = attempt(metric.pooled, score.counts) if score.counts and not score.failed else None
    return value if isinstance(value, int | float) else None


def _is_unproven(planned: PlannedDataset, result: SampleResult) -> bool:
    """Return whether a row without a value says nothing against the scorer."""
    score = _score_of(planned, result)
    if score.failed:
        return False
    is_pooled = planned.headline[1].pooled is not None
    return score.outcome == "unsupported" or (is_pooled and bool(score.counts))


def _score_of(planned: PlannedDataset, result: SampleResult) -> Score:
    return result.scores[planned.headline[0].name][0]


def _describe(planned: PlannedDataset, result: SampleResult) -> GoldRow:
    score = _score_of(planned, result)
    return GoldRow(result.sample_id, result.target, score.answer or "", score.explanation)
