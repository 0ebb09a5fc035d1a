"""Rows of BBQ, as upstream writes them, to samples. Pure functions.

Which answer follows a stereotype is what upstream's `additional_metadata.csv` calls `target_loc`:
on a negative question the answer that names the stereotyped group, on a non-negative one the other
answer that names a group. Here it is derived from the row itself.
Source: nyu-mll/BBQ, `analysis_scripts/BBQ_results_metadata.R`, and issue 11 there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from pydantic import JsonValue

from evalctl import Row, Sample

CATEGORIES = (
    "Age",
    "Disability_status",
    "Gender_identity",
    "Nationality",
    "Physical_appearance",
    "Race_ethnicity",
    "Race_x_SES",
    "Race_x_gender",
    "Religion",
    "SES",
    "Sexual_orientation",
)
"""As upstream's files are called."""

_CONDITIONS = {"ambig": "ambiguous", "disambig": "disambiguated"}
_POLARITIES = {"neg": "negative", "nonneg": "non-negative"}
_SECOND = {"Race_x_SES": "status", "Race_x_gender": "gender"}
"""Of categories that cross race with something else, what that is."""
_FIRST_OF_NAMES = 26
"""Of the other categories, questions from this number on name people by proper names."""
_GROUP = re.compile(r"(?:(?P<status>lowSES|highSES)[-_])?(?:(?P<gender>[MF])[-_])?(?P<name>.*)")
_SAME = {
    **dict.fromkeys(("man", "men", "boy", "boys"), "m"),
    **dict.fromkeys(("woman", "women", "girl", "girls"), "f"),
}


class Answer(NamedTuple):
    """One of a row's three answers, and whom it names."""

    text: str
    group: str = ""
    """Whom it names, as it is compared; empty where it says that nobody knows."""
    short: str = ""
    """Whom it names in the row's own words, which of nationalities is the country."""
    second: str = ""
    """The other group of a crossed category, such as `lowses`; empty elsewhere."""


def bbq(row: Row) -> Sample:
    """A row of BBQ.

    The metadata hold the category (with `(names)` where people have proper names), the context, the
    letters of the answer that follows the stereotype (`biased`, empty where the row cannot tell)
    and of the one that says nobody knows (`unknown`).
    """
    category, question = row.text("category"), str(row.data.get("question_index", ""))
    answers = [_answer(row, number, category) for number in range(3)]
    unknown = [number for number, answer in enumerate(answers) if not answer.group]
    if len(unknown) != 1:
        raise ValueError(f"{len(unknown)} of the answers say that nobody knows, not one")
    polarity = _one_of(_POLARITIES, row, "question_polarity")
    label = row.data.get("label")
    if not isinstance(label, int) or not 0 <= label < len(answers):
        raise ValueError(f"label {label!r} is no position of one of three answers")
    metadata: dict[str, JsonValue] = {
        "category": category + (" (names)" if _has_names(category, question, answers) else ""),
        "context": _one_of(_CONDITIONS, row, "context_condition"),
        "polarity": polarity,
        "unknown": _LETTERS[unknown[0]],
        "template": f"{category}/{question}",
    }
    stereotyped = _stereotyped(answers, _groups(row))
    metadata["biased"] = _biased(answers, stereotyped, polarity)
    if category in _SECOND:
        metadata |= {"seconds": [one.second for one in answers], "candidates": [*stereotyped]}
    return Sample(
        id=f"{category}/{row.data['example_id']}",
        input=f"{row.text('context').strip()}\n\nQ: {row.text('question').strip()}",
        target=_LETTERS[label],
        solution=answers[label].text,
        choices=tuple(answer.text for answer in answers),
        cluster=f"{category}/{question}",
        metadata=metadata,
    )


def completed(samples: Iterable[Sample]) -> Iterator[Sample]:
    """Yield samples with the biased answer of those whose two people are of one race.

    Of race crossed with gender or status, a row names the stereotyped race alone. Which gender or
    status its question is about shows in the rows of the same question that hold that one fixed
    and vary the race; upstream's generator writes them a few rows further on.
    Source: nyu-mll/BBQ, `generate_from_template_intersectional_cats.py`.
    """
    waiting: list[Sample] = []
    template, second = "", ""
    for sample in samples:
        if (own := str(sample.metadata["template"])) != template:
            yield from _released(waiting, second)
            template, second = own, ""
        second = second or _fixed_second(sample)
        if (not second and _lacks_second(sample)) or (waiting and not second):
            waiting.append(sample)
        else:
            yield from _released(waiting, second)
            yield _with_second(sample, second)
    yield from _released(waiting, second)


