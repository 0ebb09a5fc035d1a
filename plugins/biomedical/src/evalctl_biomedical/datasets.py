"""The category's datasets.

Where a benchmark's answers are a few words, it is asked by log-likelihood as published figures are,
and in words, under the same name with `_written`, of models that give none. A benchmark of several
kinds of questions is one dataset, told by kind as well.
"""

from __future__ import annotations

from evalctl_biomedical import bioasq, chemprot, mediqa, probes, pubmedqa

DATASETS = (
    *pubmedqa.DATASETS,
    *bioasq.DATASETS,
    *mediqa.DATASETS,
    *chemprot.DATASETS,
    *probes.DATASETS,
)
