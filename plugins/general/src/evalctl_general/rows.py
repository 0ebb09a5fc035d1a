"""Rows of the benchmarks, as upstream and as the hub writes them, to samples. Pure functions.

A right choice is told by its letter, whatever the row calls it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from evalctl import Row, Sample, texts_in
from evalctl_general.choosing import LETTERS


def arc(row: Row) -> Sample:
    """A row of ARC: AI2's own form has the choices inside of the question, the hub's beside it."""
    question = row.data.get("question")
    if isinstance(question, Mapping):
        stem = question.get("stem")
        entries = _objects(question.get("choices"))
        pairs = [(str(entry["label"]), str(entry["text"])) for entry in entries]
    else:
        stem, choices = row.text("question"), row.data.get("choices")
        if not isinstance(choices, Mapping):
            raise ValueError("column 'choices' must hold texts and labels")
        labels, texts = (
            texts_in(choices.get(name), f"{name!r} of column 'choices'")
            for name in ("label", "text")
        )
        pairs = list(zip(labels, texts, strict=True))
    if not isinstance(stem, str) or not stem.strip():
        raise ValueError("the question has no text")
    labels = [str(label) for label, _ in pairs]
    key = row.text("answerKey")
    if key not in labels:
        raise ValueError(f"answerKey {key!r} is none of the labels {labels}")
    return _choice_sample(row.text("id"), stem, [str(text) for _, text in pairs], labels.index(key))


def hellaswag(row: Row) -> Sample:
    """A row of HellaSwag, cleaned of WikiHow's marks.

    Source: Zellers et al. 2019; lm-evaluation-harness, `tasks/hellaswag/utils.py`.
    """
    endings = [clean(ending) for ending in row.texts("endings")]
    label = row.data.get("label")
    index = int(label) if isinstance(label, int | str) and str(label).isdecimal() else -1
    if not 0 <= index < len(endings):
        raise ValueError(f"label {label!r} is no position among {len(endings)} endings")
    first, second = row.data.get("ctx_a"), row.data.get("ctx_b") or ""
    if not isinstance(first, str) or not isinstance(second, str):
        raise ValueError("columns 'ctx_a' and 'ctx_b' must hold texts")
    text = clean(f"{row.text('activity_label')}: {first} {second.capitalize()}")
    sample = _choice_sample(str(row.data.get("ind", row.number)), text, endings, index)
    source = str(row.data.get("source_id", ""))
    return sample.model_copy(
        update={
            "id": f"{sample.id}-{row.number}",
            "cluster": source or None,
            "metadata": {"source": source.partition("~")[0], "split": row.data.get("split_type")},
        }
    )


def mmlu(row: Row) -> Sample:
    """A row of MMLU: upstream's CSV has a column for each choice, the hub's copy a list."""
    subject = row.part or row.text("subject")
    choices, answer = row.data.get("choices"), row.data.get("answer")
    if choices is None:
        texts, letter = [str(row.data[letter]) for letter in "ABCD"], row.text("answer").strip()
    elif isinstance(answer, int) and 0 <= answer < len(row.texts("choices")):
        texts, letter = row.texts("choices"), LETTERS[answer]
    else:
        raise ValueError(f"answer {answer!r} is no position among the choices")
    if letter not in LETTERS[: len(texts)]:
        raise ValueError(f"answer {letter!r} is no letter of one of {len(texts)} choices")
    return Sample(
        id=f"{subject}/{row.number}",
        input=row.text("question").strip(),
        target=letter,
        solution=letter,
        choices=tuple(texts),
        metadata={
            "subject": subject,
            "topic": subject.replace("_", " "),
            "group": GROUPS.get(subject, "other"),
        },
    )


def truthfulqa(row: Row) -> Sample:
    """A row of TruthfulQA: all answers of MC2, with the places of those of MC1 among them."""
    question = row.text("question")
    first, second = _answers(row, "mc1_targets"), _answers(row, "mc2_targets")
    texts = list(second)
    if len(first) < 2 or sum(first.values()) != 1 or next(iter(first.values())) != 1:
        raise ValueError("mc1_targets must hold one right answer, it first, and a false one")
    if len(set(second.values())) < 2:
        raise ValueError("mc2_targets must hold true answers and false ones")
    missing = [text for text in first if text not in second]
    if missing:
        raise ValueError(f"{missing[0]!r} of mc1_targets is none of mc2_targets")
    places = [texts.index(text) for text in first]
    return Sample(
        id=str(row.number),
        input=question,
        target=_letter(places[0]),
        solution=texts[places[0]],
        choices=tuple(texts),
        metadata={"mc1": places, "mc2": list(second.values())},
    )


def truthfulqa_shuffled(row: Row) -> Sample:
    """The same with the answers of MC1 alone, in an order of its own for each question.

    Upstream has the right answer first, which a model that reads all of them would notice.
    """
    sample = truthfulqa(row)
    places = sample.metadata["mc1"]
    assert isinstance(places, list), "put there above"
    texts = [sample.choices[int(str(place))] for place in places]
    order = sorted(
        texts, key=lambda text: hashlib.sha256(f"{sample.input}\0{text}".encode()).digest()
    )
    letter = LETTERS[order.index(texts[0])]
    return Sample(
        id=sample.id, input=sample.input, target=letter, solution=texts[0], choices=tuple(order)
    )


def _answers(row: Row, column: str) -> dict[str, int]:
    """Answers with 1 for true ones: upstream's is an object, the hub's two lists."""
    found = row.data.get(column)
    if not isinstance(found, Mapping):
        raise ValueError(f"column {column!r} must hold answers with their labels")
    if set(found) == {"choices", "labels"}:
        labels = found["labels"]
        if not isinstance(labels, Sequence):
            raise ValueError(f"column {column!r} must hold a list of labels")
        pairs = list(
            zip(texts_in(found["choices"], f"'choices' of column {column!r}"), labels, strict=True)
        )
    else:
        pairs = list(found.items())
    answers = {text: int(str(label)) for text, label in pairs}
    if not answers or set(answers.values()) - {0, 1}:
        raise ValueError(f"column {column!r} must label each answer 1 or 0")
    return answers


def clean(text: str) -> str:
    """Return a text of HellaSwag without the marks that WikiHow's pages left in it."""
    text = text.strip().replace(" [title]", ". ")
    return _MARK.sub("", text).replace("  ", " ")


