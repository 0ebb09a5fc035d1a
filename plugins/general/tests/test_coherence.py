"""What the rules of coherence find in conversations, and what they leave alone."""

from __future__ import annotations

import time

import pytest

from evalctl import Completion, Sample
from evalctl_general.coherence import COHERENCE, judge, score
from evalctl_general.repetition import (
    likeness,
    loop_share,
    repeated_sentences,
    repeated_share,
    units_of,
)

Talk = tuple[str, str]
"""A question and its reply."""

POEM = (
    "The river runs to meet the sea,\nand carries what it cannot keep.\n"
    "The mountain never bends a knee,\nand watches over us in sleep."
)
TABLE = "| month | high | low |\n| --- | --- | --- |\n" + "\n".join(
    f"| {month} | {10 + n} | {n} |" for n, month in enumerate(("May", "June", "July", "August"))
)
CODE = (
    "```python\ndef add(a, b):\n    return a + b\n\n\ndef sub(a, b):\n    return a - b\n\n\n"
    "def mul(a, b):\n    return a * b\n```"
)
STEPS = "x = 2 + 3 = 5\ny = 5 + 3 = 8\nz = 8 + 3 = 11\nSo x + y + z = 5 + 8 + 11 = 24."
LONG = (
    "Hawaii is a chain of islands in the Pacific Ocean. Its beaches are known all over the world, "
    "its volcanoes are still at work, and its people keep customs that are older than the state."
)
CHINESE = "夏威夷是太平洋上的一个群岛。那里的海滩闻名世界,火山仍然活跃,人们保留着古老的习俗。"
JAPANESE = "ハワイは太平洋にある諸島です。海岸は世界中で知られ、火山は今も活動しています。"
ARABIC = "هاواي مجموعة جزر في المحيط الهادئ وشواطئها معروفة في العالم كله وبراكينها ما زالت نشطة"
LIST = "\n".join(
    f"{n}. {what}"
    for n, what in enumerate(
        ("Pack the tent.", "Fill the bottles.", "Call your sister.", "Feed the cat."), 1
    )
)


def same(first: str, second: str) -> tuple[Talk, ...]:
    """The same question twice."""
    question = "How many apples does Ann have left?"
    return (question, first), (question, second)


def again(first: str, second: str) -> tuple[Talk, ...]:
    """A question, and then whether that is sure."""
    return ("How many apples does Ann have left?", first), ("Are you sure?", second)


def after(first: str, second: str, turn: str = "Now tell me about the weather there.") -> object:
    return ("Tell me about Hawaii.", first), (turn, second)


def one(reply: str, question: str = "What is x?") -> tuple[Talk, ...]:
    return ((question, reply),)


