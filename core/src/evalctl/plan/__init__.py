"""From what was asked to what will be done. Every mistake of the user ends here.

`make` resolves every name, validates every option with the engine's own model, reads and checks
every row, and matches what datasets need with what engines can do. No model is loaded.
"""

from __future__ import annotations

from evalctl.plan.asked import RunSpec
from evalctl.plan.datasets import Checked, LoadedDataset, load_dataset
from evalctl.plan.fitting import memory_of
from evalctl.plan.make import Before, check_config, make
from evalctl.plan.measured import PlannedMeasuring
from evalctl.plan.models import asking_of
from evalctl.plan.planned import (
    Asked,
    Plan,
    PlannedBaseline,
    PlannedCategory,
    PlannedDataset,
    PlannedModel,
)
from evalctl.plan.recorded import make_recorded
from evalctl.plan.sandbox import sandbox_for

__all__ = [
    "Asked",
    "Before",
    "Checked",
    "LoadedDataset",
    "Plan",
    "PlannedBaseline",
    "PlannedCategory",
    "PlannedDataset",
    "PlannedMeasuring",
    "PlannedModel",
    "RunSpec",
    "asking_of",
    "check_config",
    "load_dataset",
    "make",
    "make_recorded",
    "memory_of",
    "sandbox_for",
]
