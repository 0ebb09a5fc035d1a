"""Asking a judge model about completions that are already on disk.

A sample's verdicts are written and counted as soon as they are all there, so that an interruption
loses no more than what is under way. Those that an earlier session wrote are taken over.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from evalctl.engines.asking import ask
from evalctl.errors import EngineError, ScoringError
from evalctl.plan import PlannedDataset, PlannedModel
from evalctl.prompts import sample_seed
from evalctl.protocols import Engine
from evalctl.records import Completion, Generation, Message, Prompt, Sample, Sampling, Score
from evalctl.results import SampleResult
from evalctl.run.asking import opened
from evalctl.run.bills import Bill
from evalctl.run.groups import Member, groups_of
from evalctl.run.keeping import Ledger
from evalctl.run.pairing import paired
from evalctl.run.remembering import Memory
from evalctl.run.spending import Account, Budget
from evalctl.run.tally import Tally
from evalctl.scoring import (
    Failure,
    attempt,
    checked_score,
    failed_score,
    reduce_scores,
    writable,
)
from evalctl.specs import JudgeSpec, ScorerSpec
from evalctl.store import Judged, LineWriter, Syncer, mend, read_lines


def rounds_of(
    judge: PlannedModel, model: PlannedModel, ledger: Ledger, memory: Memory, budget: Budget
) -> list[Round]:
    """Return what a judge is to be asked about a model's completions."""
    return [
        Round(judge, model, dataset, scorer, ledger, memory, Account(budget, judge.price))
        for dataset in model.datasets
        for scorer in dataset.scorers
        if scorer.judge is not None
    ]


def judge_rounds(rounds: Sequence[Round]) -> None:
    """Have the judge of some rounds read what is not judged; its scores join the tallies.

    A verdict that cannot be asked for or read, or that did not come, is *not scored*.

    Raises:
        ModelError: The judge cannot be loaded.
        EngineError: The judge's engine failed; what it had not judged is counted as not scored.
        BudgetSpentError: The run may not spend what the next verdict can cost.
        StorageError: The disk is full, or gone.
    """
    for one in rounds:
        one.recover()
        one.recall()
    if all(one.n_left == 0 for one in rounds):
        return
    judge, ledger = rounds[0].judge, rounds[0].ledger
    log_path = ledger.folder.log_path(f"judge-{judge.name}")
    with opened(judge, log_path, lambda text: ledger.observer.phase(judge, text)) as engine:
        for one in rounds:
            one.run(engine)


@dataclass
class _UnderWay:
    """A sample that the judge is asked about: what came back so far, one each per completion."""

    member: Member
    verdicts: list[str]
    scores: list[Score | None]
    is_lost: bool = False
    """Whether a verdict did not come for no fault of its own: it may be asked for again."""
    bill: Bill = field(default_factory=Bill)


