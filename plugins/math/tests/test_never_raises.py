"""No text makes the judging raise, and equal texts are equal answers."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from evalctl_math.answers import extract
from evalctl_math.arithmetic import evaluate
from evalctl_math.grammar import reduce
from evalctl_math.latex import canonical
from evalctl_math.peers import gsm8k_flexible, gsm8k_strict, peer_equal
from evalctl_math.steps import step_score
from evalctl_math.verdict import decide

WORDS = (
    "\\frac \\boxed \\sqrt \\text \\left \\right \\pm \\cup \\begin{pmatrix} \\end{pmatrix} \\\\ & "
    "{ } ( ) [ ] $ % ^ _ = < > , ; : . ! | - + * / 0 1 23 4.5 1,000 e5 x y i pi sqrt( and or cm "
    "answer is #### ½ ² √ − ٣ \u200b \u0301"
)
PIECES = st.sampled_from([*WORDS.split(" "), "\n"])
TEXTS = st.one_of(
    st.text(max_size=80),
    st.lists(PIECES, max_size=25).map("".join),
    st.lists(PIECES, max_size=25).map(" ".join),
    st.text(alphabet=st.characters(), max_size=20),
)


@settings(max_examples=400, deadline=None, database=None)
@given(TEXTS, TEXTS)
def test_no_text_makes_a_rule_raise(text: str, gold: str) -> None:
    extract(text)
    evaluate(text)
    reduce(text)
    decide(text, gold)
    decide(text, gold, relative_tolerance=0.01)
    step_score(text, gold)
    gsm8k_strict(text)
    gsm8k_flexible(text)

    assert peer_equal(text, text)


@settings(max_examples=400, deadline=None, database=None)
@given(TEXTS)
def test_a_text_with_content_equals_itself(text: str) -> None:
    assert decide(text, text) is bool(canonical(text))


@settings(max_examples=300, deadline=None, database=None)
@given(TEXTS)
def test_what_the_grammar_writes_it_accepts_unchanged(text: str) -> None:
    written = reduce(text)

    assert written is None or reduce(written) == written


@settings(max_examples=200, deadline=None, database=None)
@given(st.integers(-(10**6), 10**6), st.integers(-(10**6), 10**6))
def test_integers_are_equal_only_to_themselves(one: int, other: int) -> None:
    assert decide(f"{one:,}", str(other)) is (one == other)
