from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import JsonValue

from evalctl.errors import DatasetError, DatasetMissingError
from evalctl.sources import (
    FileParts,
    FileSource,
    HubPart,
    HubSource,
    InlineSource,
    Row,
    locate,
)

ROWS = [{"question": "1 + 1?", "answer": "2"}, {"question": "2 + 2?", "answer": "4"}]


def write(folder: Path, name: str, text: str) -> FileSource:
    (folder / name).write_text(text, encoding="utf-8")
    return FileSource(parts=(FileParts(paths=(name,)),))


def read(source: FileSource, folder: Path) -> list[dict[str, object]]:
    located = locate(source, [folder])
    assert located is not None
    return [dict(row.data) for row in located.rows()]


def test_json_lines_are_read_whatever_the_file_is_called(tmp_path: Path) -> None:
    text = "\n".join(json.dumps(row) for row in ROWS)
    assert read(write(tmp_path, "test.json", text), tmp_path) == ROWS


def test_a_json_array_is_read(tmp_path: Path) -> None:
    assert read(write(tmp_path, "rows.jsonl", json.dumps(ROWS, indent=1)), tmp_path) == ROWS


def test_csv_is_read_with_quotes_and_line_breaks(tmp_path: Path) -> None:
    source = write(tmp_path, "rows.csv", 'question,answer\n"1, or\n2?",3\n')
    assert read(source, tmp_path) == [{"question": "1, or\n2?", "answer": "3"}]


def test_parquet_is_read(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    parquet.write_table(arrow.Table.from_pylist(ROWS), tmp_path / "data")
    assert read(FileSource(parts=(FileParts(paths=("data",)),)), tmp_path) == ROWS


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"a": 1}\n{"a": \n', "rows.jsonl:2"),
        ('{"a": 1}\n\n[1]\n', "rows.jsonl:3"),
        ('[{"a": 1}, 2]', "rows.jsonl[1]"),
        ("[" * 100_000, "rows.jsonl"),
        ('{"a":' * 100_000, "rows.jsonl:1"),
    ],
)
def test_a_broken_row_is_named_by_its_line(tmp_path: Path, text: str, place: str) -> None:
    source = write(tmp_path, "rows.jsonl", text)
    with pytest.raises(DatasetError, match=r"rows\.jsonl") as caught:
        read(source, tmp_path)
    assert place in str(caught.value)


def within(folder: Path, text: str, key: str) -> FileSource:
    (folder / "whole.json").write_text(text, encoding="utf-8")
    return FileSource(parts=(FileParts(paths=("whole.json",), within=key),))


@pytest.mark.parametrize("indent", [None, 1])
def test_the_rows_of_an_object_are_a_list_in_it_or_its_values(
    tmp_path: Path, indent: int | None
) -> None:
    listed = within(tmp_path, json.dumps({"about": "x", "rows": ROWS}, indent=indent), "rows")
    assert read(listed, tmp_path) == ROWS
    keyed = dict(zip("ab", ROWS, strict=True))
    values = within(tmp_path, json.dumps(keyed, indent=indent), "*")
    assert read(values, tmp_path) == [{"key": "a", **ROWS[0]}, {"key": "b", **ROWS[1]}]


@pytest.mark.parametrize(
    ("text", "key", "message"),
    [
        ('{"rows": [{}, 2]}', "rows", r'whole\.json\["rows"\]\[1\]: a JSON object is needed'),
        ('{"a": {}, "b": 2}', "*", r'whole\.json\["b"\]: a JSON object is needed, not int'),
        ('{"rows": {}}', "rows", "no list under 'rows'"),
        ("{}", "rows", "no list under 'rows'"),
        ("[]", "rows", "a JSON object is needed, not list"),
        ('{"rows": [', "rows", "not a JSON object"),
        ('{"a":' * 100_000, "*", "not a JSON object"),
    ],
)
def test_an_object_without_its_rows_is_named_by_the_place(
    tmp_path: Path, text: str, key: str, message: str
) -> None:
    with pytest.raises(DatasetError, match=message):
        read(within(tmp_path, text, key), tmp_path)


