"""What is read out of answers of yes, no and maybe; the texts are written for this test."""

from __future__ import annotations

import pytest

from evalctl_biomedical.rows import WORDS
from evalctl_biomedical.words import read_word

SAID = [
    ("Answer: yes", "yes"),
    ("Answer: no", "no"),
    ("Answer: maybe", "maybe"),
    ("answer: YES.", "yes"),
    ("ANSWER: No", "no"),
    ("Answer : Maybe.", "maybe"),
    ("Answer:yes", "yes"),
    ("Answer:\nno", "no"),
    ("Answer:\n\n**Yes**", "yes"),
    ("**Answer:** maybe", "maybe"),
    ("**Answer: No**", "no"),
    ("*Answer*: `yes`", "yes"),
    ("### Answer: no", "no"),
    ("Answer: “yes”", "yes"),
    ("Answer: 'No'", "no"),
    ("Answer: (yes)", "yes"),
    ("Answer: [maybe]", "maybe"),
    ("Answer: <no>", "no"),
    ("Answer = yes", "yes"),
    ("Answer： no", "no"),
    ("Answer (yes/no/maybe): maybe", "maybe"),
    ("Final answer: yes", "yes"),
    ("Conclusion: No.", "no"),
    ("Final decision: maybe", "maybe"),
    ("Answer: Yes, since all of them recovered.", "yes"),
    ("Answer: No, the groups did not differ.", "no"),
    ("Answer: No significant difference was found.", "no"),
    ("Answer: No - it does not.", "no"),
    ("Answer: $\\boxed{\\text{yes}}$", "yes"),
    ("So it is \\boxed{no}.", "no"),
    ("\\boxed{\\text{Maybe}}", "maybe"),
    ("The answer is yes.", "yes"),
    ("The answer is no.", "no"),
    ("The answer is **maybe**.", "maybe"),
    ("The answer to the question is yes", "yes"),
    ("My answer would be no, as the trial was small.", "no"),
    ("The answer must be yes because the effect is large.", "yes"),
    ("Therefore, the answer is: no", "no"),
    ("the correct answer is 'maybe'", "maybe"),
    ("The answer is \\boxed{yes}", "yes"),
    ("At first: Answer: yes. But no: Answer: no", "no"),
    ("Answer: yes\nOn second thoughts.\nAnswer: maybe", "maybe"),
    ("Yes, it seems.\n\nAnswer: no", "no"),
    ("The abstract says there is no effect. Answer: no\n", "no"),
    ("Step 1. There is no control group.\nStep 2. So it is open.\nAnswer: maybe", "maybe"),
    ("<b>Answer:</b> yes", "yes"),
]
ELSEWHERE = [
    ("yes", "yes"),
    ("No", "no"),
    (" Maybe.\n", "maybe"),
    ("**Yes**", "yes"),
    ("Yes!", "yes"),
    ("yes\n\nQuestion: what else?", "yes"),
    ("Yes, because patients recovered in 95 % of all cases.", "yes"),
    ("No. The trial had too few patients to tell, and the authors say so.", "no"),
    ("No, there was no difference.", "no"),
    ("Maybe; the authors ask for larger trials.", "maybe"),
    ("Yes - the drug helps.", "yes"),
    ("Yes – the drug helps.", "yes"),
    ("no\nbecause of the small sample", "no"),
    ("It was a small trial with no control.\nYes", "yes"),
    ("No prior work looked at it.\n\nMaybe", "maybe"),
    ("Yes, some say. Others do not.\n**No**", "no"),
    ("I would say yes.", "yes"),
    ("I think it is maybe.", "maybe"),
    ("In short: no.", "no"),
    ("There is no doubt: yes.", "yes"),
    ('"no"', "no"),
]
NOTHING = [
    "",
    "   \n",
    "The drug helps patients.",
    "There is no evidence that it helps.",
    "No evidence was found.",
    "No significant effect on survival was seen in this trial",
    "The answer is no longer clear.",
    "Answer: no longer clear",
    "The answer is no evidence of harm.",
    "Answer: yes or no",
    "Answer: yes/no/maybe",
    "Answer: yes, no or maybe",
    "Answer with yes, no or maybe.",
    "The answer is either yes or no.",
    "Yes or no? It depends.",
    "Yes/No",
    "yes and no",
    "Answer: unclear",
    "Answer: not yes",
    "Answer: yesterday",
    "Answer: nothing",
    "know, nose, mayberry, eyes",
    "non",
    "no-one knows",
    "It may be so.",
    "Yes and no are both possible, and maybe as well, in a text that is not short "
    + "at all " * 30,
]


@pytest.mark.parametrize(("text", "word"), [*SAID, *ELSEWHERE])
def test_the_word_is_read(text: str, word: str) -> None:
    read = read_word(text, WORDS)
    assert read is not None
    assert read.word == word


@pytest.mark.parametrize("text", NOTHING)
def test_nothing_is_read_where_nothing_is_said(text: str) -> None:
    assert read_word(text, WORDS) is None


@pytest.mark.parametrize(
    "text", ["maybe", "Answer: maybe", "Maybe, one cannot tell.", "It is maybe."]
)
def test_a_word_that_was_not_offered_is_none(text: str) -> None:
    assert read_word(text, ("yes", "no")) is None
