"""Comparing models on the samples that they share, and holding a run against a policy.

`sides.py` opens runs, `values.py` reads samples, `pairing.py` makes figures of them, `compare.py`
puts pairs together; `policy.py` and `gate.py` are the gate. The statistics are in `stats`.
"""

from __future__ import annotations

from evalctl.comparing.compare import compare
from evalctl.comparing.gate import hold_against
from evalctl.comparing.policy import Policy
from evalctl.comparing.sides import RunSide, open_side, open_sides

__all__ = ["Policy", "RunSide", "compare", "hold_against", "open_side", "open_sides"]
