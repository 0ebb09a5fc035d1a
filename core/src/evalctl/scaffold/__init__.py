"""A new plugin package, written whole: names that are checked, templates, and the folder.

`names.py` checks names, `taken.py` who has them already, `rendering.py` fills in the templates in
`templates/`, and `writing.py` writes the folder. What is printed about it is the command line's.
"""

from __future__ import annotations

from evalctl.scaffold.names import PackageNames, read_name
from evalctl.scaffold.rendering import APACHE, About, Target, checked_about, render
from evalctl.scaffold.taken import refuse_taken
from evalctl.scaffold.writing import write_folder

__all__ = [
    "APACHE",
    "About",
    "PackageNames",
    "Target",
    "checked_about",
    "read_name",
    "refuse_taken",
    "render",
    "write_folder",
]
