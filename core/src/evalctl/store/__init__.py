"""The run folder: what was asked, one line per finished sample, and the summary.

    RUN/manifest.json                  what was asked, resolved and used
    RUN/samples/MODEL/DATASET.jsonl    one `SampleResult` a line, appended as each is scored
    RUN/failures/MODEL/DATASET.jsonl   likewise, of samples that the engine did not answer
    RUN/turns/MODEL.jsonl              turns of conversations, until these have their result
    RUN/judged/MODEL/DATASET.jsonl     one `Judged` a line, where a judge model was asked
    RUN/verdicts/MODEL/DATASET/*.jsonl verdicts on samples that need several, until all are there
    RUN/checkpoints/MODEL/DATASET.json what the samples add up to, so that not all need be read
    RUN/summary.json                   the `RunResult`, written in one piece at the end
    RUN/engine-MODEL.log               what an engine printed

Nothing is held back in memory: a line is written when its sample is scored, and synced to the disk
at least every second.
"""

from __future__ import annotations

from evalctl.store.differing import differences, told_apart
from evalctl.store.folder import RunFolder, list_runs, open_run, open_run_of_model, slug
from evalctl.store.journal import Checkpoint, Journal
from evalctl.store.judged import Judged, mean_metrics, mean_scores
from evalctl.store.lines import LineWriter, Syncer, read_lines
from evalctl.store.lock import RunLock
from evalctl.store.manifests import CacheUse, Derivation, Manifest, Resumption
from evalctl.store.mending import mend, sift
from evalctl.store.seals import sealed

__all__ = [
    "CacheUse",
    "Checkpoint",
    "Derivation",
    "Journal",
    "Judged",
    "LineWriter",
    "Manifest",
    "Resumption",
    "RunFolder",
    "RunLock",
    "Syncer",
    "differences",
    "list_runs",
    "mean_metrics",
    "mean_scores",
    "mend",
    "open_run",
    "open_run_of_model",
    "read_lines",
    "sealed",
    "sift",
    "slug",
    "told_apart",
]
