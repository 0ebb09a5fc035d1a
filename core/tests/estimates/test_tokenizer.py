"""Tokens are counted by the model's own tokenizer where it is here, else by characters."""

from __future__ import annotations

from pathlib import Path

import pytest

from evalctl.estimates.tokenizer import MESSAGE_TOKENS, counter_of
from evalctl.protocols import ModelRef
from evalctl.records import Message, Prompt


def write_tokenizer(folder: Path) -> None:
    tokenizers = pytest.importorskip("tokenizers")
    words = {"[UNK]": 0, "one": 1, "two": 2}
    made = tokenizers.Tokenizer(tokenizers.models.WordLevel(words, unk_token="[UNK]"))
    made.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    made.save(str(folder / "tokenizer.json"))


def model(folder: Path) -> ModelRef:
    return ModelRef(name="m", path=str(folder), is_local=True)


def test_a_local_tokenizer_counts_exactly(tmp_path: Path) -> None:
    write_tokenizer(tmp_path)
    counter = counter_of(model(tmp_path))
    assert counter.is_exact
    assert counter.prompt(Prompt(dataset="d", sample_id="1", text="one two three")) == 3


def test_each_turn_of_a_conversation_brings_its_template(tmp_path: Path) -> None:
    write_tokenizer(tmp_path)
    turns = (Message(role="system", content="one"), Message(role="user", content="one two"))
    prompt = Prompt(dataset="d", sample_id="1", messages=turns)
    assert counter_of(model(tmp_path)).prompt(prompt) == 3 + 2 * MESSAGE_TOKENS


@pytest.mark.parametrize("content", [None, b"", b"not json", b"{}", b'{"model": 1}', b"\xff\xfe"])
def test_without_one_that_can_be_read_characters_are_counted(
    tmp_path: Path, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "tokenizer.json").write_bytes(content)
    counter = counter_of(model(tmp_path))
    assert not counter.is_exact
    assert counter.prompt(Prompt(dataset="d", sample_id="1", text="123456789")) == 3


def test_nothing_is_looked_for_where_a_model_is_hosted(tmp_path: Path) -> None:
    write_tokenizer(tmp_path)
    assert not counter_of(ModelRef(name="m", path=str(tmp_path), kind="api")).is_exact


def test_a_text_is_counted_whole_though_the_file_says_that_texts_are_cut(tmp_path: Path) -> None:
    write_tokenizer(tmp_path)
    from tokenizers import Tokenizer

    cutting = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    cutting.enable_truncation(2)
    cutting.enable_padding(length=50)
    cutting.save(str(tmp_path / "tokenizer.json"))
    whole = "a b a b a b"
    assert len(cutting.encode(whole).ids) == 50
    assert counter_of(model(tmp_path)).count(whole) == 6


def test_each_turn_reads_all_that_was_said_before_but_the_replies(tmp_path: Path) -> None:
    write_tokenizer(tmp_path)
    counter = counter_of(model(tmp_path))
    first = (Message(role="user", content="one two"),)
    chat = Prompt(dataset="d", sample_id="1", messages=first, later_turns=("one", "two two"))
    text = Prompt(
        dataset="d",
        sample_id="1",
        text="one two",
        later_turns=("one", "two two"),
        around_turns=("one ", " two"),
    )
    assert counter.turns(chat) == (
        2 + MESSAGE_TOKENS,
        3 + 3 * MESSAGE_TOKENS,
        5 + 5 * MESSAGE_TOKENS,
    )
    assert counter.turns(text) == (2, 2 + 3, 2 + 3 + 4)


def test_continuations_are_read_and_a_server_reads_the_prompt_for_each(tmp_path: Path) -> None:
    write_tokenizer(tmp_path)
    here = counter_of(model(tmp_path))
    server = here._replace(shares_context=False)
    prompt = Prompt(
        dataset="d", sample_id="1", text="one two three", continuations=(" one", " two two")
    )
    bare = prompt.model_copy(update={"text": ""})
    assert here.turns(prompt) == (3 + 1 + 2,)
    assert server.turns(prompt) == (2 * 3 + 1 + 2,)
    assert (here.prompt(prompt), here.longest_continuation(prompt)) == (3, 2)
    assert here.turns(bare) == (1 + 2,)
    assert not counter_of(ModelRef(name="m", path="m@http://x", kind="api")).shares_context
