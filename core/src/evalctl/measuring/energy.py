"""What a machine says it took of energy: NVIDIA's driver for GPUs, RAPL for CPUs.

Both count all that runs on the device, whoever started it.
Source: the kernel's `Documentation/power/powercap/powercap.rst`; NVML's
`nvmlDeviceGetTotalEnergyConsumption`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from evalctl.memory.nvml import device_energy

RAPL = Path("/sys/class/powercap")

Counters = dict[str, float]
"""Joules by counter, from any beginning."""


@dataclass(frozen=True)
class EnergyMeter:
    """Reads counters twice; the difference is what was taken in between."""

    rapl: Path = RAPL
    gpus: Callable[[], Mapping[int, float]] = device_energy

    def read(self) -> Counters:
        """Return all counters that can be read here; none where the machine offers none."""
        found = {f"gpu {index}": joules for index, joules in self.gpus().items()}
        for zone in self._packages():
            joules = _number(zone / "energy_uj")
            if joules is not None:
                found[zone.name] = joules
        return found

    def between(self, before: Counters, after: Counters) -> float | None:
        """Return the joules from one reading to a later one; None without counters."""
        shared = before.keys() & after.keys()
        if not shared:
            return None
        return sum(self._difference(name, before[name], after[name]) for name in shared)

    def why_not(self) -> str:
        """Return why nothing can be read here."""
        if self._packages():
            return f"{self.rapl}/intel-rapl:*/energy_uj may not be read by this user"
        return "this machine has neither RAPL counters nor a GPU that tells its energy"

    def _packages(self) -> list[Path]:
        """The zones of whole processors: those within them are counted there already."""
        zones = self.rapl.glob("intel-rapl:*")
        return sorted(zone for zone in zones if zone.name.count(":") == 1)

    def _difference(self, name: str, before: float, after: float) -> float:
        if after < before:  # a counter begins again at its range's end
            return after - before + (_number(self.rapl / name / "max_energy_range_uj") or 0.0)
        return after - before


def _number(path: Path) -> float | None:
    """Return microjoules in a file as joules; None where it cannot be read."""
    try:
        return int(path.read_text(encoding="ascii")) / 1e6
    except (OSError, ValueError):
        return None
