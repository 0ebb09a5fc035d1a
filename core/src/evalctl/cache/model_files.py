"""What tells a local model apart: contents of small files, samples of large ones.

Hashing seventy gigabytes takes minutes. Of files beyond the first 256 MiB, the smallest counted
first, size, time of change and 65 samples spread over the file stand for the contents: training
changes every block of a weight file, and whoever copies one over another changes its time.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from evalctl.sources.files import hash_file

HASHED_BYTES = 256 << 20
"""Of a model's files that are read whole, the smallest first."""

SAMPLES = 64
SAMPLE_BYTES = 64 << 10

_TOLD_ABOUT = frozenset({".md", ".txt", ".png", ".jpg", ".gif", ".pdf"})
_READ_TXT = frozenset({"merges.txt", "vocab.txt"})


def mark_of(path: Path) -> str:
    """Return a SHA-256 that changes when a file of the model changes.

    Args:
        path: A file, or a folder that holds the model. What describes a model (`.md`, pictures) and
            what is hidden does not count.

    Raises:
        OSError: A file cannot be read.
    """
    files = [path] if path.is_file() else _files(path)
    by_size = sorted(files, key=lambda file: (file.stat().st_size, file))
    left = HASHED_BYTES
    marks = []
    for file in by_size:
        left -= file.stat().st_size
        name = file.relative_to(path).as_posix() if file != path else file.name
        marks.append(f"{name}\0{hash_file(file) if left >= 0 else sampled_mark(file)}\n")
    return hashlib.sha256("".join(sorted(marks)).encode("utf-8", "surrogateescape")).hexdigest()


def sampled_mark(path: Path) -> str:
    """Return size, time of change and a hash of samples, from the first byte to the last."""
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        found = os.fstat(file.fileno())
        last = max(0, found.st_size - SAMPLE_BYTES)
        for number in range(SAMPLES + 1):
            digest.update(os.pread(file.fileno(), SAMPLE_BYTES, number * last // SAMPLES))
    return f"{found.st_size}:{found.st_mtime_ns}:{digest.hexdigest()}"


def _files(folder: Path) -> list[Path]:
    found = []
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(parent, name) for name in names if _counts(name)]
    return [path for path in found if path.is_file()]


def _counts(name: str) -> bool:
    is_told_about = Path(name).suffix.lower() in _TOLD_ABOUT and name not in _READ_TXT
    return not name.startswith(".") and not is_told_about
