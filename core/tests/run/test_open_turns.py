"""Turns of open conversations on disk, and conversations that go on behind them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import pytest
from core.tests.run.test_turns import Engine, asked

from evalctl.records import Generation, Prompt
from evalctl.run.open_turns import OpenTurns
from evalctl.run.turns import Conversations
from evalctl.store import LineWriter

KEY = ("talks", "a")


def on_disk(path: Path) -> OpenTurns:
    """Return the turns of a new session, which writes every line at once."""
    turns = OpenTurns(path)
    turns.recover()
    turns.open(LineWriter)
    return turns


def broken_off(path: Path, count: int, prompt: Prompt) -> Engine:
    """Answer so many turns of a conversation, and leave it."""
    engine = Engine(width=1)

    def some(prompts: Iterable[Prompt]) -> Iterator[Generation]:
        yield from islice(engine.generate(prompts), count)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(Conversations(on_disk(path)).hold(some, [prompt]))
    return engine


def gone_on(path: Path, prompt: Prompt) -> tuple[Engine, Generation]:
    """Ask for a conversation in a new session."""
    engine = Engine()
    (found,) = Conversations(on_disk(path)).hold(engine.generate, [prompt])
    return engine, found


def test_a_conversation_goes_on_behind_what_an_earlier_session_was_told(tmp_path: Path) -> None:
    prompt = asked("a", "second", "third")
    broken_off(tmp_path / "turns", 2, prompt)

    engine, found = gone_on(tmp_path / "turns", prompt)

    assert [one.messages[-1].content for one in engine.seen] == ["third"]
    assert found.completions[0].earlier == ("0: first of a", "0: second")
    assert (found.prompt_tokens, found.completions[0].output_tokens) == (300, 30)


def test_each_of_several_completions_goes_on_where_it_was(tmp_path: Path) -> None:
    prompt = asked("a", "second", "third", n=2)
    before = broken_off(tmp_path / "turns", 3, prompt)

    engine, found = gone_on(tmp_path / "turns", prompt)

    assert len(before.seen) + len(engine.seen) == 1 + 2 * 2
    assert not {one.seed for one in engine.seen} & {one.seed for one in before.seen}
    assert [one.text for one in found.completions] == ["0: third", "0: third"]
    assert [one.earlier[0] for one in found.completions] == ["0: first of a", "1: first of a"]


def test_what_was_answered_to_another_question_is_of_no_use(tmp_path: Path) -> None:
    broken_off(tmp_path / "turns", 2, asked("a", "second", "third"))

    engine, found = gone_on(tmp_path / "turns", asked("a", "another", "third"))

    assert len(engine.seen) == 3
    assert found.completions[0].earlier[1] == "0: another"
    # A session after that knows the new turns alone.
    assert [turn.prompt for turn in on_disk(tmp_path / "turns").of(KEY)] == engine.seen[:2]


def test_a_torn_line_costs_its_turn_alone(tmp_path: Path) -> None:
    prompt, path = asked("a", "second", "third"), tmp_path / "turns"
    broken_off(path, 2, prompt)
    path.write_bytes(path.read_bytes()[:-20])

    engine, _ = gone_on(path, prompt)

    assert [one.messages[-1].content for one in engine.seen] == ["second", "third"]


def test_a_conversation_that_is_over_is_in_no_bill(tmp_path: Path) -> None:
    prompt = asked("a", "second", "third")
    broken_off(tmp_path / "turns", 2, prompt)

    turns = on_disk(tmp_path / "turns")
    bill = turns.bill()
    turns.end(KEY)

    assert (bill.prompt_tokens, bill.output_tokens) == (200, 20)
    assert turns.bill().prompt_tokens == 0
    assert on_disk(tmp_path / "turns").of(KEY) == ()