FINE: dict[str, object] = {
    "a short answer": one("5"),
    "an answer with reasons": one("Since 2 + 3 = 5, the answer is 5."),
    "a poem": one(POEM),
    "a table": one(TABLE),
    "a program": one(CODE),
    "steps of a calculation": one(STEPS),
    "a list": one(LIST),
    "Chinese": one(CHINESE),
    "Japanese": one(JAPANESE),
    "Arabic": one(ARABIC),
    "a laugh": one("ha ha ha"),
    "a cheer": one("Congratulations! \U0001f389\U0001f389\U0001f389"),
    "a list of emoji": one("\u2705 Pack.\n\u2705 Fill.\n\u2705 Call.\n\u274c Sleep.\n\u274c Wait."),
    "a line of dashes": one(f"{LONG}\n{'-' * 80}\n{POEM}\n{'-' * 80}"),
    "a long word": one("Donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunterbeamter"),
    "an address": one("https://example.org/a-page/with-a-long-name/and-more-of-it?and=this&too"),
    "the same word four times": one("Never, never, never, never give up."),
    "a number that is rounded later": one("The answer is 3.14159. So the answer is 3.14."),
    "a fraction and its value": one("The answer is 1/2. That is, the answer is 0.5."),
    "thousands": one("The answer is 1,200. In short: the final answer is 1200."),
    "the same answer boxed": one("The answer is 7. \\boxed{7}"),
    "a list of two answers": one("1. The answer is 5.\n2. The answer is 7."),
    "two parts": one("The first answer is 5. The second answer is 7."),
    "cases": one("If x > 0, the answer is 5. Otherwise, if not, the answer is 7."),
    "somebody else's answer": one("You may think the answer is 4. The answer is 5."),
    "two numbers as one answer": one("The answer is 5 or 6. The answer is 5, 6."),
    "a term": one("The answer is 5x + 2. At x = 1 the answer is 7x."),
    "letters of two kinds": one("The answer is A triangle. The answer is B minor."),
    "answers of two kinds": one("The answer is yes. The answer is 7."),
    "percent and number": one("The answer is 50%. The answer is 50."),
    "a second topic": after(LONG, "It is warm all year, with showers in winter."),
    "a reply that is rewritten": after(
        LONG,
        "A chain of islands lies in the Pacific. All over the world people know its beaches. "
        "Around volcanoes that are still at work live people with old customs.",
        "Start every sentence with the letter A.",
    ),
    "a reply that is translated": after(LONG, CHINESE, "Translate that into Chinese."),
    "a program with one change": after(CODE, CODE.replace("a * b", "b * a"), "Swap a and b."),
    "a reply with more after it": after(LONG, f"{LONG} {STEPS} {POEM} {LIST}", "Go on."),
    "yes twice": after("Yes.", "Yes."),
    "a short refusal twice": after("I cannot do that.", "I cannot do that."),
    "another question, another answer": after(
        "The answer is 5.", "The answer is 7.", "And what is y?"
    ),
    "sure": again("The answer is 5.", "Yes, I am sure. The answer is 5."),
    "the same question and answer": same("The answer is 5.", "As before, the answer is 5.0."),
    "asked to find the fault": after(
        "The answer is 5.", "I apologize for the mistake: it is 7.", "You made a mistake."
    ),
    "asked for a review": after(
        LONG, "My previous answer was incorrect about the state.", "Review your reply."
    ),
    "a character who was wrong": one(
        "“I was wrong about you,” she said, and took his hand.", "Write a scene."
    ),
    "sorry to hear": one("I am sorry for your loss.", "My cat died."),
    "an apology for the delay": one("Apologies for the delay! Here is the plan.", "Hi"),
}
REPEATS: dict[str, object] = {
    "a word without end": one("word " * 300),
    "a sentence without end": one("I am a helpful assistant. " * 40),
    "a loop at the end": one(f"{LONG} " + "and so on and on, " * 40),
    "a loop that is cut off": one(f"{LONG} " + "we go to the beach and then " * 20 + "we go to"),
    "a letter without end": one("a" * 5000),
    "signs without end": one("-=" * 4000),
    "emoji without end": one("\U0001f600" * 3000),
    "an emoji two hundred times": one("\U0001f642" * 200),
    "an emoji of several characters": one("\U0001f469\u200d\U0001f469\u200d\U0001f467" * 60),
    "a heart with a variation selector": one("\u2764\ufe0f" * 40),
    "emoji at the end of words": one(LONG + "\U0001f389" * 150),
    "a letter two hundred times": one("a" * 200),
    "a letter behind a word": one("Sure! " + "a" * 200),
    "a sign two hundred times": one("!" * 200),
    "a syllable without spaces": one("ha" * 100),
    "a paragraph three times": one(f"{LONG}\n\n{LONG}\n\n{LONG}"),
    "a line a hundred times": one("Buy milk and some bread today\n" * 100),
    "an item under many numbers": one(
        "\n".join(f"{n}. Be kind to everyone you meet" for n in range(1, 40))
    ),
    "Chinese without end": one("我喜欢吃苹果。" * 60),
    "Japanese without end": one("そうですね" * 80),
    "Thai without end": one("ฉันชอบกินข้าว" * 60),
    "a program without end": one("```\n" + "x = x + 1\n" * 200 + "```"),
    "a table without end": one("| a | b | c |\n" * 200),
    "two sentences by turns": one("He said that it was fine. She said that it was not. " * 30),
    "in the second reply alone": after(LONG, "The weather is nice and warm. " * 30),
    "in the first reply alone": after("The beach is nice and sunny. " * 30, "It is warm."),
}
COPIES: dict[str, object] = {
    "the same reply": after(LONG, LONG),
    "the same reply in capitals": after(LONG, LONG.upper()),
    "the same reply with other spaces": after(LONG, LONG.replace(" ", "  ")),
    "the same program": after(CODE, CODE, "Now in Rust."),
    "the same Chinese": after(CHINESE, CHINESE),
    "the same with a word more": after(f"{LONG} {STEPS} {POEM}", f"{LONG} {STEPS} {POEM} Yes."),
    "the third as the first": (
        ("Tell me about Hawaii.", LONG),
        ("And the sea?", POEM),
        ("And the sky?", LONG),
    ),
}
EXCLUDES: dict[str, object] = {
    "two numbers": one("The answer is 5. Adding up, the final answer is 7."),
    "two boxes": one("Hence \\boxed{5}. Hence \\boxed{7}."),
    "two letters": one("The answer is (A). To sum up, the correct answer is B."),
    "yes and no": one("The answer is yes. All in all the answer is no."),
    "two percentages": one("The answer is 19%. In short, the answer is 20%."),
    "far from rounded": one("The answer is 3.14. So the answer is 3.24."),
    "a minus": one("The answer is 4. The final answer is -4."),
    "another answer to the same question": same("The answer is 5.", "The answer is 7."),
    "another answer when asked again": again("The answer is 5.", "The answer is 7."),
    "another letter when asked again": again("Answer: A", "Answer: **C**"),
    "when asked to repeat it": (
        ("What is 2 + 3?", "The answer is 5."),
        ("Repeat your answer.", "My answer is 6."),
    ),
    "when asked for the final one": (
        ("What is 2 + 3?", "The answer is 5."),
        ("So what is your final answer?", "The final answer is $\\boxed{6}$."),
    ),
}
TAKES_BACK: dict[str, object] = {
    "an apology for a mistake": after(LONG, "I apologize for the mistake in my list. It is warm."),
    "an earlier answer called wrong": after(LONG, "My previous answer was incorrect. It is warm."),
    "a correction in the same reply": one("The answer is 5. Wait, that is wrong. The answer is 7."),
    "scratch that": one("Pack the tent. Scratch that, take the car.", "Plan my trip."),
    "stands corrected": after(LONG, "I stand corrected: there are eight islands."),
    "corrects itself": after(LONG, "Let me correct myself: it rains."),
    "a mistake above": after(LONG, "I made a mistake above, as the islands are nine."),
    "apologies": after(LONG, "Apologies for the confusion! There is no snow."),
    "an initial claim": after(LONG, "My initial claim was not accurate."),
}
KINDS = (
    (FINE, (1.0, 1.0, 1.0)),
    (REPEATS, (None, 1.0, 1.0)),
    (COPIES, (1.0, None, 1.0)),
    (EXCLUDES, (1.0, 1.0, 0.0)),
    (TAKES_BACK, (1.0, 1.0, 0.5)),
)
CASES = [
    pytest.param(talk, expected, id=name)
    for cases, expected in KINDS
    for name, talk in cases.items()
]


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 60


