"""The most memory that an engine holds, seen from outside while it works."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from threading import Event, Thread
from typing import Self

from evalctl.measuring.processes import high_water_of, memory_of
from evalctl.memory.nvml import device_bytes

SECONDS = 0.25
"""Between two looks at processes: each takes about a millisecond."""
LOOKS = 4
"""One look at GPUs for so many at processes: their driver takes longer to be asked."""

Devices = Callable[[], Sequence[tuple[int, int]]]


@dataclass
class MemoryWatch:
    """Looks at an engine's processes, and at the GPUs, until it is left.

    Made before the engine is opened: what GPUs hold then is not the engine's.
    """

    devices: Devices = device_bytes
    host_bytes: int = 0
    """The most that the processes held together."""
    gpu_bytes: int | None = None
    """The most that GPUs held more than before; None without GPUs."""
    _before: int | None = None
    _pid: int | None = None
    _is_over: Event = field(default_factory=Event)
    _thread: Thread | None = None

    def __post_init__(self) -> None:
        """Note what GPUs hold without the engine."""
        self._before = self._held()

    def begin(self, pid: int) -> Self:
        """Look at that process and all it starts from now on."""
        self._pid = pid
        self._thread = Thread(target=self._run, name="memory-watch", daemon=True)
        self._thread.start()
        return self

    def end(self) -> None:
        """Look once more, and no longer; may be called twice, and before it has begun."""
        self._is_over.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        for number in count():
            is_over = self._is_over.wait(SECONDS)
            self._look(with_gpus=is_over or number % LOOKS == 0)
            if is_over:
                return

    def _look(self, *, with_gpus: bool) -> None:
        assert self._pid is not None, "a watch begins with a process"
        # The kernel's own mark of one process misses nothing between two looks.
        seen = max(memory_of(self._pid), high_water_of(self._pid))
        self.host_bytes = max(self.host_bytes, seen)
        held = self._held() if with_gpus else None
        if held is not None and self._before is not None:
            self.gpu_bytes = max(self.gpu_bytes or 0, held - self._before)

    def _held(self) -> int | None:
        """Bytes in use on all GPUs; None without any."""
        devices = self.devices()
        return sum(total - free for total, free in devices) if devices else None
