"""What a run may spend: asked before each prompt is handed out, told of each answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain

from evalctl.config.overrides import Price
from evalctl.errors import BudgetSpentError
from evalctl.records import Generation, Prompt
from evalctl.results import Cost
from evalctl.run.bills import Bill, amount, most_tokens


@dataclass
class Budget:
    """What all models of a run may spend together."""

    limit: float | None = None
    """In the currency of all prices; None limits nothing."""
    spent: float = 0.0
    """By all sessions of the run."""
    reserved: float = 0.0
    """What the prompts that are under way can cost."""

    def has_room(self, more: float) -> bool:
        """Return whether so much may be spent beside what is under way."""
        return self.limit is None or self.spent + self.reserved + more <= self.limit

    def note_spent(self, cost: Cost) -> None:
        """Count what an earlier session paid, and what it may have to pay."""
        self.spent += (cost.amount or 0.0) + (cost.amount_lost or 0.0)


@dataclass
class Account:
    """One model's access to the budget: what a prompt can cost is set apart while it is asked."""

    budget: Budget = field(default_factory=Budget)
    price: Price | None = None
    """What the model's tokens cost; None where nothing."""
    _held: Prompt | None = None
    """What did not fit beside what was under way."""
    _under_way: dict[tuple[str, str], Prompt] = field(default_factory=dict)

    def rounds(self, prompts: Iterable[Prompt]) -> Iterator[Iterator[Prompt]]:
        """Yield prompts as one stream, or near the limit as several, one after the other.

        A stream ends where its next prompt does not fit beside what is under way. Once all of that
        is answered, there may be room again, since answers mostly cost less than they can: what is
        next comes in another stream. Each must be asked, and each of its generations told to
        `settle`, before the next is taken.

        Raises:
            BudgetSpentError: There is no room for the next prompt, though none is under way.
        """
        if self.price is None or self.budget.limit is None:
            yield iter(prompts)
            return
        waiting = iter(prompts)
        while True:
            try:
                yield self._affordable(waiting)
            finally:
                self._write_off()
            if self._held is None:
                return
            if not self.budget.has_room(self._most(self._held)):
                raise self._spent(self._held)

    def settle(self, generation: Generation) -> None:
        """Count what a prompt cost that was under way; a generation for no other is passed over."""
        prompt = self._under_way.pop((generation.dataset, generation.sample_id), None)
        if prompt is not None:
            self._release(prompt)
            bill = Bill()
            bill.add(prompt, generation)
            self.budget.note_spent(bill.cost(self.price))

    def _affordable(self, waiting: Iterator[Prompt]) -> Iterator[Prompt]:
        held, self._held = self._held, None
        for prompt in chain([held] if held else [], waiting):
            if not self.budget.has_room(self._most(prompt)):
                self._held = prompt
                return
            self._under_way[prompt.dataset, prompt.sample_id] = prompt
            self.budget.reserved += self._most(prompt)
            yield prompt

    def _write_off(self) -> None:
        """Take what was not answered for paid: nobody knows how far the engine came with it."""
        while self._under_way:
            _, prompt = self._under_way.popitem()
            self._release(prompt)
            self.budget.spent += self._most(prompt)

    def _release(self, prompt: Prompt) -> None:
        self.budget.reserved -= self._most(prompt)
        if not self._under_way:
            self.budget.reserved = 0.0  # what rounding left

    def _most(self, prompt: Prompt) -> float:
        assert self.price is not None, "only models with a price have a limit"
        return amount(self.price, most_tokens(prompt))

    def _spent(self, prompt: Prompt) -> BudgetSpentError:
        assert self.price is not None, "only models with a price have a limit"
        assert self.budget.limit is not None, "without a limit there is always room"
        limit = f"{self.budget.limit:g} {self.price.currency}"
        return BudgetSpentError(
            f"stopped at its limit of {limit} ({self.budget.spent:.4g} spent, and the next prompt "
            f"can cost {self._most(prompt):.2g})"
        )