@pytest.mark.parametrize(("talk", "expected"), CASES)
def test_what_is_found_in_a_conversation(
    talk: tuple[Talk, ...], expected: tuple[float | None, ...]
) -> None:
    found = judge([turn for turn, _ in talk], [reply for _, reply in talk])

    parts = [
        (found.unrepeated, expected[0]),
        (found.uncopied, expected[1]),
        (found.uncontradicted, expected[2]),
    ]
    assert all(value == wanted for value, wanted in parts if wanted is not None), found
    assert all(value < 0.7 for value, wanted in parts if wanted is None), found
    assert bool(found.reasons) == (found.value < 1.0)


def test_the_share_of_repeated_grams_is_worked_by_hand() -> None:
    # 14 units have 11 runs of four; those that begin at the 8th to the 11th stood before.
    units = list("abcdefgabcdefg")

    assert repeated_share(units) == 1 - 7 / 11
    assert repeated_share(units[:7]) == 0.0
    assert repeated_share([str(n) for n in range(50)]) == 0.0


def test_a_loop_is_worked_by_hand() -> None:
    # `x y z` stands four times at the end, of which three are repetitions: nine of fifteen.
    units = [*"123", *"xyzxyzxyzxyz"]

    assert loop_share(units) == 9 / 15
    assert loop_share(units[:12]) == 0.0
    assert loop_share([str(n) for n in range(50)]) == 0.0


