from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from typer.core import TyperGroup

from evalctl.cli import candidates
from evalctl.cli.completing import answer_lines
from evalctl.cli.completing.place import Place, find
from evalctl.cli.completing.scripts import SCRIPTS
from evalctl.cli.lazy import LazyCommand, build
from evalctl.imported import ColumnMap, Imported, keep
from evalctl.sources import OwnFile

if TYPE_CHECKING:
    from typer._click import Command, Context, Parameter


def place(*words: str) -> Place:
    return find(build(), words[:-1], words[-1])


def values(*words: str) -> list[str]:
    return [offer.value for offer in place(*words).offers]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("ru",), ["run"]),
        (("list", "e"), ["engines", "executors"]),
        (("nothing", ""), []),
        (("--vers",), ["--version"]),
        (("run", "--min"), ["--min-specialization"]),
        (("run", "--seed", "1", "--see"), []),
        (("run", "--model", "a", "--mod"), ["--model"]),
        (("run", "--model=a", "--force", "--forc"), []),
        (("run", "-c"), ["-c"]),
        (("run", "--unknown", "--forc"), ["--force"]),
        (("run", "--seed", ""), []),
        (("show", "--", "--js"), []),
        (("show", "x", "--js"), ["--json"]),
        (("show", "x", "y"), []),
        (("completion", ""), ["bash", "zsh", "fish"]),
        (("completion", "f"), ["fish"]),
        (("export", "x", "--format", "js"), ["jsonl"]),
        (("export", "x", "--format=js"), ["jsonl"]),
        (("run", "-na"), ["all"]),
        (("run", "-n", "a"), ["all"]),
    ],
)
def test_words_lead_to_what_can_follow(words: tuple[str, ...], expected: list[str]) -> None:
    assert values(*words) == expected


def test_options_are_offered_where_no_argument_is_left() -> None:
    assert {"--category", "--no-cache", "--help"} <= {*values("run", "")}
    assert "-c" not in values("run", "-")


@pytest.mark.parametrize(
    ("words", "before"),
    [
        (("export", "x", "--format=js"), "--format="),
        (("run", "-na"), "-n"),
        (("run", "--data="), "--data="),
        (("run", "--data", ""), ""),
    ],
)
def test_what_stands_before_a_value_is_told(words: tuple[str, ...], before: str) -> None:
    assert place(*words).before == before


def parameters(command: Command, parent: Context | None, name: str) -> Iterator[Option]:
    """Yield all that a command and those below it take."""
    real = command.imported() if isinstance(command, LazyCommand) else command
    context = real.context_class(real, info_name=name, parent=parent)
    if isinstance(real, TyperGroup):
        for below in real.commands:
            yield from parameters(real.commands[below], context, f"{name} {below}")
    for one in real.get_params(context):
        yield Option(name, one.opts[0], one)


class Option(NamedTuple):
    command: str
    flag: str
    parameter: Parameter


def test_no_command_offers_to_change_the_files_of_shells() -> None:
    flags = {one.flag for one in parameters(build(), None, "evalctl")}
    assert "--category" in flags
    assert not {"--install-completion", "--show-completion"} & flags


FREE = {"N", "AMOUNT", "T", "W", "K,...", "WEIGHT", "DAYS", "KEY=VALUE", "TEXT", "SPDX"}
"""How `--help` calls values that only the user knows: numbers, texts, options of engines."""

NEW = {
    "evalctl plugins new name",
    "evalctl cache clear --model",
    "evalctl datasets import --as",
    "evalctl datasets import --map",
}
"""Names that are yet to be given, and those that only a look into a cache or a file would tell."""


def test_every_other_value_can_be_completed() -> None:
    unknown = {
        f"{one.command} {one.flag}"
        for one in parameters(build(), None, "evalctl")
        if not getattr(one.parameter, "is_flag", False)
        and one.parameter.metavar not in FREE
        and not {"DIR", "FILE", "PATH"} & {*(one.parameter.metavar or "").split("_")}
        and one.parameter._custom_shell_complete is None
    }
    assert unknown == NEW


def test_imported_datasets_are_named_with_their_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    columns = ColumnMap(fields={"question": "q"})
    keep(Imported(name="mine", file=OwnFile(path="/rows.csv"), like="gsm8k", columns=columns))
    assert candidates.imported_datasets() == [("mine", "/rows.csv")]


def test_plugins_are_named_without_being_imported() -> None:
    assert {"engines", "executors"} <= {name for name, _ in candidates.plugins()}


