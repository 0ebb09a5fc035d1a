"""Comparing models on the samples that they share, and holding a run against a policy.

`sides.py` opens runs, `values.py` reads samples, `pairing.py` makes figures of them, `compare.py`
puts pairs together; `policy.py` and `gate.py` are the gate; `specialization.py` and
`declared.py` say how far a category is a model's speciality. The statistics are in `stats`.
"""

from __future__ import annotations

from evalctl.comparing.compare import compare
from evalctl.comparing.declared import Declared, declared
from evalctl.comparing.gate import hold_against
from evalctl.comparing.policy import Policy
from evalctl.comparing.sides import RunSide, open_side, open_sides
from evalctl.comparing.specialization import measure

__all__ = [
    "Declared",
    "Policy",
    "RunSide",
    "compare",
    "declared",
    "hold_against",
    "measure",
    "open_side",
    "open_sides",
]
