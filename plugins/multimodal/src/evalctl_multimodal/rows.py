"""Upstream's rows as samples. What is wrong with a row is a ValueError that says so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from pydantic import JsonValue

from evalctl import ImageRef, Row, Sample, Word
from evalctl_multimodal import skills

LETTERS = "ABCDEFGHIJ"
_SIDES = {"0": "human", "1": "augmented", "human_test": "human", "augmented_test": "augmented"}
"""How copies on the hub call the two halves of ChartQA."""


def docvqa(row: Row) -> Sample:
    """Return a question of DocVQA about its page, in upstream's form or in that of the hub."""
    answers = _texts(row, "answers")
    kinds = _texts(row, "question_types") if row.data.get("question_types") else ()
    document = str(row.data.get("docId", ""))
    return Sample(
        id=_number(row, "questionId"),
        input=row.text("question").strip(),
        target=answers[0],
        images=(row.image("image"),),
        cluster=document or None,
        metadata={
            "answers": list(answers),
            "types": ", ".join(kinds),
            "skill": skills.of_document(answers, kinds),
        },
    )


def docvqa_words(row: Row) -> Sample:
    """Return the same with the words of its page: of upstream's OCR, or of the form for BERT.

    Upstream's OCR is beside the row's file, `ocr_results/NAME.json` for each page, with places. The
    form for BERT has words alone, in small letters, and no image.
    """
    if "context" in row.data:
        return _squad(row)
    sample = docvqa(row)
    page = PurePosixPath(row.text("image")).stem
    words = _recognized(row.json_beside(f"ocr_results/{page}.json"))
    return sample.model_copy(update={"words": tuple(words)})


def chartqa(row: Row) -> Sample:
    """Return a question of ChartQA about its chart, in upstream's form or in one of the hub's."""
    question = str(row.data.get("query") or row.data.get("question") or "").strip()
    if not question:
        raise ValueError("neither the column 'query' nor 'question' holds a text")
    answers = _texts(row, "label" if "label" in row.data else "answer")
    source, _, kind = row.part.partition(" ")
    half = str(row.data.get("human_or_machine", row.data.get("type", "")))
    source = source or _SIDES.get(half, half)
    if "imgname" in row.data:
        name = row.text("imgname")
        image, chart = row.image_at(f"png/{name}"), PurePosixPath(name).stem
    else:
        image, chart = row.image("image"), ""
    return Sample(
        id=f"{chart}_{row.number}" if chart else str(row.number),
        input=question,
        target=answers[0],
        images=(image,),
        cluster=chart or None,
        metadata={
            "answers": list(answers),
            "source": source,
            "question": kind,
            "skill": skills.of_chart(question, answers),
        },
    )


def scienceqa(row: Row) -> Sample:
    """Return a question of ScienceQA, with its image where it has one."""
    choices = _texts(row, "choices")
    at = row.data.get("answer")
    if not isinstance(at, int) or not 0 <= at < len(choices) <= len(LETTERS):
        raise ValueError(f"column 'answer' holds {at!r:.80}, and there are {len(choices)} choices")
    hint = str(row.data.get("hint") or "").strip()
    question = row.text("question").strip()
    split = str(row.data.get("split", "test"))
    return Sample(
        id=str(row.data.get("key", row.number)),
        input=f"{question}\nContext: {hint}" if hint else question,
        target=LETTERS[at],
        choices=choices,
        images=_pictured(row, split),
        metadata={
            "split": split,
            "subject": str(row.data.get("subject", "")),
            "topic": str(row.data.get("topic", "")),
            "grade": str(row.data.get("grade", "")),
            "has_image": bool(row.data.get("image")),
            "skill": skills.REASONING if row.data.get("image") else "",
        },
    )


def drawn(row: Row) -> Sample:
    """Return a question about a document or chart that was drawn, with the words on it."""
    answers = _texts(row, "answers")
    return Sample(
        id=row.text("id"),
        input=row.text("question"),
        target=answers[0],
        images=(row.image("image"),),
        words=tuple(_placed(one) for one in _listed(row.data.get("words"))),
        cluster=row.text("image"),
        metadata={
            "answers": list(answers),
            "kind": row.text("kind"),
            "skill": row.text("skill"),
        },
    )


