"""A small template language for word problems: wording, drawn numbers and worked steps.

`{key}` puts in a word or number; `{Key}` the same with a capital; `[x = a * b]` in a step works
out the result, remembers it as `x` and writes the equation (`3 * 4 = 12`). No families live here.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import problem_words as words

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_STEP = re.compile(r"\[(\w+) = ([^\]]+)\]")
_LARGEST_VALUE = 2000
_LARGEST_SMALL_FACTOR = 12
_EASY_FACTORS = frozenset({15, 20, 25, 30, 40, 50, 60, 70, 75, 80, 90, 100})


class UnsuitableNumbersError(ValueError):
    """The drawn numbers give a fraction, a negative value or sums that are too hard: draw anew."""


@dataclass(frozen=True)
class Family:
    """One kind of problem: its numbers, its wordings and the steps that solve it."""

    name: str
    """Name in reports, for example `shopping_total`."""
    draw: str
    """Numbers to draw, `name=low..high` or `name=a|b|c`, separated by spaces."""
    stories: tuple[str, ...]
    """Interchangeable tellings of the situation."""
    asks: tuple[str, ...]
    """Interchangeable closing questions."""
    steps: tuple[str, ...]
    """Worked steps in order; the last equation gives the answer."""
    plain: bool = False
    """Whether filler sentences, which state ages, would contradict the story."""
    hidden: str = ""
    """Further numbers, worked out from the drawn ones: `name=left*right`, separated by spaces."""


def work_out(left: int, operator: str, right: int) -> int:
    """The result of one operation on whole numbers.

    Raises:
        UnsuitableNumbersError: the result is not a whole number from 2 to 2,000, or a product or
            quotient needs two large factors.
    """
    if operator == "/" and (right == 0 or left % right):
        raise UnsuitableNumbersError(f"{left} / {right} is not whole")
    results = {
        "+": left + right,
        "-": left - right,
        "*": left * right,
        "/": left // right if right else 0,
    }
    small = min(left, right) if operator == "*" else right
    easy = small <= _LARGEST_SMALL_FACTOR or small in _EASY_FACTORS
    if operator in "*/" and not easy:
        raise UnsuitableNumbersError(f"{left} {operator} {right} is too hard")
    limit = _LARGEST_VALUE if 100 not in (left, right) and operator != "*" else 10 * _LARGEST_VALUE
    if not 2 <= results[operator] <= limit:
        raise UnsuitableNumbersError(f"{left} {operator} {right} is out of range")
    return results[operator]


def draw_numbers(family: Family, rng: random.Random) -> dict[str, int]:
    """The family's drawn and hidden numbers by name."""
    numbers: dict[str, int] = {}
    for part in family.draw.split():
        key, choice = part.split("=")
        if ".." in choice:
            low, high = choice.split("..")
            numbers[key] = rng.randint(int(low), int(high))
        else:
            numbers[key] = int(rng.choice(choice.split("|")))
    for part in family.hidden.split():
        key, left, operator, right = re.fullmatch(r"(\w+)=(\w+)([-+*/])(\w+)", part).groups()  # type: ignore[union-attr]
        numbers[key] = work_out(_value(left, numbers), operator, _value(right, numbers))
    return numbers


def draw_words(rng: random.Random) -> dict[str, str]:
    """Names, pronouns and things for one problem, by placeholder."""
    women, men = rng.sample(words.WOMEN, 3), rng.sample(words.MEN, 3)
    first_is_woman, second_is_woman = rng.random() < 0.5, rng.random() < 0.5
    item, other = rng.sample(words.ITEMS, 2)
    goods, more_goods = rng.sample(words.GOODS, 2)
    box, boxes = rng.choice(words.CONTAINERS)
    color, shade = rng.choice(words.COLORS)
    town, city = rng.sample(words.TOWNS, 2)
    return {
        "name": women[0] if first_is_woman else men[0],
        "he": "she" if first_is_woman else "he",
        "his": "her" if first_is_woman else "his",
        "him": "her" if first_is_woman else "him",
        "friend": women[1] if second_is_woman else men[1],
        "third": rng.choice((women[2], men[2])),
        "item": item,
        "other": other,
        "goods": goods,
        "moregoods": more_goods,
        "box": box,
        "boxes": boxes,
        "color": color,
        "shade": shade,
        "town": town,
        "city": city,
        "people": rng.choice(words.PEOPLE),
        "place": rng.choice(words.PLACES),
        "vehicle": rng.choice(words.VEHICLES),
        "age": str(rng.randint(6, 60)),
        "few": str(rng.randint(2, 11)),
    }


def fill(template: str, bindings: Mapping[str, str]) -> str:
    """The template with every `{key}` replaced, capitalised where the key is."""

    def replacement(match: re.Match[str]) -> str:
        key = match.group(1)
        if key in bindings:
            return bindings[key]
        text = bindings[key.lower()]
        return text[0].upper() + text[1:]

    return _PLACEHOLDER.sub(replacement, template)


def solve(steps: tuple[str, ...], numbers: dict[str, int], bindings: dict[str, str]) -> str:
    """The worked answer, ending in `#### N`; results are added to `numbers` and `bindings`."""
    last = [0]

    def equation(match: re.Match[str]) -> str:
        key, expression = match.groups()
        operands = [_value(part, numbers) for part in expression.split()[::2]]
        operators = expression.split()[1::2]
        result = operands[0]
        for operator, operand in zip(operators, operands[1:], strict=True):
            result = work_out(result, operator, operand)
        numbers[key], bindings[key], last[0] = result, str(result), result
        shown = [str(operands[0])]
        for operator, operand in zip(operators, operands[1:], strict=True):
            shown += [operator, str(operand)]
        return f"{' '.join(shown)} = {result}"

    lines = [fill(_STEP.sub(equation, step), bindings) for step in steps]
    return "\n".join([*lines, f"#### {last[0]}"])


def render(family: Family, rng: random.Random) -> tuple[str, str]:
    """One question of the family and its worked answer.

    Raises:
        UnsuitableNumbersError: the drawn numbers do not suit; call again.
    """
    numbers = draw_numbers(family, rng)
    bindings = draw_words(rng) | {key: str(value) for key, value in numbers.items()}
    answer = solve(family.steps, numbers, bindings)
    story, ask = rng.choice(family.stories), rng.choice(family.asks)
    question = f"{story} {ask}" if family.plain else compose(story, ask, rng)
    return fill(question, bindings), answer


def compose(story: str, ask: str, rng: random.Random) -> str:
    """Story and question, at times with an opener or a number that has no part in the answer."""
    parts = [story, ask]
    roll = rng.random()
    if roll < 0.08:
        parts.insert(0, rng.choice(words.OPENERS))
    elif roll < 0.16:
        parts.insert(0, rng.choice(words.DISTRACTORS))
    elif roll < 0.24:
        parts.insert(1, rng.choice(words.DISTRACTORS))
    return " ".join(parts)


def retry(make: Callable[[], tuple[str, str]]) -> tuple[str, str]:
    """The first result of `make` whose numbers suit."""
    while True:
        try:
            return make()
        except UnsuitableNumbersError:
            continue


def _value(token: str, numbers: Mapping[str, int]) -> int:
    return int(token) if token.isdigit() else numbers[token]
