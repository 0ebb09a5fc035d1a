"""Budgets: never more is spent than the limit, and never less than could be."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import pytest
from core.tests.run.steady import make_plan

from evalctl.config.overrides import Price
from evalctl.errors import BudgetSpentError, EngineError
from evalctl.positions import Positions
from evalctl.protocols import EngineInfo
from evalctl.records import Completion, Generation, Message, Prompt, Sampling
from evalctl.run.bills import Bill, amount, most_of_request, most_tokens, tokens_of
from evalctl.run.questions import Questions
from evalctl.run.spending import Account, Budget

PRICE = Price(input_per_million=1.0, output_per_million=1_000_000.0)
"""So that a token that is written costs 1, and a token that is read next to nothing."""
LIMIT_OF_ONE = 100


def prompts(count: int) -> Iterator[Prompt]:
    sampling = Sampling(max_tokens=LIMIT_OF_ONE)
    for number in range(count):
        yield Prompt(dataset="d", sample_id=str(number), text="?", sampling=sampling)


def answered(prompt: Prompt, tokens: int, **changes: object) -> Generation:
    given = {
        "dataset": prompt.dataset,
        "sample_id": prompt.sample_id,
        "completions": (Completion(text="a", output_tokens=tokens),),
        "prompt_tokens": 1,
    }
    return Generation.model_validate({**given, **changes})


@dataclass
class Spender:
    """Takes many prompts at once, and answers each with a random number of tokens."""

    at_once: int
    chance: random.Random
    spent: int = 0
    streams: int = 0
    asked: list[str] = field(default_factory=list)
    info: EngineInfo = field(default_factory=lambda: EngineInfo(name="spender"))

    def generate(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        self.streams += 1
        waiting = iter(prompts)
        under_way = list(islice(waiting, self.at_once))
        while under_way:
            prompt = under_way.pop(self.chance.randrange(len(under_way)))
            self.asked.append(prompt.sample_id)
            tokens = self.chance.randint(1, LIMIT_OF_ONE)
            self.spent += tokens
            yield answered(prompt, tokens)
            under_way.extend(islice(waiting, self.at_once - len(under_way)))

    choose = generate

    def close(self) -> None:
        return


def spend(account: Account, engine: Spender, count: int) -> None:
    for stream in account.rounds(prompts(count)):
        for generation in engine.generate(stream):
            account.settle(generation)


@pytest.mark.parametrize("seed", range(20))
def test_a_budget_is_kept_and_used_up_to_less_than_one_more_prompt(seed: int) -> None:
    chance = random.Random(seed)
    limit = chance.uniform(1, 5_000)
    budget = Budget(limit)
    engine = Spender(chance.choice([1, 7, 64]), chance)
    with pytest.raises(BudgetSpentError, match="stopped at its limit"):
        spend(Account(budget, PRICE), engine, 10_000)
    assert engine.spent <= limit
    assert limit - engine.spent < LIMIT_OF_ONE + 1
    assert budget.spent == pytest.approx(engine.spent, abs=1)
    assert len(set(engine.asked)) == len(engine.asked)
    assert sorted(map(int, engine.asked)) == list(range(len(engine.asked)))


def test_what_fits_is_asked_in_one_stream() -> None:
    engine = Spender(64, random.Random(1))
    spend(Account(Budget(200 * LIMIT_OF_ONE + 1), PRICE), engine, 200)
    assert (engine.streams, len(engine.asked)) == (1, 200)


def test_near_the_limit_rounds_follow_each_other_as_answers_make_room() -> None:
    engine = Spender(64, random.Random(1))
    spend(Account(Budget(40.0 * LIMIT_OF_ONE), PRICE), engine, 60)
    assert len(engine.asked) == 60
    assert 2 <= engine.streams <= 10


@pytest.mark.parametrize("account", [Account(Budget(1e-9)), Account(Budget(), PRICE)])
def test_without_a_price_or_a_limit_all_is_asked(account: Account) -> None:
    engine = Spender(64, random.Random(1))
    spend(account, engine, 100)
    assert (engine.streams, len(engine.asked)) == (1, 100)


def test_models_of_a_run_share_its_budget() -> None:
    budget = Budget(1_000)
    engine = Spender(8, random.Random(1))
    spend(Account(budget, PRICE), engine, 8)
    with pytest.raises(BudgetSpentError):
        spend(Account(budget, PRICE), engine, 100)
    assert 900 < engine.spent <= 1_000


def test_what_was_under_way_when_an_engine_died_counts_at_its_most() -> None:
    budget = Budget(1_000)
    account = Account(budget, PRICE)

    class Mortal(Spender):
        def generate(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
            yield answered(next(iter(islice(prompts, 3, 4))), 5)
            raise EngineError("dead")

    with pytest.raises(EngineError, match="dead"):
        spend(account, Mortal(1, random.Random(1)), 9)
    assert budget.spent == pytest.approx(5 + 3 * LIMIT_OF_ONE, abs=0.001)
    assert budget.reserved == 0.0


def test_a_sample_that_found_no_room_is_asked_after_the_engine_died(tmp_path: Path) -> None:
    (model,) = make_plan(tmp_path, 5).models
    price = Price(input_per_million=0.0, output_per_million=1e6)
    most = model.datasets[0].sampling.max_tokens
    account = Account(Budget(3.0 * most), price)
    questions = Questions(model.datasets, 0, {"lengths": Positions()}, account=account)

    class Mortal(Spender):
        def generate(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
            taken = list(prompts)  # three of them, and the fourth is held
            yield answered(taken[0], 1)
            raise EngineError("dead")

    dying = questions.answers(Mortal(1, random.Random(1)))
    answers = [next(dying)[0].sample.id]
    with pytest.raises(EngineError):
        next(dying)
    questions.on_death("dead")
    account.budget.limit = 100.0 * most
    answers += [asked.sample.id for asked, _ in questions.answers(Spender(1, random.Random(1)))]
    assert sorted(answers) == [f"é{number}" for number in range(5)]


def test_a_text_has_no_more_tokens_than_is_taken_for_the_most() -> None:
    turns = (Message(role="user", content="naïve 日本語 🙂 12345"),)
    prompt = Prompt(dataset="d", sample_id="1", messages=turns, n=2)
    assert most_tokens(prompt).prompt >= 2 * len(turns[0].content.encode())
    assert most_tokens(prompt).output == 2 * prompt.sampling.max_tokens
    choice = Prompt(dataset="d", sample_id="1", text="ab", continuations=(" c", " de"))
    assert most_tokens(choice).prompt >= 4 + 5
    assert most_tokens(choice).output == 0


def test_what_a_server_does_not_count_is_paid_for_at_its_most() -> None:
    (prompt,) = prompts(1)
    silent = answered(prompt, 0, prompt_tokens=0)
    assert tokens_of(prompt, silent) == (most_tokens(prompt).prompt, 1)
    assert tokens_of(prompt, answered(prompt, 7)) == (1, 7)


def test_a_bill_has_what_was_paid_and_what_may_have_to_be() -> None:
    bill = Bill()
    (prompt,) = prompts(1)
    bill.add(prompt, answered(prompt, 7, lost_requests=2))
    bill.add(prompt, answered(prompt, 9, from_cache=True))
    bill.add(prompt, answered(prompt, 0, completions=(), error="given up", lost_requests=1))
    cost = bill.cost(PRICE)
    assert (cost.prompt_tokens, cost.output_tokens, cost.lost_requests) == (1, 7, 3)
    assert cost.amount == pytest.approx(7, abs=0.001)
    assert cost.amount_lost == pytest.approx(3 * LIMIT_OF_ONE, abs=0.001)
    assert Bill.of(cost) == bill
    assert bill.cost(None).amount is None
    assert amount(PRICE, most_tokens(prompt)) == pytest.approx(LIMIT_OF_ONE, abs=0.001)


TALK = Prompt(
    dataset="d",
    sample_id="1",
    messages=(Message(role="user", content="x" * 100),),
    later_turns=("y" * 10, "z" * 20),
    sampling=Sampling(max_tokens=50),
)
FIRST, SECOND, THIRD = 32 + 100 + 16, 10 + 50 + 32, 20 + 50 + 32
"""Tokens that the turns of the talk add at most: the turn, the reply before it, and marks."""


def test_a_conversation_costs_at_most_all_of_its_turns() -> None:
    read = 3 * FIRST + 2 * SECOND + THIRD

    assert most_tokens(TALK) == (read, 3 * 50)
    assert most_tokens(TALK.model_copy(update={"n": 2})) == (2 * read, 2 * 3 * 50)
    assert most_of_request(TALK) == (FIRST + SECOND + THIRD, 50)


def test_replies_that_a_server_does_not_count_are_taken_at_their_most() -> None:
    short = Completion(text="abc", earlier=("de", "f"))
    long = Completion(text="a" * 200, earlier=("b" * 100, "c" * 100))

    assert tokens_of(TALK, answered(TALK, 0, completions=(short,))).output == 6
    assert tokens_of(TALK, answered(TALK, 0, completions=(long,))).output == 150


def test_a_lost_request_of_a_conversation_is_one_turn() -> None:
    bill = Bill()
    bill.add(TALK, answered(TALK, 10, lost_requests=2))

    assert bill.lost_prompt_tokens == 2 * (FIRST + SECOND + THIRD)
    assert bill.lost_output_tokens == 2 * 50