def test_repeated_sentences_are_worked_by_hand() -> None:
    text = "1. We like red apples\n2. We like red apples\n3. They like the sea"

    assert repeated_sentences(text) == 18 / (18 + 18 + 17 + len("123"))
    assert repeated_sentences("Yes. Yes. Yes.") == 0.0


def test_likeness_is_worked_by_hand() -> None:
    # Five and seven runs of four; the shorter text is all in the longer one.
    short, long = list("abcdefgh"), list("abcdefghij")

    assert likeness(short, long) == likeness(long, short) == 5 / 7
    assert likeness(short, short) == 1.0
    assert likeness(short, list("abc")) == 0.0


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("It's fine.", ["it", "'", "s", "fine", "."]),
        ("我喜欢", ["我", "喜", "欢"]),
        ("ab" * 20, list("ab" * 20)),
        ("a \U0001f642\U0001f642", ["a", "\U0001f642", "\U0001f642"]),
        ("", []),
        (" \n\t", []),
    ],
)
def test_texts_are_taken_apart(text: str, units: list[str]) -> None:
    assert units_of(text) == units


HOSTILE = {
    "no spaces": "a" * 1_000_000,
    "words": "word " * 200_000,
    "Chinese": "你好" * 500_000,
    "numbers": " ".join(str(n * 7919 % 1_000_003) for n in range(150_000)),
    "nothing but spaces": " " * 1_000_000,
    "lines": "\n" * 1_000_000,
    "combining marks": "e\u0301" * 500_000,
    "answers": "the answer is 5\n" * 60_000,
    "begun answers": "the answer is " * 70_000,
    "boxes": "\\boxed{" * 140_000,
    "apologies": "I apologize for the " * 50_000,
    "fences": "```" * 330_000,
    "waiting": "wait, " * 160_000,
    "digits": "1,111" * 200_000,
    "brackets": "(" * 1_000_000,
    "surrogates": "\ud800" * 100_000,
    "directions": "\u202e\u200b" * 100_000,
    "nothing": "\x00" * 100_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_text_takes_long_or_breaks_it(text: str) -> None:
    sample = Sample(id="1", input="x", later_turns=("Are you sure?",))
    began = time.process_time()

    found = score(sample, Completion(text=text, earlier=("The answer is 4.",)))

    assert time.process_time() - began < 8.0
    assert found.value is not None
    assert 0.0 <= found.value <= 1.0


def test_a_reply_that_says_nothing_has_no_coherence() -> None:
    sample = Sample(id="1", input="x", later_turns=("y",))
    found = score(sample, Completion(text="Fine, and you?", earlier=(" \n",)))

    assert (found.value, found.explanation) == (0.0, "reply 1 says nothing")
    assert not found.failed


def test_each_figure_is_a_metric_of_its_own() -> None:
    sample = Sample(id="1", input="What is x?")
    scores = tuple(
        score(sample, Completion(text=text))
        for text in ("The answer is 5. The answer is 7.", "The answer is 5.")
    )
    values = {one.name: one.reduce(scores) for one in COHERENCE.metrics if one.reduce}

    assert values == {
        "coherence": 0.5,
        "unrepeated": 1.0,
        "uncopied": 1.0,
        "uncontradicted": 0.5,
    }
