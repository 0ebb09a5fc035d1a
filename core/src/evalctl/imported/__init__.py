"""Datasets of the user's own: a file, and which of its columns is what, kept without any code.

`mapping.py` makes samples of their rows, `keeping.py` has them in the user's configuration, and
`joining.py` puts them beside the registered ones.
"""

from __future__ import annotations

from evalctl.imported.joining import joined, spec_of
from evalctl.imported.keeping import Imported, forget, keep, kept
from evalctl.imported.mapping import FIELDS, ColumnMap, read_mapping

__all__ = [
    "FIELDS",
    "ColumnMap",
    "Imported",
    "forget",
    "joined",
    "keep",
    "kept",
    "read_mapping",
    "spec_of",
]
