"""All attacks, by family. Standard library only."""

from __future__ import annotations

from . import (
    exits,
    files,
    floods,
    forging,
    kernel,
    leftovers,
    network,
    patching,
    peers,
    processes,
    time_and_memory,
)
from .attack import Attack

FAMILIES: dict[str, tuple[Attack, ...]] = {
    "files": files.ATTACKS,
    "processes": processes.ATTACKS,
    "network": network.ATTACKS,
    "kernel": kernel.ATTACKS,
    "leftovers": leftovers.ATTACKS,
    "time and memory": time_and_memory.ATTACKS,
    "floods": floods.ATTACKS,
    "exits": exits.ATTACKS,
    "forging": forging.ATTACKS,
    "patching": patching.ATTACKS,
    "peers": peers.ATTACKS,
}
ATTACKS: dict[str, Attack] = {
    attack.name: attack for family in FAMILIES.values() for attack in family
}
"""By name."""
