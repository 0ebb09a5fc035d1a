from __future__ import annotations

from evalctl.cache import ModelIdentity, key_of
from evalctl.records import Completion, Message, Prompt

ONE = Prompt(dataset="sums", sample_id="1", messages=(Message(role="user", content="1 + 1 ="),))


def test_nothing_is_written_of_turns_where_there_is_one() -> None:
    assert "later_turns" not in ONE.model_dump_json()
    assert Completion(text="2").model_dump() == {
        "text": "2",
        "reasoning": "",
        "finish_reason": "stop",
        "output_tokens": 0,
    }


def test_turns_are_written_and_read_back() -> None:
    asked = ONE.model_copy(update={"later_turns": ("And doubled?",)})
    given = Completion(text="4", earlier=("2",))

    assert Prompt.model_validate_json(asked.model_dump_json()) == asked
    assert Completion.model_validate_json(given.model_dump_json()) == given


def test_the_address_of_a_single_turn_is_what_it_was_before_there_were_more() -> None:
    nobody = ModelIdentity("m", bytes(32))
    asked = ONE.model_copy(update={"later_turns": ("And doubled?",)})
    before = "8603712b9b14e61138adf21a732bdd1ccb44388c58ef3cfa7255be2fcba71ad0"

    assert key_of(nobody, "generate", ONE).digest.hex() == before
    assert key_of(nobody, "generate", asked).digest.hex() != before
