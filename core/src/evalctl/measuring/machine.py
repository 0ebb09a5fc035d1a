"""What a machine is, and a fingerprint that tells it from others."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from pathlib import Path

from pydantic import JsonValue

_IDENTITY = ("machine", "cpu", "cores", "memory_bytes", "gpus")
"""What of the hardware is in the fingerprint."""
_MACHINE_ID = Path("/etc/machine-id")


def hardware() -> dict[str, JsonValue]:
    """Return what this machine is, for the manifest, with its fingerprint."""
    found: dict[str, JsonValue] = {
        "system": f"{platform.system()} {platform.release()}",
        "machine": platform.machine(),
        "cpu": _cpu_name(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "gpus": _gpu_names(),
    }
    return {**found, "fingerprint": fingerprint(found, _machine_id())}


def fingerprint(facts: dict[str, JsonValue], machine_id: str) -> str:
    """Return 16 digits that differ between machines whose speed may differ.

    Args:
        facts: What the machine is.
        machine_id: The system's own id of it, which alone tells machines of one kind apart; empty
            where there is none.
    """
    identity = {name: facts.get(name) for name in _IDENTITY}
    text = json.dumps([identity, machine_id], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def load_average() -> float | None:
    """Return the machine's load average over a minute; None where the system has none."""
    try:
        return os.getloadavg()[0]
    except OSError:
        return None


def _machine_id() -> str:
    try:
        return _MACHINE_ID.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _cpu_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor())


def _gpu_names() -> list[JsonValue]:
    """Names as the NVIDIA driver gives them, without loading any library."""
    found: list[JsonValue] = []
    for path in sorted(Path("/proc/driver/nvidia/gpus").glob("*/information")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("Model:"):
                found.append(line.partition(":")[2].strip())
    return found
