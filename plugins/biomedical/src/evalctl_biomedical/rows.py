"""Rows of the benchmarks, as upstream and as the hub writes them, to samples. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files

from pydantic import JsonValue

from evalctl import Row, Sample, texts_in
from evalctl_biomedical.rankings import LEAST_RIGHT

WORDS = ("yes", "no", "maybe")
SNIPPET_WORDS = 400
"""Of a BioASQ question's snippets, in their order, so that models of 1,024 tokens can read them."""
ANSWERS = "\n\nAnswers:\n"
"""Between a question of MEDIQA and its answers."""
ANSWER_WORDS = 800
"""Of all answers to one of MEDIQA's questions together, so that models of 2,048 tokens can."""


def pubmedqa(row: Row) -> Sample:
    """A row of PubMedQA with its abstract but for the conclusion: the reasoning-required setting.

    Source: Jin et al. 2019; lm-evaluation-harness, task pubmedqa, has the same words.
    """
    sample = pubmedqa_no_context(row)
    inner = row.data.get("context")
    given = inner.get("contexts") if isinstance(inner, Mapping) else row.data.get("CONTEXTS")
    context = "\n".join(texts_in(given, "the abstract"))
    return sample.model_copy(update={"input": f"Abstract: {context}\nQuestion: {sample.input}"})


def pubmedqa_no_context(row: Row) -> Sample:
    """The same with the question alone."""
    is_upstream = "QUESTION" in row.data
    decision = row.text("final_decision").strip().lower()
    if decision not in WORDS:
        raise ValueError(f"final_decision {decision!r} is none of {', '.join(WORDS)}")
    return Sample(
        id=row.text("key") if is_upstream else str(row.data["pubid"]),
        input=row.text("QUESTION" if is_upstream else "question").strip(),
        target=decision,
        choices=WORDS,
    )


@cache
def pubmedqa_test_ids() -> frozenset[str]:
    """Return the 500 ids of the official test split."""
    text = files("evalctl_biomedical").joinpath("pubmedqa_test_ids.txt").read_text()
    return frozenset(text.split())


def pubmedqa_test(samples: Iterable[Sample]) -> Iterator[Sample]:
    """Keep the official test split.

    Source: pubmedqa/pubmedqa, `data/test_ground_truth.json`; the predictions of all of them make
    the official score.
    """
    ids = pubmedqa_test_ids()
    return (sample for sample in samples if sample.id in ids)


_FORMS = {
    "yesno": "Answer with yes or no. End with a line of the form `Answer: WORD`.",
    "factoid": (
        "Name the answer in as few words as possible. You may name up to five candidates, the "
        "likeliest first. End with a line `Answer:` and, below it, one candidate a line in the "
        "form `- NAME`, with nothing else on it."
    ),
    "list": (
        "Name all that the question asks for, each in as few words as possible. End with a line "
        "`Answer:` and, below it, one name a line in the form `- NAME`, with nothing else on it."
    ),
}
"""What a BioASQ question asks for, by its type."""


def bioasq(row: Row) -> Sample:
    """A question of BioASQ with its exact answer, of any type."""
    kind = row.text("type")
    if kind not in {*_FORMS, "summary"}:
        raise ValueError(f"type {kind!r} is none of yesno, factoid, list and summary")
    gold = _exact(row, kind)
    sample = Sample(
        id=row.text("id"),
        input=f"{_snippets(row)}\n\nQuestion: {row.text('body').strip()}",
        target=" | ".join(names[0] for names in gold),
        metadata={
            "type": kind,
            "form": _FORMS.get(kind, ""),
            "gold": [list(names) for names in gold],
        },
    )
    return sample if kind != "yesno" else sample.model_copy(update={"choices": WORDS[:2]})


def bioasq_ideal(row: Row) -> Sample:
    """A question of BioASQ with its ideal answers."""
    ideal = row.data.get("ideal_answer")
    texts = [ideal] if isinstance(ideal, str) else row.texts("ideal_answer")
    if not texts or not all(text.strip() for text in texts):
        raise ValueError("column 'ideal_answer' must hold at least one text")
    sample = bioasq(row)
    metadata = {key: sample.metadata[key] for key in ("type", "gold")}
    return sample.model_copy(
        update={
            "target": texts[0],
            "solution": texts[0],
            "choices": (),
            "metadata": {**metadata, "ideal": list(texts)},
        }
    )


def with_exact_answer(samples: Iterable[Sample]) -> Iterator[Sample]:
    """Leave out summary questions, which have an ideal answer alone."""
    return (sample for sample in samples if sample.metadata["type"] != "summary")


def yes_or_no(samples: Iterable[Sample]) -> Iterator[Sample]:
    """Keep yes/no questions."""
    return (sample for sample in samples if sample.metadata["type"] == "yesno")


