"""Files as they should not be: a check tells of every broken row, a run stops at the first."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from core.tests.proving.quiz import found, ids, look, quiz, quiz_file, said

from evalctl import DatasetSpec, Row, Sample
from evalctl.errors import DatasetError
from evalctl.plan import load_dataset
from evalctl.proving import planned_for_check, prove

GOOD = [json.dumps({"q": f"{n}?", "a": f"a{n}"}) for n in range(4)]


def lines(*more: str) -> bytes:
    """Two good rows, what is given, and two more good rows."""
    text = "".join(f"{line}\n" for line in (*GOOD[:2], *more, *GOOD[2:]))
    return text.encode("utf-8", "surrogatepass")


DEEP = "[" * 500 + "]" * 500

BROKEN: dict[str, tuple[bytes, list[tuple[str, str]]]] = {
    "torn lines": (
        lines('{"q": "x", ', "nonsense"),
        [(":3", "not a JSON object: "), (":4", "not a JSON object: ")],
    ),
    "a last line without its end": (
        lines() + b'{"q": "half a',
        [(":5", "the file ends here: is it all there?")],
    ),
    "no objects": (
        lines("[1]", "null", '"q"'),
        [(":3", "not list"), (":4", "not NoneType"), (":5", "not str")],
    ),
    "a column that is missing": (lines('{"a": "1"}'), [(":3", "column 'q' is missing")]),
    "half of a surrogate pair": (
        lines('{"q": "\\ud800", "a": "1"}'),
        [(":3", "its text cannot be written as UTF-8")],
    ),
    "nesting without end": (
        lines("[" * 100_000, f'{{"q": "x", "c": {DEEP}, "m": "deep"}}'),
        [(":3", "maximum recursion depth exceeded")],
    ),
    "a number of 5,000 digits": (
        lines(f'{{"q": {"9" * 5000}, "a": "1"}}'),
        [(":3", "Exceeds the limit (4300 digits)")],
    ),
    "zeros": (lines("\0" * 5000), [(":3", "not a JSON object")]),
    "another encoding": (
        lines() + '{"q": "é", "a": "1"}\n'.encode("latin-1"),
        [(":5", "'utf-8' codec can't decode byte 0xe9")],
    ),
    "commas between columns": (b"q,a\n1,2\n", [(":1", "not a JSON"), (":2", "not a JSON")]),
    "an array that is torn": (b'[{"q": "1?", "a": "1"}, {"q"', [("", "not a JSON array")]),
    "an array of other things": (
        f"[{','.join(GOOD)}, 7]".encode(),
        [("[4]", "a JSON object is needed, not int")],
    ),
    "gzip": (b"\x1f\x8b\x08\0rest", [("", "packed data are damaged or cut off")]),
    "a zip archive": (b"PK\x03\x04rest", [("", "is a zip archive; unpack it")]),
    "UTF-16": (GOOD[0].encode("utf-16"), [("", "is written in UTF-16")]),
    "a pointer of Git LFS": (
        b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
        [("", "is a pointer of Git LFS")],
    ),
    "a web page": (b"\n<!DOCTYPE html><html></html>", [("", "is a web page, not data")]),
    "half of a Parquet file": (b"PAR1" + b"\0" * 99, [("", "not a readable Parquet file")]),
}


@pytest.mark.parametrize("case", BROKEN.values(), ids=BROKEN)
def test_every_broken_row_is_told_with_its_place(
    case: tuple[bytes, list[tuple[str, str]]], tmp_path: Path
) -> None:
    content, expected = case
    path = tmp_path / "rows.jsonl"
    path.write_bytes(content)
    seen = look(quiz_file(), tmp_path)
    broken = found(seen)["rows"]
    assert (broken.verdict, broken.n_cases) == ("failed", len(expected))
    for told, (place, reason) in zip(broken.cases, expected, strict=True):
        assert told.id.startswith(f"{path}{place[:2]}")
        assert reason in told.what
    with pytest.raises(DatasetError, match=r"rows\.jsonl|dataset 'quiz', sample"):
        load_dataset(quiz_file(), "games", [tmp_path])


def test_the_other_rows_are_looked_at_and_proven_all_the_same(tmp_path: Path) -> None:
    torn = ['{"q": "\\ud800", "a": "1"}', "{", '{"id": "0", "q": "again?", "a": "1"}']
    (tmp_path / "rows.jsonl").write_bytes(lines(*torn))
    seen = look(quiz_file(), tmp_path)
    assert [sample.input for sample in seen.loaded.samples()] == ["0?", "1?", "2?", "3?"]
    assert found(seen)["rows"].text == "rows: 2 rows of 7 cannot be read"
    assert ids(found(seen)["ids"]) == ["0"]
    right = prove(planned_for_check(seen.loaded), said, must_be_right=True)
    assert (right.n_rows, right.n_right) == (4, 4)


def test_rows_behind_a_broken_one_keep_their_numbers(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_bytes(lines("{", "[]"))
    assert [s.id for s in look(quiz_file(), tmp_path).loaded.samples()] == ["0", "1", "4", "5"]


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + lines(),
        lines().replace(b"\n", b"\r\n"),
        lines().rstrip(),
        b"\n \n" + lines(),
        f"[{','.join(GOOD)}]".encode(),
    ],
    ids=["BOM", "CRLF", "no last line break", "blank lines", "array"],
)
def test_harmless_differences_of_files_are_none(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_bytes(content)
    assert found(look(quiz_file(), tmp_path))["rows"].text == "rows: 4 read"


@pytest.mark.parametrize("content", [b"", b"\n \n"], ids=["empty", "blank"])
def test_a_file_without_rows_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_bytes(content)
    with pytest.raises(DatasetError, match="holds no row"):
        look(quiz_file(), tmp_path)


def test_nothing_is_said_of_samples_where_there_is_none(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text("{")
    assert list(found(look(quiz_file(), tmp_path))) == ["rows", "ids"]


def test_the_same_reason_is_counted_once_with_what_the_file_has_instead(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text('{"question": "1?"}\n' * 2000)
    broken = found(look(quiz_file(), tmp_path))["rows"]
    assert (broken.n_cases, len(broken.cases)) == (2000, 1000)
    reason = {
        "reason": "column 'q' is missing",
        "rows": 2000,
        "first": f"{tmp_path}/rows.jsonl:1",
    }
    assert broken.figures["reasons"] == [reason]
    assert broken.figures["hint"] == "The first row has 'question', and lacks 'a', 'q'."


def test_a_line_without_end_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evalctl.sources.json_rows.MAX_LINE_BYTES", 1000)
    (tmp_path / "rows.jsonl").write_bytes(lines("x" * 10_000))
    seen = look(quiz_file(), tmp_path)
    assert found(seen)["rows"].cases[0].what == "the line is longer than 1,000 bytes"
    assert seen.loaded.n_available == 4


def test_a_row_of_ten_megabytes_is_a_row(tmp_path: Path) -> None:
    row = json.dumps({"q": "x" * 10_000_000, "a": "1"})
    (tmp_path / "rows.jsonl").write_bytes(lines(row))
    (tmp_path / "rows.csv").write_text(f"q,a\n{'x' * 10_000_000},1\n")
    seen = look(quiz_file(), tmp_path)
    assert found(seen)["rows"].text == "rows: 5 read"
    assert seen.lengths[0].longest == 10_000_000
    assert look(quiz_file("rows.csv"), tmp_path).loaded.n_available == 1


@pytest.mark.parametrize(
    ("content", "reasons"),
    [
        ("q,a\n1,2\n3\n4,5\n", ["not as many cells as the header names"]),
        ('{"q": "1?", "a": "1"}\n{"q": "2?", "a": "2"}\n', ["column 'q' is missing"]),
        (
            'q,a\n1,"2\n3,4\n',
            ["unexpected end of data; nothing behind it can be read"],
        ),
    ],
    ids=["a cell too few", "JSON Lines", "a quote that is never closed"],
)
def test_tables_that_are_none_are_told(content: str, reasons: list[str], tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text(content)
    assert [case.what for case in found(look(quiz_file("rows.csv"), tmp_path))["rows"].cases] == (
        reasons
    )


def test_a_parquet_file_that_was_damaged_inside_is_told(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    path = tmp_path / "rows.jsonl"
    table = {"q": [f"{n}? " * 50 for n in range(3000)], "a": [str(n) for n in range(3000)]}
    parquet.write_table(arrow.table(table), path)
    content = bytearray(path.read_bytes())
    content[3000:9000] = bytes(range(250)) * 24
    path.write_bytes(content)
    (case,) = found(look(quiz_file(), tmp_path))["rows"].cases
    assert case.what.startswith("not a readable Parquet file, from row 0 on: ")


def adapter_of(what: str) -> DatasetSpec:
    def to_sample(row: Row) -> Sample:
        if row.number == 1:
            return {  # type: ignore[no-any-return]
                "index": lambda: [][1],
                "next": lambda: next(iter(())),
                "assert": lambda: _assert(),
                "divide": lambda: 1 / 0,
                "type": lambda: {"id": "1"},
                "validation": lambda: Sample.model_validate({"id": 1, "input": "x"}),
            }[what]()
        return Sample(id=str(row.number), input="x", target="y")

    return quiz([{"q": "1?"}, {"q": "2?"}, {"q": "3?"}], to_sample=to_sample)


def _assert() -> None:
    assert not "a target", "no target"


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("index", "IndexError: list index out of range"),
        ("next", "StopIteration"),
        ("assert", "AssertionError: no target"),
        ("divide", "ZeroDivisionError: division by zero"),
        ("type", "TypeError: to_sample returned dict, not a Sample"),
        ("validation", "id: Input should be a valid string"),
    ],
)
def test_whatever_an_adapter_raises_at_a_row_is_that_rows_fault(what: str, reason: str) -> None:
    (case,) = found(look(adapter_of(what)))["rows"].cases
    assert case.id == "row 1"
    assert case.what.startswith(reason)
    with pytest.raises(DatasetError, match="row 1: broken row for 'quiz': "):
        load_dataset(adapter_of(what), "games", [])
