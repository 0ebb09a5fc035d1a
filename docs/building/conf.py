"""Sphinx's configuration; read by `python -m docs.building`."""

from __future__ import annotations

from pathlib import Path

from evalctl import __version__

project = "evalctl"
author = "the authors of evalctl"
project_copyright = "the authors of evalctl; Apache-2.0"
release = version = __version__

extensions = ["myst_parser"]
# Names of ours are written in full where types are; others are Python's and pydantic's.
nitpick_ignore_regex = [("py:.*", r"(?!evalctl\.).*")]

myst_heading_anchors = 4
# Code whose language is not said is what a terminal shows.
highlight_language = "text"
# Text says `--flag` and means two hyphens.
smartquotes = False
# Types are written in full to be found, and read as plugins write them.
python_use_unqualified_type_names = True
python_display_short_literal_types = True
maximum_signature_line_length = 88
toc_object_entries_show_parents = "hide"

html_theme = "pydata_sphinx_theme"
html_title = "evalctl"
html_static_path = [str(Path(__file__).parent / "static")]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_sidebars: dict[str, list[str]] = {"index": []}
html_theme_options = {
    "logo": {"text": "evalctl"},
    "header_links_before_dropdown": 6,
    "navigation_with_keys": False,
    "show_toc_level": 2,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
}
