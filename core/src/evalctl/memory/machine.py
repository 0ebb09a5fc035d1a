"""How much memory this machine has for a model, told without starting anything.

Source: the kernel's documentation of `/proc/meminfo` (proc.rst) and of control groups
(cgroup-v2.rst, cgroup-v1/memory.rst).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Literal, NamedTuple

Place = Literal["GPU", "RAM"]

_ROOT = Path("/")


class Device(NamedTuple):
    """One accelerator."""

    total_bytes: int
    free_bytes: int


class Memory(NamedTuple):
    """Memory that a model can be put in."""

    kind: Place
    """Where it is."""
    size_bytes: int
    """In all, used or not; over all accelerators where there are several."""
    free_bytes: int
    """What can be had now, caches that the kernel would give up included."""
    swap_bytes: int = 0
    """Free swap; 0 for accelerators."""
    devices: tuple[Device, ...] = ()
    """Accelerators, the one with the most free memory first; empty for RAM."""

    def emptied(self) -> Memory:
        """Return the same memory as if nothing were in it: what the machine can do at best."""
        devices = tuple(Device(device.total_bytes, device.total_bytes) for device in self.devices)
        return self._replace(free_bytes=self.size_bytes, devices=devices)


def model_memory(packages: tuple[str, ...] = (), device: str = "auto") -> Memory | None:
    """Return the memory that an engine puts a model in; None where that cannot be told.

    Args:
        packages: What the engine imports; a CPU build of torch keeps to the RAM.
        device: The engine's option of that name: `auto`, `cpu`, `cuda` or `mps`.
    """
    if device in {"cpu", "mps"}:  # mps shares the machine's memory
        return main_memory()
    build = _torch_build() if {"torch", "vllm"} & set(packages) else ""
    if "rocm" in build or "xpu" in build:
        return None  # accelerators whose memory is not asked for here
    if build == "cpu":
        return main_memory()
    return gpu_memory(os.environ) or main_memory()


def gpu_memory(environment: Mapping[str, str]) -> Memory | None:
    """Return the memory of the NVIDIA devices that may be used; None without any.

    `CUDA_VISIBLE_DEVICES` decides how many; which ones is not told by it alone (CUDA numbers
    devices by speed unless asked otherwise), so the freest are taken.
    """
    devices = sorted(_devices(), key=lambda device: device.free_bytes, reverse=True)
    visible = environment.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        named = [name.strip() for name in visible.split(",")]
        count = next((i for i, name in enumerate(named) if name in {"", "-1"}), len(named))
        devices = devices[:count]
    if not devices:
        return None
    total = sum(device.total_bytes for device in devices)
    return Memory("GPU", total, sum(d.free_bytes for d in devices), 0, tuple(devices))


def main_memory(root: Path = _ROOT) -> Memory | None:
    """Return the machine's memory, or what its container may take; None where unknown.

    Args:
        root: Where `proc` and `sys` are; another folder in tests.
    """
    known = _meminfo(root)
    total = known.get("MemTotal", 0)
    if not total:
        return None
    free = known.get("MemAvailable", total)
    for limit, used in _container_limits(root):
        if limit < total:
            total = limit
        free = min(free, max(limit - used, 0))
    return Memory("RAM", total, min(free, total), known.get("SwapFree", 0))


@cache
def _devices() -> tuple[Device, ...]:
    """NVIDIA devices. Starting the driver's library takes a while: asked once."""
    marks = ("/proc/driver/nvidia/gpus", "/dev/dxg")  # the second is Windows' subsystem for Linux
    if not any(Path(mark).exists() for mark in marks):
        return ()
    from evalctl.memory.nvml import device_bytes  # only where there is a device

    return tuple(Device(total, free) for total, free in device_bytes() if total)


@cache
def _torch_build() -> str:
    """What torch was built for, as its version says (`cpu`, `cu128` …); empty where untold."""
    try:
        return metadata.version("torch").partition("+")[2]
    except metadata.PackageNotFoundError:
        return ""


def _meminfo(root: Path) -> dict[str, int]:
    """Sizes of `/proc/meminfo` in bytes."""
    lines = _read(root / "proc/meminfo").splitlines()
    found = (re.match(r"(\w+):\s+(\d+) kB", line) for line in lines)
    return {match[1]: int(match[2]) * 1024 for match in found if match}


def _container_limits(root: Path) -> Iterator[tuple[int, int]]:
    """Yield limit and use in bytes of each control group that this process is in.

    Files that are only cached count as used there, and are left out: the kernel gives them up.
    """
    for line in _read(root / "proc/self/cgroup").splitlines():
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if controllers == "":
            base, names = root / "sys/fs/cgroup", ("memory.max", "memory.current")
        elif "memory" in controllers.split(","):
            base = root / "sys/fs/cgroup/memory"
            names = ("memory.limit_in_bytes", "memory.usage_in_bytes")
        else:
            continue
        own = base / path.lstrip("/")
        for group in (own, *own.parents):
            limit, used = (_read(group / name).strip() for name in names)
            if limit.isdigit() and used.isdigit():  # without a limit the file says `max`
                yield int(limit), int(used) - min(_cached(group), int(used))
            if group == base:
                break


def _cached(group: Path) -> int:
    """Bytes of a control group that are cached files, its sub-groups' included."""
    stat = dict(line.partition(" ")[::2] for line in _read(group / "memory.stat").splitlines())
    total = 0
    for name in ("inactive_file", "active_file"):
        text = stat.get(f"total_{name}", stat.get(name, "0"))
        total += int(text) if text.isdigit() else 0
    return total


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
