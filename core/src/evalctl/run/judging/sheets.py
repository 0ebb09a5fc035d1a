"""One sample before a judge: what it is asked of each completion, and what came back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from evalctl.errors import ScoringError
from evalctl.plan import PlannedDataset
from evalctl.prompts import sample_seed
from evalctl.records import Completion, Generation, Message, Prompt, Sample, Sampling, Score
from evalctl.results import SampleResult
from evalctl.run.bills import Bill
from evalctl.run.groups import Member, groups_of
from evalctl.scoring import Failure, attempt, checked_score, failed_score, writable
from evalctl.specs import Conversation, JudgeSpec, ScorerSpec


class Case(NamedTuple):
    """A sample with its completions, and what they are held against."""

    sample: Sample
    result: SampleResult
    baseline: Completion | None = None
    """Of the baseline; None where there is none, or it has no answer."""


class Verdict(NamedTuple):
    """What a judge wrote, and what was read from it."""

    text: str
    score: Score
    is_cut_off: bool = False
    """Whether its limit of tokens ended it."""
    is_lost: bool = False
    """Whether it did not come, for no fault of its own: it may be asked for again."""

    @property
    def is_unread(self) -> bool:
        """Whether it came, and says nothing that counts."""
        said = self.score.value is not None or self.score.answer is not None or self.score.counts
        return not self.is_lost and not said


@dataclass
class Asked:
    """What is asked of one completion, and the verdicts so far, one place for each prompt."""

    prompts: tuple[Prompt, ...]
    problem: str = ""
    """Why it cannot be asked."""
    verdicts: list[Verdict | None] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Make a place for each verdict."""
        self.verdicts = [None] * len(self.prompts)

    def score(self, scorer: ScorerSpec) -> Score:
        """Return what the verdicts, all of which are there, make of the completion."""
        given = [verdict.score for verdict in self.verdicts if verdict is not None]
        failed = next((score for score in given if score.failed), None)
        if self.problem:
            return failed_score(f"the judge cannot be asked: {self.problem}")
        if failed is not None:
            return failed
        assert scorer.judge is not None, "only judging scorers have sheets"
        if scorer.judge.combine is None:
            return given[0]
        return checked_score(attempt(scorer.judge.combine, tuple(given)), scorer.metrics)


@dataclass
class Sheet:
    """A sample that the judge is asked about."""

    member: Member
    asked: tuple[Asked, ...]
    """One for each completion."""
    bill: Bill = field(default_factory=Bill)
    """What its verdicts cost."""

    @classmethod
    def of(cls, dataset: PlannedDataset, scorer: ScorerSpec, case: Case) -> Sheet:
        """Return an empty sheet: a plugin's rubric says what is asked."""
        groups = groups_of(dataset.loaded.spec.groups, case.result.metadata)
        member = Member(case.result.sample_id, case.result.cluster, groups)
        return cls(member, tuple(_asked(dataset, scorer, case)))

    @classmethod
    def unasked(cls, result: SampleResult, groups: Sequence[str], reason: str) -> Sheet:
        """Return the sheet of a sample that a judge was never asked about."""
        groups_found = groups_of(groups, result.metadata)
        member = Member(result.sample_id, result.cluster, groups_found)
        sheet = cls(
            member, tuple(Asked((Prompt(dataset="", sample_id=""),)) for _ in _given(result))
        )
        sheet.end(reason)
        return sheet

    @property
    def prompts(self) -> Iterator[Prompt]:
        """All that is asked, in order."""
        return (prompt for asked in self.asked for prompt in asked.prompts)

    @property
    def verdicts(self) -> list[Verdict]:
        """Those that are there, in order."""
        return [one for asked in self.asked for one in asked.verdicts if one is not None]

    @property
    def is_complete(self) -> bool:
        """Whether no verdict is missing."""
        return all(one is not None for asked in self.asked for one in asked.verdicts)

    @property
    def is_lost(self) -> bool:
        """Whether some verdict never came."""
        return any(verdict.is_lost for verdict in self.verdicts)

    @property
    def missing(self) -> list[Prompt]:
        """What is asked and has no verdict, in order."""
        return [
            prompt
            for asked in self.asked
            for prompt, verdict in zip(asked.prompts, asked.verdicts, strict=True)
            if verdict is None
        ]

    def digest(self) -> str:
        """Return a digest of all that is asked."""
        return digest_of(self.prompts)

    def fill(self, verdict: Verdict, key: str) -> None:
        """Put a verdict into its place; one that has no place, or comes twice, is passed over."""
        for asked in self.asked:
            for index, prompt in enumerate(asked.prompts):
                if prompt.sample_id == key and asked.verdicts[index] is None:
                    asked.verdicts[index] = verdict

    def end(self, reason: str) -> None:
        """Complete it: what is missing does not come any more."""
        lost = Verdict("", failed_score(reason), is_lost=True)
        for asked in self.asked:
            asked.verdicts = [lost if one is None else one for one in asked.verdicts]

    def scores(self, scorer: ScorerSpec) -> tuple[Score, ...]:
        """Return its scores, one for each completion, once it is complete."""
        return tuple(asked.score(scorer) for asked in self.asked)


