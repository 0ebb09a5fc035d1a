"""How much memory this machine has for a model, told without starting anything."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple


class Memory(NamedTuple):
    """Memory that a model's weights can be put in."""

    size_bytes: int
    """In all, used or not; over all accelerators where there are several."""
    kind: str
    """`GPU` or `RAM`."""


def model_memory() -> Memory | None:
    """Return the accelerators' memory, else the machine's (or container's); None where unknown."""
    if size := _gpu_bytes():
        return Memory(size, "GPU")
    limits = [size for size in (_total_bytes(), _container_bytes()) if size]
    return Memory(min(limits), "RAM") if limits else None


@cache
def _gpu_bytes() -> int:
    """Memory of all NVIDIA devices; 0 without any.

    Starting the driver's library takes a while, and devices stay as they are: asked once.
    """
    if not Path("/proc/driver/nvidia/gpus").is_dir():
        return 0
    from evalctl.memory.nvml import device_bytes  # only where there is a device

    return sum(device_bytes())


def _total_bytes() -> int:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    sizes = [line.split()[1] for line in lines if line.startswith("MemTotal:")]
    return int(sizes[0]) * 1024 if sizes else 0


def _container_bytes() -> int:
    """The control group's limit; 0 without one (the file says `max`)."""
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii").strip()
    except OSError:
        return 0
    return int(limit) if limit.isdigit() else 0
