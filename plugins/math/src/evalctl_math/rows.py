"""From upstream's rows to samples: one adapter per dataset, for files and hub copies alike."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from evalctl import Row, Sample
from evalctl_math.spans import content_of, find_boxes

_LEVEL = re.compile(r"Level (\d)")
_SPACE = re.compile(r"\s+")


def gsm8k(row: Row) -> Sample:
    """Adapt a row of GSM8K, or of our own sample: question, and answer ending in `#### N`."""
    solution = row.text("answer")
    _, mark, target = solution.rpartition("####")
    if not mark or not target.strip():
        raise ValueError("column 'answer' has no `#### N` at its end")
    if not any(sign.isdigit() for sign in target):
        raise ValueError(f"column 'answer' ends in {target.strip()[:40]!r}, which is no number")
    metadata = {name: row.data[name] for name in ("level", "family") if name in row.data}
    return Sample(
        id=str(row.data.get("id", row.number)),
        input=row.text("question"),
        target=target.strip().replace(",", ""),
        solution=solution,
        metadata=metadata,
    )


def competition(row: Row) -> Sample:
    """Adapt a row of MATH or of the OCWCourses set: the gold answer is boxed in the solution."""
    solution = row.text("solution")
    metadata = {"subject": row.data.get("type", row.part)}
    if isinstance(level := row.data.get("level"), str) and (match := _LEVEL.fullmatch(level)):
        metadata["level"] = int(match[1])
    return Sample(
        id=str(row.data.get("idx", row.number)),
        input=row.text("problem"),
        target=last_box(solution),
        solution=solution,
        metadata=metadata,
    )


def math_500(row: Row) -> Sample:
    """Adapt a row of MATH-500, which has its answer in a column."""
    if (level := row.data.get("level")) not in range(1, 6):
        raise ValueError(f"column 'level' holds {level!r:.40}; a number from 1 to 5 is needed")
    return Sample(
        id=row.text("unique_id"),
        input=row.text("problem"),
        target=row.text("answer"),
        solution=row.text("solution"),
        metadata={"subject": row.data.get("subject"), "level": level},
    )


def minerva(row: Row) -> Sample:
    """Adapt a row of OCWCourses: boxed in a solution upstream, a column in the hub's copy."""
    if "question" in row.data:
        return Sample(
            id=str(row.number), input=row.text("question"), target=str(row.data["answer"])
        )
    return competition(row)


def aime(row: Row) -> Sample:
    """Adapt a row of an AIME year; the year is the part's label."""
    answer = str(row.data["answer"]).strip()
    if not answer.isdigit() or int(answer) > 999:
        raise ValueError(f"column 'answer' holds {answer!r}; an integer from 0 to 999 is needed")
    return Sample(
        id=f"{row.part}/{row.data.get('id', row.number)}",
        input=row.text("problem"),
        target=str(int(answer)),
        solution=str(row.data.get("solution") or ""),
        metadata={"year": row.part},
    )


def last_box(solution: str) -> str:
    r"""Return what the last balanced `\boxed{}` of a solution holds.

    Raises:
        ValueError: There is none.
    """
    boxes = [content_of(solution, box) for box in find_boxes(solution).closed]
    if not boxes or not boxes[-1].strip():
        raise ValueError("column 'solution' has no balanced \\boxed{} with something in it")
    return boxes[-1].strip()


def enhance(samples: Iterable[Sample]) -> Iterator[Sample]:
    """Keep the problems of MATH whose gold answer can be trusted, each once.

    Left out, in this order: a problem whose text, but for spaces and case, was there before; one
    whose solution boxes several different answers (which of them is meant is a guess); one whose
    gold answer is prose of more than 60 characters, that no rule compares reliably.
    """
    from evalctl_math.latex import canonical, key  # large, and no listing needs it

    seen: set[str] = set()
    for sample in samples:
        text = _SPACE.sub("", sample.input).lower()
        boxes = {
            key(canonical(content_of(sample.solution, box)))
            for box in find_boxes(sample.solution).closed
        }
        is_new = text not in seen
        seen.add(text)
        if is_new and len(boxes) == 1 and len(sample.target) <= 60:
            yield sample
