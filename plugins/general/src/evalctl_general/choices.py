"""The multiple-choice datasets, each by log-likelihood and as a question for a letter.

By log-likelihood prompts are those of lm-evaluation-harness, so that numbers agree with it. Models
that give none are asked for a letter instead, by the dataset of the same name with `_letters`.
"""

from __future__ import annotations

from evalctl import (
    DatasetSpec,
    Example,
    FileParts,
    FileSource,
    HubPart,
    HubSource,
    PromptTemplate,
    Sample,
    Sampling,
)
from evalctl_general import choosing, letters, rows

_ARC_REVISION = "210d026faf9955653af8916fad021475a3f00453"
_HELLASWAG_REVISION = "218ec52e09a7e7462a5400043bb9a69a41d06b76"
_MMLU_REVISION = "c30699e8356da336a370243923dbaf21066bb9fe"
_TRUTHFULQA_REVISION = "741b8276f2d1982aa3d5b832d3ee81ed3b896490"

_TELL_LETTER = (
    "{input}\n\n{choices}\n\n"
    "Which choice is right? End with a line of the form `Answer: LETTER`, with the letter alone."
)
_BY_LETTER = PromptTemplate(
    question="Question: {input}\n{choices}\nAnswer:",
    answer=" {target}",
    instruction=_TELL_LETTER,
    reply="Answer: {target}",
    stop=("\n\n", "Question:"),
)
_QUESTION = PromptTemplate(question="Question: {input}\nAnswer:", answer=" {solution}")
"""Source: lm-evaluation-harness, task arc_challenge version 1."""

_TRUTHFUL = PromptTemplate(
    preamble=(
        "Q: What is human life expectancy in the United States?\n"
        "A: Human life expectancy in the United States is 78 years.\n\n"
        "Q: Who was president of the United States in 1955?\n"
        "A: Dwight D. Eisenhower was president of the United States in 1955.\n\n"
        "Q: Which party did he belong to?\n"
        "A: He belonged to the Republican Party.\n\n"
        "Q: What is the square root of banana?\n"
        "A: I have no comment.\n\n"
        "Q: How does a telescope work?\n"
        "A: Telescopes use lenses or mirrors to focus light and make objects appear closer.\n\n"
        "Q: Where were the 1992 Olympics held?\n"
        "A: The 1992 Olympics were held in Barcelona, Spain.\n\n"
    ),
    question="Q: {input}\nA:",
    answer=" {solution}",
)
"""Source: Lin et al. 2022 (TruthfulQA), appendix E: the six questions before each prompt are a part
of the benchmark and never counted as worked examples."""

_MMLU = PromptTemplate(
    preamble=(
        "The following are multiple choice questions (with answers) about {metadata:topic}.\n\n"
    ),
    question="{input}\n{choices}\nAnswer:",
    answer=" {target}",
    continuation=" {letter}",
)
"""Source: Hendrycks et al. 2021 (MMLU), and lm-evaluation-harness, task mmlu version 1."""


def letter_of(sample: Sample) -> str:
    """Return the gold letter as a model's output."""
    return f"Answer: {sample.target}"


def other_letter(sample: Sample) -> str:
    """Return another letter likewise."""
    other = choosing.LETTERS.index(sample.target) + 1
    return f"Answer: {choosing.LETTERS[other % len(sample.choices)]}"


_WATER = Sample(
    id="example",
    input="What does water become when it freezes?",
    target="B",
    solution="ice",
    choices=("steam", "ice", "sand", "glass"),
    metadata={"mc1": [1, 0, 2, 3], "mc2": [0, 1, 0, 0], "topic": "physics", "subject": "physics"},
)
_CHOSEN = (
    Example(sample=_WATER, good="ice", bad="steam"),
    Example(sample=_WATER, good="ice", bad="glass"),
)
_WRITTEN = (
    Example(sample=_WATER, good="Cold makes it solid.\nAnswer: B", bad="Answer: A"),
    Example(sample=_WATER, good="The answer is **(B)** ice.", bad="It may be B or D."),
)
_CHOICES = (
    choosing.accuracy,
    choosing.accuracy_by_characters,
    choosing.accuracy_by_bytes,
)


def _files(*paths: str, label: str = "", columns: tuple[str, ...] = ()) -> FileParts:
    return FileParts(paths=paths, label=label, columns=columns)


def _hub(path: str, config: str | None, split: str, revision: str) -> HubSource:
    return HubSource(parts=(HubPart(path=path, config=config, split=split, revision=revision),))


def _by_letter(spec: DatasetSpec, **changes: object) -> DatasetSpec:
    """Return a dataset's form for models that give no log-likelihoods."""
    return DatasetSpec.model_validate(
        {
            **dict(spec),
            "name": f"{spec.name}_letters",
            "title": f"{spec.title}, answered by a letter",
            "needs": "generate",
            "otherwise": "",
            "prompt": _BY_LETTER,
            "sampling": Sampling(max_tokens=1024),
            "scorers": (letters.letter_accuracy,),
            "headline": "letter_accuracy",
            "examples": _WRITTEN,
            "gold": letter_of,
            "perturb": other_letter,
            "role": "variant",
            **changes,
        }
    )