def digest_of(prompts: Iterable[Prompt]) -> str:
    """Return a digest of what a judge is asked."""
    digest = hashlib.blake2b(digest_size=16)
    for prompt in prompts:
        said = prompt.model_dump_json(include={"messages", "sampling", "sample_id"})
        digest.update(f"{said}\n".encode())
    return digest.hexdigest()


def verdict_of(scorer: ScorerSpec, generation: Generation) -> Verdict:
    """Return what a judge gave."""
    if generation.error or not generation.completions:
        reason = generation.error or "the judge gave no verdict"
        return Verdict("", failed_score(reason), is_lost=True)
    given = generation.completions[0]
    return read(scorer, writable(given.text), is_cut_off=given.is_truncated)


def read(scorer: ScorerSpec, text: str, *, is_cut_off: bool) -> Verdict:
    """Return what a verdict says; one that was cut off breaks off anywhere, and says nothing."""
    assert scorer.judge is not None, "only judging scorers have verdicts"
    if is_cut_off:
        cut = f"the verdict was cut off at {scorer.judge.max_tokens:,} tokens"
        return Verdict(text, Score(value=None, explanation=cut), is_cut_off=True)
    return Verdict(text, checked_score(attempt(scorer.judge.parse, text), scorer.metrics))


def _given(result: SampleResult) -> tuple[Completion, ...]:
    return result.generation.completions


def _asked(dataset: PlannedDataset, scorer: ScorerSpec, case: Case) -> Iterator[Asked]:
    """Yield what is asked of each completion.

    A prompt's id is `SAMPLE#INDEX`; of several conversations, `SAMPLE#INDEX.NUMBER` from 1.
    """
    assert scorer.judge is not None, "only judging scorers have sheets"
    name = f"{dataset.name}/{scorer.name}"
    sampling = Sampling(max_tokens=scorer.judge.max_tokens)
    for index, completion in enumerate(_given(case.result)):
        made = attempt(_conversations, scorer.judge, case, completion)
        if isinstance(made, Failure):
            yield Asked((), made.reason)
            continue
        key = f"{case.result.sample_id}#{index}"
        keys = [key] if scorer.judge.prompt else [f"{key}.{n + 1}" for n in range(len(made))]
        yield Asked(
            tuple(
                Prompt(
                    dataset=name,
                    sample_id=each,
                    messages=messages,
                    sampling=sampling,
                    seed=sample_seed(0, name, each),
                )
                for each, messages in zip(keys, made, strict=True)
            )
        )


def _conversations(
    judge: JudgeSpec, case: Case, completion: Completion
) -> tuple[Conversation, ...]:
    if judge.pair is not None and case.baseline is None:
        raise ScoringError("the baseline has no answer to it any more")
    made = judge.conversations(case.sample, completion, case.baseline)
    if not made or not all(made):
        raise ScoringError("its prompt is no conversation")
    for conversation in made:
        if not all(isinstance(message, Message) for message in conversation):
            raise ScoringError("its prompt is no conversation")
    return made
