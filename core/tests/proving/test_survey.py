"""What is seen of rows: every figure here was counted by hand."""

from __future__ import annotations

import pytest
from core.tests.proving.quiz import Rows, found, ids, look, model, quiz

from evalctl import InlineSource, PromptTemplate

LETTERS: Rows = [{"q": f"Question {n}?", "a": "abc"[n % 3]} for n in range(30)]
OPTIONS = ["red", "green", "blue", "grey"]

CASES: dict[str, tuple[Rows, str, str, str, list[str]]] = {
    "clean rows": (LETTERS, "rows", "ok", "rows: 30 read", []),
    "an id that stands twice": (
        [{"id": "x", "q": "1?", "a": "1"}, {"id": "x", "q": "2?", "a": "2"}],
        "ids",
        "failed",
        "ids: 1 row has the id of an earlier row",
        ["x"],
    ),
    "the same question in other spaces and case": (
        [{"q": "One  more?", "a": "1"}, {"q": "one\nMORE?", "a": "1"}, {"q": "Else?", "a": "2"}],
        "duplicates",
        "look",
        "questions: 1 stands more than once (1 row too many)",
        ["0"],
    ),
    "three times the same": (
        [{"q": "One?", "a": "1"}] * 3,
        "duplicates",
        "look",
        "questions: 1 stands more than once (2 rows too many)",
        ["0"],
    ),
    "the same question with other options is another": (
        [{"q": "Which?", "a": "A", "c": ["x", "y"]}, {"q": "Which?", "a": "A", "c": ["x", "z"]}],
        "duplicates",
        "ok",
        "questions: no two are the same",
        [],
    ),
    "different answers to the same question": (
        [{"q": "One?", "a": "1"}, {"q": "one?", "a": "2"}, {"q": "Two?", "a": "2"}],
        "contradictions",
        "look",
        "contradictions: 1 repeated question has different answers",
        ["0"],
    ),
    "no question": (
        [{"q": "  ", "a": "1"}, {"q": "x", "a": "2"}],
        "empty_input",
        "failed",
        "answers: 1 row without a question",
        ["0"],
    ),
    "an answer that is no option": (
        [{"q": "1?", "a": "E", "c": OPTIONS}, {"q": "2?", "a": "pink", "c": OPTIONS}]
        + [{"q": f"ok {right}", "a": right, "c": OPTIONS} for right in ("D", "(a)", "3", "red")],
        "target_no_option",
        "failed",
        "answers: 2 rows whose targets are not among the options",
        ["0", "1"],
    ),
    "several right options, and numbers from 1": (
        [{"q": f"{a}?", "a": a, "c": OPTIONS} for a in ("A, C", "B;D", "4", "(B).")],
        "answers",
        "ok",
        "answers: every question can have one",
        [],
    ),
    "no target where others have one": (
        [{"q": "1?", "a": "1"}, {"q": "2?"}],
        "empty_target",
        "look",
        "answers: 1 row without a target, though others have one",
        ["1"],
    ),
    "no target anywhere is a dataset judged otherwise": (
        [{"q": "1?"}, {"q": "2?"}],
        "answers",
        "ok",
        "answers: every question can have one",
        [],
    ),
    "a target that is the question": (
        [{"q": "Echo", "a": "echo "}, {"q": "x", "a": "y"}],
        "target_is_input",
        "look",
        "answers: 1 row whose target is the question itself",
        ["0"],
    ),
    "a long answer word for word in the question": (
        [
            {"q": "Repeat: the quick brown fox jumps.", "a": "the quick brown fox jumps."},
            {"q": "How many are 3 and 3?", "a": "3"},
        ],
        "target_in_input",
        "look",
        "answers: 1 row whose target stands word for word in the question",
        ["0"],
    ),
    "labels": (
        LETTERS,
        "labels",
        "ok",
        "labels: 'a' 33.3 %, 'b' 33.3 %, 'c' 33.3 %; always answering 'a' scores 33.3 %",
        [],
    ),
    "one label nearly everywhere": (
        [{"q": f"{n}?", "a": "no" if n % 5 else "yes"} for n in range(20)],
        "labels",
        "look",
        "labels: 'no' 80.0 %, 'yes' 20.0 %; always answering 'no' scores 80.0 %",
        [],
    ),
    "many different answers are no labels": (
        [{"q": f"{n}?", "a": str(n // 2)} for n in range(100)],
        "labels",
        "ok",
        "labels: always answering '0' scores 2.0 %",
        [],
    ),
    "right options by letter and by text": (
        [{"q": f"{n}?", "a": "ABDB"[n % 4], "c": OPTIONS} for n in range(8)]
        + [{"q": "text", "a": "grey", "c": OPTIONS}, {"q": "number", "a": "0", "c": OPTIONS}],
        "positions",
        "ok",
        "right options: A 30.0 %, B 40.0 %, C 0.0 %, D 30.0 %; always answering B scores 40.0 %",
        [],
    ),
    "right options that are nearly always the first": (
        [{"q": f"{n}?", "a": "A" if n % 10 else "B", "c": OPTIONS} for n in range(40)],
        "positions",
        "look",
        "right options: A 90.0 %, B 10.0 %, C 0.0 %, D 0.0 %; always answering A scores 90.0 %",
        [],
    ),
    "lost characters": (
        [{"q": "caf\ufffd?", "a": "1"}, {"q": "fine", "a": "2"}],
        "text_replacement",
        "look",
        "text: 1 row with replacement characters (U+FFFD): text was lost",
        ["0"],
    ),
    "entities in an option": (
        [{"q": "1?", "a": "A", "c": ["a &amp; b", "c"]}, {"q": "AT&T; R&D", "a": "2"}],
        "text_entities",
        "look",
        "text: 1 row with HTML entities, such as `&amp;`",
        ["0"],
    ),
    "umlauts, line breaks and tabs are nothing odd": (
        [{"q": "Käse\tÀ la\r\nmode — “señor” Â is a letter", "a": "日本"}],
        "text",
        "ok",
        "text: nothing odd",
        [],
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_rows_are_seen_as_they_are(case: tuple[Rows, str, str, str, list[str]]) -> None:
    rows, name, verdict, text, which = case
    one = found(look(quiz(rows)))[name]
    assert (one.verdict, one.text, ids(one), one.n_cases) == (verdict, text, which, len(which))


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("control", "bell\x07"),
        ("control", "next \x85 line is fine, but not \x80"),
        ("mojibake", "Ã©clair"),
        ("mojibake", "donâ€™t"),
        ("invisible", "zero\u200bwidth"),
        ("invisible", "\u202eright to left"),
    ],
)
def test_odd_characters_are_told_with_what_is_around_them(kind: str, text: str) -> None:
    (case,) = found(look(quiz([{"q": text, "a": "1"}])))[f"text_{kind}"].cases
    assert case.id == "0"
    assert case.what == ascii(case.what)[1:-1].replace("\\\\", "\\")


@pytest.mark.parametrize(
    ("changes", "name", "verdict"),
    [
        ({"question": "Q:"}, "template_input", "failed"),
        ({"instruction": "{input} {target}"}, "template_answer", "failed"),
        ({"question": "{input}{q}"}, "template_placeholder", "look"),
        ({"question": "{input} \\boxed{a} {{a}}"}, "prompts", "ok"),
    ],
)
def test_templates_that_ask_for_nothing_or_say_the_answer_are_told(
    changes: dict[str, str], name: str, verdict: str
) -> None:
    prompt = PromptTemplate.model_validate({"question": "{input}", **changes})
    assert found(look(quiz(LETTERS, prompt=prompt)))[name].verdict == verdict


def test_stop_strings_that_cut_a_gold_solution_are_told() -> None:
    prompt = PromptTemplate(answer="{solution}\n[DONE]", stop=("\ndef ", "[DONE]"))
    rows = [
        {"q": "1", "s": "def f():\n  pass"},
        {"q": "2", "s": "x = 1\ndef f():\n  pass"},
        {"q": "3", "s": "print('[DONE]')"},
    ]
    one = found(look(quiz(rows, prompt=prompt)))["stop_strings"]
    assert (one.verdict, ids(one)) == ("look", ["1", "2"])
    assert one.cases[0].what == "'\\ndef ' after 5 characters"


def test_worked_examples_among_the_questions_fail() -> None:
    shots = {"shots": 2, "shot_sources": (InlineSource(rows=tuple(LETTERS[3:10])),)}
    one = found(look(quiz(LETTERS, **shots)))["worked_examples"]
    assert (one.verdict, ids(one)) == ("failed", ["3", "4"])
    assert one.text == "worked examples: 2 of the questions are among the 2"


def test_a_training_split_that_holds_questions_is_to_be_looked_at() -> None:
    train = ({"q": "Apart?", "a": "a"}, LETTERS[7], LETTERS[8])
    shots = {"shots": 1, "shot_sources": (InlineSource(rows=train),)}
    one = found(look(quiz(LETTERS, **shots)))["worked_examples"]
    assert (one.verdict, ids(one)) == ("look", ["7", "8"])
    told = "worked examples: 1, none of them among the questions; 2 questions stand in their split"
    assert one.text == told


def test_too_few_worked_examples_fail() -> None:
    shots = {"shots": 2, "shot_sources": (InlineSource(rows=tuple(LETTERS[:1])),)}
    assert found(look(quiz(LETTERS, **shots)))["worked_examples"].verdict == "failed"


def test_lengths_are_exact_figures() -> None:
    rows = [{"q": "x" * n, "a": "y" * (n % 2 + 1)} for n in range(1, 101)]
    told = {
        (one.text, one.unit): (one.least, one.median, one.most_of_95, one.longest)
        for one in look(quiz(rows)).lengths
    }
    assert told["input", "characters"] == (1, 50, 95, 100)
    assert told["target", "characters"] == (1, 1, 2, 2)
    assert told["prompt", "tokens (estimated)"] == (1, 13, 24, 25)
    assert ("prompt in chat", "characters") in told


def test_prompts_that_a_model_has_no_room_for_are_counted() -> None:
    rows = [{"q": "x" * 4 * n, "a": "y"} for n in range(1, 41)]
    models = (model("small", 20), model("talks", 30, is_instruct=True), model("large", 500))
    one = found(look(quiz(rows), models=models))["room"]
    assert one.text == "room: 20 prompts do not fit into the 20 tokens of small, by estimate"
    contexts = one.figures["contexts"]
    assert isinstance(contexts, list)
    assert [(c["too_long"], c["squeezed"]) for c in contexts if isinstance(c, dict)] == [
        (20, 10),
        (10, 10),
        (0, 0),
    ]


def test_a_model_that_ships_with_a_plugin_is_no_measure_beside_real_ones() -> None:
    toy = model("toy", 2, is_embedded=True)
    both = found(look(quiz(LETTERS), models=(toy, model("real", 500))))["room"]
    alone = found(look(quiz(LETTERS), models=(toy,)))["room"]
    assert (both.verdict, alone.verdict) == ("ok", "look")


def test_gold_outputs_longer_than_an_answer_may_be_are_told() -> None:
    rows = [{"q": "1?", "a": "y" * 40}, {"q": "2?", "a": "y" * 41}]
    assert ids(found(look(quiz(rows)))["gold_length"]) == ["1"]
