"""Asking NVIDIA's driver library for memory and energy of devices. The one file with `ctypes`.

`nvidia-smi` would start a process, `/proc` does not tell the size, and a Python binding would be a
dependency for a few calls. Source: NVML API reference, `nvmlDeviceGetMemoryInfo` and
`nvmlDeviceGetTotalEnergyConsumption`.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import TypeVar

_SUCCESS = 0

AnswerT = TypeVar("AnswerT")


class _Memory(ctypes.Structure):
    """`nvmlMemory_t`."""

    _fields_ = (
        ("total", ctypes.c_ulonglong),
        ("free", ctypes.c_ulonglong),
        ("used", ctypes.c_ulonglong),
    )


def device_bytes() -> list[tuple[int, int]]:
    """Return each device's total and free bytes; none where the driver's library is silent.

    A device that shares the machine's memory has none of its own to tell, and counts as 0.
    """
    return _asked(_bytes_of)


def device_energy() -> dict[int, float]:
    """Return the joules that devices took since the driver was loaded, by index.

    Devices that do not count it (before Volta) are not in it.
    """
    return {i: joules for i, joules in enumerate(_asked(_joules_of)) if joules is not None}


def _asked(ask: Callable[[ctypes.CDLL, int], AnswerT]) -> list[AnswerT]:
    """Return what each device answers; nothing where the driver's library is silent."""
    try:
        library = ctypes.CDLL("libnvidia-ml.so.1")
    except OSError:
        return []
    if library.nvmlInit_v2() != _SUCCESS:
        return []
    count = ctypes.c_uint(0)
    library.nvmlDeviceGetCount_v2(ctypes.byref(count))
    answers = [ask(library, index) for index in range(count.value)]
    library.nvmlShutdown()
    return answers


def _joules_of(library: ctypes.CDLL, index: int) -> float | None:
    device, millijoules = ctypes.c_void_p(), ctypes.c_ulonglong(0)
    if library.nvmlDeviceGetHandleByIndex_v2(index, ctypes.byref(device)) != _SUCCESS:
        return None
    total = library.nvmlDeviceGetTotalEnergyConsumption
    if total(device, ctypes.byref(millijoules)) != _SUCCESS:
        return None
    return int(millijoules.value) / 1e3


def _bytes_of(library: ctypes.CDLL, index: int) -> tuple[int, int]:
    device, memory = ctypes.c_void_p(), _Memory()
    if library.nvmlDeviceGetHandleByIndex_v2(index, ctypes.byref(device)) != _SUCCESS:
        return 0, 0
    if library.nvmlDeviceGetMemoryInfo(device, ctypes.byref(memory)) != _SUCCESS:
        return 0, 0
    return int(memory.total), int(memory.free)
