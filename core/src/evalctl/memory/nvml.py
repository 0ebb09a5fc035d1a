"""Asking NVIDIA's driver library how much memory the devices have. The one file with `ctypes`.

`nvidia-smi` would start a process, `/proc` does not tell the size, and a Python binding would be a
dependency for three calls. Source: NVML API reference, `nvmlDeviceGetMemoryInfo`.
"""

from __future__ import annotations

import ctypes

_SUCCESS = 0


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
    try:
        library = ctypes.CDLL("libnvidia-ml.so.1")
    except OSError:
        return []
    if library.nvmlInit_v2() != _SUCCESS:
        return []
    count = ctypes.c_uint(0)
    library.nvmlDeviceGetCount_v2(ctypes.byref(count))
    sizes = [_bytes_of(library, index) for index in range(count.value)]
    library.nvmlShutdown()
    return sizes


def _bytes_of(library: ctypes.CDLL, index: int) -> tuple[int, int]:
    device, memory = ctypes.c_void_p(), _Memory()
    if library.nvmlDeviceGetHandleByIndex_v2(index, ctypes.byref(device)) != _SUCCESS:
        return 0, 0
    if library.nvmlDeviceGetMemoryInfo(device, ctypes.byref(memory)) != _SUCCESS:
        return 0, 0
    return int(memory.total), int(memory.free)
