"""One judge on one dataset: what is left to judge is asked, and written once it is whole.

A sample's verdicts are written as soon as they are all there, so that an interruption loses no more
than what is under way. Those that an earlier session wrote are taken over.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from evalctl.engines.asking import ask
from evalctl.errors import EngineError
from evalctl.plan import PlannedDataset, PlannedModel, asking_of
from evalctl.prompts import worded
from evalctl.protocols import Engine
from evalctl.records import Generation, Prompt
from evalctl.results import Cost, SampleResult
from evalctl.run.baseline import BaselineOutputs
from evalctl.run.bills import Bill
from evalctl.run.judging.parts import Parts, fill_from, parts_name
from evalctl.run.judging.sheets import Case, Sheet, Verdict, read, verdict_of
from evalctl.run.judging.stored import StoredVerdicts
from evalctl.run.keeping import Ledger
from evalctl.run.pairing import paired
from evalctl.run.remembering import Memory
from evalctl.run.spending import Account, Budget
from evalctl.run.tally import Tally
from evalctl.scoring import reduce_scores
from evalctl.specs import JudgeSpec, ScorerSpec
from evalctl.store import Judged, LineWriter, Syncer, mend, read_lines, sift


@dataclass(frozen=True)
class Bench:
    """The judges of a run, and what they need."""

    judges: tuple[PlannedModel, ...]
    """In order."""
    memory: Memory
    """What they are known to say."""
    budget: Budget
    """What they may cost."""
    baseline: BaselineOutputs | None = None
    """What answers are held against."""
    stored: StoredVerdicts | None = None
    """Verdicts of the run that is scored again, and of those that scored it before."""
    asks: bool = True
    """Whether what is not known is asked."""


def rounds_of(bench: Bench, model: PlannedModel, ledger: Ledger) -> list[Round]:
    """Return what each judge is to be asked about a model's completions."""
    return [
        Round(bench, judge, model, dataset, scorer, ledger, Account(bench.budget, judge.price))
        for judge in bench.judges
        for dataset in model.datasets
        for scorer in dataset.scorers
        if scorer.judge is not None
    ]


