"""Rows that name or hold images, rows in lists of rows, and files in several parts."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest

from evalctl.images import read_image
from evalctl.sources import (
    FileParts,
    FileSource,
    HubPart,
    HubSource,
    InlineSource,
    Row,
    Source,
    locate,
)


def rows(source: Source, folder: Path, start: int = 0) -> list[Row]:
    located = locate(source, [folder])
    assert located is not None
    return list(located.rows(start))


def files(*paths: str, **described: object) -> FileSource:
    return FileSource(parts=(FileParts.model_validate({"paths": paths, **described}),))


def test_a_row_names_an_image_beside_its_file(tmp_path: Path) -> None:
    (tmp_path / "set" / "pages").mkdir(parents=True)
    (tmp_path / "set" / "pages" / "1.png").write_bytes(b"a page")
    (tmp_path / "set" / "rows.json").write_text(json.dumps([{"image": "pages/1.png"}]))

    (row,) = rows(files("set/*.json"), tmp_path)

    seen = row.image("image")
    assert seen == row.image_at("pages/1.png")
    assert Path(seen.path) == tmp_path / "set" / "pages" / "1.png"
    assert seen.digest == sha256(b"a page").hexdigest()
    assert row.image_at("pages/2.png").digest == ""


@pytest.mark.parametrize("path", ["/etc/passwd", "../secret.png", "a/../../b.png", "..\\b.png", ""])
def test_a_path_that_leads_out_of_the_folder_is_refused(path: str, tmp_path: Path) -> None:
    (tmp_path / "rows.json").write_text('[{"image": "x"}]')
    (row,) = rows(files("rows.json"), tmp_path)

    for ask in (row.image_at, row.json_beside):
        with pytest.raises(ValueError, match="not a path within the folder of the row's file"):
            ask(path)


def test_a_row_of_no_file_has_nothing_beside_it(tmp_path: Path) -> None:
    (row,) = rows(InlineSource(rows=({"image": "a.png"},)), tmp_path)

    with pytest.raises(ValueError, match="the row comes from no file"):
        row.image("image")


def test_json_beside_a_row_is_read(tmp_path: Path) -> None:
    (tmp_path / "rows.json").write_text('[{"page": "1"}]')
    (tmp_path / "1.json").write_text('{"words": ["a"]}')
    (tmp_path / "2.json").write_text("{")
    (row,) = rows(files("rows.json"), tmp_path)

    assert row.json_beside("1.json") == {"words": ["a"]}
    with pytest.raises(ValueError, match=r"2.json is not JSON"):
        row.json_beside("2.json")
    with pytest.raises(ValueError, match=r"there is no file .*3.json"):
        row.json_beside("3.json")


@pytest.mark.parametrize("in_struct", [True, False])
def test_an_image_in_a_parquet_cell_is_referred_to_and_not_held(
    in_struct: bool, tmp_path: Path
) -> None:
    arrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    cells = [f"picture {number}".encode() for number in range(40)]
    held = [{"bytes": cell, "path": None} if in_struct else cell for cell in cells]
    table = arrow.Table.from_pylist([{"image": cell, "n": str(i)} for i, cell in enumerate(held)])
    parquet.write_table(table, tmp_path / "rows.parquet", row_group_size=15)

    found = rows(files("rows.parquet"), tmp_path)

    assert len(found) == 40
    assert [row.data["n"] for row in found] == [str(number) for number in range(40)]
    assert "picture" not in json.dumps([row.data for row in found])
    seen = [row.image("image") for row in found]
    assert [read_image(image) for image in seen] == cells
    assert seen[17].digest == sha256(cells[17]).hexdigest()


def test_rows_in_lists_of_rows_have_the_columns_around_them(tmp_path: Path) -> None:
    pages = [
        {"context": "one", "qas": [{"id": 1, "question": "a"}, {"id": 2, "question": "b"}]},
        {"context": "two", "qas": [{"id": 3, "question": "c"}]},
    ]
    (tmp_path / "squad.json").write_text(json.dumps(pages))
    source = files("squad.json", rows_at="qas")

    found = rows(source, tmp_path)

    assert [row.data for row in found] == [
        {"context": "one", "id": 1, "question": "a"},
        {"context": "one", "id": 2, "question": "b"},
        {"context": "two", "id": 3, "question": "c"},
    ]
    assert found[2].location == f'{tmp_path}/squad.json[1]["qas"][0]'
    behind = rows(source, tmp_path, start=2)
    assert [(row.number, row.data["id"]) for row in behind] == [(2, 3)]


def test_a_row_without_such_a_list_is_told_where_it_is(tmp_path: Path) -> None:
    (tmp_path / "squad.json").write_text(json.dumps([{"qas": [{"id": 1}]}, {"qas": 2}]))
    located = locate(files("squad.json", rows_at="qas"), [tmp_path])
    assert located is not None
    told: list[tuple[str, str]] = []

    found = list(located.rows(told=lambda where, why: told.append((where, why))))

    assert [row.data for row in found] == [{"id": 1}]
    assert told == [(f"{tmp_path}/squad.json[1]", "the column 'qas' holds no list of rows")]


def test_all_shards_of_a_part_are_read_where_it_says_so(tmp_path: Path) -> None:
    for number in (2, 1):
        (tmp_path / f"part-{number}.jsonl").write_text(json.dumps({"n": number}))

    both = rows(files("none-*", "part-*", takes_all=True), tmp_path)
    first = rows(files("part-*"), tmp_path)

    assert [row.data["n"] for row in both] == [1, 2]
    assert [row.data["n"] for row in first] == [1]


def test_an_image_of_a_hub_copy_is_read_from_the_local_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    datasets = pytest.importorskip("datasets")
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", str(tmp_path / "cache"))
    import pyarrow
    from pyarrow import parquet

    pictures = [f"picture {number}".encode() for number in range(5)]
    features = datasets.Features({"image": datasets.Image(), "n": datasets.Value("int64")})
    folder = tmp_path / "copy" / "data"
    folder.mkdir(parents=True)
    for shard, part in enumerate((pictures[:3], pictures[3:])):
        held = [{"image": {"bytes": one, "path": None}, "n": len(one)} for one in part]
        table = pyarrow.Table.from_pylist(held, schema=features.arrow_schema)
        parquet.write_table(table, folder / f"test-0000{shard}-of-00002.parquet")

    found = rows(HubSource(parts=(HubPart(path=str(folder.parent), split="test"),)), tmp_path)

    assert [row.data["n"] for row in found] == [9] * 5
    assert "picture" not in json.dumps([row.data for row in found])
    assert [read_image(row.image("image")) for row in found] == pictures


@pytest.mark.parametrize("is_file", [True, False])
def test_an_image_in_an_arrow_file_is_read_from_its_batch(is_file: bool, tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow")
    from pyarrow import ipc

    pictures = [f"picture {number}".encode() for number in range(7)]
    schema = arrow.schema([("image", arrow.binary())])
    make = ipc.new_file if is_file else ipc.new_stream
    with make(str(tmp_path / "rows.arrow"), schema) as writer:
        for first in (0, 4):
            cells = [{"image": one} for one in pictures[first : first + 4]]
            writer.write_batch(arrow.RecordBatch.from_pylist(cells, schema=schema))

    found = rows(files("rows.arrow"), tmp_path)

    assert [read_image(row.image("image")) for row in found] == pictures
