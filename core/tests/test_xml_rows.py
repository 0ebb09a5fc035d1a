"""Rows of XML files, and files that are no such thing or mean harm."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from evalctl.errors import DatasetError
from evalctl.sources import FileParts, FileSource, locate, xml_rows
from evalctl.sources.xml_rows import MAX_DEPTH


def source(folder: Path, text: str | bytes) -> FileSource:
    content = text.encode() if isinstance(text, str) else text
    (folder / "rows.xml").write_bytes(content)
    return FileSource(parts=(FileParts(paths=("rows.xml",)),))


def read(folder: Path, text: str | bytes) -> list[object]:
    located = locate(source(folder, text), [folder])
    assert located is not None
    return [dict(row.data) for row in located.rows()]


@pytest.mark.parametrize(
    ("element", "row"),
    [
        ('<pair pid="1"><a>x</a><b>y</b></pair>', {"pid": "1", "a": "x", "b": "y"}),
        ("<pair><a>x</a><a>y</a><a/></pair>", {"a": ["x", "y", ""]}),
        ("<pair><a n='1'>x</a></pair>", {"a": {"n": "1", "text": "x"}}),
        ("<pair><a><b><c>x</c></b></a></pair>", {"a": {"b": {"c": "x"}}}),
        ("<pair>only text</pair>", {"text": "only text"}),
        ("<pair> mixed <a>x</a> text </pair>", {"a": "x", "text": "mixed  text"}),
        ("<pair><a>\n  kept as it is\n</a></pair>", {"a": "\n  kept as it is\n"}),
        ("<pair><a>&lt;&amp;&#8217;&gt;</a></pair>", {"a": "<&\u2019>"}),
        ("<pair><a><![CDATA[<b>]]></a><!-- not this --></pair>", {"a": "<b>"}),
        ('<n:pair xmlns:n="urn:x" n:id="1"><n:a>x</n:a></n:pair>', {"id": "1", "a": "x"}),
        ("<pair/>", {"text": ""}),
    ],
)
def test_an_element_is_a_row_of_attributes_and_elements(
    tmp_path: Path, element: str, row: dict[str, object]
) -> None:
    text = f'<?xml version="1.0"?>\n<rows>between\n{element}\n{element}</rows>'
    assert read(tmp_path, text) == [row, row]


def test_the_declared_encoding_is_kept_to(tmp_path: Path) -> None:
    text = '<?xml version="1.0" encoding="ISO-8859-1"?><r><a><b>é</b></a></r>'
    assert read(tmp_path, text.encode("latin-1")) == [{"b": "é"}]


def test_rows_are_passed_over_and_named_by_their_element(tmp_path: Path) -> None:
    located = locate(source(tmp_path, "<r><a><n>1</n></a><a><n>2</n></a></r>"), [tmp_path])
    assert located is not None
    (row,) = located.rows(start=1)
    assert (row.data, row.number) == ({"n": "2"}, 1)
    assert row.location.endswith("rows.xml:a[2]")


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">'
    "<!ENTITY c '&b;&b;&b;&b;'>]><r><a>&c;</a></r>"
)
OUTSIDE = '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]><r><a>&x;</a></r>'
PARAMETER = '<!DOCTYPE r [<!ENTITY % x SYSTEM "http://127.0.0.1:1/x"> %x;]><r><a>b</a></r>'
DOCTYPE = '<!DOCTYPE r SYSTEM "http://127.0.0.1:1/r.dtd"><r><a>b</a></r>'


@pytest.mark.parametrize("text", [BOMB, OUTSIDE, PARAMETER, DOCTYPE])
def test_document_types_and_entities_are_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(DatasetError, match=r"rows\.xml: .*never read"):
        read(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<r><a>x</a><a>y</b></r>", r"rows\.xml\[1\]: behind this, .*mismatched tag.* line 1"),
        ("<r><a>x</a>", r"rows\.xml\[1\]: behind this, .*no element found"),
        ("<r><a>&nbsp;</a></r>", r"rows\.xml: behind this, .*undefined entity"),
        ("<r><a>x</a></r><r/>", "junk after document element"),
        (b"<r><a>\xff\xfe</a></r>", "not well-formed"),
        ("<", r"rows\.xml: behind this"),
        ('<r><a n="1"><n>2</n></a></r>', r"rows\.xml:a\[1\]: <a> has the attribute 'n'"),
        ("<r><a>" + "<b>" * MAX_DEPTH, f"inside of each other more than {MAX_DEPTH} times"),
        ("<r>" * 100_000, f"inside of each other more than {MAX_DEPTH} times"),
    ],
)
def test_what_cannot_be_read_is_named_by_file_and_element(
    tmp_path: Path, text: str | bytes, message: str
) -> None:
    with pytest.raises(DatasetError, match=message):
        read(tmp_path, text)


def test_a_check_goes_on_behind_a_broken_row(tmp_path: Path) -> None:
    text = '<r><a n="1"><n>2</n></a><a><n>3</n></a></r>'
    located = locate(source(tmp_path, text), [tmp_path])
    told: list[tuple[str, str]] = []
    assert located is not None
    found = list(located.rows(told=lambda *what: told.append(what)))
    assert [(row.number, dict(row.data)) for row in found] == [(1, {"n": "3"})]
    assert len(told) == 1


def test_an_element_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_rows, "MAX_LINE_BYTES", 1 << 20)
    half = b"x" * (1 << 19)
    with pytest.raises(DatasetError, match="is longer than"):
        read(tmp_path, b"<r><a>" + half + b"</a><b>" + half + half + b"</b></r>")


def test_a_long_file_needs_no_more_memory_than_a_short_one(tmp_path: Path) -> None:
    row = "<a><b>" + "word " * 200 + "</b></a>"
    located = locate(source(tmp_path, "<r>" + row * 4_000 + "</r>"), [tmp_path])
    assert located is not None
    tracemalloc.start()
    try:
        assert sum(1 for _ in located.rows()) == 4_000
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_a_web_page_is_none(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="web page"):
        read(tmp_path, "<html><body>404</body></html>")
