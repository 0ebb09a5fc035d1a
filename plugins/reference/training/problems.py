"""Synthetic arithmetic word problems: `problem(seed, index)` and what is needed to keep sets apart.

Every problem is a pure function of its seed and index. The answer works the problem out in plain
English with one true equation a step, and ends in `#### N`.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

import problem_families_groups
import problem_families_measure
import problem_families_trade
from problem_chains import render_chain
from problem_templates import Family, render, retry

FAMILIES: tuple[Family, ...] = (
    *problem_families_trade.FAMILIES,
    *problem_families_groups.FAMILIES,
    *problem_families_measure.FAMILIES,
)
CHAIN = "chain"
CHAIN_SHARE = 0.15
"""Fraction of problems that are chains; the other families share the rest equally."""
_EQUATION = re.compile(r"(\d+(?: [-+*/] \d+)+) = (\d+)")
_FINAL = re.compile(r"\n#### (\d+)$")


@dataclass(frozen=True)
class Problem:
    """A question, its worked answer and the family it comes from."""

    question: str
    """The problem as told, ending in a question."""
    answer: str
    """Worked steps, one a line, and a last line `#### N`."""
    family: str
    """Name of the family."""


def problem(seed: int, index: int) -> Problem:
    """The problem with this seed and index, always the same one."""
    rng = random.Random(seed * 1_000_003 + index)
    if rng.random() < CHAIN_SHARE:
        question, answer = retry(lambda: render_chain(rng))
        return Problem(question, answer, CHAIN)
    family = rng.choice(FAMILIES)
    question, answer = retry(lambda: render(family, rng))
    return Problem(question, answer, family.name)


def problems(seed: int, count: int, first: int = 0) -> Iterator[Problem]:
    """`count` problems of the seed, from index `first` on."""
    return (problem(seed, index) for index in range(first, first + count))


def prompt(question: str) -> str:
    """The text that the model completes."""
    return f"Question: {question}\nAnswer:"


def question_hash(question: str) -> bytes:
    """Eight bytes that tell questions apart whatever their case and spacing."""
    text = " ".join(question.casefold().split())
    return hashlib.blake2b(text.encode(), digest_size=8).digest()


def held_out(seed: int, count: int, seen: set[bytes]) -> list[Problem]:
    """The first `count` different problems of the seed whose hashes are not in `seen`."""
    taken = set(seen)
    chosen: list[Problem] = []
    index = 0
    while len(chosen) < count:
        candidate = problem(seed, index)
        index += 1
        digest = question_hash(candidate.question)
        if digest not in taken:
            taken.add(digest)
            chosen.append(candidate)
    return chosen


def final_number(text: str) -> str | None:
    """The number after a closing `####`, or None where the text does not end in one."""
    match = _FINAL.search(text.rstrip())
    return match.group(1) if match else None


def equations(answer: str) -> list[tuple[int, int]]:
    """Each equation in the answer as (left side worked out anew, result as stated)."""
    return [(_evaluate(left), int(right)) for left, right in _EQUATION.findall(answer)]


def bare_equations(answer: str) -> list[tuple[str, str]]:
    """Each equation in the answer as texts, left side and result."""
    return [(match.group(1), match.group(2)) for match in _EQUATION.finditer(answer)]


def _evaluate(expression: str) -> int:
    tokens = expression.split()
    value = int(tokens[0])
    for operator, token in zip(tokens[1::2], tokens[2::2], strict=True):
        number = int(token)
        if operator == "/" and value % number:
            raise ValueError(f"not a whole number: {expression}")
        value = {
            "+": value + number,
            "-": value - number,
            "*": value * number,
            "/": value // number if number else 0,
        }[operator]
    return value