def _exact(row: Row, kind: str) -> list[tuple[str, ...]]:
    """Return the gold entries of a question, each with its synonyms."""
    if kind == "summary":
        return []
    found = row.data.get("exact_answer")
    if kind == "yesno":
        word = found.strip().lower() if isinstance(found, str) else ""
        if word not in WORDS[:2]:
            raise ValueError(f"exact_answer {found!r:.80} is neither yes nor no")
        return [(word,)]
    entries = [found] if isinstance(found, str) else list(_items(found, "exact_answer"))
    gold = [
        (entry,) if isinstance(entry, str) else tuple(texts_in(entry, "column 'exact_answer'"))
        for entry in entries
    ]
    if not gold or not all(names and all(name.strip() for name in names) for names in gold):
        raise ValueError("column 'exact_answer' must hold at least one name in each entry")
    # Factoid answers of early years are a flat list, whose entries are synonyms.
    is_flat = kind == "factoid" and isinstance(entries[0], str)
    return [tuple(name for names in gold for name in names)] if is_flat else gold


def _snippets(row: Row) -> str:
    found = row.data.get("snippets") or []
    texts = [entry["text"] for entry in _items(found, "snippets") if isinstance(entry, Mapping)]
    kept, left = [], SNIPPET_WORDS
    for text in dict.fromkeys(text.strip() for text in texts_in(texts, "column 'snippets'")):
        words = text.split()
        if left > 0 and words:
            kept.append(f"- {' '.join(words[:left])}{' …' if len(words) > left else ''}")
        left -= len(words)
    return "Context:\n" + "\n".join(kept) if kept else "Context: none"


def mediqa_rqe(row: Row) -> Sample:
    """A pair of MEDIQA's recognising of question entailment.

    Source: Ben Abacha and Demner-Fushman 2016: a question entails another if every answer to the
    second is also an answer to the first, exactly or partially.
    """
    value = row.text("value").strip().lower()
    if value not in {"true", "false"}:
        raise ValueError(f"value {value!r} is neither true nor false")
    return Sample(
        id=f"rqe/{row.text('pid')}",
        input=f"Question A: {_line(row.text('chq'))}\nQuestion B: {_line(row.text('faq'))}",
        target=WORDS[0] if value == "true" else WORDS[1],
        choices=WORDS[:2],
        metadata={"task": "rqe", "form": _RQE_FORM},
    )


_RQE_FORM = (
    "Is every answer to question B also an answer to question A, at least a partial one? Answer "
    "with yes or no. End with a line of the form `Answer: WORD`."
)
_QA_FORM = (
    "Which of these answers are correct answers to the question, even if they are incomplete? "
    "Leave out those that are only related and those that are wrong. End with a line of the form "
    "`Ranking: 3 > 1` that has the numbers of the correct answers alone, the best first; where "
    "none is correct, `Ranking: none`."
)


def mediqa(row: Row) -> Sample:
    """A row of MEDIQA: a pair of questions, or a question with answers to be ranked."""
    return mediqa_rqe(row) if "chq" in row.data else _mediqa_qa(row)


def _mediqa_qa(row: Row) -> Sample:
    held = row.data.get("AnswerList")
    entries = held.get("Answer") if isinstance(held, Mapping) else None
    answers = [entries] if isinstance(entries, Mapping) else list(_items(entries, "AnswerList"))
    read = [_answer(answer) for answer in answers]
    right = sorted((rank, name) for name, rank, score, _ in read if score >= LEAST_RIGHT)
    numbers = {name: number for number, (name, *_) in enumerate(read, 1)}
    if len(numbers) < len(read):
        raise ValueError("two answers have the same AID")
    shown = (f"[{n}] {text}" for n, text in enumerate(_cut([text for *_, text in read]), 1))
    return Sample(
        id=f"qa/{row.text('QID')}",
        input=f"Question: {_line(row.text('QuestionText'))}{ANSWERS}" + "\n".join(shown),
        target=" > ".join(str(numbers[name]) for _, name in right) or "none",
        metadata={
            "task": "qa",
            "form": _QA_FORM,
            "answers": list(numbers),
            "right": [name for _, name in right],
        },
    )


def _answer(answer: JsonValue) -> tuple[str, int, int, str]:
    """Return an answer's name, reference rank, reference score and text."""
    if not isinstance(answer, Mapping):
        raise ValueError("an <Answer> has neither attributes nor elements")
    found = [answer.get(key) for key in ("AID", "ReferenceRank", "ReferenceScore", "AnswerText")]
    name, rank, score, text = (str(value or "").strip() for value in found)
    if not (name and rank.isdecimal() and score.isdecimal() and text):
        raise ValueError(f"answer {name!r} lacks one of AID, ReferenceRank, ReferenceScore, text")
    return name, int(rank), int(score), text


def _cut(texts: Sequence[str]) -> list[str]:
    """Return answers, all together of so many words at most: short ones whole, long ones cut."""
    split = [text.split() for text in texts]
    left, waiting = ANSWER_WORDS, len(split)
    limits: dict[int, int] = {}
    for at in sorted(range(len(split)), key=lambda at: len(split[at])):
        limits[at] = min(len(split[at]), left // waiting)
        left, waiting = left - limits[at], waiting - 1
    return [
        " ".join(words[: limits[at]]) + (" …" if limits[at] < len(words) else "")
        for at, words in enumerate(split)
    ]


def _line(text: str) -> str:
    return " ".join(text.split())


def _items(value: JsonValue, column: str) -> Sequence[JsonValue]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise ValueError(f"column {column!r} must hold a list, not {value!r:.80}")
    return value
