"""Longer problems put together from events: a number of things that grows, shrinks and is split.

A chain starts with an amount and goes through two to four events; each event has several wordings
and one worked step. The amount before an event is called `now` in its step.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from problem_templates import compose, draw_words, fill, solve


@dataclass(frozen=True)
class Event:
    """Something that changes the amount."""

    tellings: tuple[str, ...]
    """Interchangeable sentences."""
    step: str
    """The worked step; binds `now` to the new amount."""
    low: int
    """Smallest number drawn for the event."""
    high: int
    """Largest number drawn for the event."""


STARTS: tuple[str, ...] = (
    "{Name} has {start} {item}.",
    "There are {start} {item} in a {box}.",
    "At first there are {start} {item}.",
    "{Name} starts the day with {start} {item}.",
    "{Place} has {start} {item}.",
    "In the morning {name} counts {start} {item}.",
)
EVENTS: tuple[Event, ...] = (
    Event(
        (
            "{Name} buys {x} more.",
            "Then {friend} brings {x} more.",
            "Later {x} are added.",
            "{Name} finds {x} more {item}.",
            "{Friend} gives {name} {x} {item}.",
            "After that, {name} gets {x} more.",
            "{X} new ones arrive.",
        ),
        "Adding {x} gives [now = now + x].",
        2,
        90,
    ),
    Event(
        (
            "{Name} gives {x} to {friend}.",
            "Then {x} are lost.",
            "{Friend} takes {x} of them.",
            "{Name} sells {x} {item}.",
            "{X} of them are broken and thrown away.",
            "Later {name} uses {x} of them.",
            "After that, {x} are taken away.",
        ),
        "Taking away {x} leaves [now = now - x].",
        2,
        90,
    ),
    Event(
        (
            "Then the number becomes {x} times as large.",
            "After a month there are {x} times as many.",
            "{Name} works hard until there are {x} times as many.",
        ),
        "{x} times as many is [now = now * x].",
        2,
        5,
    ),
    Event(
        (
            "{Name} gives away half of them.",
            "Then half of the {item} are sold.",
            "{Friend} takes half of them.",
            "Half of them are used.",
        ),
        "Half of it is [now = now / 2].",
        2,
        2,
    ),
)
SHARES = Event(
    (
        "The {item} are then shared equally by {x} {people}.",
        "{Name} puts them into {x} {boxes}, the same number in each.",
        "They are divided evenly among {x} {people}.",
    ),
    "Each gets [now = now / x].",
    2,
    9,
)
TOTAL_ASKS: tuple[str, ...] = (
    "How many {item} are there now?",
    "How many {item} are there at the end?",
    "How many are there then?",
    "How many {item} does that make?",
)
SHARE_ASKS: tuple[str, ...] = ("How many {item} go to each?", "How many is that for each one?")


def render_chain(rng: random.Random) -> tuple[str, str]:
    """One chain problem and its worked answer.

    Raises:
        UnsuitableNumbersError: the drawn numbers do not suit; call again.
    """
    shared = rng.random() < 0.3
    count = rng.choice((2, 2, 3, 3, 4)) - shared
    weights = (4, 4, 1, 1)
    events = rng.choices(EVENTS, weights, k=count) + [SHARES] * shared
    bindings = draw_words(rng)
    start = rng.randint(5, 150)
    bindings |= {"start": str(start)}
    numbers = {"now": start}
    sentences, steps = [rng.choice(STARTS)], []
    for index, event in enumerate(events):
        key = f"x{index}"
        numbers[key] = rng.randint(event.low, event.high)
        bindings[key] = str(numbers[key])
        sentences.append(_renamed(rng.choice(event.tellings), key))
        steps.append(_renamed(event.step, key))
    answer = solve(tuple(steps), numbers, bindings)
    ask = rng.choice(SHARE_ASKS if shared else TOTAL_ASKS)
    return fill(compose(" ".join(sentences), ask, rng), bindings), answer


def _renamed(text: str, key: str) -> str:
    text = text.replace("{x}", f"{{{key}}}").replace("{X}", f"{{{key}}}")
    return text.replace(" x]", f" {key}]")
