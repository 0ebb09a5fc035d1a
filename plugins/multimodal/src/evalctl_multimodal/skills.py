"""Which questions need more than reading: a rule over the question, the answer and its kind.

`reading` is a question whose answer stands in the image; for `reasoning` something has to be
counted, compared, computed, or told from what is pictured. The rule is made of what upstream says,
where it says anything, else of words in the question. It errs: "the highest value" may be printed
as such.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

READING = "reading"
REASONING = "reasoning"

_PICTURED = frozenset({"figure/diagram", "image/photo", "yes/no"})
"""DocVQA's question types that are no reading."""
_VERDICTS = frozenset({"yes", "no"})
_COMPUTED = re.compile(
    r"\b(?:how many|how much (?:more|less|higher|lower)|how often|difference|differ|sum|total of|"
    r"add(?:ed|ing)? (?:up|the)|average|mean|median|ratio|times|twice|half|double|divide\w*|"
    r"multipl\w+|subtract\w*|product of|percentage of all|more than|less than|fewer than|greater|"
    r"smaller|larger|higher than|lower than|above|below|between which|most|least|highest|lowest|"
    r"maximum|minimum|largest|smallest|biggest|longest|shortest|peak|increas\w+|decreas\w+|grow\w*|"
    r"decline\w*|trend|changed?|exceed\w*|consecutive|left|right|top|bottom|colou?r\w*)\b",
    re.IGNORECASE,
)


def of_document(answers: Iterable[str], types: Collection[str]) -> str:
    """Return what a question of DocVQA needs, by upstream's types of it and its gold answers."""
    named = {kind.lower() for kind in types}
    if named & _PICTURED or _is_verdict(answers):
        return REASONING
    return READING


def of_chart(question: str, answers: Iterable[str]) -> str:
    """Return what a question about a chart needs, by its words and its gold answers."""
    return REASONING if _is_verdict(answers) or _COMPUTED.search(question) else READING


def _is_verdict(answers: Iterable[str]) -> bool:
    return any(answer.strip(" .").lower() in _VERDICTS for answer in answers)
