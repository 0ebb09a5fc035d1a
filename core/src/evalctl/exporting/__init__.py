"""Runs in the forms that other tools read: one module a format, each of them a stream.

jsonl            one flat object a sample and completion
csv              the same as a table, guarded against spreadsheets that take cells for formulas
parquet          the same with types, nested where that is natural
replay           what `--model replay:FILE` reads
lm-eval          the files of lm-evaluation-harness
inspect          logs of Inspect
every-eval-ever  records of the schema Every Eval Ever
"""

from __future__ import annotations

from evalctl.exporting.formats import FORMATS, ExportOptions, Format, export, format_named
from evalctl.exporting.source import ExportSource

__all__ = ["FORMATS", "ExportOptions", "ExportSource", "Format", "export", "format_named"]
