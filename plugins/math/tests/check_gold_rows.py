"""Checks the judging of answers against every gold row of the local data sets.

Not collected by pytest: it needs the data folder (`EVALCTL_DATA`, else `../shared/data` beside the
repository) and takes a minute. Run `python plugins/math/tests/check_gold_rows.py`. It prints per
data set: rows, rows whose own solution is not judged right, perturbed answers judged right, and
where the peers' flexible rule disagrees.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from evalctl_math.answers import extract
from evalctl_math.equivalence import equivalent
from evalctl_math.peers import gsm8k_flexible, gsm8k_strict, peer_equal
from evalctl_math.spans import content_of, find_boxes
from evalctl_math.verdict import decide

ROOT = Path(__file__).resolve().parents[3]
DATA = Path(os.environ.get("EVALCTL_DATA", ROOT.parent / "shared" / "data"))


class Row(NamedTuple):
    """A gold answer and a text that states it."""

    name: str
    text: str
    gold: str


def _rows(path: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (DATA / path).read_text("utf-8").splitlines() if line]


def _last_box(text: str) -> str:
    return content_of(text, find_boxes(text).closed[-1])


def gsm8k() -> Iterator[Row]:
    """Yield the worked solutions; the gold stands behind the last `####`."""
    for index, row in enumerate(_rows("gsm8k/test.jsonl")):
        yield Row(f"gsm8k/{index}", row["answer"], row["answer"].rpartition("####")[2].strip())


def boxed(name: str, path: str) -> Iterator[Row]:
    """Yield solutions whose gold is their last box."""
    for index, row in enumerate(_rows(path)):
        yield Row(f"{name}/{index}", row["solution"], _last_box(row["solution"]))


def math_500() -> Iterator[Row]:
    """Yield solutions whose gold is a column of its own."""
    for index, row in enumerate(_rows("math_500/test.jsonl")):
        yield Row(f"math_500/{index}", row["solution"], row["answer"])


def aime() -> Iterator[Row]:
    """Yield the golds in a box: half of the rows have no solution."""
    for year in ("aime24", "aime25"):
        for index, row in enumerate(_rows(f"aime/{year}/test.jsonl")):
            yield Row(f"{year}/{index}", f"So \\boxed{{{row['answer']}}}.", row["answer"])


def perturbed(gold: str) -> str | None:
    """Return the gold with its last digit changed, or None without a digit."""
    match = re.search(r"\d(?=\D*$)", gold)
    if match is None:
        return None
    digit = str((int(match.group()) + 1) % 10)
    return gold[: match.start()] + digit + gold[match.end() :]


def check(name: str, rows: list[Row], relative_tolerance: float = 0.0) -> None:
    """Print the exceptions of one data set and the counts."""
    wrong: list[tuple[object, ...]] = []
    forgiven: list[tuple[object, ...]] = []
    changed = 0
    for row in rows:
        found = extract(row.text)
        if found is None or not equivalent(
            found.answer, row.gold, relative_tolerance=relative_tolerance
        ):
            wrong.append((row.name, found, row.gold))
        other = perturbed(row.gold)
        if other is not None:
            changed += 1
            if equivalent(other, row.gold, relative_tolerance=relative_tolerance):
                forgiven.append((row.name, other, row.gold))
    print(f"{name}: {len(rows)} rows, {len(wrong)} not equivalent; "
          f"{changed} perturbed, {len(forgiven)} forgiven")  # fmt: skip
    for item in wrong:
        print("   NOT EQUIVALENT", *map(repr, item))
    for item in forgiven:
        print("   FORGIVEN", *map(repr, item))


def speed(rows: list[Row]) -> None:
    """Print how fast golds are judged against themselves and how many `decide` settles."""
    golds = [row.gold for row in rows]
    start = time.perf_counter()
    for gold in golds:
        equivalent(gold, gold)
    same = len(golds) / (time.perf_counter() - start)
    pairs = [(other, gold) for gold in golds if (other := perturbed(gold)) is not None]
    open_pairs = [pair for pair in pairs if decide(*pair) is None]
    start = time.perf_counter()
    for pair in open_pairs:
        equivalent(*pair)
    seconds = time.perf_counter() - start
    print(f"speed: {same:.0f} golds/s against themselves; decide settles "
          f"{1 - len(open_pairs) / len(pairs):.4f} of {len(pairs)} perturbed, the other "
          f"{len(open_pairs)} take {seconds / max(len(open_pairs), 1):.4f} s each")  # fmt: skip


def peers(rows: list[Row]) -> None:
    """Print where the peers' rules give another answer than the gold."""
    strict = [row for row in rows if not _agrees(gsm8k_strict(row.text), row.gold)]
    flexible = [row for row in rows if not _agrees(gsm8k_flexible(row.text), row.gold)]
    print(f"peers on the gold solutions: strict misses {len(strict)}, flexible {len(flexible)}")
    for row in strict + flexible:
        print("   PEER", row.name, repr(gsm8k_strict(row.text)), repr(gsm8k_flexible(row.text)))
    bare = [row._replace(text=row.text.rpartition("####")[0].strip()) for row in rows]
    ours = [found.answer if (found := extract(row.text)) else "" for row in bare]
    mine = sum(decide(a, row.gold) is True for a, row in zip(ours, bare, strict=True))
    theirs = sum(_agrees(gsm8k_flexible(row.text), row.gold) for row in bare)
    print(f"solutions without their last line: ours {mine}, flexible {theirs} of {len(bare)}")


def _agrees(found: str | None, gold: str) -> bool:
    return found is not None and peer_equal(found, gold)


def main() -> int:
    """Run every check."""
    rows = {
        "gsm8k": list(gsm8k()),
        "math": list(boxed("math", "math/test.json")),
        "math_500": list(math_500()),
        "minerva_math": list(boxed("minerva", "minerva_math/test.jsonl")),
        "aime": list(aime()),
    }
    for name, items in rows.items():
        check(name, items)
    check("minerva_math, tolerance 1e-4", rows["minerva_math"], 1e-4)
    speed(rows["math"])
    peers(rows["gsm8k"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