def _placed(value: JsonValue) -> Word:
    text, *box = _listed(value)
    left, top, right, bottom = (int(str(part)) for part in box)
    return Word(text=str(text), box=(left, top, right, bottom))


def read_off_pages(samples: Iterable[Sample]) -> Iterator[Sample]:
    """Keep the questions of reading about documents: their answers are words of the page."""
    return (
        one
        for one in samples
        if (one.metadata["kind"], one.metadata["skill"]) == ("document", skills.READING)
    )


def with_image(samples: Iterable[Sample]) -> Iterator[Sample]:
    """Keep the test questions that have an image."""
    return (one for one in samples if _is_test(one) and one.metadata["has_image"])


def without_image(samples: Iterable[Sample]) -> Iterator[Sample]:
    """Keep the test questions that have none."""
    return (one for one in samples if _is_test(one) and not one.metadata["has_image"])


def _is_test(sample: Sample) -> bool:
    return sample.metadata["split"] == "test"


def _pictured(row: Row, split: str) -> tuple[ImageRef, ...]:
    """Return the image of a test question; the thousands of others are not even looked for."""
    if not row.data.get("image") or split != "test":
        return ()
    if "key" in row.data:
        return (row.image_at(f"images/{split}/{row.text('key')}/{row.text('image')}"),)
    return (row.image("image"),)


def _squad(row: Row) -> Sample:
    given = row.data.get("answers")
    texts = [str(one.get("text", "")) for one in _objects(given)]
    answers = list(dict.fromkeys(text for text in texts if text.strip()))
    if not answers:
        raise ValueError(f"column 'answers' holds {given!r:.80}; a list with a text is needed")
    return Sample(
        id=_number(row, "id"),
        input=row.text("question").strip(),
        target=answers[0],
        words=tuple(Word(text=word) for word in row.text("context").split()),
        metadata={
            "answers": list(answers),
            "types": "",
            "skill": skills.of_document(answers, ()),
        },
    )


def _recognized(found: JsonValue) -> Iterator[Word]:
    """Yield the words of a page as Microsoft's OCR, which upstream used, gives them.

    Source: the response of Azure's Read API, version 2: corners clockwise from the top left one.
    """
    pages = found.get("recognitionResults") if isinstance(found, Mapping) else None
    if not isinstance(pages, list) or not pages or not isinstance(pages[0], Mapping):
        raise ValueError("its OCR has no `recognitionResults`")
    width, height = float(str(pages[0]["width"])), float(str(pages[0]["height"]))
    if width <= 0 or height <= 0:
        raise ValueError(f"its OCR says that the page is {width} x {height}")
    for line in _objects(pages[0].get("lines")):
        for word in _objects(line.get("words")):
            corners = [float(str(value)) for value in _listed(word.get("boundingBox"))]
            text = "".join(str(word.get("text", "")).split())
            if text and len(corners) == 8:
                yield Word(text=text, box=_box(corners, width, height))


def _box(corners: list[float], width: float, height: float) -> tuple[int, int, int, int]:
    across, down = corners[0::2], corners[1::2]
    left, right = _thousandths(min(across), width), _thousandths(max(across), width)
    top, bottom = _thousandths(min(down), height), _thousandths(max(down), height)
    return left, top, right, bottom


def _thousandths(value: float, whole: float) -> int:
    return min(max(round(1000 * value / whole), 0), 1000)


def _objects(value: object) -> Iterator[Mapping[str, JsonValue]]:
    return (one for one in _listed(value) if isinstance(one, Mapping))


def _listed(value: object) -> list[JsonValue]:
    return value if isinstance(value, list) else []


def _texts(row: Row, column: str) -> tuple[str, ...]:
    """Return the texts of a column that holds one, or a list of some."""
    held = row.data.get(column)
    given = held if isinstance(held, list) else [held]
    texts = tuple(one.strip() for one in given if isinstance(one, str) and one.strip())
    if not texts or len(texts) != len(given):
        raise ValueError(f"column {column!r} holds {held!r:.80}; texts are needed")
    return texts


def _number(row: Row, column: str) -> str:
    held = row.data.get(column)
    if isinstance(held, bool) or not isinstance(held, int | str) or not str(held).strip():
        raise ValueError(f"column {column!r} holds {held!r:.80}; a number is needed")
    return str(held)