@dataclass
class Round:
    """One judging scorer on one dataset. Holds the samples that are under way and no others."""

    judge: PlannedModel
    model: PlannedModel
    dataset: PlannedDataset
    scorer: ScorerSpec
    ledger: Ledger
    memory: Memory
    account: Account
    bill: Bill = field(default_factory=Bill)
    """What verdicts cost, in all sessions of the run."""
    _is_recovered: bool = False
    _judged: set[str] = field(default_factory=set)
    _sent: dict[str, Prompt] = field(default_factory=dict)
    _under_way: dict[str, _UnderWay] = field(default_factory=dict)
    _complete: deque[_UnderWay] = field(default_factory=deque)

    @property
    def rubric(self) -> JudgeSpec:
        """What the judge is asked."""
        assert self.scorer.judge is not None, "only judging scorers make rounds"
        return self.scorer.judge

    @property
    def tally(self) -> Tally:
        """Where verdicts are counted."""
        return self.ledger.tallies[self.dataset.name]

    @property
    def path(self) -> Path:
        """Where verdicts are written."""
        return self.ledger.folder.judged_path(self.model.name, self.dataset.name)

    @property
    def n_left(self) -> int:
        """Samples that are still to be judged."""
        return self.tally.totals.n_answered - len(self._judged)

    def check(self) -> None:
        """Mend what an earlier session wrote, and see what it cost.

        Raises:
            OutputError: It is damaged elsewhere than at its end.
            StorageError: It cannot be mended.
        """
        mend(self.path, Judged)
        for judged in self._stored():
            if judged.scorer == self.scorer.name:
                self.bill.join(Bill.of(judged.cost))

    def recover(self) -> None:
        """Take over what an earlier session wrote, once.

        Only when no checkpoint is written any more: those hold what the samples' lines add up to.
        """
        was_recovered, self._is_recovered = self._is_recovered, True
        for judged in () if was_recovered else self._stored():
            if judged.scorer == self.scorer.name and judged.sample_id not in self._judged:
                self._judged.add(judged.sample_id)
                member = Member(judged.sample_id, judged.cluster, judged.groups)
                self._count(member, judged.scores)

    def _stored(self) -> Iterator[Judged]:
        return read_lines(self.path, Judged) if self.path.is_file() else iter(())

    def recall(self) -> None:
        """Take the verdicts that the judge is known to give; a sample needs all of its."""
        if not self.n_left or not self.memory.has_any(self.judge):
            return
        with Syncer() as syncer:
            writer = syncer.watch(LineWriter(self.path))
            for sample, result in self._waiting():
                asked = self._asked(sample, result)
                found = [
                    self.memory.find(self.judge, "generate", prompt)
                    for prompt in asked
                    if isinstance(prompt, Prompt)
                ]
                verdicts = [one for one in found if one is not None]
                if verdicts and len(verdicts) == len(found):
                    self._begin(result, asked)
                    for verdict in verdicts:
                        self._take(verdict)
                    self._keep(writer)

    def run(self, engine: Engine) -> None:
        """Ask, and write every sample's verdicts once they are complete."""
        self.memory.note_open(self.judge)
        with Syncer() as syncer:
            writer = syncer.watch(LineWriter(self.path))
            try:
                for prompts in self.account.rounds(self._prompts()):
                    for generation in ask(engine, "generate", prompts):
                        self._note(generation)
                        self._take(generation)
                        self._keep(writer)
            except EngineError as error:
                self._give_up(f"the judge failed: {error}")
                raise
            else:
                self._end_all("the judge gave no verdict")
            finally:
                self._keep(writer)

    def _note(self, generation: Generation) -> None:
        """Keep in mind what the judge gave, and what that costs."""
        self.account.settle(generation)
        if (prompt := self._sent.pop(generation.sample_id, None)) is None:
            return
        self.memory.keep(self.judge, "generate", prompt, generation)
        self.bill.add(prompt, generation)
        one = self._under_way.get(generation.sample_id.rpartition("#")[0])
        if one is not None:
            one.bill.add(prompt, generation)

    def _prompts(self) -> Iterator[Prompt]:
        """Yield one request for each completion that is not judged."""
        for sample, result in self._waiting():
            asked = self._asked(sample, result)
            self._begin(result, asked)
            for prompt in asked:
                if isinstance(prompt, Prompt):
                    self._sent[prompt.sample_id] = prompt
                    yield prompt

    def _waiting(self) -> Iterator[tuple[Sample, SampleResult]]:
        """Yield the results that are not judged, with their samples."""
        for one, result in paired(self.dataset.prompts(seed=0), self._results()):
            if result.sample_id not in self._judged:
                yield one.sample, result

    def _asked(self, sample: Sample, result: SampleResult) -> list[Prompt | Failure]:
        """Return a request for each completion; its id is `SAMPLE#INDEX`."""
        name = f"{self.dataset.name}/{self.scorer.name}"
        asked: list[Prompt | Failure] = []
        for index, completion in enumerate(result.generation.completions):
            messages = attempt(_messages, self.rubric, sample, completion)
            if isinstance(messages, Failure):
                asked.append(messages)
                continue
            key = f"{result.sample_id}#{index}"
            sampling = Sampling(max_tokens=self.rubric.max_tokens)
            asked.append(
                Prompt(
                    dataset=name,
                    sample_id=key,
                    messages=messages,
                    sampling=sampling,
                    seed=sample_seed(0, name, key),
                )
            )
        return asked

    def _begin(
        self,
        result: SampleResult,
        asked: Sequence[Prompt | Failure],
        is_lost: bool = False,
    ) -> None:
        scores = [
            failed_score(f"the judge cannot be asked: {one.reason}")
            if isinstance(one, Failure)
            else None
            for one in asked
        ]
        verdicts = [""] * len(asked)
        groups = groups_of(self.dataset.loaded.spec.groups, result.metadata)
        member = Member(result.sample_id, result.cluster, groups)
        one = _UnderWay(member, verdicts, list(scores), is_lost)
        self._under_way[member.sample_id] = one
        self._end_if_complete(one)

    def _take(self, generation: Generation) -> None:
        """Read a verdict; one that nobody asked for, or a second one, is passed over."""
        sample_id, _, index = generation.sample_id.rpartition("#")
        one = self._under_way.get(sample_id)
        at = int(index) if index.isdecimal() else -1
        if one is None or not 0 <= at < len(one.scores) or one.scores[at] is not None:
            return
        if generation.error or not generation.completions:
            one.is_lost = True
            one.scores[at] = failed_score(generation.error or "the judge gave no verdict")
        else:
            one.verdicts[at] = writable(generation.completions[0].text)
            made = attempt(self.rubric.parse, one.verdicts[at])
            one.scores[at] = checked_score(made, self.scorer.metrics)
        self._end_if_complete(one)

    def _end_if_complete(self, one: _UnderWay) -> None:
        if None not in one.scores:
            self._complete.append(self._under_way.pop(one.member.sample_id))

    def _end_all(self, reason: str) -> None:
        """Complete what is under way: the verdicts that are missing do not come any more."""
        for one in list(self._under_way.values()):
            one.is_lost = True
            one.scores = [score or failed_score(reason) for score in one.scores]
            self._end_if_complete(one)

    def _give_up(self, reason: str) -> None:
        """Complete all samples, those that the judge was never asked about as well."""
        self._end_all(reason)
        known = self._judged | {one.member.sample_id for one in self._complete}
        for result in self._results():
            if result.sample_id not in known:
                self._begin(result, [Failure(reason)] * len(result.generation.completions), True)

    def _keep(self, writer: LineWriter) -> None:
        """Write and count what is complete."""
        while self._complete:
            one = self._complete.popleft()
            with self.ledger.interruption.shield():
                given = tuple(score for score in one.scores if score is not None)
                scores, values = self._count(one.member, given)
                self._judged.add(one.member.sample_id)
                if not one.is_lost:
                    writer.append(self._line(one, scores, values))

    def _count(
        self, member: Member, given: tuple[Score, ...]
    ) -> tuple[tuple[Score, ...], dict[str, float | None]]:
        """Add a sample's scores up; return them as its metrics left them, and its values."""
        metrics = {self.scorer.name: self.dataset.metrics[self.scorer.name]}
        scores, values = reduce_scores(metrics, {self.scorer.name: given})
        made = scores[self.scorer.name]
        self.tally.totals.add_scores(self.scorer.name, made)
        self.tally.totals.add_counts(self.scorer.name, made, member.sample_id, member.cluster)
        for name, value in values.items():
            self.tally.totals.add_value(name, value, member.cluster)
        if self.scorer.name == self.dataset.grouped[0].name:
            self.tally.add_to_groups(member, made, values)
        return made, values

    def _results(self) -> Iterator[SampleResult]:
        results = self.ledger.folder.results(self.model.name, self.dataset.name)
        if not self.tally.has_stopped:
            return results
        return (result for result in results if result.index < self.tally.n_samples)

    def _line(
        self, one: _UnderWay, scores: tuple[Score, ...], values: Mapping[str, float | None]
    ) -> Judged:
        return Judged(
            dataset=self.dataset.name,
            sample_id=one.member.sample_id,
            scorer=self.scorer.name,
            judge=self.judge.name,
            rubric_version=self.rubric.version,
            verdicts=tuple(one.verdicts),
            scores=scores,
            metrics=values,
            cost=one.bill.cost(None),
            cluster=one.member.cluster,
            groups=one.member.groups,
        )


def _messages(rubric: JudgeSpec, sample: Sample, completion: Completion) -> tuple[Message, ...]:
    made = tuple(rubric.prompt(sample, completion))
    if not made or not all(isinstance(message, Message) for message in made):
        raise ScoringError("its prompt is no conversation")
    return made
