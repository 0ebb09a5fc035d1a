"""What a scan makes of folders with small datasets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from core.tests.scan.quizzes import OWNER, REGISTRY, YEARS, capitals, write

from evalctl.errors import ConfigError
from evalctl.registry import Entry, Registry
from evalctl.scan import FoundSet, scan
from evalctl.sources import FileParts, FileSource


def _only(folder: Path) -> FoundSet:
    (one,) = scan(folder, REGISTRY).report.sets
    return one


def _text(one: FoundSet, name: str) -> str:
    (finding,) = (finding for finding in one.findings if finding.name == name)
    return finding.text


def test_a_file_is_recognised_whatever_it_is_called(tmp_path: Path) -> None:
    write(tmp_path / "notes" / "holiday.txt", capitals())
    one = _only(tmp_path)
    assert (one.dataset, one.status, one.rows, one.samples) == ("capitals", "ready", 10, 10)
    assert one.confidence == 1.0


def test_a_file_without_a_header_gets_the_columns_of_its_dataset(tmp_path: Path) -> None:
    (tmp_path / "reviews.csv").write_text("I like it,good\nI do not,bad\n")
    one = _only(tmp_path)
    assert (one.dataset, one.status, one.rows) == ("labels", "ready", 2)


def test_a_dataset_that_takes_anything_has_to_be_named(tmp_path: Path) -> None:
    rows = [{"q": "1 + 1", "a": "2"}, {"q": "1 + 2", "a": "3"}]
    write(tmp_path / "sums.jsonl", rows)
    (unknown,) = scan(tmp_path, REGISTRY).report.unknown
    assert unknown.rows == 2
    assert unknown.columns == {"q": "str", "a": "str"}
    assert unknown.nearest[0].dataset == "anything"
    assert unknown.nearest[0].missing == ("idx", "prompt")
    write(tmp_path / "anything" / "test.jsonl", rows)
    assert _only(tmp_path).dataset == "anything"


def test_broken_rows_are_told_by_line_with_the_reason(tmp_path: Path) -> None:
    rows = capitals()
    rows[3]["capital"] = "nowhere"
    del rows[7]["country"]
    write(tmp_path / "a" / "b.jsonl", rows)
    one = _only(tmp_path)
    assert one.status == "unusable"
    assert one.reasons == ("2 rows of 10 cannot be taken",)
    assert [(case.id, case.what) for case in one.findings[0].cases] == [
        ("a/b.jsonl:4", "'nowhere' is no name of a city"),
        ("a/b.jsonl:8", "column 'country' is missing; a text is needed"),
    ]


def test_a_torn_file_is_not_usable(tmp_path: Path) -> None:
    path = write(tmp_path / "capitals.jsonl", capitals())
    path.write_bytes(path.read_bytes()[:-20])
    assert _only(tmp_path).status == "unusable"


def test_ids_that_stand_twice_make_it_unusable(tmp_path: Path) -> None:
    rows = capitals()
    rows[5]["id"] = rows[2]["id"]
    write(tmp_path / "capitals.jsonl", rows)
    one = _only(tmp_path)
    assert (one.status, one.reasons) == ("unusable", ("1 row has the id of an earlier row",))


def test_repeated_questions_are_a_warning(tmp_path: Path) -> None:
    rows = capitals()
    rows.append({**rows[0], "id": 99})
    write(tmp_path / "capitals.jsonl", rows)
    one = _only(tmp_path)
    assert (one.status, one.reasons) == ("warnings", ("1 row asks what an earlier row asks",))


def test_mixed_types_and_lost_values_are_warnings(tmp_path: Path) -> None:
    rows = capitals()
    rows[1]["id"] = "one"
    rows[2]["country"] = "NaN"
    write(tmp_path / "capitals.jsonl", rows)
    one = _only(tmp_path)
    assert one.status == "warnings"
    assert _text(one, "types") == "mixed types: 'id' holds number (9) and text (1)"
    assert _text(one, "void") == "1 row with a lost value, such as `nan`"


def test_a_table_that_may_be_cut_off_within_its_last_cell_is_told(tmp_path: Path) -> None:
    table = "country,capital\nWhere is Lima?,Peru\nWhere is Oslo?,Norway"
    (tmp_path / "a.csv").write_text(table + "\n")
    assert _only(tmp_path).status == "ready"
    (tmp_path / "a.csv").write_text(table)
    one = _only(tmp_path)
    assert one.reasons == ("1 table ends without a line break: was something cut off?",)
    (tmp_path / "a.csv").write_text(table + "\nWhere is Bergen?,Norway")
    assert _only(tmp_path).status == "ready"


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16"])
def test_another_encoding_is_told_with_what_mends_it(encoding: str, tmp_path: Path) -> None:
    rows = "".join(f"Où est le café préféré de l'été numéro {n} ?,Orléans\n" for n in range(60))
    header = "country,capital\n" + "Where is it?,Rome\n" * 3
    (tmp_path / "a.csv").write_bytes((header + rows).encode(encoding))
    report = scan(tmp_path, REGISTRY).report
    told = [
        *(one.problem for one in report.unknown),
        *(r for one in report.sets for r in one.reasons),
    ]
    (line,) = (line for line in told if "iconv -f " in line)
    command = f"iconv -f {encoding} -t utf-8 a.csv"
    assert f"a.csv seems to be written in {encoding}: `{command}` makes it UTF-8" in line


def test_splits_are_told_apart_and_what_they_share_is_told(tmp_path: Path) -> None:
    write(tmp_path / "capitals" / "test.jsonl", capitals(10))
    write(tmp_path / "capitals" / "train.jsonl", capitals(10, first=8))
    test, train = scan(tmp_path, REGISTRY).report.sets
    assert (test.use, train.use) == ("samples", "worked examples")
    assert test.reasons == ("2 of 10 questions stand in capitals/train.jsonl as well",)
    assert (test.status, train.status) == ("warnings", "ready")


def test_parts_belong_together_and_an_optional_one_is_not_missed(tmp_path: Path) -> None:
    for year in ("2001", "2002"):
        write(tmp_path / "years" / f"{year}.jsonl", [{"sum": f"1 + {year}", "total": "2"}])
    one = _only(tmp_path)
    assert one.files == ("years/2001.jsonl", "years/2002.jsonl")
    assert (one.status, one.rows) == ("ready", 2)


def test_a_part_that_a_run_needs_is_missed(tmp_path: Path) -> None:
    write(tmp_path / "years" / "2002.jsonl", [{"sum": "1 + 1", "total": "2"}])
    one = _only(tmp_path)
    assert one.status == "unusable"
    assert one.reasons == ("not here: years/2001.jsonl, which a run needs as well",)


def test_a_part_that_neither_name_nor_rows_tell_is_not_guessed(tmp_path: Path) -> None:
    rows = [{"sum": "1 + 1", "total": "2"}]
    write(tmp_path / "sums.jsonl", rows)
    one = _only(tmp_path)
    assert (one.dataset, one.status) == ("years", "unusable")
    assert one.reasons == (
        "the name sums.jsonl does not tell which part of years it is; call it after that part, "
        "such as 2001.jsonl (or 2002, 2003)",
    )


def test_a_part_that_only_its_rows_tell_is_taken(tmp_path: Path) -> None:
    write(tmp_path / "sums.jsonl", [{"sum": "1 + 1", "total": "2", "from": "2002"}])
    assert _only(tmp_path).reasons == ("not here: 2001, which a run needs as well",)


def test_a_part_that_makes_no_difference_need_not_be_told(tmp_path: Path) -> None:
    write(tmp_path / "sums.jsonl", [{"sum": "1 + 1", "total": "2", "id": "x"}])
    assert _only(tmp_path).status == "ready"


def test_some_parts_of_a_dataset_are_not_the_dataset(tmp_path: Path) -> None:
    write(tmp_path / "elsewhere" / "2001.jsonl", [{"sum": "1 + 1", "total": "2"}])
    one = _only(tmp_path)
    assert one.status == "unusable"
    assert one.reasons == ("not here: 2002, which a run needs as well",)
    write(tmp_path / "elsewhere" / "2002.jsonl", [{"sum": "1 + 2", "total": "3"}])
    assert _only(tmp_path).status == "ready"


def test_a_file_s_own_name_tells_its_part_before_its_folder(tmp_path: Path) -> None:
    for year in ("2001", "2002"):
        write(tmp_path / "2001" / f"sums of {year}.jsonl", [{"sum": f"1 + {year}", "total": "2"}])
    one = _only(tmp_path)
    assert one.files == ("2001/sums of 2001.jsonl", "2001/sums of 2002.jsonl")
    assert one.status == "ready"


def test_a_name_that_several_parts_have_tells_none(tmp_path: Path) -> None:
    parts = tuple(FileParts(paths=(f"{y}/test.jsonl",), label=y) for y in ("2001", "2002"))
    spec = YEARS.model_copy(update={"sources": (FileSource(parts=parts),)})
    write(tmp_path / "mine" / "test.jsonl", [{"sum": "1 + 1", "total": "2"}])
    (one,) = scan(tmp_path, Registry(dataset_entries=(Entry(spec, OWNER, "q"),))).report.sets
    assert "does not tell which part of years it is" in one.reasons[0]


def test_the_longest_part_that_a_name_holds_is_meant(tmp_path: Path) -> None:
    labels = ("algebra", "linear_algebra")
    parts = tuple(FileParts(paths=(f"{one}.jsonl",), label=one) for one in labels)
    spec = YEARS.model_copy(update={"sources": (FileSource(parts=parts),)})
    write(tmp_path / "a" / "linear_algebra_test.jsonl", [{"sum": "1 + 1", "total": "2"}])
    (one,) = scan(tmp_path, Registry(dataset_entries=(Entry(spec, OWNER, "q"),))).report.sets
    assert one.reasons == ("not here: algebra, which a run needs as well",)


def test_a_second_release_is_told_apart_from_what_a_run_takes(tmp_path: Path) -> None:
    write(tmp_path / "capitals" / "test.jsonl", capitals(10))
    write(tmp_path / "capitals" / "new" / "all.jsonl", capitals(12))
    sets = {one.use: one.files for one in scan(tmp_path, REGISTRY).report.sets}
    assert sets == {
        "samples": ("capitals/test.jsonl",),
        "another release": ("capitals/new/all.jsonl",),
    }


def test_shards_of_a_split_are_one_set(tmp_path: Path) -> None:
    for shard in range(2):
        name = f"test-{shard:05}-of-00002.jsonl"
        write(tmp_path / "data" / name, capitals(3, first=3 * shard))
    write(tmp_path / "data" / "train-00000-of-00001.jsonl", capitals(3, first=50))
    sets = {
        one.split: (one.use, len(one.files), one.rows)
        for one in scan(tmp_path, REGISTRY).report.sets
    }
    assert sets == {"test": ("samples", 2, 6), "train": ("another split", 1, 3)}


def test_the_same_folder_gives_the_same_report(tmp_path: Path) -> None:
    write(tmp_path / "capitals" / "test.jsonl", capitals(10))
    write(tmp_path / "x.jsonl", [{"z": 1}])
    first = scan(tmp_path, REGISTRY).report.model_dump_json()
    assert scan(tmp_path, REGISTRY).report.model_dump_json() == first
    assert json.loads(first)["sets"][0]["licence"] == "CC0-1.0"


def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is not a folder"):
        scan(tmp_path / "nothing", REGISTRY)


def test_a_scan_is_ready_where_everything_with_rows_is(tmp_path: Path) -> None:
    write(tmp_path / "capitals" / "test.jsonl", capitals(10))
    assert scan(tmp_path, REGISTRY).report.is_ready
    write(tmp_path / "x.jsonl", [{"z": 1}])
    assert not scan(tmp_path, REGISTRY).report.is_ready
