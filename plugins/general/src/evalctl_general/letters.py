"""The scorer of the datasets that ask for a letter."""

from __future__ import annotations

from evalctl import Completion, MetricSpec, Sample, Score, ScorerSpec, mean_value, read_letter


def judge_letter(sample: Sample, completion: Completion) -> Score:
    """Whether the letter that was chosen is the right one."""
    found = read_letter(completion.text, sample.choices)
    if found is None:
        return Score(value=0.0, explanation="no letter of a choice can be read")
    value = float(found.letter == sample.target)
    return Score(value=value, answer=found.letter, explanation=f"the letter {found.rule}")


letter_accuracy = ScorerSpec(
    name="chosen_letter",
    version="1",
    score=judge_letter,
    metrics=(
        MetricSpec(
            name="letter_accuracy",
            title="share of right choices, by the letter that is written",
            reduce=mean_value,
            proportion=True,
            repeats=True,
        ),
    ),
)
