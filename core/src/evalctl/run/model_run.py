"""One model's part of a run: what is stored, then what its engine answers, scored as it comes."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, field

from evalctl.errors import BudgetSpentError, EngineError, UsageError
from evalctl.measurements import Measurement
from evalctl.plan import Plan, PlannedModel
from evalctl.protocols import EngineInfo
from evalctl.results import CategoryScore, Cost, ModelResult, ScorerVersions, Usage
from evalctl.run.asking import Asker
from evalctl.run.bills import Bill, together
from evalctl.run.category import category_score
from evalctl.run.interruption import Interruption
from evalctl.run.judging import Bench, Round, count_verdicts, judge_all, rounds_of
from evalctl.run.keeping import Ledger
from evalctl.run.observer import Observer, listener_of
from evalctl.run.probing import Probes
from evalctl.run.questions import Answer, Questions, need_of
from evalctl.run.remembering import Memory
from evalctl.run.spending import Account, Budget
from evalctl.run.tally import Tally
from evalctl.run.turns import Conversations
from evalctl.scoring import ScoringPool
from evalctl.store import RunFolder

Recalled = Callable[[PlannedModel, Questions], Iterator[Answer]]
"""Yields answers that need no engine, and takes their samples from the questions."""


@dataclass
class Surroundings:
    """What all models of a run share."""

    plan: Plan
    folder: RunFolder
    observer: Observer
    interruption: Interruption
    memory: Memory
    budget: Budget
    recalled: tuple[Recalled, ...] = ()
    """Where answers are looked for before an engine is opened, in order."""
    asks_engine: bool = True
    """Whether what is left then is asked of the engine."""
    bench: Bench | None = None
    """Who judges; None where nobody does."""
    versions: Mapping[str, ScorerVersions] = field(default_factory=dict)
    """Of scorers, where stored answers are scored again."""
    order: random.Random | None = None
    """Where samples are asked in another order than usual: what decides it."""


@dataclass
class ModelRun:
    """One model's part of a run."""

    around: Surroundings
    model: PlannedModel
    before: Usage = field(default_factory=Usage)
    """What earlier sessions of the run took."""
    error: str | None = None
    measurement: Measurement | None = None
    """How fast the model is; None until it was measured."""
    load_seconds: float = 0.0
    generate_seconds: float = 0.0
    tallies: dict[str, Tally] = field(default_factory=dict)
    _rounds: list[Round] = field(default_factory=list)
    _began: float = 0.0
    _output_tokens: int = 0
    _is_told: bool = False

    def __post_init__(self) -> None:
        """Begin all tallies at nothing."""
        has_judge = bool(self.around.plan.judges)
        self.tallies = {
            dataset.name: Tally(dataset, has_judge=has_judge) for dataset in self.model.datasets
        }
        self.ledger = Ledger(
            self.model,
            self.around.folder,
            self.around.observer,
            self.around.interruption,
            self.tallies,
        )
        if self.around.bench is not None:
            self._rounds = rounds_of(self.around.bench, self.model, self.ledger)

    def recover(self, *, is_same: bool) -> None:
        """Take over what an earlier session left.

        Args:
            is_same: Whether nothing that decides results has changed since.

        Raises:
            OutputError: A file is damaged elsewhere than at its end.
            StorageError: A file cannot be mended.
        """
        self.ledger.recover(is_same=is_same)
        for one in self._rounds:
            one.check()
        self.around.budget.note_spent(self._cost(self._bill()))
        self.around.budget.note_spent(self._judge_cost())

    @property
    def has_results(self) -> bool:
        """Whether any sample has a result."""
        return any(self.ledger.done(name) for name in self.tallies)

    def run(self) -> None:
        """Load, ask and score; a model of several that fails is recorded and passed over.

        Raises:
            BudgetSpentError: The run may spend no more; the result says how far it came.
        """
        plan = self.around.plan
        try:
            self._ask_and_score()
            self.error = "; ".join(judge_all(self._rounds)) or None
        except BudgetSpentError as error:
            self.error = f"{error}: {self._progress()}"
            raise
        except EngineError as error:
            self._give_up(str(error))
        except UsageError as error:
            if len(plan.models) == 1 and not any(t.n_done for t in self.tallies.values()):
                raise
            self._give_up(str(error))

    def result(self) -> ModelResult:
        """Return the model's result as it stands, with all verdicts that there are."""
        judging = count_verdicts(self._rounds)
        datasets = tuple(
            tally.result().model_copy(update={"judging": judging.get(name, ())})
            for name, tally in self.tallies.items()
        )
        scores = (category_score(category, datasets) for category in self.around.plan.categories)
        return ModelResult(
            model=self.model.name,
            engine=self.model.engine.name,
            recording=self.model.ref.path if self.model.facts.datasets is not None else "",
            datasets=datasets,
            categories=tuple(score for score in scores if isinstance(score, CategoryScore)),
            usage=self._usage(),
            measurement=self.measurement,
            error=self.error,
        )

    def _give_up(self, reason: str) -> None:
        self.error = reason
        for tally in self.tallies.values():
            tally.give_up(reason)

    def _ask_and_score(self) -> None:
        plan = self.around.plan
        taken = {name: self.ledger.done(name).copy() for name in self.tallies}
        stops = {name: tally.stop for name, tally in self.tallies.items() if tally.stop}
        account = Account(self.around.budget, self.model.price)
        holds_them = self.model.engine.holds_conversations
        questions = Questions(
            self.model.datasets,
            plan.asked.seed,
            taken,
            stops,
            self.around.order,
            account,
            None if holds_them else Conversations(self.ledger.turns),
        )
        questions.probes = Probes.of(self.model.datasets, self._on_phase)
        with ExitStack() as stack:
            self.ledger.open(stack)
            pool = ScoringPool.for_programs(plan.sandbox)
            stack.callback(pool.close)
            try:
                for asked, generation in self._answers(questions, pool, stack):
                    # The pool's own books must not be half done: it is finished after a Ctrl-C.
                    with self.around.interruption.patience():
                        for result in pool.score(asked, generation):
                            self.ledger.keep(result)
            finally:
                self._finish(pool)

    def _finish(self, pool: ScoringPool) -> None:
        """Score what is in, also after an interruption; a second one stops at once."""
        if self.around.interruption.is_urgent:
            return
        with self.around.interruption.patience():
            self._tell_of_open(pool)
            for result in pool.finish():
                self.ledger.keep(result)
                self._tell_of_open(pool)

    def _tell_of_open(self, pool: ScoringPool) -> None:
        """Say once, after an interruption, what is waited for."""
        if self.around.interruption.is_requested and pool.n_open and not self._is_told:
            self._is_told = True
            what = f"scoring {pool.n_open} answers that are in; Ctrl-C again stops at once"
            self.around.observer.phase(self.model, what)

    def _keep_ready(self, pool: ScoringPool) -> None:
        """Write what was scored while the engine is at work: nothing finished waits for it."""
        with self.around.interruption.patience():
            for result in pool.ready():
                self.ledger.keep(result)
            self.around.memory.write_if_due()

    def _answers(
        self, questions: Questions, pool: ScoringPool, stack: ExitStack
    ) -> Iterator[Answer]:
        for recalled in (*self.around.recalled, self.around.memory.recall):
            yield from recalled(self.model, questions)
        if not questions.are_left or not self.around.asks_engine:
            return
        self._began = time.monotonic()
        asker = Asker(
            self.model,
            questions,
            log_path=self.around.folder.log_path(self.model.name),
            listener=listener_of(self.around.observer, self.model)._replace(
                on_wait=lambda: self._keep_ready(pool)
            ),
            on_ready=self._on_ready,
        )
        memory = self.around.memory
        for asked, generation in stack.enter_context(closing(asker.answers())):
            memory.keep(self.model, need_of(asked), asked.prompt, generation)
            self.generate_seconds = time.monotonic() - self._began
            self._output_tokens += sum(c.output_tokens for c in generation.completions)
            yield asked, generation

    def _on_phase(self, text: str) -> None:
        self.around.observer.phase(self.model, text)

    def _on_ready(self, info: EngineInfo) -> None:
        self.around.memory.note_open(self.model)
        now = time.monotonic()
        self.load_seconds, self._began = now - self._began, now
        self.around.observer.ready(self.model, info, self.load_seconds, self.tallies)

    def _progress(self) -> str:
        """Return how far the model's part came, in words."""
        tallies = self.tallies.values()
        done, planned = (sum(getattr(t, name) for t in tallies) for name in ("n_done", "n_samples"))
        told = f"{done:,} of {planned:,} samples asked"
        left = sum(one.n_left for one in self._rounds)
        return f"{told}, {left:,} left to judge" if done == planned and left else told

    def _cost(self, bill: Bill) -> Cost:
        """Return what the model cost; answers that were recorded, or given before, cost nothing."""
        if not self.around.asks_engine or self.model.ref.kind == "recorded":
            return Cost()
        return bill.cost(self.model.price)

    def _bill(self) -> Bill:
        """Return what was asked for all that has a result."""
        bill = Bill()
        for tally in self.tallies.values():
            bill.join(tally.totals.bill)
            bill.join(tally.lost)
        return bill

    def _whole_bill(self) -> Bill:
        """Return what was asked in all; a conversation's turns count before it has its result."""
        bill = self._bill()
        bill.join(self.ledger.turns.bill())
        return bill

    def _judge_cost(self) -> Cost:
        return together(one.cost for one in self._rounds)

    def _usage(self) -> Usage:
        totals = [tally.totals for tally in self.tallies.values()]
        before = self.before
        seconds = before.generate_seconds + self.generate_seconds
        # Of a session that was killed neither time nor tokens are known.
        measured = (before.tokens_per_second or 0.0) * before.generate_seconds + self._output_tokens
        return Usage(
            prompt_tokens=sum(total.prompt_tokens for total in totals),
            output_tokens=sum(total.output_tokens for total in totals),
            load_seconds=round(before.load_seconds + self.load_seconds, 3),
            generate_seconds=round(seconds, 3),
            tokens_per_second=round(measured / seconds, 1) if seconds else None,
            cached=sum(total.n_cached for total in totals),
            cost=self._cost(self._whole_bill()),
            judge=self._judge_cost(),
        )
