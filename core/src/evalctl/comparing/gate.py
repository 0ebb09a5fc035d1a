"""A run held against a policy: every rule for every model, with what was found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from evalctl.comparing.limits import dataset_limits
from evalctl.comparing.policy import (
    Floor,
    MetricRules,
    PolicyFile,
    Regression,
    check_baseline,
    check_fits,
    read_policy,
)
from evalctl.comparing.regressions import Fall, Falls
from evalctl.comparing.sides import RunSide, missing_models, without_result
from evalctl.comparisons import GateCheck, GateResult
from evalctl.errors import UsageError
from evalctl.results import CategoryScore, MetricValue
from evalctl.scales import SHARE, Scale


def hold_against(
    sides: Sequence[RunSide], path: Path, *, baseline: Sequence[RunSide] = ()
) -> GateResult:
    """Return what a policy says of a run.

    Each model of the run must hold every rule, so a planned one without a result fails, unless one
    model alone is meant. Because all must, no correction for many tests is
    needed: that a bad run passes is no likelier than that it passes its worst rule.

    Args:
        sides: The run's models; at least one.
        path: The policy file.
        baseline: Models of the run that falls are measured from: the one of the same name is
            taken, or the only one.

    Raises:
        ConfigError: The policy is not valid, names what the run does not have, or asks for what
            no score can be.
        UsageError: The baseline has no such model.
        OutputError: A run folder is damaged.

    Source: Berger 1982, "Multiparameter hypothesis testing and acceptance sampling" (rules that
    must all hold).
    """
    file = read_policy(path)
    check_baseline(file, path, is_given=bool(baseline))
    for side in sides:
        check_fits(file, side)
    lacking = missing_models(sides[0])
    is_whole = not sides[0].is_chosen
    checks = [_missing(sides[0], model) for model in lacking if is_whole]
    accepted = sides[0].facts.accepted
    notices = [f"the run was resumed after changes: {'; '.join(accepted)}"] if accepted else []
    if not is_whole:
        notices += [f"{name} was planned and has no result: it was not checked" for name in lacking]
    for side in sides:
        reference = _same_model(side, baseline) if baseline else None
        falls = Falls.of(side, reference, file.policy) if reference else None
        checks.extend(_Model(file, side, falls).checks())
        notices.extend(_partial(side, file))
        notices.extend(falls.notices if falls else ())
    return GateResult(
        run_id=sides[0].facts.run_id,
        baseline=baseline[0].facts.run_id if baseline else None,
        passed=all(check.passed for check in checks),
        checks=tuple(checks),
        notices=tuple(dict.fromkeys(notices)),
    )


@dataclass(frozen=True)
class _Model:
    """One model under a policy."""

    file: PolicyFile
    side: RunSide
    falls: Falls | None

    def checks(self) -> Iterator[GateCheck]:
        policy = self.file.policy
        if not policy.allow_incomplete:
            yield self._complete()
        for score in self.side.result.categories:
            if rules := policy.categories.get(score.category):
                yield from self._figure(rules, score, ("categories", score.category))
        for result in self.side.result.datasets:
            yield from dataset_limits(self.file, self.side.model, result)
            if own := policy.datasets.get(result.dataset):
                keys = ("datasets", result.dataset)
                yield from self._figure(own, result.metrics[0], (*keys,))
                for name, rules in own.metrics.items():
                    metric = result.metric(name)
                    assert metric is not None, "names were checked"
                    yield from self._figure(rules, metric, (*keys, "metrics", name))

    def _complete(self) -> GateCheck:
        status = self.side.summary.status
        done = sum(dataset.n_done for dataset in self.side.result.datasets)
        planned = sum(dataset.n_samples for dataset in self.side.result.datasets)
        is_whole = status == "complete"
        words = f"the run is {status}: {done:,} of {planned:,} samples done"
        if not is_whole:
            words += " (`allow_incomplete: true` would let it pass)"
        return GateCheck(
            rule="complete",
            model=self.side.model,
            subject="run",
            passed=is_whole,
            limit=1.0,
            seen=done / planned if planned else None,
            words=words,
            source="",
        )

    def _figure(
        self, rules: MetricRules, figure: CategoryScore | MetricValue, keys: tuple[str, ...]
    ) -> Iterator[GateCheck]:
        subject = _subject(keys)
        if rules.floor is not None:
            yield self._floor(rules.floor, figure, subject, (*keys, "floor"))
        if rules.regression is not None:
            assert self.falls is not None, "a baseline was asked for"
            fall = self.falls.find(keys)
            yield self._regression(rules.regression, fall, subject, (*keys, "regression"))

    def _floor(
        self,
        floor: Floor,
        figure: CategoryScore | MetricValue,
        subject: str,
        keys: tuple[str, ...],
    ) -> GateCheck:
        seen = figure.value
        scale = Scale.of(figure.lower, figure.upper) if isinstance(figure, MetricValue) else SHARE
        told = "no score" if seen is None else f"{scale.told(seen)}{scale.unit}"
        if floor.holds_for == "lower_bound":
            seen = figure.interval[0] if figure.interval else None
            told += (
                f", 95 % interval {scale.interval(figure.interval, ' to ')}"
                if figure.interval
                else ""
            )
        passed = seen is not None and seen >= floor.at_least
        what = "the lower bound" if floor.holds_for == "lower_bound" else "the score"
        return GateCheck(
            rule="floor",
            model=self.side.model,
            subject=subject,
            passed=passed,
            limit=floor.at_least,
            seen=seen,
            words=f"{subject}: {told}; {what} must be at least "
            f"{scale.told(floor.at_least)}{scale.unit}",
            source=self.file.place(*keys),
        )

    def _regression(
        self, rule: Regression, fall: Fall, subject: str, keys: tuple[str, ...]
    ) -> GateCheck:
        low = fall.interval[0] if fall.interval else None
        return GateCheck(
            rule="regression",
            model=self.side.model,
            subject=subject,
            passed=low is not None and low >= -rule.beyond,
            limit=-rule.beyond,
            seen=low,
            words=f"{subject}: {fall.words(rule)}",
            source=self.file.place(*keys),
        )


def _missing(side: RunSide, model: str) -> GateCheck:
    """Return the check that a planned model without a result does not hold."""
    return GateCheck(
        rule="complete",
        model=model,
        subject="run",
        passed=False,
        limit=1.0,
        seen=None,
        words=without_result(side.folder, (model,)),
        source="",
    )


def _partial(side: RunSide, file: PolicyFile) -> Iterator[str]:
    for score in side.result.categories:
        if score.missing and score.category in file.policy.categories:
            made_of, missing = ", ".join(score.made_of), ", ".join(score.missing)
            yield f"category {score.category} is made of {made_of} alone; missing: {missing}"


def _subject(keys: tuple[str, ...]) -> str:
    match keys:
        case ("categories", name):
            return f"category {name}"
        case ("datasets", name):
            return f"dataset {name}"
        case _:
            return f"dataset {keys[1]}:{keys[-1]}"


def _same_model(side: RunSide, baseline: Sequence[RunSide]) -> RunSide:
    named = [other for other in baseline if other.model == side.model]
    if named or len(baseline) == 1:
        return (named or list(baseline))[0]
    known = ", ".join(other.model for other in baseline)
    raise UsageError(
        f"the baseline {baseline[0].facts.run_id} has no model {side.model!r}; it has {known}. "
        "Name one: --baseline RUN:MODEL"
    )
