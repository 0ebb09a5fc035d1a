"""Where exports go, what they never write over, and what is refused with exit code 2."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.exporting.conftest import (
    HOSTILE,
    Exportable,
    changed_copy,
    exported,
    json_lines,
)

from evalctl.errors import OutputError
from evalctl.exporting import ExportSource
from evalctl.exporting.drafts import NOTE, folder_draft, text_draft
from evalctl.store import RunFolder


def test_an_export_goes_beside_the_run_and_is_not_written_over(
    exportable: Exportable, hostile_run: RunFolder, tmp_path: Path
) -> None:
    run = changed_copy(hostile_run, tmp_path / "run")
    code, output, errors = exportable.export(str(run.path), "--format", "jsonl")
    assert (code, errors) == (0, "")
    path = run.path / "exports" / "samples.jsonl"
    assert output == f"{path}\n"
    path.write_text("mine")
    code, _, errors = exportable.export(str(run.path), "--format", "jsonl")
    assert code == 2
    assert "--force" in errors
    assert path.read_text() == "mine"
    assert exportable.export(str(run.path), "--format", "jsonl", "--force")[0] == 0
    assert len(json_lines(path)) == len(HOSTILE)
    assert [one.name for one in path.parent.iterdir()] == ["samples.jsonl"]


def test_standard_output_gets_the_same_bytes_and_nothing_else(
    exportable: Exportable, hostile_run: RunFolder, tmp_path: Path
) -> None:
    run = str(hostile_run.path)
    code, output, errors = exportable.export(run, "--format", "jsonl", "--to", "-")
    assert (code, errors) == (0, "")
    written = exported(hostile_run, "jsonl", tmp_path / "out.jsonl")
    assert output == written.read_text(encoding="utf-8")
    assert exportable.export(run, "--format", "parquet", "--to", "-")[0] == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--format", "jsonk"), "Did you mean jsonl"),
        (("--format", "jsonl", "--model", "gpt"), "replay:outputs.jsonl"),
        (("--format", "jsonl", "--raw"), "--raw is for csv"),
        (("--format", "jsonl", "--to", "/dev/null/no/such"), "cannot write"),
    ],
)
def test_what_cannot_be_is_the_users_mistake(
    exportable: Exportable, hostile_run: RunFolder, arguments: tuple[str, ...], said: str
) -> None:
    code, output, errors = exportable.export(str(hostile_run.path), *arguments)
    assert (code, output) == (2, "")
    assert said in errors


def test_a_run_of_another_version_is_refused(hostile_run: RunFolder, tmp_path: Path) -> None:
    later = changed_copy(hostile_run, tmp_path / "later", schema_version=2)
    with pytest.raises(OutputError, match="schema version 2"):
        ExportSource.read(later)


def test_a_plan_of_another_form_is_refused_with_its_place(
    hostile_run: RunFolder, tmp_path: Path
) -> None:
    other = changed_copy(hostile_run, tmp_path / "other", plan={"models": [{"model": "x"}]})
    with pytest.raises(OutputError, match=r"manifest\.json.*plan\.models\.0\.path"):
        ExportSource.read(other)


def test_a_manifest_edited_by_hand_is_refused(hostile_run: RunFolder, tmp_path: Path) -> None:
    edited = changed_copy(hostile_run, tmp_path / "edited")
    path = edited.path / "manifest.json"
    path.write_text(path.read_text().replace("gsm8k", "gsm9k"))
    with pytest.raises(OutputError, match="edited"):
        ExportSource.read(edited)


def test_an_incomplete_run_is_exported_with_a_warning(
    exportable: Exportable, repeated_run: RunFolder, tmp_path: Path
) -> None:
    target = tmp_path / "out.jsonl"
    arguments = ("--format", "jsonl", "--to", str(target))
    code, _, errors = exportable.export(str(repeated_run.path), *arguments)
    assert code == 0
    assert "warning: " in errors
    assert "is failed, not complete" in errors


def test_a_run_that_did_not_end_is_exported_with_a_warning(
    exportable: Exportable, hostile_run: RunFolder, tmp_path: Path
) -> None:
    torn = changed_copy(hostile_run, tmp_path / "torn")
    (torn.path / "summary.json").unlink()
    (lines,) = (torn.path / "samples").rglob("*.jsonl")
    lines.write_bytes(lines.read_bytes()[:-10])
    code, _, errors = exportable.export(str(torn.path), "--format", "jsonl")
    assert code == 0
    assert "did not end" in errors
    rows = json_lines(torn.path / "exports" / "samples.jsonl")
    assert len(rows) == len(HOSTILE) - 1


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_a_full_disk_leaves_what_was_there_before(
    exportable: Exportable, hostile_run: RunFolder, tmp_path: Path, form: str
) -> None:
    target = tmp_path / "out"
    target.write_text("before")
    code = """
import resource
from evalctl.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (900, 900))
main()
"""
    arguments = ("export", str(hostile_run.path), "--format", form, "--to", str(target), "--force")
    done = exportable.site.python(code, *arguments)
    assert done.returncode == 1
    assert "cannot write" in done.stderr
    assert "bug" not in done.stderr
    assert target.read_text() == "before"
    assert list(tmp_path.iterdir()) == [target]


def test_an_interruption_leaves_nothing_under_the_name(tmp_path: Path) -> None:
    def interrupted() -> None:
        with text_draft(tmp_path / "out.jsonl", is_forced=False) as sink:
            sink.write("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(tmp_path.iterdir()) == []


def test_only_a_folder_that_is_an_export_is_replaced(
    hostile_run: RunFolder, tmp_path: Path
) -> None:
    source = ExportSource.read(hostile_run)
    target = tmp_path / "mine"
    target.mkdir()
    with (
        pytest.raises(OutputError, match="no export"),
        folder_draft(target, source, is_forced=True),
    ):
        pass
    target.rmdir()
    for text in ("first", "second"):
        with folder_draft(target, source, is_forced=True) as folder:
            (folder / f"{text}.txt").write_text(text)
    assert sorted(one.name for one in target.iterdir()) == [NOTE, "second.txt"]
    assert source.manifest_hash in (target / NOTE).read_text()
    assert list(tmp_path.iterdir()) == [target]
