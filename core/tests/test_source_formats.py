"""Rows that are packed, in Arrow files, or in JSON of a single line, read as a stream."""

from __future__ import annotations

import gzip
import io
import json
import pickle
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import zstandard

from evalctl.errors import DatasetError
from evalctl.sources.files import PLAIN, Form, read_file
from evalctl.sources.json_rows import read_array
from evalctl.sources.opening import PackedError, members_of
from evalctl.sources.zstd_frames import zstd_is_whole

ROWS = [{"q": "one, or two?", "a": "1\n2"}, {"q": "zwölf;", "a": "12"}]
LINES = "".join(json.dumps(row) + "\n" for row in ROWS).encode()


def read(path: Path, form: Form = PLAIN) -> list[object]:
    return [dict(line.data) for line in read_file(path, form=form)]


def told(path: Path, form: Form = PLAIN) -> tuple[int, list[str]]:
    """Return how many rows a file has, and what is said of the others."""
    reasons: list[str] = []
    count = sum(1 for _ in read_file(path, 0, lambda at, why: reasons.append(f"{at}: {why}"), form))
    return count, [reason.replace(str(path), "FILE") for reason in reasons]


def write_arrow(path: Path, kind: str) -> None:
    import pyarrow
    from pyarrow import ipc

    table = pyarrow.Table.from_pylist(ROWS * 700)
    opened = {"file": ipc.new_file, "stream": ipc.new_stream}[kind]
    with opened(str(path), table.schema) as writer:
        writer.write_table(table)


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "zst": zstandard.compress,
    "two frames.zst": lambda data: zstandard.compress(data[:9]) + zstandard.compress(data[9:]),
    "gzip members.gz": lambda data: gzip.compress(data[:9]) + gzip.compress(data[9:]),
}


