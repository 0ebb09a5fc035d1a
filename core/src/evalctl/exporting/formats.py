"""The formats by name, and how one is written where it is wanted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Literal, cast

from evalctl.errors import OutputError, UnknownNameError
from evalctl.exporting.drafts import TextSink, file_draft, folder_draft, text_draft
from evalctl.exporting.source import ExportSource

FOLDER = "exports"
"""Where exports are put below a run folder, if nowhere else is said."""


@dataclass(frozen=True)
class ExportOptions:
    """What can be asked of an export."""

    is_raw: bool = False
    """Whether csv leaves cells alone that a spreadsheet may take for formulas."""


@dataclass(frozen=True)
class Format:
    """A form that other tools read."""

    name: str
    """As it is asked for."""
    title: str
    """One line for listings."""
    kind: Literal["text", "binary", "folder"]
    """Whether it is one text file, which may go to standard output, one other file, or a folder."""
    file: str
    """Name of the file or folder that it becomes."""
    writer: str
    """`module:function`, imported when it is needed."""

    def default_target(self, source: ExportSource) -> Path:
        """Return where it is put if nowhere else is said: beside the run's other files."""
        return source.folder.path / FOLDER / self.file


FORMATS = {
    made.name: made
    for made in (
        Format("jsonl", "one object a line", "text", "samples.jsonl", "jsonl:write_jsonl"),
        Format("csv", "one row a line", "text", "samples.csv", "csv_table:write_csv"),
        Format("parquet", "typed columns", "binary", "samples.parquet", "parquet:write_parquet"),
        Format(
            "replay", "what the engine replay reads", "text", "replay.jsonl", "replay:write_replay"
        ),
        Format(
            "lm-eval",
            "files of lm-evaluation-harness",
            "folder",
            "lm-eval",
            "lm_eval:write_lm_eval",
        ),
        Format("inspect", "logs of Inspect", "folder", "inspect", "inspect_log:write_inspect"),
        Format(
            "every-eval-ever",
            "records of Every Eval Ever",
            "folder",
            "every-eval-ever",
            "every_eval_ever:write_every_eval_ever",
        ),
    )
}
"""By name, in the order of listings."""


def format_named(name: str) -> Format:
    """Return the format of that name.

    Raises:
        UnknownNameError: There is none.
    """
    if name not in FORMATS:
        raise UnknownNameError("export format", name, FORMATS)
    return FORMATS[name]


def export(
    source: ExportSource,
    wanted: Format,
    target: Path | TextSink,
    options: ExportOptions,
    *,
    is_forced: bool = False,
) -> tuple[str, ...]:
    """Write a run in a format; return what a reader of it must be warned of.

    What stands at the target is complete, always: it is written under another name beside it, and
    renamed at the end.

    Args:
        source: The run.
        wanted: The format.
        target: A file or folder that is not there yet, or where to write a text.
        options: What else is asked.
        is_forced: Whether an export that is there already may be replaced.

    Raises:
        OutputError: The target is there already or cannot be written, or the run lacks what the
            format needs.
        StorageError: The disk is full, or gone.
    """
    module, _, function = wanted.writer.partition(":")
    write = getattr(import_module(f"evalctl.exporting.{module}"), function)
    if wanted.kind == "folder":
        write_folder = cast("Callable[[ExportSource, Path], tuple[str, ...]]", write)
        with folder_draft(_a_path(target), source, is_forced=is_forced) as folder:
            return write_folder(source, folder)
    write_text = cast("Callable[[ExportSource, TextSink, ExportOptions], tuple[str, ...]]", write)
    if not isinstance(target, Path):
        return write_text(source, target, options)
    if wanted.kind == "text":
        with text_draft(target, is_forced=is_forced) as sink:
            return write_text(source, sink, options)
    write_binary = cast("Callable[[ExportSource, Path], tuple[str, ...]]", write)
    with file_draft(target, is_forced=is_forced) as path:
        return write_binary(source, path)


def _a_path(target: Path | TextSink) -> Path:
    if not isinstance(target, Path):
        raise OutputError("a folder cannot go to standard output; give one with --to DIR")
    return target
