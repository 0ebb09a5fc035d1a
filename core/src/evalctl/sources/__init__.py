"""Where rows come from: upstream files, the hub's copy, files in a package, or values in line.

A source is a declaration; `locate` finds it on this machine and returns `Located`, whose rows are
read as a stream. Reading file formats is in `files.py`, talking to the hub in `hub.py`.
"""

from __future__ import annotations

from evalctl.sources.declared import (
    FileParts,
    FileSource,
    HubPart,
    HubSource,
    InlineSource,
    OwnFile,
    PackagedSource,
    Source,
)
from evalctl.sources.located import Located, locate
from evalctl.sources.row import OnBroken, Row, refuse, texts_in

__all__ = [
    "FileParts",
    "FileSource",
    "HubPart",
    "HubSource",
    "InlineSource",
    "Located",
    "OnBroken",
    "OwnFile",
    "PackagedSource",
    "Row",
    "Source",
    "locate",
    "refuse",
    "texts_in",
]
