"""Reading one of a few labels out of what a model wrote. Pure functions, linear in the text.

First match counts: the last place that says which the label is (`Relation: PART-OF`, `the answer is
"method"`); a text that is a label, or whose first or last line is one; the only label that a short
text names as it is spelt. Two labels at once (`Relation: PART-OF or USED-FOR`) are none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from typing import NamedTuple

from evalctl import (
    Completion,
    MetricSpec,
    Sample,
    Score,
    ScorerSpec,
    class_counts,
    class_f1,
    class_support,
    mean_value,
)


class Read(NamedTuple):
    """A label, and the rule that found it."""

    label: str
    rule: str


class _Patterns(NamedTuple):
    said: re.Pattern[str]
    also: re.Pattern[str]
    spelt: re.Pattern[str]


_SHORT = 300
_OPEN = r"[\s*_`\"'(\[<{$]{0,8}"
_TEX = r"(?:\\boxed\{|\\text\{)?"


def read_label(text: str, labels: Sequence[str], *, called: Sequence[str] = ()) -> Read | None:
    """Return the label that a text gives; None where it gives none, or several.

    Args:
        text: What a model wrote.
        labels: The labels there are; letters' case and what joins words do not matter.
        called: What the label is called besides `answer` and `label`, such as `relation`.
    """
    known = {_plain(label): label for label in labels}
    patterns = _patterns(tuple(labels), tuple(called))
    said = [
        "" if patterns.also.match(text, match.end(), match.end() + 60) else known[_plain(match[1])]
        for match in patterns.said.finditer(text)
    ]
    if said:
        return Read(said[-1], "is said to be the answer") if said[-1] else None
    lines = [line for line in text.splitlines() if line.strip()] or [""]
    for line in (text, lines[0], lines[-1]):
        if len(line) <= _SHORT and (label := known.get(_plain(line))):
            return Read(label, "stands alone")
    if len(text) > _SHORT:
        return None
    named = {known[_plain(match[0])] for match in patterns.spelt.finditer(text)}
    return Read(named.pop(), "is the only one") if len(named) == 1 else None


@lru_cache(maxsize=64)
def _patterns(labels: tuple[str, ...], called: tuple[str, ...]) -> _Patterns:
    longest = sorted(labels, key=len, reverse=True)
    loose = "|".join(r"[-_\s]?".join(map(re.escape, label.split("-"))) for label in longest)
    names = "|".join(("answer", "label", *map(re.escape, called)))
    end = r"(?![\w])(?!-\w)"
    return _Patterns(
        re.compile(
            rf"\b(?:{names})[*_`\"']{{0,3}}(?:\s{{1,3}}is|\s{{0,2}}[:=\uff1a]){_OPEN}{_TEX}{_OPEN}"
            rf"({loose}){end}",
            re.IGNORECASE,
        ),
        re.compile(rf"[^\w\n]{{0,4}}(?:,|/|&|or\b|and\b)[\s*_`\"'(]{{0,6}}(?:{loose}){end}", re.I),
        re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, longest))}){end}", _case(labels)),
    )


def _case(labels: Sequence[str]) -> re.RegexFlag:
    """Labels in capitals are only such: `used for` is also a way of speaking."""
    return re.NOFLAG if any(label.isupper() for label in labels) else re.IGNORECASE


def _plain(text: str) -> str:
    return "".join(sign for sign in text[: _SHORT + 1].casefold() if sign.isalnum())


def judge_label(
    sample: Sample, completion: Completion, *, labels: tuple[str, ...], called: tuple[str, ...]
) -> Score:
    """Whether the label that was given is the gold one, and what that adds to each label's F1."""
    found = read_label(completion.text, labels, called=called)
    if found is None:
        return _score(sample, None, "no label can be read")
    return _score(sample, found.label, f"the label {found.rule}")


def judge_probed(sample: Sample, probabilities: Mapping[str, float]) -> Score:
    """Whether the likeliest label is the gold one, and what that adds to each label's F1."""
    label = max(probabilities, key=lambda name: probabilities[name])
    return _score(sample, label, f"{label} has {probabilities[label]:.4g}")


def _score(sample: Sample, label: str | None, explanation: str) -> Score:
    value, counts = float(label == sample.target), class_counts(sample.target, label)
    return Score(value=value, answer=label, counts=counts, explanation=explanation)


def label_scorer(
    name: str, labels: Sequence[str], called: Sequence[str], headline: MetricSpec
) -> ScorerSpec:
    """Return a scorer of one label an answer: its headline, `scientific_accuracy`, F1 by label."""
    return ScorerSpec(
        name=name,
        version="2",
        score=partial(judge_label, labels=tuple(labels), called=tuple(called)),
        metrics=_metrics(labels, headline),
    )


def probe_scorers(
    name: str, labels: Sequence[str], headline: MetricSpec
) -> tuple[ScorerSpec, ScorerSpec]:
    """Return the scorers of a probe's labels, by vectors, and by words with the first metrics."""
    metrics = _metrics(labels, headline)
    own = ScorerSpec(name=name, version="1", classify=judge_probed, metrics=metrics)
    return own, own.model_copy(update={"metrics": metrics[:2]}).for_words()


def _metrics(labels: Sequence[str], headline: MetricSpec) -> tuple[MetricSpec, ...]:
    return (
        headline,
        _ACCURACY,
        *(
            MetricSpec(
                name=f"f1_{label.replace('-', '_')}",
                title=f"F1 of {label} alone",
                pooled=partial(class_f1, name=label),
                support=partial(class_support, name=label),
            )
            for label in labels
        ),
    )


_ACCURACY = MetricSpec(
    name="scientific_accuracy",
    title="share of answers with the right label",
    reduce=mean_value,
    proportion=True,
    repeats=True,
)
"""Over one label a sample it is micro-averaged F1 as well, where every answer can be read."""
