"""What a file is, by its name and by how it begins: rows, or something that stands beside rows.

Nothing is loaded here but the first bytes. Pickles, checkpoints and scripts are told by name or by
what they begin with, and are never opened any further.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from evalctl.sources.opening import plain_suffix

HEAD_BYTES = 1 << 16
"""So much of a file is looked at to tell what it is."""

_OF_ROWS = frozenset({".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".xml", ".parquet", ".arrow"})
_POINTER = "a pointer of Git LFS; `git lfs pull` fetches the file"
_PAGE = "a web page; was a link to the page downloaded?"
_EMPTY = "empty"
_PICKLE = "a pickle, which is never loaded"

_SUFFIXES: Mapping[str, str] = {
    **dict.fromkeys((".md", ".rst", ".pdf", ".bib", ".cff", ".license"), "documentation"),
    **dict.fromkeys((".py", ".ipynb", ".sh", ".js", ".r", ".toml", ".ini", ".cfg"), "a program"),
    **dict.fromkeys((".yaml", ".yml"), "settings; YAML is not read"),
    **dict.fromkeys(
        (".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".svg"), "an image"
    ),
    **dict.fromkeys((".wav", ".mp3", ".flac", ".mp4", ".webm", ".ogg"), "sound or film"),
    **dict.fromkeys((".pkl", ".pickle", ".joblib", ".dill"), _PICKLE),
    **dict.fromkeys(
        (".pt", ".pth", ".ckpt", ".bin", ".safetensors", ".gguf", ".onnx", ".npz", ".npy"),
        "weights or arrays",
    ),
    **dict.fromkeys(
        (".part", ".partial", ".incomplete", ".crdownload", ".download", ".aria2", ".tmp"),
        "a download that is not whole",
    ),
    **dict.fromkeys((".lock", ".etag"), "left over from a download"),
    **dict.fromkeys((".log", ".out", ".err"), "a log"),
    **dict.fromkeys((".sha256", ".md5", ".sha1", ".sig", ".asc"), "a checksum"),
    **dict.fromkeys((".bak", ".swp", ".orig"), "left over from an editor"),
    **dict.fromkeys((".tar", ".tgz", ".rar", ".7z", ".xz", ".bz2"), "an archive; unpack it"),
}
"""What files with these endings are, none of which holds rows."""
_NAMES: Mapping[str, str] = {
    **dict.fromkeys(
        ("readme", "readme.txt", "license", "licence", "license.txt", "notice", "authors"),
        "documentation",
    ),
    **dict.fromkeys(
        (
            "dataset_info.json",
            "dataset_infos.json",
            "dataset_dict.json",
            "state.json",
            "metadata.json",
            "package.json",
            "croissant.json",
            ".gitattributes",
            ".gitignore",
            ".ds_store",
            "thumbs.db",
        ),
        "says something about data, and is none",
    ),
    "summary.json": "a summary of a run",
    "manifest.json": "a summary of a run",
}
_BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (b"version https://git-lfs", _POINTER),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
    (b"%PDF", "documentation"),
    (b"\x80\x02", _PICKLE),
    (b"\x80\x03", _PICKLE),
    (b"\x80\x04", _PICKLE),
    (b"\x80\x05", _PICKLE),
    (b"#!", "a program"),
    (b"\xfd7zXZ", "an archive; unpack it"),
    (b"BZh", "an archive; unpack it"),
    (b"7z\xbc\xaf", "an archive; unpack it"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3", "a database"),
)
_WEB = (b"<!doctype html", b"<html")
_LOG = re.compile(rb"(\[?\d{4}-\d\d-\d\d[ T]\d\d:\d\d|(DEBUG|INFO|WARNING|ERROR)[ :])")
_SUMMARIES: tuple[frozenset[str], ...] = (
    frozenset({"results", "configs", "versions"}),
    frozenset({"splits", "features"}),
    frozenset({"run_id", "status", "categories"}),
    frozenset({"_data_files", "_fingerprint"}),
)
"""Keys that an object has which sums up a run or describes data."""


def by_name(path: PurePosixPath) -> str:
    """Return what a file is that is known to hold no rows by its name; else nothing."""
    name = path.name.lower()
    if name in _NAMES:
        return _NAMES[name]
    if name.endswith(("~", ".lock.json")) or name.startswith("._"):
        return "left over from an editor"
    return _SUFFIXES.get(path.suffix.lower(), "")


def by_beginning(head: bytes) -> str:
    """Return what a file is that is known to hold no rows by how it begins; else nothing."""
    if not head.strip():
        return _EMPTY
    for mark, what in _BEGINNINGS:
        if head.startswith(mark):
            return what
    if head.lstrip().lower().startswith(_WEB):
        return _PAGE
    lines = head.split(b"\n")[:8]
    if sum(bool(_LOG.match(line)) for line in lines) * 2 > len(lines):
        return "a log"
    return _sums_up(head)


def is_in_place_of_rows(path: PurePosixPath, why: str) -> bool:
    """Return whether a file that `by_beginning` tells should hold rows, by its name."""
    return why in {_POINTER, _PAGE, _EMPTY, _PICKLE} and plain_suffix(path) in _OF_ROWS


def _sums_up(head: bytes) -> str:
    if not head.startswith(b"{") or len(head) >= HEAD_BYTES:
        return ""
    try:
        value = json.loads(head)
    except (ValueError, RecursionError):
        return ""
    if isinstance(value, dict) and any(keys <= value.keys() for keys in _SUMMARIES):
        return "a summary of a run, or a description of data"
    return ""
