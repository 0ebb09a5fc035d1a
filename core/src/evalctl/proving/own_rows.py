"""Whether rows of a user's own can be judged as another dataset's are, before they are kept.

Every row is looked at as `evalctl check` does, and the gold answers of some go through the scorer.
Programs are not run, and no judge model is asked: of those it is tried what they would be given.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from evalctl.errors import DatasetError
from evalctl.executions import ExecutionRequest, ProgramTests
from evalctl.proving.findings import Case, Watch, quoted, unwatched
from evalctl.proving.gold import GoldRow, planned_for_check, prove, render_gold, why_unproven
from evalctl.proving.lengths import Tokens
from evalctl.proving.survey import Survey, Wanted, survey
from evalctl.records import Completion, Sample, Score
from evalctl.scales import counted
from evalctl.scoring import Failure, attempt
from evalctl.specs import DatasetSpec, ScorerSpec

MOST_PROVEN = 1000
"""So many rows at most are scored, spread over the file as a run's samples are."""
_SHOWN = 3
"""Rows that a message names."""


class Fit(NamedTuple):
    """How rows fit the dataset that they are judged as."""

    n_samples: int
    """How many there are."""
    n_proven: int
    """Of them, those whose gold answers were scored, all as right."""
    why_not: str
    """Why none was scored; empty where some were."""


def prove_own(spec: DatasetSpec, category: str, watch: Watch = unwatched) -> Fit:
    """Return how a user's rows fit, after every one was looked at.

    Args:
        spec: The dataset that they become, with the scorers of the one they are judged as.
        category: The category that owns it.
        watch: Told how far it is.

    Raises:
        DatasetError: A row cannot be taken, or not be judged; the message names file and line.
    """
    wanted = Wanted(spec, category, (), (), Tokens(len, is_exact=False), MOST_PROVEN)
    seen = survey(wanted, watch)
    for one in seen.findings:
        if one.verdict == "failed":
            raise _refusal(seen, one.text.rpartition(": ")[2], one.cases, one.n_cases)
    _try_scorers(seen)
    _look_for_images(seen)
    n_samples = seen.loaded.n_available
    why_not = why_unproven(spec)
    if not why_not and any(scorer.execution is not None for scorer in spec.scorers):
        why_not = f"`evalctl check {spec.name}` runs their programs"
    if why_not:
        return Fit(n_samples, 0, why_not)
    planned = planned_for_check(seen.loaded)
    report = prove(planned, render_gold(spec), must_be_right=True, watch=watch)
    if report.wrong:
        cases = [Case(id=row.sample_id, what=_misjudged(row)) for row in report.wrong[:_SHOWN]]
        text = f"of {counted(report.n_rows, 'answer')} not all are scored as right"
        raise _refusal(seen, text, cases, report.n_rows - report.n_right)
    return Fit(n_samples, report.n_rows, "" if report.n_rows else "no row has a gold answer")


def _misjudged(row: GoldRow) -> str:
    read = f"read as {quoted(row.answer)}" if row.answer else ""
    told = ": ".join(filter(None, (read, row.reason)))
    return f"the answer {quoted(row.target)}, {told}"


def _try_scorers(seen: Survey) -> None:
    """Have programs and a judge's questions made of a row; none is run or asked.

    Raises:
        DatasetError: The row lacks what they are made of, such as tests.
    """
    spec = seen.loaded.spec
    sample = next(seen.loaded.samples())
    gold = attempt(spec.gold, sample) if spec.gold else None
    texts = [one for one in (gold, spec.examples[0].good) if isinstance(one, str)]
    for scorer in spec.scorers:
        problems = [_problem(scorer, sample, text) for text in texts]
        if all(problems):
            text = f"{scorer.name} cannot judge rows that are mapped so"
            raise _refusal(seen, text, [Case(id=sample.id, what=problems[0])], 1)


def _problem(scorer: ScorerSpec, sample: Sample, text: str) -> str:
    """Return why nothing can be made of an answer that a program or a judge tells about."""
    answer = Completion(text=text, earlier=("",) * len(sample.later_turns))
    made: object = None
    if scorer.execution is not None:
        made = attempt(scorer.execution.request, sample, answer)
    elif scorer.judge is not None:
        made = attempt(scorer.judge.conversations, sample, answer, answer)
    if isinstance(made, Failure):
        return made.reason
    if isinstance(made, ExecutionRequest) and made.tests == ProgramTests():
        return "there are no tests to run its program with"
    if isinstance(made, Score) and made.outcome != "unsupported":
        return f"no program can be made of its answer: {made.explanation}"
    return ""


def _look_for_images(seen: Survey) -> None:
    """Look for images, where there must be some.

    Raises:
        DatasetError: No sample has one that is there.
    """
    if not seen.loaded.spec.has_images:
        return
    lost: list[Case] = []
    for sample in seen.loaded.samples():
        paths = [image.path for image in sample.images]
        if paths and all(Path(path).is_file() for path in paths):
            return
        lost.append(Case(id=sample.id, what=f"{paths[0]} is not there" if paths else "no image"))
    raise _refusal(seen, "no sample has an image that is there", lost[:_SHOWN], len(lost))


def _refusal(seen: Survey, text: str, cases: Sequence[Case], total: int) -> DatasetError:
    """Return the error that says what is wrong, with where the first rows of that kind are."""
    shown = cases[:_SHOWN]
    places = _places(seen, {case.id for case in shown})
    is_unsafe = seen.loaded.spec.is_unsafe
    lines = [f"{seen.loaded.located.origin}: {text}"]
    for case in shown:
        what = f": {case.what}" if case.what and not is_unsafe else ""
        lines.append(f"  {places.get(case.id, case.id)}{what}")
    if total > len(shown):
        lines.append(f"  and {total - len(shown):,} more")
    if names := [one.name for one in seen.loaded.spec.classes]:
        lines.append(f"Answers are the names of classes: {', '.join(names)}.")
    return DatasetError("\n".join(lines))


def _places(seen: Survey, ids: set[str]) -> dict[str, str]:
    """Return where the rows of samples are, by id."""
    spec = seen.loaded.spec
    found: dict[str, str] = {}
    for row in seen.loaded.located.rows(told=lambda _location, _reason: None):
        sample = attempt(spec.to_sample, row)
        if not isinstance(sample, Failure) and sample.id in ids:
            found.setdefault(sample.id, row.location)
        if len(found) == len(ids):
            break
    return found
