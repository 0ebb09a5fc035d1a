"""The datasets: where each comes from, how it asks, and who judges its answers.

Hub revisions are the commits that public evaluations pin. Rows are adapted in `rows.py`.
"""

from __future__ import annotations

from evalctl import (
    DatasetSpec,
    Example,
    FileParts,
    FileSource,
    HubPart,
    HubSource,
    PackagedSource,
    PromptTemplate,
    Sample,
    Sampling,
)
from evalctl_math import rows, scorers

_BOXED = "{input}\nPlease reason step by step, and put your final answer within \\boxed{}."
"""The instruction of the cards of Qwen2.5-Math and DeepSeekMath."""

_REPLY = "{solution}\nThe final answer is $\\boxed{{target}}$."
_WORDS = PromptTemplate(instruction=_BOXED, reply=_REPLY, stop=("Question:",))
"""Source: lm-evaluation-harness, task gsm8k version 3, for the form in completion style."""

_PROBLEM = PromptTemplate(
    question="Problem:\n{input}\n\nSolution:",
    answer="\n{solution}",
    instruction=_BOXED,
    stop=("Problem:",),
)
"""Source: Lewkowycz et al. 2022 (Minerva), appendix, for the form; examples are the set's own."""

_SUBJECTS = (
    "algebra",
    "counting_and_probability",
    "geometry",
    "intermediate_algebra",
    "number_theory",
    "prealgebra",
    "precalculus",
)
_MATH_REVISION = "21a5633873b6a120296cce3e2df9d5550074f4a3"

_REASONED = (scorers.numerical_accuracy, scorers.step_by_step_reasoning, scorers.proof_correctness)
_COMPARED = (
    scorers.numerical_accuracy,
    scorers.gsm8k_strict,
    scorers.gsm8k_flexible,
    scorers.step_by_step_reasoning,
    scorers.proof_correctness,
)


def _hub(path: str, split: str, revision: str, config: str | None = None) -> HubSource:
    return HubSource(parts=(HubPart(path=path, config=config, split=split, revision=revision),))


def _math_hub(split: str) -> HubSource:
    return HubSource(
        parts=tuple(
            HubPart(
                path="EleutherAI/hendrycks_math",
                config=subject,
                split=split,
                revision=_MATH_REVISION,
                label=subject,
            )
            for subject in _SUBJECTS
        )
    )


def _file(*paths: str, label: str = "") -> FileSource:
    return FileSource(parts=(FileParts(paths=paths, label=label),))


def solution_as_written(sample: Sample) -> str:
    """Return the gold solution, which ends in its answer, as a model's output."""
    return sample.solution


def boxed_target(sample: Sample) -> str:
    """Return the gold answer in a box, as a model's output."""
    return f"The answer is $\\boxed{{{sample.target}}}$."


def boxed_with_other_end(sample: Sample) -> str | None:
    """Return a boxed wrong answer: the last digit is changed."""
    return _boxed_with_other_digit(sample, -1)


def boxed_with_other_lead(sample: Sample) -> str | None:
    """Return a boxed wrong answer: the first digit is changed, so that no tolerance covers it."""
    return _boxed_with_other_digit(sample, 0)


def _boxed_with_other_digit(sample: Sample, which: int) -> str | None:
    target = sample.target
    digits = [index for index, sign in enumerate(target) if sign in "0123456789"]
    if not digits:
        return None
    # An exponent may belong to a unit, and then says nothing about the number.
    at = ([i for i in digits if target[max(0, i - 2) : i].rstrip("{")[-1:] != "^"] or digits)[which]
    wrong = f"{target[:at]}{int(target[at]) % 9 + 1}{target[at + 1 :]}"
    return f"The answer is $\\boxed{{{wrong}}}$."


_WORD_EXAMPLE = Example(
    sample=Sample(
        id="example",
        input="A crate holds 6 rows of 4 jars. Five jars are broken. How many are whole?",
        target="19",
        solution="The crate holds 6 * 4 = 24 jars.\n24 - 5 = 19 are whole.\n#### 19",
    ),
    good="6 rows of 4 jars are 6 * 4 = 24 jars, and 24 - 5 = 19 of them are whole.\n#### 19",
    bad="6 + 4 = 10 jars, and 10 - 5 = 5 of them are whole.\n#### 5",
)

_ALGEBRA_EXAMPLE = Example(
    sample=Sample(
        id="example",
        input="Solve $3x - 2 = 5$ for $x$.",
        target="\\frac{7}{3}",
        solution="Adding 2 gives $3x = 7$, so $x = \\boxed{\\frac{7}{3}}$.",
    ),
    good="$3x = 7$, hence $x = \\boxed{7/3}$.",
    bad="$3x = 3$, hence $x = \\boxed{1}$.",
)

_GSM8K_CITATION = (
    "Cobbe et al. 2021, Training Verifiers to Solve Math Word Problems, arXiv 2110.14168"
)
_MATH_CITATION = (
    "Hendrycks et al. 2021, Measuring Mathematical Problem Solving With the MATH Dataset, "
    "arXiv 2103.03874"
)

math_sample = DatasetSpec(
    name="math_sample",
    title="100 arithmetic word problems of our own, shipped for a first look",
    version="1",
    licence="Apache-2.0",
    citation="evalctl",
    sources=(PackagedSource(package="evalctl_math", path="data/math_sample.jsonl"),),
    columns=frozenset({"question", "answer", "family"}),
    to_sample=rows.gsm8k,
    prompt=_WORDS,
    sampling=Sampling(max_tokens=256),
    scorers=_COMPARED,
    headline="numerical_accuracy",
    examples=(_WORD_EXAMPLE,),
    gold=solution_as_written,
    role="sample",
)

