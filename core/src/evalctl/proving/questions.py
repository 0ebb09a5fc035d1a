"""Questions that stand more than once, and what two rows answer to the same one.

While rows go by, each leaves eight bytes; only where two are alike are the rows read once more.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from itertools import pairwise

from evalctl.images import contents
from evalctl.proving.findings import Cases, Finding, Seen, quoted
from evalctl.proving.options import right_option
from evalctl.records import Sample
from evalctl.scales import counted

_SHOWN_IDS = 10


def same_text(text: str) -> str:
    """Return a text as it is compared: case, and how many spaces, make no difference."""
    return " ".join(text.casefold().split())


def fingerprint(sample: Sample) -> int:
    """Return 64 bits that samples share where they ask the same, with options in any order.

    Of a million different ones, two share them with a chance of one in 30 million.
    """
    asked = (sample.input, *sample.later_turns)
    parts = [*map(same_text, asked), *sorted(map(same_text, sample.choices))]
    parts += contents(sample.images)
    parts += [same_text(word.text) for word in sample.words]
    return _hash("\0".join(parts))


def answer_of(sample: Sample) -> str:
    """Return the right answer as it is compared; of options, the text of the right one."""
    right = right_option(sample)
    return same_text(sample.target if right is None else sample.choices[right])


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "replace"), digest_size=8).digest())


class Questions:
    """Finds questions that stand more than once."""

    def __init__(self) -> None:
        """Begin without any."""
        self._seen = array("Q")
        self._repeated: frozenset[int] = frozenset()
        self._groups: dict[int, _Group] = {}

    def see(self, seen: Seen) -> None:
        """Remember a question."""
        self._seen.append(fingerprint(seen.sample))

    def repeated(self) -> bool:
        """Return whether any stands more than once; `group` needs the rows again then."""
        ordered = sorted(self._seen)
        self._repeated = frozenset(one for one, next_ in pairwise(ordered) if one == next_)
        return bool(self._repeated)

    def group(self, samples: Iterable[Sample]) -> None:
        """Read the samples again and put together those that ask the same."""
        for sample in samples:
            if (key := fingerprint(sample)) in self._repeated:
                self._groups.setdefault(key, _Group()).add(sample)

    def findings(self) -> Iterator[Finding]:
        """Yield what is said about repeated questions and about contradictions."""
        repeats, contradictions = Cases(), Cases()
        for group in self._groups.values():
            repeats.add(group.ids[0], f"also {group.others()}")
            if len(group.answers) > 1:
                answers = ", ".join(quoted(answer) for answer in group.answers[:3])
                contradictions.add(group.ids[0], f"also {group.others()}: {answers}")
        extra = sum(group.count - 1 for group in self._groups.values())
        figures = {"questions": repeats.total, "rows_too_many": extra}
        if not repeats.total:
            yield repeats.finding("duplicates", "ok", "questions: no two are the same", figures)
            return
        told = counted(repeats.total, "stands", "stand")
        yield repeats.finding(
            "duplicates",
            "look",
            f"questions: {told} more than once ({counted(extra, 'row')} too many)",
            figures,
        )
        if contradictions.total:
            told = counted(contradictions.total, "repeated question has", "repeated questions have")
            text = f"contradictions: {told} different answers"
            yield contradictions.finding("contradictions", "look", text)


class _Group:
    """Samples that ask the same."""

    def __init__(self) -> None:
        self.count = 0
        self.ids: list[str] = []
        self.answers: list[str] = []
        self._hashes: set[int] = set()

    def add(self, sample: Sample) -> None:
        self.count += 1
        if len(self.ids) <= _SHOWN_IDS:
            self.ids.append(sample.id)
        answer = answer_of(sample)
        if answer and (key := _hash(answer)) not in self._hashes:
            self._hashes.add(key)
            self.answers.append(sample.target[:200])

    def others(self) -> str:
        more = self.count - len(self.ids)
        return ", ".join(self.ids[1:]) + (f" and {more:,} more" if more > 0 else "")
