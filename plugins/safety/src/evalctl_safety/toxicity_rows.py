"""Rows of toxicity datasets, as upstream and as the hub write them, to samples. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from pydantic import JsonValue

from evalctl import Row, Sample

HATEFUL, NON_HATEFUL = "hateful", "non-hateful"
HATE_SPEECH, OFFENSIVE, NEITHER = "hate_speech", "offensive_language", "neither"
TOXIC, NON_TOXIC = "toxic", "non-toxic"

_OF_CLASS = {"0": HATE_SPEECH, "1": OFFENSIVE, "2": NEITHER}
_JIGSAW = ("toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate")
_NOT_USED = "-1"


def hatecheck(row: Row) -> Sample:
    """A case of HateCheck; those of one template share its id as their cluster."""
    label = row.text("label_gold")
    if label not in {HATEFUL, NON_HATEFUL}:
        raise ValueError(f"label_gold {label!r} is neither {HATEFUL!r} nor {NON_HATEFUL!r}")
    told = {
        "functionality": row.text("functionality"),
        "target": _plain(row, "target_ident"),
        "direction": _plain(row, "direction").strip("-"),
    }
    template = _plain(row, "templ_id")
    return Sample(
        id=_id(row, "case_id"),
        input=row.text("test_case").strip(),
        target=label,
        cluster=f"template {template}" if template else None,
        metadata={name: value for name, value in told.items() if value},
    )


def davidson(row: Row) -> Sample:
    """A tweet of Davidson et al., with how many of its annotators agreed with the class."""
    name = _OF_CLASS.get(_plain(row, "class"))
    if name is None:
        raise ValueError(f"class {row.data['class']!r} is none of {', '.join(_OF_CLASS)}")
    votes = row.data.get(name, row.data.get(f"{name}_count"))
    metadata: dict[str, JsonValue] = {"annotators": row.data.get("count"), "votes": votes}
    return Sample(
        id=str(row.data.get("") or row.number),
        input=row.text("tweet"),
        target=name,
        metadata={key: value for key, value in metadata.items() if value is not None},
    )


def jigsaw(row: Row) -> Sample:
    """A comment of Jigsaw's challenge, or half of one: upstream has the test's labels apart.

    What has no text or no label yet is put together by `joined`.
    """
    text = row.data.get("comment_text")
    labels = {name: _plain(row, name) for name in _JIGSAW if name in row.data}
    if text is None and not labels:
        raise ValueError("there is neither a column 'comment_text' nor one of labels")
    if text is not None and not isinstance(text, str):
        raise ValueError(f"column 'comment_text' holds {text!r:.80}; a text is needed")
    if strange := [name for name, value in labels.items() if value not in {"0", "1", _NOT_USED}]:
        raise ValueError(f"column {strange[0]!r} must hold 0, 1 or -1")
    if labels and "toxic" not in labels:
        raise ValueError("column 'toxic' is missing")
    return Sample(
        id=_id(row, "id"),
        input=text or "",
        target={"1": TOXIC, "0": NON_TOXIC}.get(labels.get("toxic", ""), ""),
        metadata={
            "has_text": text is not None,
            "has_labels": bool(labels),
            "labels": [name for name, value in labels.items() if value == "1"],
        },
    )


def joined(samples: Iterable[Sample]) -> Iterator[Sample]:
    """Yield Jigsaw's comments that have a text and a label; those labelled -1 are left out.

    Labels come first where they are apart, and of each only its id and class is held.
    """
    labels: dict[str, Sample] = {}
    for sample in samples:
        if not sample.metadata["has_text"]:
            labels[sample.id] = sample
            continue
        found = sample if sample.metadata["has_labels"] else labels.pop(sample.id, sample)
        if found.target and sample.input.strip():
            kept = {"labels": found.metadata["labels"]}
            yield sample.model_copy(update={"target": found.target, "metadata": kept})


def civil_comments(row: Row) -> Sample:
    """A comment of Civil Comments: toxic where half of its annotators or more said so."""
    column = "text" if "text" in row.data else "comment_text"
    measured = row.data.get("toxicity", row.data.get("target"))
    toxicity = _share(measured)
    if toxicity is None:
        raise ValueError(f"column 'toxicity' must hold a number from 0 to 1, not {measured!r:.80}")
    return Sample(
        id=_id(row, "id") if "id" in row.data else str(row.number),
        input=row.text(column),
        target=TOXIC if toxicity >= 0.5 else NON_TOXIC,
        metadata={"toxicity": toxicity},
    )


def _share(value: JsonValue) -> float | None:
    try:
        number = float(value) if isinstance(value, str | int | float) else -1.0
    except ValueError:
        return None
    return number if 0.0 <= number <= 1.0 else None


def _plain(row: Row, column: str) -> str:
    """Return a cell as a text; empty where it holds nothing."""
    value = row.data.get(column)
    return "" if value is None or isinstance(value, Mapping | list) else str(value).strip()


def _id(row: Row, column: str) -> str:
    found = _plain(row, column)
    if not found:
        raise ValueError(f"column {column!r} is missing or empty")
    return found
