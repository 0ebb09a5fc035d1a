"""A prompt that is longer than a model reads is cut where it may be, and only there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalctl.engines.prompt_cutting import left_out_to_fit, room_for_prompt
from evalctl.engines.transformers import open_engine
from evalctl.engines.transformers_options import TransformersOptions
from evalctl.prompts import without_end
from evalctl.protocols import Engine, ModelRef
from evalctl.records import Message, Prompt, Sampling

BEFORE, BEHIND = "Read this: ", "\nWhat does it say?"
TEXTS = st.text("ab \n\u00e9\U0001f600", max_size=300)


def ask(words: str, *, is_chat: bool = False) -> Prompt:
    text = BEFORE + words + BEHIND
    asked = Prompt(
        dataset="d",
        sample_id="1",
        cuttable=(len(BEFORE), len(BEFORE) + len(words)),
        sampling=Sampling(max_tokens=8),
    )
    if not is_chat:
        return asked.model_copy(update={"text": text})
    system = Message(role="system", content="Be brief.")
    return asked.model_copy(update={"messages": (system, Message(role="user", content=text))})


def shown(prompt: Prompt) -> str:
    return prompt.messages[-1].content if prompt.messages else prompt.text


def in_bytes(prompt: Prompt) -> int:
    """Count a token for each byte."""
    return len(shown(prompt).encode())


def fitted(prompt: Prompt, most: int) -> Prompt:
    return without_end(prompt, left_out_to_fit(prompt, in_bytes, most))


@given(words=TEXTS, most=st.integers(0, 400), is_chat=st.booleans())
def test_only_the_end_of_that_part_is_left_out(words: str, most: int, is_chat: bool) -> None:
    prompt = ask(words, is_chat=is_chat)
    found = fitted(prompt, most)
    text = shown(found)
    kept = text.removeprefix(BEFORE).removesuffix(BEHIND)
    assert text == BEFORE + kept + BEHIND
    assert words.startswith(kept)
    assert found.messages[:-1] == prompt.messages[:-1]
    # It fits, with something of the part left, or is not cut at all and will be refused.
    assert (in_bytes(found) <= most and kept.strip()) or found == prompt
    assert found == prompt or in_bytes(prompt) > most


def test_it_is_cut_between_words_and_not_much_more_than_needed() -> None:
    found = fitted(ask("word " * 200), 400)
    assert 380 < in_bytes(found) <= 400
    assert shown(found).removesuffix(BEHIND).endswith(" word")


def test_a_prompt_that_must_be_whole_stays_whole() -> None:
    prompt = ask("word " * 200).model_copy(update={"cuttable": None})
    assert fitted(prompt, 10) is prompt


@pytest.mark.parametrize("most", [0, len(BEFORE + BEHIND), len(BEFORE + BEHIND) + 3])
def test_where_nothing_would_be_left_the_prompt_is_not_cut(most: int) -> None:
    assert left_out_to_fit(ask("word " * 200), in_bytes, most) == 0


@pytest.mark.parametrize(
    ("max_tokens", "has_encoder", "room"),
    [(8, False, 92), (60, False, 75), (0, False, 99), (60, True, 100)],
)
def test_room_for_the_answer_is_at_most_a_quarter(
    max_tokens: int, has_encoder: bool, room: int
) -> None:
    prompt = Prompt(dataset="d", sample_id="1", sampling=Sampling(max_tokens=max_tokens))
    assert room_for_prompt(prompt, 100, has_encoder=has_encoder) == room


@pytest.fixture(scope="module")
def llama(llama_folder: Path) -> Iterator[Engine]:
    pytest.importorskip("torch")
    model = ModelRef(name="llama", path=str(llama_folder), is_local=True)
    engine = open_engine(model, TransformersOptions(dtype="float32", max_model_len=64))
    yield engine
    engine.close()


def test_an_engine_answers_a_cut_prompt_and_says_so(llama: Engine) -> None:
    long, short = ask("the cat sat on a mat " * 40), ask("the cat")
    whole = long.model_copy(update={"sample_id": "2", "cuttable": None})
    short = short.model_copy(update={"sample_id": "3"})
    found = {one.sample_id: one for one in llama.generate([long, whole, short])}

    assert (found["1"].error, found["1"].is_prompt_cut) == (None, True)
    assert 40 < found["1"].prompt_tokens <= 56
    assert found["1"].completions[0].output_tokens > 0
    read = without_end(long, found["1"].left_out)
    (same,) = llama.generate([read.model_copy(update={"cuttable": None})])
    assert same.completions == found["1"].completions
    assert (same.prompt_tokens, same.is_prompt_cut) == (found["1"].prompt_tokens, False)
    assert "with at least 1 new token only 63 fit" in (found["2"].error or "")
    assert (found["3"].error, found["3"].is_prompt_cut) == (None, False)