_MARK = re.compile(r"\[[^\]\n]*\]")


def _choice_sample(id_: str, text: str, choices: Sequence[str], index: int) -> Sample:
    if len(choices) < 2:
        raise ValueError(f"{len(choices)} choices are no choice")
    return Sample(
        id=id_,
        input=text,
        target=_letter(index),
        solution=choices[index],
        choices=tuple(choices),
    )


def _letter(index: int) -> str:
    if index >= len(LETTERS):
        raise ValueError(f"the right choice is number {index + 1}; {len(LETTERS)} have letters")
    return LETTERS[index]


def _objects(value: JsonValue) -> list[Mapping[str, JsonValue]]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise ValueError(f"a list of objects is needed, not {value!r:.80}")
    return [entry for entry in value if isinstance(entry, Mapping)]


_STEM = (
    "abstract_algebra anatomy astronomy college_biology college_chemistry college_computer_science "
    "college_mathematics college_physics computer_security conceptual_physics "
    "electrical_engineering elementary_mathematics high_school_biology high_school_chemistry "
    "high_school_computer_science high_school_mathematics high_school_physics "
    "high_school_statistics machine_learning"
)
_HUMANITIES = (
    "formal_logic high_school_european_history high_school_us_history high_school_world_history "
    "international_law jurisprudence logical_fallacies moral_disputes moral_scenarios philosophy "
    "prehistory professional_law world_religions"
)
_SOCIAL = (
    "econometrics high_school_geography high_school_government_and_politics "
    "high_school_macroeconomics high_school_microeconomics high_school_psychology human_sexuality "
    "professional_psychology public_relations security_studies sociology us_foreign_policy"
)
_OTHER = (
    "business_ethics clinical_knowledge college_medicine global_facts human_aging management "
    "marketing medical_genetics miscellaneous nutrition professional_accounting "
    "professional_medicine virology"
)
GROUPS: Mapping[str, str] = {
    subject: group
    for group, subjects in (
        ("stem", _STEM),
        ("humanities", _HUMANITIES),
        ("social_sciences", _SOCIAL),
        ("other", _OTHER),
    )
    for subject in subjects.split()
}
"""MMLU's 57 subjects to its four groups. Source: Hendrycks et al. 2021; lm-evaluation-harness."""
