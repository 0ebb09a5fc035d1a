"""All datasets of the category, in the order in which they are listed."""

from __future__ import annotations

from evalctl_coding import bigcodebench, contests, functions

DATASETS = (*functions.DATASETS, *bigcodebench.DATASETS, *contests.DATASETS)
