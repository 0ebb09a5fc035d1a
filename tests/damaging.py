"""Real files of benchmark rows, shortened and damaged on purpose; the same ones for the same seed.

Nothing of the rows is in here: they are read from the data folder and written to a folder of tests.
"""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

ROWS = 60
"""Rows that are left of each file."""
Table = list[dict[str, Any]]


class Kept(NamedTuple):
    """A real file, and what its damaged versions are about."""

    path: str
    """Relative to the data folder, and in the folder of each damaged version."""
    key: str
    """A column that its dataset cannot do without."""
    id: str = ""
    """The column of ids; empty where rows have none."""


FILES = (
    Kept("gsm8k/test.jsonl", "answer"),
    Kept("math_500/test.jsonl", "answer", "unique_id"),
    Kept("math/test.json", "solution"),
    Kept("minerva_math/test.jsonl", "solution", "idx"),
    Kept("humaneval/HumanEval.jsonl", "test", "task_id"),
    Kept("mbpp/mbpp.jsonl", "test_list", "task_id"),
    Kept("bigcodebench/BigCodeBench.jsonl", "test", "task_id"),
    Kept("apps/selected150.jsonl", "test_list", "id"),
    Kept("arc_challenge/ARC-Challenge-Test.jsonl", "answerKey", "id"),
    Kept("hellaswag/hellaswag.jsonl", "label"),
    Kept("truthfulqa/data/v1/mc_task.json", "mc1_targets"),
    Kept("bbq/data/Age.jsonl", "label", "example_id"),
    Kept("scitldr/SciTLDR-A/test.jsonl", "target", "paper_id"),
    Kept("scicite/test.txt", "label"),
    Kept("chemprot/test.txt", "label"),
    Kept("scierc/text_classification/sciie-relation-extraction/test.txt", "label"),
    Kept("pubmedqa/ori_pqal.json", "final_decision", "key"),
    Kept("crows_pairs/crows_pairs_anonymized.csv", "stereo_antistereo"),
    Kept("toxicity_detection/hatecheck/test_suite_cases.csv", "label_gold", "case_id"),
    Kept("toxicity_detection/davidson/labeled_data.csv", "class"),
)


class Form(NamedTuple):
    """How a file's rows are written."""

    rows: Table
    write: Callable[[Table], bytes]


def damaged(data: Path, seed: int = 9) -> Iterator[tuple[str, str, bytes]]:
    """Yield 200 damaged files: the damage, the path, and the content."""
    chance = random.Random(seed)
    for kept in FILES:
        form = _form(data / kept.path)
        for name, damage in DAMAGES.items():
            yield name, kept.path, damage(form, kept, chance)


def _form(path: Path) -> Form:
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            return Form(
                [row for row, _ in zip(csv.DictReader(file), range(ROWS), strict=False)], _csv
            )
    text = path.read_text(encoding="utf-8")
    if text.startswith("["):
        return Form(json.loads(text)[:ROWS], lambda rows: json.dumps(rows).encode())
    if "\n" in text[:3]:
        by_key = json.loads(text)
        rows = [{"key": key, **row} for key, row in list(by_key.items())[:ROWS]]
        return Form(rows, _keyed)
    return Form([json.loads(line) for line in text.splitlines()[:ROWS]], _lines)


def _csv(rows: Table) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, [*rows[0]])
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def _lines(rows: Table) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def _keyed(rows: Table) -> bytes:
    """An object, in which a key may stand twice."""
    parts = (
        f"{json.dumps(row.get('key', 'x'))}: "
        + json.dumps({name: value for name, value in row.items() if name != "key"})
        for row in rows
    )
    return ("{\n" + ",\n".join(parts) + "\n}").encode()


def _cut(form: Form, kept: Kept, chance: random.Random) -> bytes:
    whole = form.write(form.rows)
    at = chance.randrange(len(whole) // 3, len(whole) - 2)
    while whole[at - 1 : at + 1].strip() != whole[at - 1 : at + 1]:
        at -= 1
    return whole[:at]


def _shuffled(form: Form, kept: Kept, chance: random.Random) -> bytes:
    """Each column under the name of the next but one or so."""
    by = chance.randrange(1, len(form.rows[0]))
    return form.write([_turned(row, by) for row in form.rows])


def _turned(row: Mapping[str, Any], by: int) -> dict[str, Any]:
    values = [*row.values()]
    by %= len(values)
    return dict(zip(row, values[by:] + values[:by], strict=True))


def _renamed(form: Form, kept: Kept, chance: random.Random) -> bytes:
    new = chance.choice([f"{kept.key}_text", kept.key.upper() + "S", "gold", ""])
    return form.write(
        [{new if name == kept.key else name: v for name, v in row.items()} for row in form.rows]
    )


def _encoded(form: Form, kept: Kept, chance: random.Random) -> bytes:
    codec = chance.choice(["utf-16", "utf-32", "utf-16-le", "cp037"])
    return form.write(form.rows).decode().encode(codec, "replace")


def _mixed(form: Form, kept: Kept, chance: random.Random) -> bytes:
    """In every third row another type where the dataset looks."""
    others: Sequence[Any] = (["x"], {"x": 1}, 7.5, None, True)
    rows = [dict(row) for row in form.rows]
    for row in rows[:: chance.choice([2, 3])]:
        row[kept.key] = chance.choice(
            [one for one in others if type(one) is not type(row[kept.key])]
        )
    return form.write(rows)


def _not_a_number(form: Form, kept: Kept, chance: random.Random) -> bytes:
    rows = [dict(row) for row in form.rows]
    for row in chance.sample(rows, 5):
        row[kept.key] = float("nan")
    return form.write(rows)


def _twice(form: Form, kept: Kept, chance: random.Random) -> bytes:
    """Ids that stand twice; rows that do, where there are no ids."""
    rows = [dict(row) for row in form.rows]
    if kept.id:
        rows[chance.randrange(1, len(rows))][kept.id] = rows[0][kept.id]
    else:
        rows += rows[:9]
    return form.write(rows)


def _empty(form: Form, kept: Kept, chance: random.Random) -> bytes:
    header = ",".join(form.rows[0]).encode() + b"\n"
    return chance.choice(
        [b"", b"\n\n \n", b"[]", b"{}", header if form.write is _csv else b"null\n"]
    )


def _binary(form: Form, kept: Kept, chance: random.Random) -> bytes:
    return chance.randbytes(len(form.write(form.rows)))


def _spoilt(form: Form, kept: Kept, chance: random.Random) -> bytes:
    """Some bytes in the middle that belong elsewhere."""
    whole = bytearray(form.write(form.rows))
    at = chance.randrange(len(whole) // 4, len(whole) // 2)
    whole[at : at + 400] = b"\xff\xfe\x00" + chance.randbytes(400)
    return bytes(whole)


DAMAGES: dict[str, Callable[[Form, Kept, random.Random], bytes]] = {
    "cut": _cut,
    "shuffled columns": _shuffled,
    "renamed": _renamed,
    "another encoding": _encoded,
    "mixed types": _mixed,
    "NaN": _not_a_number,
    "twice": _twice,
    "empty": _empty,
    "binary": _binary,
    "spoilt": _spoilt,
}
