from __future__ import annotations

import json
import math
import zlib

import pytest
from core.tests.cache.making import answer, prompt

from evalctl.cache import entries
from evalctl.cache.entries import DamageError, Entry, _mark, fits, pack, unpack
from evalctl.records import Completion, Continuation, Generation

ADDRESS = b"a" * 40


def kept(generation: Generation) -> Generation:
    entry = pack(ADDRESS, generation)
    assert entry is not None
    return unpack(ADDRESS, entry)


@pytest.mark.parametrize(
    "given",
    [
        answer(),
        answer("\ud800 alone, \x00, 漢字, \u2028"),
        answer(seconds=0.1 + 0.2, first_token_seconds=1e-9),
        answer(completions=(Completion(text="", reasoning="hm", finish_reason="length"),) * 3),
        answer(
            completions=(),
            continuations=(Continuation(logprob=-math.inf, tokens=3, is_greedy=False),),
        ),
    ],
    ids=["plain", "odd characters", "times", "several", "likelihoods"],
)
def test_what_is_kept_comes_back_as_it_was(given: Generation) -> None:
    assert kept(given) == given.model_copy(update={"dataset": "", "sample_id": ""})


def test_every_flipped_bit_is_noticed() -> None:
    entry = pack(ADDRESS, answer())
    assert entry is not None
    data = bytearray(entry.data)
    for place in range(8 * len(data)):
        data[place // 8] ^= 1 << place % 8
        with pytest.raises(DamageError, match="checksum"):
            unpack(ADDRESS, Entry(entry.mark, bytes(data)))
        data[place // 8] ^= 1 << place % 8


def test_an_entry_under_anothers_address_is_noticed() -> None:
    entry = pack(ADDRESS, answer())
    assert entry is not None
    with pytest.raises(DamageError, match="checksum"):
        unpack(b"b" * 40, entry)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"{",
        b'{"completions": 3}',
        b'{"surprise": 1}',
        b'{"prompt_tokens": ' + b"9" * 5000 + b"}",
        b"[" * 100_000,
        json.dumps({"error": 0.5}).encode(),
    ],
    ids=lambda text: text[:20].decode() or "empty",
)
def test_content_that_is_no_generation_is_damage(text: bytes) -> None:
    data = zlib.compress(text)
    with pytest.raises(DamageError, match="validate"):
        unpack(ADDRESS, Entry(_mark(ADDRESS, data), data))


def test_a_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entries, "MAX_TEXT_BYTES", 1 << 20)
    data = zlib.compress(b" " * (2 << 20))
    with pytest.raises(DamageError, match="too large"):
        unpack(ADDRESS, Entry(_mark(ADDRESS, data), data))


def test_data_of_the_wrong_type_are_damage() -> None:
    with pytest.raises(DamageError, match="type"):
        unpack(ADDRESS, Entry(b"", "text"))  # type: ignore[arg-type]  # as SQLite may give it


def test_a_completion_that_the_context_cut_off_does_not_answer() -> None:
    def cut_at(tokens: int) -> Generation:
        completion = Completion(text="2", finish_reason="length", output_tokens=tokens)
        return answer(completions=(completion,))

    assert fits(cut_at(1024), prompt())
    assert not fits(cut_at(1023), prompt())
    assert fits(cut_at(0), prompt())


def test_as_many_answers_as_were_asked_for_are_needed() -> None:
    assert not fits(answer(), prompt(n=2))
    assert not fits(answer(), prompt(continuations=("1", "2")))
