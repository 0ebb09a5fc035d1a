"""How far found spans agree with gold ones, as counts that can be added up over samples.

Four ways to agree, those of SemEval-2013: *strict* (same bounds and label), *boundary* (same
bounds), *partial* (same bounds, or half for an overlap, whatever the label) and *type* (an overlap
with the same label). Each span agrees with one span at most.

Source: Segura-Bedmar, Martínez and Herrero-Zazo 2013, "SemEval-2013 Task 9: Extraction of Drug-Drug
Interactions from Biomedical Texts", section 3.1; half marks for an overlap as in MUC-5 (Chinchor
and Sundheim 1993, "MUC-5 Evaluation Metrics").
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from evalctl.spans.tags import Span


def count_spans(gold: Iterable[Span], found: Iterable[Span]) -> dict[str, float]:
    """Return what a sample adds to all measures.

    Keys: `gold` and `found`, how many spans there are; `strict`, `boundary`, `partial` and `type`,
    how many of them agree (`partial` in halves); and, for each label that occurs, `gold:LABEL`,
    `found:LABEL` and `strict:LABEL`, and `rows:LABEL`, 1 where a gold span has it.
    """
    wanted, given = sorted(gold, key=_place), sorted(found, key=_place)
    right = list((Counter(wanted) & Counter(given)).elements())
    same = (Counter(map(_place, wanted)) & Counter(map(_place, given))).total()
    counts: dict[str, float] = {
        "gold": len(wanted),
        "found": len(given),
        "strict": len(right),
        "boundary": same,
        "partial": same + _overlaps_beyond_same(wanted, given) / 2,
        "type": sum(
            _overlaps([one for one in wanted if one.label == label], these)
            for label, these in _by_label(given).items()
        ),
    }
    for name, spans in (("gold", wanted), ("found", given), ("strict", right)):
        for label, number in Counter(span.label for span in spans).items():
            counts[f"{name}:{label}"] = number
    counts.update({f"rows:{span.label}": 1.0 for span in wanted})
    return counts


def span_f1(counts: Mapping[str, float], measure: str = "strict", label: str = "") -> float | None:
    """Return the micro-averaged F1 of summed counts.

    Args:
        counts: Sums of what `count_spans` returns.
        measure: `strict`, `boundary`, `partial` or `type`.
        label: Of this label alone, which only `strict` has; empty for all.

    Returns:
        2 * right / (gold + found); None where there is neither a gold span nor a found one.
    """
    behind = f":{label}" if label else ""
    spans = counts.get(f"gold{behind}", 0.0) + counts.get(f"found{behind}", 0.0)
    return 2 * counts.get(f"{measure}{behind}", 0.0) / spans if spans else None


def span_rows(counts: Mapping[str, float], label: str) -> float:
    """Return in how many samples there are gold spans of a label, of summed counts."""
    return counts.get(f"rows:{label}", 0.0)


def span_precision(counts: Mapping[str, float], measure: str = "strict") -> float | None:
    """Return how many of the found spans are right; None where none was found."""
    found = counts.get("found", 0.0)
    return counts.get(measure, 0.0) / found if found else None


def span_recall(counts: Mapping[str, float], measure: str = "strict") -> float | None:
    """Return how many of the gold spans were found; None where there are none."""
    gold = counts.get("gold", 0.0)
    return counts.get(measure, 0.0) / gold if gold else None


def _place(span: Span) -> tuple[int, int]:
    return span.start, span.end


def _by_label(spans: Iterable[Span]) -> dict[str, list[Span]]:
    groups: dict[str, list[Span]] = {}
    for span in spans:
        groups.setdefault(span.label, []).append(span)
    return groups


def _overlaps_beyond_same(gold: Sequence[Span], found: Sequence[Span]) -> int:
    """Return how many pairs overlap once those with the same bounds are taken out."""
    same = Counter(map(_place, gold)) & Counter(map(_place, found))
    return _overlaps(_without(gold, same), _without(found, same))


def _without(spans: Sequence[Span], taken: Counter[tuple[int, int]]) -> list[Span]:
    left = taken.copy()
    kept = []
    for span in spans:
        if left[_place(span)] > 0:
            left[_place(span)] -= 1
        else:
            kept.append(span)
    return kept


def _overlaps(gold: Sequence[Span], found: Sequence[Span]) -> int:
    """Return how many pairs of overlapping spans there are, each span in one pair, left to right.

    As many as there can be where the spans of one side do not overlap each other.
    """
    number = i = j = 0
    while i < len(gold) and j < len(found):
        if gold[i].start < found[j].end and found[j].start < gold[i].end:
            number, i, j = number + 1, i + 1, j + 1
        elif gold[i].end <= found[j].end:
            i += 1
        else:
            j += 1
    return number
