"""The category's scorers: what is asked of one completion.

The rules themselves are pure functions elsewhere (`answers`, `verdict`, `equivalence`, `peers`,
`steps`); here they become scores. Those modules are imported by the functions that need them: a
listing declares scorers without judging, and should not pay for it.
"""

from __future__ import annotations

from functools import partial

from evalctl import Completion, MetricSpec, Sample, Score, ScorerSpec, mean_value
from evalctl_math import peers
from evalctl_math.proofs import PROOF_JUDGE


def unparsed() -> Score:
    """Return the score where the model gave no readable answer: not right, and counted apart."""
    return Score(value=0.0, answer=None, explanation="no answer found in the output")


def decide_answer(
    sample: Sample, completion: Completion, *, relative_tolerance: float = 0.0
) -> Score | None:
    """Return the score where it is certain without symbolic mathematics, else None."""
    from evalctl_math.answers import extract
    from evalctl_math.verdict import decide

    found = extract(completion.text)
    if found is None:
        return unparsed()
    verdict = decide(found.answer, sample.target, relative_tolerance=relative_tolerance)
    if verdict is None:
        return None
    return Score(value=float(verdict), answer=vote(found.answer), explanation=found.rule)


def judge_answer(
    sample: Sample, completion: Completion, *, relative_tolerance: float = 0.0
) -> Score:
    """Return 1 where the final answer is equivalent to the gold one, else 0.

    May take long on hostile text: the core runs it in a worker process with a hard time limit.
    """
    from evalctl_math.answers import extract
    from evalctl_math.equivalence import equivalent

    found = extract(completion.text)
    if found is None:
        return unparsed()
    right = equivalent(found.answer, sample.target, relative_tolerance=relative_tolerance)
    return Score(
        value=float(right), answer=vote(found.answer), explanation=f"{found.rule}, symbolic"
    )


def vote(answer: str) -> str:
    """Return the answer in the spelling under which equal answers vote together in maj@k.

    Numbers are one answer whatever their form, currency and unit (`36/2`, `$18.0`, `18 clips`).
    """
    from evalctl_math.latex import MAX_CHARACTERS, canonical, key
    from evalctl_math.units import split_unit
    from evalctl_math.verdict import plain_number, value_of

    number = plain_number(answer)
    if number is None and len(answer) <= MAX_CHARACTERS:
        answer = canonical(answer)
        number = value_of(split_unit(answer).value)
    if number is None:
        return key(answer)[:200]
    # In hexadecimal, because Python refuses to write very long numbers in decimals.
    is_long = max(abs(number.numerator), number.denominator).bit_length() > 1000
    return f"{number.numerator:x}/{number.denominator:x}"[:200] if is_long else str(number)


def peer_strict(sample: Sample, completion: Completion) -> Score:
    """Return the score of lm-evaluation-harness's strict GSM8K rule."""
    return _peer(peers.gsm8k_strict(completion.text), sample)


def peer_flexible(sample: Sample, completion: Completion) -> Score:
    """Return the score of lm-evaluation-harness's flexible GSM8K rule."""
    return _peer(peers.gsm8k_flexible(completion.text), sample)


def judge_steps(sample: Sample, completion: Completion) -> Score:
    """Return how far the equations on the way are true and the gold results appear among them."""
    from evalctl_math.steps import step_score

    steps = step_score(completion.text, sample.solution)
    found = (
        f"{steps.true_equations} of {steps.equations} equations true, "
        f"{steps.found_intermediates} of {steps.gold_intermediates} gold results found"
    )
    return Score(value=steps.value, answer=found, explanation="")


def _peer(found: str | None, sample: Sample) -> Score:
    if found is None:
        return unparsed()
    return Score(value=float(peers.peer_equal(found, sample.target)), answer=found)


_NUMERICAL = MetricSpec(
    name="numerical_accuracy",
    title="final answer equivalent to the gold one",
    reduce=mean_value,
    proportion=True,
    repeats=True,
)

numerical_accuracy = ScorerSpec(
    name="numerical_accuracy",
    version="1",
    score=judge_answer,
    shortcut=decide_answer,
    is_isolated=True,
    metrics=(_NUMERICAL,),
)

numerical_accuracy_tolerant = ScorerSpec(
    name="numerical_accuracy_tolerant",
    version="1",
    score=partial(judge_answer, relative_tolerance=1e-4),
    shortcut=partial(decide_answer, relative_tolerance=1e-4),
    is_isolated=True,
    metrics=(_NUMERICAL,),
)
"""For physics: numbers may differ by one part in ten thousand, as in QwenLM/Qwen2.5-Math's grader
(`math_equal`), whose copy of the problems is used."""

gsm8k_strict = ScorerSpec(
    name="gsm8k_strict",
    version="1",
    score=peer_strict,
    metrics=(
        MetricSpec(
            name="lm_eval_strict",
            title="lm-evaluation-harness gsm8k strict-match, for comparison with published numbers",
            reduce=mean_value,
            proportion=True,
        ),
    ),
)

gsm8k_flexible = ScorerSpec(
    name="gsm8k_flexible",
    version="1",
    score=peer_flexible,
    metrics=(
        MetricSpec(
            name="lm_eval_flexible",
            title="lm-evaluation-harness gsm8k flexible-extract, for comparison likewise",
            reduce=mean_value,
            proportion=True,
        ),
    ),
)

step_by_step_reasoning = ScorerSpec(
    name="step_by_step_reasoning",
    version="1",
    score=judge_steps,
    metrics=(
        MetricSpec(
            name="step_by_step_reasoning",
            title="share of stated equations that is true, and of gold results that appear",
            reduce=mean_value,
        ),
    ),
)

proof_correctness = ScorerSpec(
    name="proof_correctness",
    version="2",
    judge=PROOF_JUDGE,
    metrics=(
        MetricSpec(
            name="proof_correctness",
            title="a judge model's grade of the whole argument; not scored without a judge",
            reduce=mean_value,
        ),
    ),
)