@pytest.mark.parametrize("kind", PACKED)
def test_compressed_rows_are_read_as_they_were(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"rows.jsonl.{kind}"
    path.write_bytes(PACKED[kind](LINES))
    assert read(path) == ROWS


def test_a_compressed_table_is_told_by_the_name_beneath(tmp_path: Path) -> None:
    path = tmp_path / "rows.tsv.gz"
    path.write_bytes(gzip.compress(b"q\ta\none, two\t2\n"))
    assert read(path) == [{"q": "one, two", "a": "2"}]


def test_a_member_of_an_archive_is_read_and_named_in_places(tmp_path: Path) -> None:
    path = zipped(tmp_path / "all.zip", {"x/rows.jsonl": LINES, "y.csv": b"q,a\n1,2\n3\n"})
    assert read(path, Form(member="x/rows.jsonl")) == ROWS
    assert told(path, Form(member="y.csv")) == (
        1,
        ["FILE!y.csv:3: not as many cells as the header names"],
    )


def test_a_compressed_member_is_read(tmp_path: Path) -> None:
    path = zipped(tmp_path / "all.zip", {"rows.jsonl.gz": gzip.compress(LINES)})
    assert read(path, Form(member="rows.jsonl.gz")) == ROWS


@pytest.mark.parametrize("kind", ["gz", "zst", "gzip members.gz"])
def test_what_was_cut_off_is_told(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"rows.jsonl.{kind}"
    packed = PACKED[kind](LINES * 5000)
    path.write_bytes(packed[: len(packed) // 2])
    _, (reason, *_) = told(path)
    assert "FILE" in reason
    with pytest.raises(DatasetError):
        read(path)


@pytest.mark.parametrize("kept", [1, 5, 20, -1, -4, -5])
def test_a_zstandard_file_is_whole_or_is_not(kept: int, tmp_path: Path) -> None:
    made = zstandard.ZstdCompressor(write_checksum=True).compress(LINES * 5000)
    path = tmp_path / "rows.zst"
    path.write_bytes(made + made)
    assert zstd_is_whole(path)
    path.write_bytes(made + made[:kept])
    assert not zstd_is_whole(path)


def test_what_expands_too_far_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evalctl.sources.opening.FREE_BYTES", 1 << 20)
    path = tmp_path / "rows.jsonl.gz"
    path.write_bytes(gzip.compress(LINES + b" " * (30 << 20)))
    tracemalloc.start()
    count, reasons = told(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 2
    assert reasons == [
        "FILE: the file cannot be unpacked: it expands more than 200-fold; the rest is not read"
    ]
    assert peak < 8 << 20


def test_an_archive_that_expands_too_far_is_refused_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evalctl.sources.opening.FREE_BYTES", 1 << 20)
    path = zipped(tmp_path / "all.zip", {f"{n}.jsonl": b" " * (1 << 20) for n in range(9)})
    with pytest.raises(PackedError, match="expands more than 200-fold"):
        members_of(path)


def test_members_whose_names_lead_out_are_left_out(tmp_path: Path) -> None:
    names = ["a.jsonl", "../b.jsonl", "/c.jsonl", "x/../../d.jsonl", "..\\e.jsonl"]
    path = zipped(tmp_path / "all.zip", {name: LINES for name in names})
    assert members_of(path) == ["a.jsonl"]


def test_an_archive_in_an_archive_is_not_unpacked(tmp_path: Path) -> None:
    inner = zipped(tmp_path / "in.zip", {"a.jsonl": LINES}).read_bytes()
    path = zipped(tmp_path / "all.zip", {"in.zip": inner})
    assert told(path, Form(member="in.zip")) == (
        0,
        ["FILE!in.zip: the file is a zip archive; unpack it"],
    )


@pytest.mark.parametrize("kind", ["file", "stream"])
def test_arrow_files_are_read(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "data-00000-of-00001.arrow"
    write_arrow(path, kind)
    assert read(path) == ROWS * 700


@pytest.mark.parametrize("kind", ["file", "stream"])
def test_a_damaged_arrow_file_is_told(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "rows.arrow"
    write_arrow(path, kind)
    path.write_bytes(path.read_bytes()[:-3000])
    count, (reason,) = told(path)
    assert count == 0
    assert reason.startswith("FILE: not a readable Arrow file, from row 0 on: ")


@pytest.mark.parametrize("sign", [",", ";", "|", "\t"])
def test_a_table_is_read_whatever_stands_between_its_cells(sign: str, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(f'q{sign}a\n"one{sign} two\nlines"{sign}1\nthree{sign}3\n')
    assert read(path) == [{"q": f"one{sign} two\nlines", "a": "1"}, {"q": "three", "a": "3"}]


def test_a_table_is_told_by_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "rows.txt"
    path.write_text("q,a\n1 + 1,2\n1 + 2,3\n")
    assert read(path) == [{"q": "1 + 1", "a": "2"}, {"q": "1 + 2", "a": "3"}]


def test_a_table_that_is_not_utf_8_is_told_by_row_and_read_on(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("q,a\none?,1\ncafé?,2\nthree?,3\n".encode("latin-1"))
    assert told(path) == (2, ["FILE:3: not UTF-8: there is the byte 0xe9"])
    path.write_bytes("café,a\none?,1\n".encode("latin-1"))
    reason = "not UTF-8: there is the byte 0xe9, in the header; nothing can be read"
    assert told(path) == (0, [f"FILE:1: {reason}"])


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.jsonl", pickle.dumps(ROWS), "is a pickle, which is never loaded; write its rows as"),
        (
            "a.parquet",
            bytes(range(100, 256)) + bytes(99),
            "holds neither text nor Parquet or Arrow",
        ),
    ],
)
def test_files_that_are_not_what_they_are_called_are_told(
    name: str, content: bytes, reason: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    n_rows, (line,) = told(tmp_path / name)
    assert n_rows == 0
    assert line.startswith(f"FILE: the file {reason}")


@pytest.mark.parametrize(
    "columns",
    [
        {"q": ["one", "two"], "a": [1, 2]},
        {"q": {"0": "one", "1": "two"}, "a": {"0": 1, "1": 2}},
    ],
    ids=["lists", "by row number"],
)
def test_an_object_of_columns_gives_rows(columns: object, tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    path.write_text(json.dumps(columns))
    assert read(path, Form(within="[]")) == [{"q": "one", "a": 1}, {"q": "two", "a": 2}]


def test_columns_that_are_not_as_long_as_each_other_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    path.write_text('{"q": ["one", "two"], "a": [1]}')
    _, reasons = told(path, Form(within="[]"))
    assert reasons == ["FILE: the object's columns are not as long as each other"]


class _Endless(io.RawIOBase):
    """A file of one line that goes on and on."""

    def __init__(self, begin: bytes, again: bytes, n_bytes: int) -> None:
        self._parts = self._made(begin, again, n_bytes)
        self.n_read = 0

    def _made(self, begin: bytes, again: bytes, n_bytes: int) -> Iterator[bytes]:
        yield begin
        for _ in range(n_bytes // len(again)):
            yield again

    def read(self, size: int = -1, /) -> bytes:
        part = next(self._parts, b"")
        self.n_read += len(part)
        return part


def test_an_array_of_one_line_needs_the_memory_of_a_row() -> None:
    row = json.dumps({"q": "x" * 900, "a": [1, 2, {"b": None}]}).encode() + b","
    file = _Endless(b"[", row * 60, 100 << 20)
    reasons: list[str] = []
    tracemalloc.start()
    count = sum(1 for _ in read_array(file, "f", lambda at, why: reasons.append(f"{at}: {why}")))  # type: ignore[arg-type]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert file.n_read > 99 << 20
    assert count > 100_000
    assert reasons == [f"f[{count}]: not a JSON array: it ends too early"]
    assert peak < 2 << 20


def test_a_text_without_end_is_given_up_at_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evalctl.sources.json_rows.MAX_LINE_BYTES", 1 << 20)
    file = _Endless(b'[{"q": "', b"x" * 65536, 1 << 30)
    reasons: list[str] = []
    rows = list(read_array(file, "f", lambda at, why: reasons.append(why)))  # type: ignore[arg-type]
    assert rows == []
    assert reasons == ["not a JSON array: a value is longer than 1,048,576 bytes"]
    assert file.n_read < 3 << 20


@pytest.mark.parametrize(
    ("text", "n_rows", "reason"),
    [
        ("[]", 0, []),
        ("[ ]\n", 0, []),
        ('[{"a": 1}]', 1, []),
        ('[{"a": 1}, {"a": 2}\n]\n', 2, []),
        ('[{"a": 1} {"a": 2}]', 1, ["FILE[1]: not a JSON array: ',' is needed, not '{'"]),
        ('[{"a": 1}] x', 1, ["FILE[1]: not a JSON array: extra data: 'x'"]),
        ('[{"a": 1}, 7, {"a": 2}]', 2, ["FILE[1]: a JSON object is needed, not int"]),
        ('[{"a": 1}, {"a": tru}]', 1, ["FILE[1]: not a JSON array: expecting value"]),
    ],
)
def test_arrays(text: str, n_rows: int, reason: list[str], tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    path.write_text(text)
    assert told(path) == (n_rows, reason)


def test_values_are_put_together_over_the_borders_of_what_is_read(tmp_path: Path) -> None:
    rows = [{"n": 12345678901234567890 + n, "t": "ä€😀" * (n % 50)} for n in range(3000)]
    path = tmp_path / "rows.json"
    path.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    assert read(path) == rows
    path.write_text(json.dumps({"x": 1, "rows": rows}), encoding="utf-8")
    assert read(path, Form(within="rows")) == rows
