"""Conversations over engines that know single prompts alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

import pytest

from evalctl.errors import EngineError
from evalctl.records import Completion, Generation, Message, Prompt
from evalctl.run.turns import Conversations

USER, MODEL = "user", "assistant"


def asked(name: str, *later: str, n: int = 1, text: str = "") -> Prompt:
    messages = () if text else (Message(role="user", content=f"first of {name}"),)
    around = ("\n\nUser: ", "\nModel:") if text and later else ()
    return Prompt(
        dataset="talks",
        sample_id=name,
        text=text,
        messages=messages,
        later_turns=later,
        around_turns=around,
        n=n,
    )


def given(prompt: Prompt, *texts: str) -> Generation:
    return Generation(
        dataset=prompt.dataset,
        sample_id=prompt.sample_id,
        completions=tuple(Completion(text=text, output_tokens=10) for text in texts),
        prompt_tokens=100,
        seconds=2.0,
        first_token_seconds=0.5,
    )


def replying(prompt: Prompt) -> Generation:
    turn = prompt.messages[-1].content if prompt.messages else prompt.text[-20:]
    return given(prompt, *(f"{number}: {turn}" for number in range(prompt.n)))


@dataclass
class Engine:
    """Keeps some prompts under way, and gives the last one first."""

    reply: Callable[[Prompt], Generation | None] = replying
    width: int = 3
    seen: list[Prompt] = field(default_factory=list)
    streams: int = 0

    def generate(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        self.streams += 1
        waiting, held = iter(prompts), list[Prompt]()
        while held := [*held, *islice(waiting, self.width - len(held))]:
            prompt = held.pop()
            self.seen.append(prompt)
            if (generation := self.reply(prompt)) is not None:
                yield generation


def held(engine: Engine, *prompts: Prompt) -> dict[str, Generation]:
    found = list(Conversations().hold(engine.generate, prompts))
    assert len({one.sample_id for one in found}) == len(found)
    return {one.sample_id: one for one in found}


def test_each_turn_is_asked_after_all_that_was_said() -> None:
    engine = Engine()

    found = held(engine, asked("a", "second", "third"))

    assert [[(one.role, one.content) for one in prompt.messages] for prompt in engine.seen] == [
        [(USER, "first of a")],
        [(USER, "first of a"), (MODEL, "0: first of a"), (USER, "second")],
        [
            (USER, "first of a"),
            (MODEL, "0: first of a"),
            (USER, "second"),
            (MODEL, "0: second"),
            (USER, "third"),
        ],
    ]
    assert found["a"].completions == (
        Completion(text="0: third", earlier=("0: first of a", "0: second"), output_tokens=30),
    )


def test_engines_see_no_later_turns() -> None:
    engine = Engine()

    held(engine, asked("a", "second"), asked("b", "second", text="User: hello\nModel:"))

    assert all(not prompt.later_turns and not prompt.around_turns for prompt in engine.seen)


def test_a_text_goes_on_as_a_text() -> None:
    engine = Engine(lambda prompt: given(prompt, " Well. \n"))

    held(engine, asked("a", "Why?", text="User: hello\nModel:"))

    assert engine.seen[1].text == "User: hello\nModel: Well.\n\nUser: Why?\nModel:"


def test_reasoning_is_kept_and_never_said_again() -> None:
    thinking = Completion(text="yes", reasoning="hm", output_tokens=5)
    engine = Engine(lambda p: given(p).model_copy(update={"completions": (thinking,)}))

    found = held(engine, asked("a", "sure?"))

    assert engine.seen[1].messages[1].content == "yes"
    assert found["a"].completions[0] == Completion(
        text="yes", earlier=("yes",), reasoning="hm\n\nhm", output_tokens=10
    )


def test_prompts_of_one_turn_go_through_as_they_are() -> None:
    one, other = asked("a"), asked("b", n=3)

    assert held(Engine(), one, other) == {"a": replying(one), "b": replying(other)}


def test_tokens_and_times_add_up_and_the_first_token_is_the_first_turns() -> None:
    found = held(Engine(), asked("a", "second", "third"))["a"]

    assert (found.prompt_tokens, found.seconds, found.first_token_seconds) == (300, 6.0, 0.5)


def test_what_is_not_counted_in_one_turn_is_not_counted_in_all() -> None:
    def uncounted(prompt: Prompt) -> Generation:
        answer = replying(prompt)
        bare = answer.completions[0].model_copy(update={"output_tokens": 0})
        is_later = len(prompt.messages) > 1
        changes = {"completions": (bare,), "prompt_tokens": 0}
        return answer.model_copy(update=changes) if is_later else answer

    found = held(Engine(uncounted), asked("a", "second"))["a"]

    assert (found.prompt_tokens, found.completions[0].output_tokens) == (0, 0)


def test_an_empty_reply_has_no_tokens_and_spoils_no_count() -> None:
    empty = Completion(text="")
    engine = Engine(
        lambda p: (
            replying(p)
            if len(p.messages) == 1
            else given(p).model_copy(update={"completions": (empty,)})
        )
    )

    assert held(engine, asked("a", "second"))["a"].completions[0].output_tokens == 10


def test_each_completion_is_a_conversation_of_its_own() -> None:
    engine = Engine()

    found = held(engine, asked("a", "second", n=3))["a"]

    later = [prompt for prompt in engine.seen if len(prompt.messages) == 3]
    assert sorted(prompt.messages[1].content for prompt in later) == [
        "0: first of a",
        "1: first of a",
        "2: first of a",
    ]
    assert {prompt.n for prompt in later} == {1}
    assert len({prompt.seed for prompt in later}) == 3
    assert [one.earlier for one in found.completions] == [
        ("0: first of a",),
        ("1: first of a",),
        ("2: first of a",),
    ]
    assert found.prompt_tokens == 400


def test_a_sample_may_be_named_like_another_ones_completion() -> None:
    found = held(Engine(width=9), asked("a", "second", n=2), asked("a#0", "second", n=2))

    assert {name: len(one.completions) for name, one in found.items()} == {"a": 2, "a#0": 2}


def test_a_turn_that_was_cut_off_counts_and_the_conversation_goes_on() -> None:
    cut = Completion(text="and so", finish_reason="length", output_tokens=9)
    engine = Engine(
        lambda p: (
            given(p).model_copy(update={"completions": (cut,)})
            if len(p.messages) == 1
            else replying(p)
        )
    )

    found = held(engine, asked("a", "second"))["a"].completions[0]

    assert (found.text, found.earlier, found.finish_reason) == (
        "0: second",
        ("and so",),
        "length",
    )


@pytest.mark.parametrize(("at", "n_paid"), [(1, 0), (3, 1), (5, 2)])
def test_a_turn_that_fails_fails_the_sample_and_says_which(at: int, n_paid: int) -> None:
    def failing(prompt: Prompt) -> Generation:
        failed = Generation(dataset="talks", sample_id="a", error="too long", lost_requests=1)
        return failed if len(prompt.messages) == at else replying(prompt)

    found = held(Engine(failing), asked("a", "second", "third"))["a"]

    assert found.error == f"turn {at // 2 + 1} of 3: too long"
    assert (found.completions, found.lost_requests) == ((), 1 + n_paid)


def test_one_completion_that_fails_ends_the_others() -> None:
    def failing(prompt: Prompt) -> Generation:
        is_later = len(prompt.messages) == 3
        failed = Generation(dataset=prompt.dataset, sample_id=prompt.sample_id, error="gone")
        return failed if is_later else replying(prompt)

    engine = Engine(failing, width=1)
    found = held(engine, asked("a", "second", n=5), asked("b"))

    assert (found["a"].error, found["b"].error) == ("turn 2 of 2: gone", None)
    assert len(engine.seen) == 3


def test_no_more_conversations_are_open_than_the_engine_works_on() -> None:
    taken: list[str] = []

    def many() -> Iterator[Prompt]:
        for number in range(1000):
            taken.append(str(number))
            yield asked(str(number), "second", "third")

    done = 0
    for _ in Conversations().hold(Engine(width=8).generate, many()):
        done += 1
        assert len(taken) - done <= 8

    assert done == 1000


def test_what_is_asked_at_once_takes_a_stream_for_each_turn() -> None:
    engine = Engine(width=100)

    held(engine, *(asked(str(number), "second", "third") for number in range(10)))

    assert (engine.streams, len(engine.seen)) == (3, 30)


def test_an_answer_that_comes_twice_counts_once() -> None:
    class Stuttering(Engine):
        def generate(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
            for generation in super().generate(prompts):
                yield from (generation, generation)

    conversations = Conversations()
    found = list(conversations.hold(Stuttering().generate, [asked("a", "second")]))

    assert found[0].completions[0].earlier == ("0: first of a",)


def test_a_turn_that_is_passed_over_leaves_the_other_conversations_alone() -> None:
    engine = Engine(lambda p: None if p.sample_id == "lost" else replying(p), width=100)

    found = held(engine, asked("lost", "second"), asked("a", "second", "third"))

    assert found["a"].completions[0].text == "0: third"
    assert "lost" not in found


def test_an_engine_that_takes_nothing_ends_it() -> None:
    class Lazy(Engine):
        def generate(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
            self.streams += 1
            yield from super().generate(prompts) if self.streams == 1 else iter(())

    assert held(Lazy(width=9), asked("a", "second")) == {}


def test_a_conversation_goes_on_where_it_was_when_its_engine_died() -> None:
    class Dying(Engine):
        def generate(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
            for generation in super().generate(prompts):
                if len(self.seen) == 3:
                    raise EngineError("died")
                yield generation

    prompts = [asked("a", "second", "third")]
    conversations, heir = Conversations(), Engine()
    with pytest.raises(EngineError):
        list(conversations.hold(Dying().generate, prompts))
    found = list(conversations.hold(heir.generate, prompts))

    assert [len(prompt.messages) for prompt in heir.seen] == [5]
    assert found[0].completions[0].earlier == ("0: first of a", "0: second")


def test_a_conversation_that_was_dropped_begins_anew() -> None:
    class Dying(Engine):
        def generate(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
            yield from islice(super().generate(prompts), 1)
            raise EngineError("died")

    conversations, heir = Conversations(), Engine()
    with pytest.raises(EngineError):
        list(conversations.hold(Dying().generate, [asked("a", "second")]))
    conversations.drop(("talks", "a"))
    list(conversations.hold(heir.generate, [asked("a", "second")]))

    assert [len(prompt.messages) for prompt in heir.seen] == [1, 3]