def test_a_csv_row_with_too_many_cells_is_named_by_its_line(tmp_path: Path) -> None:
    source = write(tmp_path, "rows.csv", "a,b\n1,2\n1,2,3\n")
    with pytest.raises(DatasetError, match=r"rows\.csv:3"):
        read(source, tmp_path)


def test_all_parts_of_a_source_are_needed(tmp_path: Path) -> None:
    write(tmp_path, "one.jsonl", json.dumps(ROWS[0]))
    parts = (FileParts(paths=("one.jsonl",)), FileParts(paths=("two.jsonl",)))
    assert locate(FileSource(parts=parts), [tmp_path]) is None


def test_optional_parts_are_left_out_where_they_are_missing(tmp_path: Path) -> None:
    parts = [FileParts(paths=(f"{name}.jsonl",), is_optional=name != "a") for name in "abc"]
    source = FileSource(parts=tuple(parts))
    write(tmp_path, "c.jsonl", '{"n": 3}\n')
    assert locate(source, [tmp_path]) is None
    write(tmp_path, "a.jsonl", '{"n": 1}\n')
    assert read(source, tmp_path) == [{"n": 1}, {"n": 3}]


def test_a_source_of_optional_parts_needs_one_of_them(tmp_path: Path) -> None:
    source = FileSource(parts=(FileParts(paths=("a.jsonl",), is_optional=True),))
    assert locate(source, [tmp_path]) is None


def test_the_first_folder_that_has_all_parts_wins(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder, row in ((first, ROWS[0]), (second, ROWS[1])):
        folder.mkdir()
        write(folder, "rows.jsonl", json.dumps(row))
    located = locate(FileSource(parts=(FileParts(paths=("rows.jsonl",)),)), [first, second])
    assert located is not None
    assert [row.data for row in located.rows()] == [ROWS[0]]


def test_the_content_hash_changes_with_one_byte(tmp_path: Path) -> None:
    source = write(tmp_path, "rows.jsonl", json.dumps(ROWS[0]))
    before = locate(source, [tmp_path])
    assert before is not None
    first = before.content_hash()
    write(tmp_path, "rows.jsonl", json.dumps(ROWS[1]))
    assert before.content_hash() != first


def test_a_hub_layout_in_a_folder_is_read_by_the_datasets_library(tmp_path: Path) -> None:
    folder = tmp_path / "layout"
    folder.mkdir()
    write(folder, "test.jsonl", "\n".join(json.dumps(row) for row in ROWS))
    located = locate(HubSource(parts=(HubPart(path=str(folder), split="test"),)), [])
    assert located is not None
    assert [row.data for row in located.rows()] == ROWS
    assert located.is_local


def test_a_hub_split_that_does_not_exist_is_a_clear_error(tmp_path: Path) -> None:
    folder = tmp_path / "layout"
    folder.mkdir()
    write(folder, "test.jsonl", json.dumps(ROWS[0]))
    located = locate(HubSource(parts=(HubPart(path=str(folder), split="dev"),)), [])
    assert located is not None
    with pytest.raises(DatasetError, match="dev"):
        list(located.rows())


def test_a_hub_dataset_is_refused_offline_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    located = locate(HubSource(parts=(HubPart(path="nobody/nothing", split="test"),)), [])
    assert located is not None
    with pytest.raises(DatasetMissingError, match="cannot be reached"):
        list(located.rows())


def test_inline_rows_are_numbered() -> None:
    located = locate(InlineSource(rows=tuple(ROWS)), [])
    assert located is not None
    assert [(row.number, row.location) for row in located.rows()] == [(0, "row 0"), (1, "row 1")]


def test_a_list_of_texts_is_read_from_a_column() -> None:
    assert Row({"turns": ["one", ""]}, 0, "", "here").texts("turns") == ["one", ""]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, "column 'turns' is missing; a list of texts is needed"),
        ({"turns": "one"}, "column 'turns' holds 'one'; a list of texts is needed"),
        ({"turns": None}, "column 'turns' holds None; a list of texts is needed"),
        ({"turns": ["one", 2]}, r"column 'turns' holds \['one', 2\]; a list of texts is needed"),
        ({"turns": {"one": "two"}}, "a list of texts is needed"),
    ],
)
def test_what_is_no_list_of_texts_is_named(data: dict[str, JsonValue], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Row(data, 0, "", "here").texts("turns")