gsm8k = DatasetSpec(
    name="gsm8k",
    title="GSM8K: 1,319 grade-school word problems",
    version="1",
    licence="MIT",
    citation=_GSM8K_CITATION,
    sources=(
        _file("gsm8k/test.jsonl", "gsm8k.jsonl", "grade_school_math/data/test.jsonl"),
        _hub("openai/gsm8k", "test", "740312add88f781978c0658806c59bc2815b9866", "main"),
    ),
    columns=frozenset({"question", "answer"}),
    to_sample=rows.gsm8k,
    prompt=_WORDS,
    shots=5,
    shot_sources=(
        _file(
            "gsm8k/train.jsonl", "gsm8k/train_first200.jsonl", "grade_school_math/data/train.jsonl"
        ),
        _hub("openai/gsm8k", "train", "740312add88f781978c0658806c59bc2815b9866", "main"),
    ),
    sampling=Sampling(max_tokens=512),
    scorers=_COMPARED,
    headline="numerical_accuracy",
    examples=(_WORD_EXAMPLE,),
    gold=solution_as_written,
    role="primary",
)

math = DatasetSpec(
    name="math",
    title="MATH: 5,000 competition problems of seven subjects and five levels",
    version="1",
    licence="MIT",
    citation=_MATH_CITATION,
    sources=(_file("math/test.json", "math/test.jsonl"), _math_hub("test")),
    columns=frozenset({"problem", "level", "type", "solution"}),
    to_sample=rows.competition,
    prompt=_PROBLEM,
    shot_sources=(_file("math/train.json", "math/train.jsonl"), _math_hub("train")),
    sampling=Sampling(max_tokens=2048),
    scorers=_REASONED,
    headline="numerical_accuracy",
    examples=(_ALGEBRA_EXAMPLE,),
    gold=solution_as_written,
    perturb=boxed_with_other_end,
    role="primary",
)

enhanced_math = math.model_copy(
    update={
        "name": "enhanced_math",
        "title": "MATH without duplicates and without ambiguous gold answers",
        "select": rows.enhance,
        "role": "variant",
    }
)

math_500 = DatasetSpec(
    name="math_500",
    title="MATH-500: the subset of MATH that most reports use",
    version="1",
    licence="MIT",
    citation="Lightman et al. 2023, Let's Verify Step by Step, arXiv 2305.20050",
    sources=(
        _file("math_500/test.jsonl"),
        _hub("HuggingFaceH4/MATH-500", "test", "6e4ed1a2a79af7d8630a6b768ec859cb5af4d3be"),
    ),
    columns=frozenset({"problem", "solution", "answer", "subject", "level", "unique_id"}),
    to_sample=rows.math_500,
    prompt=_PROBLEM,
    sampling=Sampling(max_tokens=2048),
    scorers=_REASONED,
    headline="numerical_accuracy",
    examples=(_ALGEBRA_EXAMPLE,),
    gold=boxed_target,
    role="variant",
)

minerva_math = DatasetSpec(
    name="minerva_math",
    title="OCWCourses: 272 undergraduate problems in science and mathematics",
    version="1",
    licence="not stated",
    citation="Lewkowycz et al. 2022, Solving Quantitative Reasoning Problems, arXiv 2206.14858",
    sources=(
        _file("minerva_math/test.jsonl"),
        _hub("math-ai/minervamath", "test", "ee46ddc498933b1977577953250ca5c66be64f96"),
    ),
    columns=frozenset({"problem", "solution", "type", "idx"}),
    to_sample=rows.minerva,
    prompt=_PROBLEM,
    sampling=Sampling(max_tokens=2048),
    scorers=(
        scorers.numerical_accuracy_tolerant,
        scorers.step_by_step_reasoning,
        scorers.proof_correctness,
    ),
    headline="numerical_accuracy",
    examples=(_ALGEBRA_EXAMPLE,),
    gold=boxed_target,
    perturb=boxed_with_other_lead,
    role="secondary",
)

aime = DatasetSpec(
    name="aime",
    title="AIME 2024 and 2025: 60 problems with answers from 0 to 999",
    version="1",
    licence="problems are copyright of the Mathematical Association of America",
    citation="Mathematical Association of America, AIME I and II, 2024 and 2025",
    sources=(
        FileSource(
            parts=(
                FileParts(paths=("aime/aime24/test.jsonl", "aime24/test.jsonl"), label="2024"),
                FileParts(paths=("aime/aime25/test.jsonl", "aime25/test.jsonl"), label="2025"),
            )
        ),
        HubSource(
            parts=(
                HubPart(
                    path="HuggingFaceH4/aime_2024",
                    split="train",
                    revision="2fe88a2f1091d5048c0f36abc874fb997b3dd99a",
                    label="2024",
                ),
                HubPart(
                    path="math-ai/aime25",
                    split="test",
                    revision="563bb8404243c5f09de6ec262f2db674fe5bce9b",
                    label="2025",
                ),
            )
        ),
    ),
    columns=frozenset({"problem", "answer"}),
    to_sample=rows.aime,
    prompt=_PROBLEM,
    sampling=Sampling(max_tokens=32_768),
    scorers=_REASONED,
    headline="numerical_accuracy",
    examples=(_ALGEBRA_EXAMPLE,),
    gold=boxed_target,
    role="secondary",
)

DATASETS = (gsm8k, math, minerva_math, aime, enhanced_math, math_500, math_sample)
