from __future__ import annotations

import pytest

from evalctl.prompts import (
    Asking,
    around_turns,
    compose,
    cuttable,
    fill,
    next_turn,
    sample_seed,
)
from evalctl.records import Message, Prompt, Sample
from evalctl.specs import PromptTemplate

TEMPLATE = PromptTemplate(instruction="{input}\nAnswer in a box.", stop=("Question:",))
SAMPLE = Sample(id="1", input="What is 2 + 2?", target="4", solution="2 + 2 = 4")
SHOT = Sample(id="0", input="What is 1 + 1?", target="2", solution="1 + 1 = 2")


def test_completion_style_puts_worked_examples_before_the_question() -> None:
    body = compose(TEMPLATE, SAMPLE, [SHOT], Asking(style="completion"))
    assert body.text == (
        "Question: What is 1 + 1?\nAnswer: 1 + 1 = 2\n\nQuestion: What is 2 + 2?\nAnswer:"
    )
    assert body.messages == ()


def test_chat_style_makes_turns() -> None:
    body = compose(TEMPLATE, SAMPLE, [SHOT], Asking(style="chat", system="Be brief."))
    assert body.messages == (
        Message(role="system", content="Be brief."),
        Message(role="user", content="What is 1 + 1?\nAnswer in a box."),
        Message(role="assistant", content="1 + 1 = 2"),
        Message(role="user", content="What is 2 + 2?\nAnswer in a box."),
    )
    assert body.text == ""


def test_a_model_that_is_asked_barely_gets_no_words_on_the_form() -> None:
    body = compose(TEMPLATE, SAMPLE, [], Asking(style="chat", is_bare=True))
    assert body.messages == (Message(role="user", content="What is 2 + 2?"),)


def test_wrapped_style_uses_the_models_own_wrapping() -> None:
    asking = Asking(style="wrapped", wrap="### Instruction:\n{instruction}\n\n### Response:")
    body = compose(TEMPLATE, SAMPLE, [], asking)
    assert body.text == ("### Instruction:\nWhat is 2 + 2?\nAnswer in a box.\n\n### Response:")


def test_what_is_filled_in_is_never_filled_in_again() -> None:
    sample = Sample(id="1", input="print {target} and {input}", target="secret")
    assert fill("{input}", sample) == "print {target} and {input}"


def test_braces_of_latex_stay_as_they_are() -> None:
    assert fill("put it in \\boxed{}: {input}", SAMPLE) == "put it in \\boxed{}: What is 2 + 2?"


def test_a_wrapping_survives_an_instruction_that_names_its_placeholder() -> None:
    sample = Sample(id="1", input="say {instruction}")
    asking = Asking(style="wrapped", wrap="<{instruction}>", is_bare=True)
    assert compose(TEMPLATE, sample, [], asking).text == "<say {instruction}>"


def test_seeds_depend_on_run_dataset_and_sample_alone() -> None:
    seeds = {sample_seed(s, d, i) for s in (0, 1) for d in ("a", "b") for i in ("1", "2")}
    assert len(seeds) == 8
    assert sample_seed(0, "a", "1") == sample_seed(0, "a", "1")
    assert all(0 <= seed < 2**31 for seed in seeds)


LATER = SAMPLE.model_copy(update={"later_turns": ("And doubled?", "{input}"), "choices": ("4",)})


@pytest.mark.parametrize(
    ("asking", "around"),
    [
        (Asking(), ("\n\nQuestion: ", "\nAnswer:")),
        (
            Asking(style="wrapped", wrap="[INST] {instruction} [/INST]"),
            ("\n\n[INST] ", " [/INST]"),
        ),
    ],
)
def test_later_turns_stand_where_the_question_stood(
    asking: Asking, around: tuple[str, str]
) -> None:
    assert around_turns(TEMPLATE, LATER, asking) == around


def test_a_question_with_choices_does_not_show_them_again() -> None:
    template = PromptTemplate(question="Topic {metadata:topic}: {input}\n{choices}\nAnswer:")
    sample = LATER.model_copy(update={"metadata": {"topic": "sums"}})

    assert around_turns(template, sample, Asking()) == ("\n\nTopic sums: ", "\n\nAnswer:")


def test_a_later_turn_is_no_template() -> None:
    prompt = Prompt(
        dataset="d",
        sample_id="1",
        text="A:",
        later_turns=LATER.later_turns,
        around_turns=("\nB: ", "\nA:"),
    )

    assert next_turn(prompt, [" {input} \n", "8"]).text == (
        "A: {input}\nB: And doubled?\nA:8\nB: {input}\nA:"
    )


CUT = TEMPLATE.model_copy(update={"may_cut_behind": ""})


@pytest.mark.parametrize(
    "asking",
    [
        Asking(style="completion"),
        Asking(style="chat"),
        Asking(style="chat", is_bare=True),
        Asking(style="wrapped", wrap="### Instruction:\n{instruction}\n\n### Response: is"),
    ],
    ids=["completion", "chat", "bare", "wrapped"],
)
@pytest.mark.parametrize("words", ["What is 2 + 2?", "is", "Answer"])
def test_the_part_that_may_be_cut_is_the_input_of_the_last_question(
    words: str, asking: Asking
) -> None:
    sample = SAMPLE.model_copy(update={"input": words})
    body = compose(CUT, sample, [SHOT], asking)
    found = cuttable(CUT, sample, asking, body)
    assert found is not None
    text = body.messages[-1].content if body.messages else body.text
    start, end = found
    marked = sample.model_copy(update={"input": "\0"})
    expected = compose(CUT, marked, [SHOT], asking)
    assert text[start:end] == words
    assert text[:start] + "\0" + text[end:] == (
        expected.messages[-1].content if expected.messages else expected.text
    )


@pytest.mark.parametrize(
    ("given", "part"),
    [
        ("Why?\nAnswers: a, b. Answers: c", " a, b. Answers: c"),
        ("Answers: a", " a"),
        ("Why?\nAnswers:", None),
        ("Why?", None),
        ("", None),
    ],
)
def test_only_what_is_behind_the_words_may_be_cut(given: str, part: str | None) -> None:
    template = TEMPLATE.model_copy(update={"may_cut_behind": "Answers:"})
    sample = SAMPLE.model_copy(update={"input": given})
    body = compose(template, sample, [SHOT], Asking())
    found = cuttable(template, sample, Asking(), body)
    assert (body.text[slice(*found)] if found else None) == part


def test_nothing_is_cut_where_the_dataset_does_not_say_so() -> None:
    asking = Asking()
    body = compose(TEMPLATE, SAMPLE, [], asking)
    assert cuttable(TEMPLATE, SAMPLE, asking, body) is None


def test_a_question_without_the_input_has_nothing_to_cut() -> None:
    template = PromptTemplate(question="Guess:", may_cut_behind="")
    body = compose(template, SAMPLE, [], Asking())
    assert cuttable(template, SAMPLE, Asking(), body) is None


def test_later_turns_are_not_cut() -> None:
    prompt = Prompt(dataset="d", sample_id="1", text="ab", later_turns=("c",), cuttable=(0, 2))
    assert next_turn(prompt, ["x"]).cuttable is None
