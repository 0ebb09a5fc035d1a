"""Which fold a row is in: the same in every run, whatever order rows come in."""

from __future__ import annotations

import hashlib

from evalctl.records import Sample


def fold_of(sample: Sample, folds: int) -> int:
    """Return a row's fold, from 0, by a hash of its cluster, or of its text where it stands alone.

    So rows of one sentence or document, and rows with the same text, are never on both sides.
    """
    kind, key = ("text", sample.input) if sample.cluster is None else ("cluster", sample.cluster)
    digest = hashlib.sha256(f"{kind}\0{key}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % folds
