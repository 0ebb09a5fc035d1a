"""What memory this machine has, what a model needs of it, and whether that fits.

`machine.py` looks at the machine, `cache_shape.py` and `weights.py` read a model's figures,
`figures.py` brings those together, and `fit.py` says whether they fit. Nothing is loaded, and no
library of a model is imported. Listings and plans ask the same functions, so they never disagree.
"""

from __future__ import annotations

from evalctl.memory.estimate import FITS_NOT, MemoryEstimate, size_text
from evalctl.memory.figures import ModelFigures, SequenceLength, Settings
from evalctl.memory.fit import estimate_memory
from evalctl.memory.machine import Device, Memory, model_memory

__all__ = [
    "FITS_NOT",
    "Device",
    "Memory",
    "MemoryEstimate",
    "ModelFigures",
    "SequenceLength",
    "Settings",
    "estimate_memory",
    "model_memory",
    "size_text",
]