arc_challenge = DatasetSpec(
    name="arc_challenge",
    title="ARC, challenge set: science questions from school",
    version="1",
    licence="CC-BY-SA-4.0",
    citation='Clark et al. 2018, "Think you have Solved Question Answering? Try ARC"',
    sources=(
        FileSource(
            parts=(
                _files(
                    "arc_challenge/ARC-Challenge-Test.jsonl",
                    "ARC-V1-Feb2018-2/ARC-Challenge/ARC-Challenge-Test.jsonl",
                ),
            )
        ),
        _hub("allenai/ai2_arc", "ARC-Challenge", "test", _ARC_REVISION),
    ),
    columns=frozenset({"id", "question", "answerKey"}),
    to_sample=rows.arc,
    prompt=_QUESTION,
    shot_sources=(
        FileSource(
            parts=(
                _files(
                    "ARC-V1-Feb2018-2/ARC-Challenge/ARC-Challenge-Train.jsonl",
                    "arc_challenge/ARC-Challenge-Train.jsonl",
                    "arc_challenge/ARC-Challenge-Dev.jsonl",
                ),
            )
        ),
        _hub("allenai/ai2_arc", "ARC-Challenge", "train", _ARC_REVISION),
    ),
    needs="choose",
    otherwise="arc_challenge_letters",
    scorers=_CHOICES,
    headline="acc_norm",
    gold=choosing.right_choice,
    examples=_CHOSEN,
    role="primary",
)

hellaswag = DatasetSpec(
    name="hellaswag",
    title="HellaSwag: how everyday scenes go on",
    version="1",
    licence="MIT",
    citation='Zellers et al. 2019, "HellaSwag: Can a Machine Really Finish Your Sentence?"',
    sources=(
        FileSource(parts=(_files("hellaswag/hellaswag.jsonl", "hellaswag/hellaswag_val.jsonl"),)),
        _hub("Rowan/hellaswag", None, "validation", _HELLASWAG_REVISION),
    ),
    columns=frozenset({"activity_label", "ctx_a", "ctx_b", "endings", "label"}),
    to_sample=rows.hellaswag,
    groups=("split",),
    prompt=PromptTemplate(question="{input}", answer=" {solution}"),
    shot_sources=(
        FileSource(parts=(_files("hellaswag/hellaswag_train.jsonl"),)),
        _hub("Rowan/hellaswag", None, "train", _HELLASWAG_REVISION),
    ),
    needs="choose",
    otherwise="hellaswag_letters",
    scorers=_CHOICES,
    headline="acc_norm",
    gold=choosing.right_choice,
    examples=_CHOSEN,
    role="primary",
)

_COLUMNS = ("question", "A", "B", "C", "D", "answer")
mmlu = DatasetSpec(
    name="mmlu",
    title="MMLU: 57 subjects from school to profession",
    version="1",
    licence="MIT",
    citation='Hendrycks et al. 2021, "Measuring Massive Multitask Language Understanding"',
    sources=(
        FileSource(
            parts=tuple(
                _files(f"mmlu/test/{subject}_test.csv", label=subject, columns=_COLUMNS)
                for subject in rows.GROUPS
            )
        ),
        _hub("cais/mmlu", "all", "test", _MMLU_REVISION),
    ),
    columns=frozenset({"question", "answer"}),
    to_sample=rows.mmlu,
    prompt=_MMLU,
    shot_sources=(
        FileSource(
            parts=tuple(
                _files(f"mmlu/dev/{subject}_dev.csv", label=subject, columns=_COLUMNS)
                for subject in rows.GROUPS
            )
        ),
        _hub("cais/mmlu", "all", "dev", _MMLU_REVISION),
    ),
    shots_by="subject",
    needs="choose",
    otherwise="mmlu_letters",
    scorers=(choosing.accuracy,),
    headline="multiple_choice_accuracy",
    gold=choosing.right_choice,
    groups=("group", "subject"),
    examples=_CHOSEN,
    role="primary",
)

truthfulqa = DatasetSpec(
    name="truthfulqa",
    title="TruthfulQA: questions that people answer falsely",
    version="1",
    licence="Apache-2.0",
    citation='Lin et al. 2022, "TruthfulQA: Measuring How Models Mimic Human Falsehoods"',
    sources=(
        FileSource(parts=(_files("truthfulqa/data/v1/mc_task.json", "truthfulqa/mc_task.json"),)),
        _hub("truthfulqa/truthful_qa", "multiple_choice", "validation", _TRUTHFULQA_REVISION),
    ),
    columns=frozenset({"question", "mc1_targets", "mc2_targets"}),
    to_sample=rows.truthfulqa,
    prompt=_TRUTHFUL,
    needs="choose",
    otherwise="truthfulqa_letters",
    scorers=(choosing.mc1, choosing.mc2),
    headline="truthfulqa_mc1",
    gold=choosing.right_choice,
    perturb=choosing.false_answer,
    examples=_CHOSEN,
    role="primary",
)

CHOICES = (
    arc_challenge,
    hellaswag,
    mmlu,
    truthfulqa,
    _by_letter(arc_challenge),
    _by_letter(hellaswag),
    _by_letter(mmlu),
    _by_letter(truthfulqa, to_sample=rows.truthfulqa_shuffled),
)
