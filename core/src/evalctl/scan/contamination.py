"""Test rows that stand in training files, told by runs of words that both have.

A row counts where any run of N words of its question is in a training text. N is the length of
questions that 5 % of a dataset do not reach, but at least 8 and at most 13; shorter questions are
looked for whole. Words are in lower case and without punctuation; runs that more than ten training
texts have are set phrases, and count for nothing.

Source: Brown et al. 2020, "Language Models are Few-Shot Learners", appendix C.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from pydantic import JsonValue

from evalctl.proving import Finding
from evalctl.proving.findings import Cases
from evalctl.scan.grouping import Group
from evalctl.scan.kinds import by_name
from evalctl.scan.looking import ways_of
from evalctl.scan.validating import samples_again
from evalctl.scan.walk import Found, walk
from evalctl.sources.files import read_file

LEAST_WORDS, MOST_WORDS = 8, 13
MOST_RUNS = 20_000_000
"""So many runs of test rows are looked for; further rows are not."""
MOST_TEXTS = 10
"""A run that more training texts have counts for nothing."""
_WORDS = re.compile(r"\w+")


class _Runs(NamedTuple):
    """The runs of one dataset's questions."""

    n_words: int
    rows: dict[int, list[int]]
    """By a run's hash, the samples that have it."""
    ids: list[str]
    """Of the samples."""


class _Hit(NamedTuple):
    """Where a run was seen, and in how many texts."""

    place: str
    n_texts: int


def contaminated(groups: Sequence[Group], against: Path) -> dict[int, Finding]:
    """Return what of each group stands in training files, by the group's position.

    Args:
        groups: Those whose questions are looked for.
        against: The folder of training files, in any form that is read, or plain text.
    """
    wanted = {at: _runs_of(one) for at, one in enumerate(groups) if one.use == "samples"}
    own = {part.path.resolve() for one in groups for part in one.parts}
    hits: dict[int, dict[int, _Hit]] = {at: {} for at in wanted}
    for place, text in _texts(against, own):
        words = _WORDS.findall(text.lower())
        for n_words in {runs.n_words for runs in wanted.values()}:
            seen = set(_hashes(words, n_words))
            for at, runs in wanted.items():
                if runs.n_words == n_words:
                    for run in seen & runs.rows.keys():
                        before = hits[at].get(run)
                        hits[at][run] = _Hit(
                            before.place if before else place, (before.n_texts if before else 0) + 1
                        )
    return {at: one for at, runs in wanted.items() if (one := _told(runs, hits[at]))}


def _told(runs: _Runs, hits: Mapping[int, _Hit]) -> Finding | None:
    where: dict[int, str] = {}
    for run, hit in hits.items():
        if hit.n_texts <= MOST_TEXTS:
            for row in runs.rows[run]:
                where.setdefault(row, hit.place)
    if not where:
        return None
    cases = Cases()
    for row, place in sorted(where.items()):
        cases.add(runs.ids[row], f"stands in {place}")
    text = (
        f"{len(where):,} of {len(runs.ids):,} questions share {runs.n_words} words in a row with "
        "training files"
    )
    figures: dict[str, JsonValue] = {"shared": len(where), "words": runs.n_words}
    return cases.finding("contaminated", "look", text, figures)


def _runs_of(group: Group) -> _Runs:
    texts: list[list[str]] = []
    ids: list[str] = []
    count = 0
    for sample in samples_again(group):
        texts.append(_WORDS.findall((sample.input or " ".join(sample.choices)).lower()))
        ids.append(sample.id)
        count += len(texts[-1])
        if count > MOST_RUNS:
            break
    lengths = sorted(map(len, texts))
    short = lengths[len(lengths) // 20] if lengths else 0
    n_words = min(max(short, LEAST_WORDS), MOST_WORDS)
    rows: dict[int, list[int]] = {}
    for row, words in enumerate(texts):
        for run in set(_hashes(words, n_words)):
            rows.setdefault(run, []).append(row)
    return _Runs(n_words, rows, ids)


def _hashes(words: Sequence[str], n_words: int) -> Iterator[int]:
    """Yield a hash of each run of words; of fewer words one of all of them, if there are some."""
    if LEAST_WORDS <= len(words) < n_words:
        yield hash(tuple(words))
    window: deque[str] = deque(maxlen=n_words)
    for word in words:
        window.append(word)
        if len(window) == n_words:
            yield hash(tuple(window))


def _texts(folder: Path, own: Iterable[Path]) -> Iterator[tuple[str, str]]:
    """Yield all texts of a folder's files with their places; the tested files are left out."""
    left_out = set(own)
    for one in walk(folder):
        if not isinstance(one, Found) or one.path.resolve() in left_out or by_name(one.name):
            continue
        read = False
        for way in ways_of(one)[:1]:
            rows = read_file(one.path, 0, lambda _at, _why: None, way.form())
            for line in rows:
                read = True
                place = line.location.replace(str(one.path), str(one.name))
                yield place, "\n".join(_strings(dict(line.data)))
        if not read:
            yield from _lines(one)


def _lines(one: Found) -> Iterator[tuple[str, str]]:
    """Yield a file of plain text in pieces that overlap by a few lines."""
    kept: deque[str] = deque(maxlen=200)
    with one.path.open(encoding="utf-8", errors="replace") as file:
        number = 0
        while line := file.readline(1 << 20):
            number += 1
            kept.append(line)
            if number % 100 == 0:
                yield f"{one.name}:{number}", "".join(kept)
        if kept:
            yield f"{one.name}:{number}", "".join(kept)


def _strings(value: JsonValue) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)