def test_plugins_are_named_beside_broken_metadata_of_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "other-1.0.dist-info"
    broken.mkdir()
    (broken / "METADATA").write_text("Metadata-Version: 2.1\nName: other\nVersion: 1.0\n")
    (broken / "entry_points.txt").write_bytes(b"[console_scripts]\nno equals sign\xff\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert {"engines", "executors"} <= {name for name, _ in candidates.plugins()}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_is_printed(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    build().main(["completion", shell], standalone_mode=False)
    assert capsys.readouterr().out == SCRIPTS[shell]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    for name in ("20260101-a", "20260301-c", "20260201-b", "no-run"):
        (tmp_path / name).mkdir()
    for name in ("20260101-a", "20260301-c", "20260201-b"):
        (tmp_path / name / "manifest.json").write_text("{}")
    return tmp_path


def test_runs_are_those_of_the_chosen_folder_the_newest_first(out: Path) -> None:
    newest = ["latest", "20260301-c", "20260201-b", "20260101-a"]
    for command in ("show", "compare", "gate", "score", "rerun", "export", "specialization"):
        assert values(command, "--out", str(out), "") == newest
    assert values("show", f"--out={out}", "202601") == ["20260101-a"]
    assert values("run", "--out", str(out), "--resume", "la") == ["latest"]
    assert values("compare", "x", "--out", str(out), "--baseline", "la") == ["latest"]


def test_a_folder_without_runs_offers_none(tmp_path: Path) -> None:
    assert values("show", "--out", str(tmp_path), "") == []
    assert values("show", "--out", str(tmp_path / "missing"), "") == []
    assert values("show", "--out", "~nobody-of-that-name/x", "") == []


def test_a_damaged_run_has_no_models(out: Path) -> None:
    assert values("compare", "--out", str(out), "latest:") == []


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "models/qwen").mkdir(parents=True)
    (tmp_path / "models/qwen/config.json").write_text("{}")
    (tmp_path / "models/more").mkdir()
    (tmp_path / "models/.hidden").mkdir()
    (tmp_path / "models/outputs.jsonl").write_text("")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("transformers:m", ["transformers:models/"]),
        ("transformers:models/", ["transformers:models/more/", "transformers:models/qwen"]),
        ("transformers:models/.h", ["transformers:models/.hidden/"]),
        ("transformers:./models/q", ["transformers:./models/qwen"]),
        ("replay:models/o", ["replay:models/outputs.jsonl"]),
        ("replay:nowhere/", []),
        ("replay:~nobody-of-that-name/", []),
        ("unknown:m", []),
        ("replay", ["replay:"]),
    ],
)
def test_behind_an_engine_come_the_paths_that_it_opens(
    here: Path, typed: str, expected: list[str]
) -> None:
    assert values("run", "--model", typed) == expected


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (("zsh", "js", "export", "x", "--format"), ["nothing", "jsonl\tone object a line"]),
        (("zsh", "--format=js", "export", "x"), ["nothing", "jsonl\tone object a line"]),
        (("fish", "--format=js", "export"), ["nothing", "--format=jsonl\tone object a line"]),
        (("fish", "'js", "export", "x", "--format"), ["nothing", "jsonl\tone object a line"]),
        (("bash", "evalctl export --format=js", "js"), ["nothing", "jsonl"]),
        (("bash", "evalctl export --format=js", "--format=js"), ["nothing", "--format=jsonl"]),
        (("bash", "evalctl run -m repl", "repl"), ["nothing joined", "replay:"]),
        (
            ("bash", "evalctl run -m replay:models/", "replay:models/"),
            [
                "nothing",
                "replay:models/more/",
                "replay:models/outputs.jsonl",
                "replay:models/qwen/",
            ],
        ),
        (
            ("bash", "evalctl run -m replay:models/m", "models/m"),
            ["nothing joined", "models/more/"],
        ),
        (("zsh", "", "run", "--data"), ["folders"]),
        (("fish", "--config=x", "run"), ["files"]),
        (("bash", "evalctl show ./x", "./x"), ["folders"]),
        (("bash", "evalctl list runs > x", "x"), ["files"]),
        (("bash", "evalctl run $'a b", "b"), ["nothing"]),
        (("zsh", "", "run", "--seed"), ["nothing"]),
        (("zsh", "gsm", "run", "-c", "coding", "-d"), ["nothing"]),
        (("zsh", "gsm", "run", "-c", "math", "-d"), ["nothing", "gsm8k\tGSM8K"]),
        (
            ("zsh", "mathe", "list", "models", "-c"),
            ["nothing", "mathematical_reasoning\tMathematical reasoning"],
        ),
        (("zsh", "ma", "run", "--engine"), ["nothing"]),
        (("zsh", "tr", "run", "--engine"), ["nothing", "transformers\ttransformers"]),
        (("zsh", "bw", "run", "--executor"), ["nothing", "bwrap\tbubblewrap"]),
    ],
)
def test_each_shell_is_answered_in_its_own_form(
    here: Path, asked: tuple[str, ...], expected: list[str]
) -> None:
    assert [
        line[: len(most)] for line, most in zip(answer_lines(*asked), expected, strict=True)
    ] == expected


HOSTILE = ["$(touch x)", "`touch x`", "it's; a", 'a "b" !c', "co:lon", "~x\\y"]
"""Names that a shell would make something else of, were they not quoted."""

HIDDEN = ["line\nbreak", "\x1b[31mred", "\u202etxt.exe", "tab\there", "-rf", os.fsdecode(b"\xff")]
"""Names that are not offered: a terminal shows something else, or the command reads it so."""


def test_names_that_would_show_as_something_else_are_left_out(tmp_path: Path) -> None:
    for name in (*HOSTILE, *HIDDEN):
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").write_text("{}")
    _, _, *told = answer_lines("zsh", "", "show", "--out", str(tmp_path))
    assert {line.split("\t")[0] for line in told} == {*HOSTILE}
