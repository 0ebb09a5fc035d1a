"""What judges will be asked: how many verdicts on a plan's answers, and their tokens and price.

The answers are not there yet. Rubrics are filled in with texts of as many tokens as answers are
expected to have, of the samples that were measured; the rest is scaled.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from evalctl.estimates.costs import price_of_tokens
from evalctl.estimates.records import DatasetEstimate, JudgeEstimate, VerdictEstimate
from evalctl.estimates.tokenizer import Counter, counter_of
from evalctl.estimates.tokens import REASONING_SHARE, WITHOUT_GOLD, Measured
from evalctl.plan import PlannedModel
from evalctl.records import Completion, Prompt, Sample
from evalctl.scoring import Failure, attempt
from evalctl.specs import JudgeSpec, ScorerSpec

_WORD = "the "
"""Four characters, and one token of every tokenizer for English."""


@dataclass(frozen=True)
class Answers:
    """What is known before a run of one model's answers to one dataset."""

    model: str
    """Its name."""
    seen: Measured
    """Some of the samples."""
    estimate: DatasetEstimate
    """How many answers there will be, and how long."""

    @property
    def reply_tokens(self) -> float:
        """Tokens of one reply; those of recorded answers are not looked at."""
        replies = self.estimate.completions * self.seen.n_turns
        if self.estimate.output_tokens and replies:
            return self.estimate.output_tokens / replies
        return self.seen.gold_tokens or float(WITHOUT_GOLD)


def estimate_judge(judge: PlannedModel, answers: Sequence[Answers]) -> JudgeEstimate:
    """Return what a judge will be asked about a plan's answers, and what that costs."""
    counter = counter_of(judge.ref)
    verdicts = tuple(_verdicts(judge, answers, counter))
    price = None
    if judge.price is not None:
        read, written, at_most = (
            sum(getattr(one, name) for one in verdicts)
            for name in ("prompt_tokens", "output_tokens", "output_tokens_at_most")
        )
        price = price_of_tokens(judge.price, (read, read), (written, at_most))
    return JudgeEstimate(judge=judge.name, verdicts=verdicts, price=price)


def _verdicts(
    judge: PlannedModel, answers: Sequence[Answers], counter: Counter
) -> Iterator[VerdictEstimate]:
    for one in answers:
        for scorer in one.seen.dataset.scorers:
            if scorer.judge is not None:
                yield _estimate(judge, one, (scorer, scorer.judge), counter)


def _estimate(
    judge: PlannedModel, answers: Answers, asked: tuple[ScorerSpec, JudgeSpec], counter: Counter
) -> VerdictEstimate:
    scorer, rubric = asked
    length = answers.reply_tokens
    sizes = [
        [counter.prompt(prompt) for prompt in made]
        for sample, _ in answers.seen.prompts
        if (made := _conversations(rubric, sample, length)) is not None
    ]
    each = answers.estimate.completions / max(len(sizes), 1)
    requests = round(each * sum(map(len, sizes)))
    is_asked = judge.ref.kind not in {"recorded", "rule"}
    share = rubric.max_tokens * REASONING_SHARE if judge.ref.may_reason else WITHOUT_GOLD
    return VerdictEstimate(
        model=answers.model,
        dataset=answers.seen.dataset.name,
        scorer=scorer.name,
        requests=requests,
        prompt_tokens=round(each * sum(map(sum, sizes))) if is_asked else 0,
        prompt_tokens_source=_source(counter) if is_asked else "none",
        output_tokens=round(requests * min(share, rubric.max_tokens)) if is_asked else 0,
        output_tokens_at_most=requests * rubric.max_tokens if is_asked else 0,
    )


def _source(counter: Counter) -> Literal["tokenizer", "characters"]:
    return "tokenizer" if counter.is_exact else "characters"


def _conversations(rubric: JudgeSpec, sample: Sample, length: float) -> list[Prompt] | None:
    """Return what would be asked about an answer of so many tokens; None where a rubric fails."""
    text = (_WORD * round(length)).strip() or "?"
    made_up = Completion(text=text, earlier=(text,) * len(sample.later_turns))
    made = attempt(rubric.conversations, sample, made_up, made_up)
    if isinstance(made, Failure):
        return None
    return [Prompt(dataset="", sample_id=sample.id, messages=messages) for messages in made]