@dataclass
class Round:
    """One judge with one scorer on one dataset. Holds no samples but those under way."""

    bench: Bench
    judge: PlannedModel
    model: PlannedModel
    dataset: PlannedDataset
    scorer: ScorerSpec
    ledger: Ledger
    account: Account
    bill: Bill = field(default_factory=Bill)
    """What verdicts cost, in all sessions of the run."""
    lost: list[Judged] = field(default_factory=list)
    """Samples of which a verdict did not come: they are counted, and not written."""
    parts: Parts = field(init=False)
    """Verdicts on samples that lack others."""
    _is_recovered: bool = False
    _judged: set[str] = field(default_factory=set)
    _sent: dict[str, tuple[Prompt, Sheet]] = field(default_factory=dict)
    _complete: deque[Sheet] = field(default_factory=deque)

    def __post_init__(self) -> None:
        """Name the file of parts."""
        own = parts_name(self.scorer.name, self.judge.name)
        names = (self.model.name, self.dataset.name, own)
        self.parts = Parts(self.ledger.folder.parts_path(*names))

    @property
    def rubric(self) -> JudgeSpec:
        """What the judge is asked."""
        assert self.scorer.judge is not None, "only judging scorers make rounds"
        return self.scorer.judge

    @property
    def tally(self) -> Tally:
        """What is known of the dataset."""
        return self.ledger.tallies[self.dataset.name]

    @property
    def path(self) -> Path:
        """Where verdicts are written."""
        return self.ledger.folder.judged_path(self.model.name, self.dataset.name)

    @property
    def n_left(self) -> int:
        """Samples that are still to be judged."""
        return self.tally.totals.n_answered - len(self._judged)

    @property
    def cost(self) -> Cost:
        """What its verdicts cost."""
        return self.bill.cost(self.judge.price)

    def check(self) -> None:
        """Mend what an earlier session wrote, and see what it cost.

        Verdicts by another version of the rubric are set aside: they are asked for again.

        Raises:
            OutputError: It is damaged elsewhere than at its end.
            StorageError: It cannot be mended.
        """
        mend(self.path, Judged)
        is_stale, judged_ids = False, set()
        for judged in filter(self._is_own, self.written()):
            self.bill.join(Bill.of(judged.cost))
            judged_ids.add(judged.sample_id)
            is_stale = is_stale or judged.rubric_version != self.rubric.version
        for part in self.parts.recover():
            if part.sample_id not in judged_ids:
                self.bill.join(Bill.of(part.cost))
        if is_stale:
            sift(self.path, Judged, lambda one: None if self._is_outdated(one) else one)

    def recover(self) -> None:
        """See what an earlier session wrote, once."""
        was_recovered, self._is_recovered = self._is_recovered, True
        for judged in () if was_recovered else self.written():
            if self._is_own(judged):
                self._judged.add(judged.sample_id)

    def recall(self) -> None:
        """Take the verdicts that the judge is known to give; a sample needs all of its."""
        has_any = self.bench.stored is not None or self.bench.memory.has_any(self.judge)
        if not self.n_left or not has_any:
            return
        with Syncer() as syncer:
            writer = syncer.watch(LineWriter(self.path))
            for case in self._waiting():
                sheet = self._sheet(case)
                if self._fill_from_stored(sheet) or self._fill_from_memory(sheet):
                    self._complete.append(sheet)
                    self._keep(writer)

    def run(self, engine: Engine) -> None:
        """Ask, and write every sample's verdicts once they are complete.

        Raises:
            EngineError: The judge's engine failed; what it had not judged has no verdict.
            BudgetSpentError: The run may not spend what the next verdict can cost.
            StorageError: The disk is full, or gone.
        """
        self.bench.memory.note_open(self.judge)
        with Syncer() as syncer:
            writer = syncer.watch(LineWriter(self.path))
            try:
                for prompts in self.account.rounds(self._prompts()):
                    for generation in ask(engine, "generate", prompts):
                        self._take(generation)
                        self._keep(writer)
                        self._tell()
            except EngineError as error:
                self.give_up(f"the judge failed: {error}")
                raise
            else:
                self._end_all("the judge gave no verdict")
            finally:
                self._keep(writer)
                self.parts.close(is_done=not self.lost and not self.n_left)

    def give_up(self, reason: str) -> None:
        """Complete all samples, those that the judge was never asked about as well."""
        self._end_all(reason)
        known = self._judged | {sheet.member.sample_id for sheet in self._complete}
        groups = self.dataset.loaded.spec.groups
        for result in self._results():
            if result.sample_id not in known:
                self._settle(Sheet.unasked(result, groups, reason))

    def written(self) -> Iterator[Judged]:
        """Yield all judges' verdicts for its scorer that are written."""
        lines = read_lines(self.path, Judged) if self.path.is_file() else iter(())
        return (line for line in lines if line.scorer == self.scorer.name)

    def _is_own(self, judged: Judged) -> bool:
        return judged.scorer == self.scorer.name and judged.judge == self.judge.name

    def _is_outdated(self, judged: Judged) -> bool:
        return self._is_own(judged) and judged.rubric_version != self.rubric.version

    def _waiting(self) -> Iterator[Case]:
        """Yield the samples that are not judged."""
        for one, result in paired(self.dataset.prompts(seed=0), self._results()):
            if result.sample_id not in self._judged:
                baseline = self.bench.baseline if self.scorer.is_paired else None
                yield Case(one.sample, result, baseline.find(one) if baseline else None)

    def _results(self) -> Iterator[SampleResult]:
        results = self.ledger.folder.results(self.model.name, self.dataset.name)
        if not self.tally.has_stopped:
            return results
        return (result for result in results if result.index < self.tally.n_samples)

    def _prompts(self) -> Iterator[Prompt]:
        """Yield all that is asked of the samples that are not judged."""
        for case in self._waiting():
            sheet = self._sheet(case)
            missing = sheet.missing
            if not missing:  # nothing can be asked, or nothing need be
                self._complete.append(sheet)
            asked = [self._worded(prompt) for prompt in missing]
            self._sent.update((prompt.sample_id, (prompt, sheet)) for prompt in asked)
            yield from asked

    def _worded(self, prompt: Prompt) -> Prompt:
        """Return what is asked in the form that suits the judge: not all take conversations."""
        body = worded(prompt.messages, asking_of(self.judge))
        return prompt.model_copy(update={"text": body.text, "messages": body.messages})

    def _sheet(self, case: Case) -> Sheet:
        """Return a sample's sheet with the verdicts that an earlier session or run left."""
        sheet = Sheet.of(self.dataset, self.scorer, case)
        self.parts.fill(sheet, self.scorer)
        if (stored := self.bench.stored) is not None:
            names = (self.model.name, self.dataset.name, self.scorer.name)
            fill_from(stored.parts(self.judge, *names), sheet, self.scorer)
        return sheet

    def _fill_from_stored(self, sheet: Sheet) -> bool:
        """Read what the judge wrote in an earlier run; return whether it is all."""
        if self.bench.stored is None:
            return False
        wanted = (self.scorer.name, sheet.member.sample_id, sheet.digest())
        names = (self.model.name, self.dataset.name)
        found = self.bench.stored.find(self.judge, *names, wanted)
        keys = [prompt.sample_id for prompt in sheet.prompts]
        if found is None or len(found.verdicts) != len(keys):
            return False
        for index, (key, text) in enumerate(zip(keys, found.verdicts, strict=True)):
            sheet.fill(read(self.scorer, text, is_cut_off=index in found.cut_off), key)
        return True

    def _fill_from_memory(self, sheet: Sheet) -> bool:
        """Read what the judge is remembered to have written; return whether it is all."""
        prompts = sheet.missing
        asked = [self._worded(prompt) for prompt in prompts]
        found = [self.bench.memory.find(self.judge, "generate", prompt) for prompt in asked]
        given = [generation for generation in found if generation is not None]
        if len(given) < len(found) or not list(sheet.prompts):
            return False
        for prompt, generation in zip(prompts, given, strict=True):
            sheet.fill(verdict_of(self.scorer, generation), prompt.sample_id)
        return True

    def _take(self, generation: Generation) -> None:
        """Read a verdict, and count what it cost; one that nobody asked for is passed over."""
        self.account.settle(generation)
        if (sent := self._sent.pop(generation.sample_id, None)) is None:
            return
        prompt, sheet = sent
        self.bench.memory.keep(self.judge, "generate", prompt, generation)
        self.bill.add(prompt, generation)
        bill, verdict = Bill(), verdict_of(self.scorer, generation)
        bill.add(prompt, generation)
        sheet.bill.join(bill)
        sheet.fill(verdict, prompt.sample_id)
        self.parts.keep(sheet, prompt.sample_id, verdict, bill.cost(None))
        if sheet.is_complete:
            self._complete.append(sheet)

    def _tell(self) -> None:
        what = f"{self.dataset.name}, {self.scorer.name}"
        self.ledger.observer.working(self.judge, f"{what}: {self.n_left:,} samples left to judge")

    def _end_all(self, reason: str) -> None:
        """Complete what is under way: the verdicts that are missing do not come any more."""
        sheets = {id(sheet): sheet for _, sheet in self._sent.values()}
        self._sent.clear()
        for sheet in sheets.values():
            sheet.end(reason)
            self._complete.append(sheet)

    def _keep(self, writer: LineWriter) -> None:
        """Write what is complete."""
        while self._complete:
            sheet = self._complete.popleft()
            with self.ledger.interruption.shield():
                line = self._settle(sheet)
                if not sheet.is_lost:
                    writer.append(line)

    def _settle(self, sheet: Sheet) -> Judged:
        """Return a complete sheet's line; it is judged now, or lost."""
        line = self._line(sheet, sheet.verdicts)
        self._judged.add(sheet.member.sample_id)
        if sheet.is_lost:
            self.lost.append(line)
        return line

    def _line(self, sheet: Sheet, verdicts: list[Verdict]) -> Judged:
        metrics = {self.scorer.name: self.dataset.metrics[self.scorer.name]}
        scores, values = reduce_scores(metrics, {self.scorer.name: sheet.scores(self.scorer)})
        return Judged(
            dataset=self.dataset.name,
            sample_id=sheet.member.sample_id,
            scorer=self.scorer.name,
            judge=self.judge.name,
            rubric_version=self.rubric.version,
            verdicts=tuple(verdict.text for verdict in verdicts),
            cut_off=tuple(n for n, verdict in enumerate(verdicts) if verdict.is_cut_off),
            asked=sheet.digest(),
            scores=scores[self.scorer.name],
            n_unread=sum(verdict.is_unread for verdict in verdicts),
            metrics=values,
            cost=sheet.bill.cost(None),
            cluster=sheet.member.cluster,
            groups=sheet.member.groups,
        )
