"""Rankings in a run: cosines of vectors and of words, whatever an engine's order is."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import pytest

from evalctl.records import Generation, Prompt
from evalctl.run.ranking import ranked

pytest.importorskip("sklearn")

VECTORS = {"a": (1.0, 0.0), "b": (3.0, 3.0), "c": (0.0, 2.0), "none": (0.0, 0.0)}


def engine(prompts: Iterable[Prompt]) -> Iterator[Generation]:
    for prompt in reversed(list(prompts)):
        given = Generation(dataset="d", sample_id=prompt.sample_id, prompt_tokens=2)
        if prompt.text in VECTORS:
            yield given.model_copy(update={"vector": VECTORS[prompt.text]})
        else:
            yield given.model_copy(update={"error": "no numbers"})


def asked(text: str, *choices: str, sample: str = "1") -> Prompt:
    return Prompt(dataset="d", sample_id=sample, text=text, continuations=choices)


def test_similarities_are_cosines() -> None:
    (found,) = ranked(engine, [asked("a", "b", "c", "a", "none")])

    assert found.similarities == pytest.approx((math.sqrt(0.5), 0.0, 1.0, 0.0))
    assert (found.prompt_tokens, found.vector) == (10, ())


def test_words_in_common_make_texts_near() -> None:
    VECTORS.update({one: (1.0, 1.0) for one in ("red fox", "red fox runs", "blue sea")})

    (found,) = ranked(engine, [asked("red fox", "blue sea", "red fox runs", "red fox")])

    assert found.similarities == pytest.approx((1.0, 1.0, 1.0))
    none, some, same = found.word_similarities
    assert (none, same) == (0.0, pytest.approx(1.0))
    assert 0.0 < some < 1.0


def test_a_text_without_a_vector_fails_its_sample_alone() -> None:
    first, second = ranked(engine, [asked("a", "?"), asked("a", "b", sample="2")])

    assert (first.error, first.similarities) == ("no numbers", ())
    assert (second.error, second.sample_id, len(second.similarities)) == (None, "2", 1)


def test_a_text_of_several_prompts_is_read_once() -> None:
    read: list[str] = []

    def counting(prompts: Iterable[Prompt]) -> Iterator[Generation]:
        held = list(prompts)
        read.extend(prompt.text for prompt in held)
        return engine(held)

    list(ranked(counting, [asked("a", "b", "c"), asked("c", "b", "a", sample="2")]))

    assert sorted(read) == ["a", "b", "c"]