_LETTERS = "ABC"
_HELPERS = ("seconds", "candidates")


def _answer(row: Row, number: int, category: str) -> Answer:
    key = f"ans{number}"
    shown = row.text(key).strip()
    told = row.data.get("answer_info")
    info = told.get(key) if isinstance(told, Mapping) else None
    if not isinstance(info, Sequence) or isinstance(info, str) or len(info) != 2:
        raise ValueError(f"column 'answer_info' must hold two texts for {key!r}")
    text, group = str(info[0]), str(info[1]) or _group_of(shown)
    if group == "unknown":
        return Answer(shown)
    match = _GROUP.fullmatch(group)
    assert match is not None, "the last part matches anything in a line"
    second = match[_SECOND[category]] if category in _SECOND else None
    return Answer(shown, _plain(match["name"]), _plain(text), _plain(second or ""))


def _group_of(shown: str) -> str:
    """Return the group of an answer whose row leaves it out, as some of race and gender do."""
    lower = shown.casefold()
    if "latin" not in lower:
        raise ValueError(f"the answer {shown!r} is of no group")
    return f"{'F' if 'woman' in lower or 'latina' in lower else 'M'}-Latino"


def _groups(row: Row) -> frozenset[str]:
    told = row.data.get("additional_metadata")
    groups = told.get("stereotyped_groups") if isinstance(told, Mapping) else None
    if not isinstance(groups, Sequence) or isinstance(groups, str):
        raise ValueError("column 'additional_metadata' must hold a list of stereotyped_groups")
    return frozenset(_plain(str(group)) for group in groups)


def _plain(group: str) -> str:
    """Return a group's name as it is compared."""
    name = "".join(group.split()).casefold()
    return "trans" if name.startswith("trans") else _SAME.get(name, name)


def _stereotyped(answers: Sequence[Answer], groups: frozenset[str]) -> tuple[int, ...]:
    return tuple(
        number
        for number, answer in enumerate(answers)
        if answer.group and {answer.group, answer.short} & groups
    )


def _biased(answers: Sequence[Answer], stereotyped: Sequence[int], polarity: str) -> str:
    """Return the letter of the answer that follows the stereotype; empty where none is known to."""
    if len(stereotyped) != 1:
        return ""
    others = [n for n, answer in enumerate(answers) if answer.group and n != stereotyped[0]]
    return _LETTERS[stereotyped[0] if polarity == "negative" else others[0]]


def _has_names(category: str, question: str, answers: Sequence[Answer]) -> bool:
    """Whether a row names people by proper names, from which their race or gender is to be told."""
    if category not in _SECOND:
        return question.isdecimal() and int(question) >= _FIRST_OF_NAMES
    # "The Latina woman" is of the group Latino.
    named = [(answer.group.removesuffix("o"), _plain(answer.text)) for answer in answers]
    return not any(group and group in text for group, text in named)


def _one_of(known: Mapping[str, str], row: Row, column: str) -> str:
    value = row.text(column)
    if value not in known:
        raise ValueError(f"column {column!r} holds {value!r}, none of {', '.join(known)}")
    return known[value]


def _texts(sample: Sample, key: str) -> list[str]:
    found = sample.metadata.get(key)
    return [str(one) for one in found] if isinstance(found, list | tuple) else []


def _fixed_second(sample: Sample) -> str:
    """Return what both people of a sample are besides their race; empty where they differ."""
    seconds = {one for one in _texts(sample, "seconds") if one}
    is_same = len([one for one in _texts(sample, "seconds") if one]) == 2 and len(seconds) == 1
    return seconds.pop() if is_same else ""


def _lacks_second(sample: Sample) -> bool:
    return not sample.metadata["biased"] and len(_texts(sample, "candidates")) == 2


def _released(waiting: list[Sample], second: str) -> Iterator[Sample]:
    yield from (_with_second(sample, second) for sample in waiting)
    waiting.clear()


def _with_second(sample: Sample, second: str) -> Sample:
    """Return a sample without what is only needed here, and with its biased answer if known."""
    metadata = {key: value for key, value in sample.metadata.items() if key not in _HELPERS}
    if second and _lacks_second(sample):
        seconds = _texts(sample, "seconds")
        both = [int(one) for one in _texts(sample, "candidates")]
        found = [number for number in both if seconds[number] == second]
        others = [number for number in both if seconds[number] != second]
        if len(found) == 1:
            is_negative = sample.metadata["polarity"] == "negative"
            metadata["biased"] = _LETTERS[found[0] if is_negative else others[0]]
    return sample.model_copy(update={"metadata": metadata})
