"""CoNLL files: sentences as rows, and what is no such file."""

from __future__ import annotations

from pathlib import Path

import pytest

from evalctl.errors import DatasetError
from evalctl.sources import FileParts, FileSource, locate
from evalctl.sources import conll as reading
from evalctl.sources.files import read_file

WE_PARSE = "We NN O\nparse NN I-Task\n"
TEXT = f"-DOCSTART- NN O\n\n{WE_PARSE}\nIt NN O\n\n-DOCSTART- (17)\n\nMen NN I-PAR\n"


def write(folder: Path, text: str | bytes, name: str = "test.txt") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_each_sentence_is_a_row_that_knows_its_document(tmp_path: Path) -> None:
    rows = list(read_file(write(tmp_path, TEXT)))

    assert [row.data["tokens"] for row in rows] == [["We", "parse"], ["It"], ["Men"]]
    assert [row.data["tags"] for row in rows] == [["O", "I-Task"], ["O"], ["I-PAR"]]
    assert [row.data["document"] for row in rows] == [0, 0, 1]
    assert [row.data["heading"] for row in rows] == ["NN O", "NN O", "(17)"]
    assert [row.location.rpartition(":")[2] for row in rows] == ["3", "6", "10"]


@pytest.mark.parametrize(
    "text",
    [
        WE_PARSE,
        WE_PARSE.replace("\n", "\r\n"),
        "\ufeff" + WE_PARSE,
        "\n\n" + WE_PARSE + "\n\n\n",
        WE_PARSE.replace(" ", "\t"),
        WE_PARSE.replace(" ", "  "),
        WE_PARSE.rstrip(),
    ],
    ids=["plain", "carriage returns", "mark", "blank lines", "tabs", "spaces", "no last line end"],
)
def test_it_is_read_however_it_is_written(text: str, tmp_path: Path) -> None:
    (row,) = read_file(write(tmp_path, text))

    assert (row.data["tokens"], row.data["tags"]) == (["We", "parse"], ["O", "I-Task"])


def test_with_tabs_a_token_may_hold_spaces(tmp_path: Path) -> None:
    (row,) = read_file(write(tmp_path, "1 1/2\tB-Metric\nof\tO\n"))

    assert row.data["tokens"] == ["1 1/2", "of"]


def test_columns_have_the_names_that_are_given(tmp_path: Path) -> None:
    write(tmp_path, WE_PARSE)
    part = FileParts(paths=("test.txt",), columns=("words", "part", "tags"))
    located = locate(FileSource(parts=(part,)), [tmp_path])

    assert located is not None
    (row,) = located.rows()
    assert row.data["words"] == ["We", "parse"]
    assert row.data["part"] == ["NN", "NN"]


def test_reading_may_begin_behind_some_sentences(tmp_path: Path) -> None:
    rows = list(read_file(write(tmp_path, TEXT), start=2))

    assert [row.data["tokens"] for row in rows] == [["Men"]]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{TEXT}are NN\n", "test.txt:11: 2 columns, where 3 are needed"),
        (f"-DOCSTART-\n\n{WE_PARSE}alone\n", "test.txt:5: 1 columns, where 3 are needed"),
        ("-DOCSTART-\n\nalone\n", "test.txt:3: 1 columns, where 2 are needed"),
        (TEXT.encode() + b"\xff NN O\n", "test.txt:11: not UTF-8"),
        (f"{TEXT}{'x' * 70_000} NN O\n", "test.txt:11: the line is longer than 65,536 bytes"),
    ],
)
def test_a_broken_sentence_is_told_by_file_and_line(
    text: str | bytes, said: str, tmp_path: Path
) -> None:
    with pytest.raises(DatasetError) as caught:
        list(read_file(write(tmp_path, text)))

    assert said in str(caught.value)


def test_a_sentence_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_TOKENS", 10)

    with pytest.raises(DatasetError, match=r"test\.txt:11: a sentence of more than 10 tokens"):
        list(read_file(write(tmp_path, "We NN O\n" * 12)))


def test_who_goes_on_behind_a_broken_sentence_is_told_once_of_it(tmp_path: Path) -> None:
    told: list[str] = []
    text = "We NN O\n\na\nb\nc NN O\n\nIt NN O\n"

    rows = list(read_file(write(tmp_path, text), told=lambda where, why: told.append(where)))

    assert [row.data["tokens"] for row in rows] == [["We"], ["It"]]
    assert [where.rpartition(":")[2] for where in told] == ["3"]


@pytest.mark.parametrize(
    "text",
    [
        "These are words\nof a text\n",
        "what O\nis this?\n",
        "O\nO\n",
        "",
    ],
)
def test_other_texts_are_not_taken_for_it(text: str) -> None:
    assert not reading.is_conll(text.encode())


def test_a_head_that_ends_within_a_line_is_known(tmp_path: Path) -> None:
    assert reading.is_conll(WE_PARSE.encode() * 100 + b"We N")
