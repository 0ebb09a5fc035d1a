"""How many tokens prompts and answers have to be paid for, and what they come to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import NamedTuple

from evalctl.config.overrides import Price
from evalctl.images import images_of
from evalctl.records import Completion, Generation, Prompt
from evalctl.results import Cost

_MILLION = 1_000_000
_AROUND_TURN = 16
"""Tokens that a chat template puts around a turn at most."""
_MOST_OF_IMAGE = 50_000
"""Tokens that a server counts for an image at most: the dearest known rule, that of gpt-4o-mini,
has 2,833 and 5,667 for each of up to eight tiles.
Source: https://platform.openai.com/docs/guides/images-vision"""
_AROUND_PROMPT = 32
"""Tokens that a server puts around a prompt at most."""


class Tokens(NamedTuple):
    """Tokens that are paid for."""

    prompt: int
    output: int


def most_tokens(prompt: Prompt) -> Tokens:
    """Return how many tokens a prompt can cost at most, with all of its turns.

    A token is at least a byte of the text: tokenizers take text apart and add nothing but marks
    around turns. English has four bytes a token, so that this is four times what is to be expected.
    Each completion is taken to pay for its prompt, though some servers read it once. A reply is
    taken to have as many tokens when it is read in a later turn as when it was written.
    """
    turns = [_most_of_turn(prompt, number) for number in range(len(prompt.later_turns) + 1)]
    return Tokens(sum(one.prompt for one in turns), sum(one.output for one in turns))


def most_of_request(prompt: Prompt) -> Tokens:
    """Return how many tokens one request of a prompt can cost at most: that for its last turn."""
    return _most_of_turn(prompt, len(prompt.later_turns))


def _most_of_turn(prompt: Prompt, number: int) -> Tokens:
    """Return how many tokens a turn can cost, of all completions together."""
    read = _AROUND_PROMPT
    for turn in prompt.later_turns[:number]:
        read += sum(map(_most, (turn, *prompt.around_turns)))
        read += prompt.sampling.max_tokens + 2 * _AROUND_TURN
    if prompt.continuations:
        read += sum(_most(prompt.text + each) for each in prompt.continuations)
        return Tokens(read, 0)
    read += sum(_most(turn.content) + _AROUND_TURN for turn in prompt.messages)
    read += _most(prompt.text)
    read += _MOST_OF_IMAGE * len(images_of(prompt))
    return Tokens(read * prompt.n, prompt.sampling.max_tokens * prompt.n)


def tokens_of(prompt: Prompt, generation: Generation) -> Tokens:
    """Return what a generation is paid for; what a server does not count, at its most."""
    if generation.error is not None or generation.from_cache:
        return Tokens(0, 0)
    limit = prompt.sampling.max_tokens * (len(prompt.later_turns) + 1)
    return Tokens(
        generation.prompt_tokens or most_tokens(prompt).prompt,
        sum(_written(completion, limit) for completion in generation.completions),
    )


def amount(price: Price, tokens: Tokens) -> float:
    """Return what tokens cost."""
    read = tokens.prompt * price.input_per_million
    return (read + tokens.output * price.output_per_million) / _MILLION


def _rounded(price: Price, tokens: Tokens) -> float:
    return round(amount(price, tokens), 9)


def _written(completion: Completion, limit: int) -> int:
    if completion.output_tokens:
        return completion.output_tokens
    texts = (completion.reasoning, completion.text, *completion.earlier)
    return min(sum(map(_most, texts)), limit)


def _most(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def together(costs: Iterable[Cost]) -> Cost:
    """Return what several models cost; amounts in different currencies are none together."""
    given = list(costs)
    bill = Bill()
    for cost in given:
        bill.join(Bill.of(cost))
    whole = bill.cost(None)
    paid = [cost for cost in given if cost.amount is not None]
    currencies = {cost.currency for cost in paid}
    if len(currencies) != 1:
        return whole
    amounts = {
        "amount": round(sum(cost.amount or 0.0 for cost in paid), 9),
        "amount_lost": round(sum(cost.amount_lost or 0.0 for cost in paid), 9),
    }
    return whole.model_copy(update={**amounts, "currency": currencies.pop()})


@dataclass
class Bill:
    """What a model was asked for, added up. All of it can be written as JSON and read back."""

    prompt_tokens: int = 0
    output_tokens: int = 0
    lost_requests: int = 0
    """Requests that broke off once the server had them."""
    lost_prompt_tokens: int = 0
    """What those can have cost at most."""
    lost_output_tokens: int = 0

    @classmethod
    def of(cls, cost: Cost) -> Bill:
        """Return the bill that a cost was made of."""
        names = [one.name for one in fields(cls)]
        return cls(**cost.model_dump(include=set(names)))

    def add(self, prompt: Prompt, generation: Generation) -> None:
        """Count what was given for a prompt; what came from the cache costs nothing."""
        if generation.from_cache:
            return
        paid = tokens_of(prompt, generation)
        self.prompt_tokens += paid.prompt
        self.output_tokens += paid.output
        if generation.lost_requests:
            most = most_of_request(prompt)
            self.lost_requests += generation.lost_requests
            self.lost_prompt_tokens += generation.lost_requests * most.prompt
            self.lost_output_tokens += generation.lost_requests * most.output

    def join(self, other: Bill) -> None:
        """Add another bill."""
        for name, count in vars(other).items():
            setattr(self, name, getattr(self, name) + count)

    def cost(self, price: Price | None) -> Cost:
        """Return what it comes to."""
        cost = Cost.model_validate(vars(self))
        if price is None:
            return cost
        paid = Tokens(self.prompt_tokens, self.output_tokens)
        lost = Tokens(self.lost_prompt_tokens, self.lost_output_tokens)
        amounts = {"amount": _rounded(price, paid), "amount_lost": _rounded(price, lost)}
        return cost.model_copy(update={**amounts, "currency": price.currency})
