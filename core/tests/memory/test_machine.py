"""What the machine has, read from files as the kernel writes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from evalctl.memory import machine
from evalctl.memory.machine import Device, gpu_memory, main_memory, model_memory

MIB = 1 << 20


def fake_machine(root: Path, files: dict[str, str]) -> Path:
    meminfo = "MemTotal: 16384 kB\nMemFree: 1024 kB\nMemAvailable: 12288 kB\nSwapFree: 2048 kB\n"
    for name, text in {"proc/meminfo": meminfo, **files}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def test_what_is_available_counts_and_not_what_is_untouched(tmp_path: Path) -> None:
    memory = main_memory(fake_machine(tmp_path, {}))
    assert memory is not None
    assert memory == ("RAM", 16 * MIB, 12 * MIB, 2 * MIB, ())


def test_a_container_of_version_2_bounds_it_without_its_cached_files(tmp_path: Path) -> None:
    files = {
        "proc/self/cgroup": "0::/jobs/one\n",
        "sys/fs/cgroup/jobs/memory.max": f"{8 * MIB}\n",
        "sys/fs/cgroup/jobs/memory.current": f"{6 * MIB}\n",
        "sys/fs/cgroup/jobs/memory.stat": f"anon {3 * MIB}\ninactive_file {2 * MIB}\n",
        "sys/fs/cgroup/jobs/one/memory.max": "max\n",
        "sys/fs/cgroup/jobs/one/memory.current": f"{MIB}\n",
    }
    memory = main_memory(fake_machine(tmp_path, files))
    assert memory is not None
    assert (memory.size_bytes, memory.free_bytes) == (8 * MIB, 4 * MIB)


def test_a_container_of_version_1_is_found_where_its_path_is_not_mounted(tmp_path: Path) -> None:
    files = {
        "proc/self/cgroup": "5:cpu:/\n4:memory:/docker/abc\n0::/\n",
        "sys/fs/cgroup/memory/memory.limit_in_bytes": f"{4 * MIB}\n",
        "sys/fs/cgroup/memory/memory.usage_in_bytes": f"{MIB}\n",
        "sys/fs/cgroup/memory/memory.stat": "total_inactive_file 0\n",
    }
    memory = main_memory(fake_machine(tmp_path, files))
    assert memory is not None
    assert (memory.size_bytes, memory.free_bytes) == (4 * MIB, 3 * MIB)


def test_a_limit_above_the_machine_changes_nothing(tmp_path: Path) -> None:
    files = {
        "proc/self/cgroup": "4:memory:/\n",
        "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
        "sys/fs/cgroup/memory/memory.usage_in_bytes": f"{MIB}\n",
    }
    memory = main_memory(fake_machine(tmp_path, files))
    assert memory is not None
    assert (memory.size_bytes, memory.free_bytes) == (16 * MIB, 12 * MIB)


def test_a_machine_that_does_not_tell_is_unknown(tmp_path: Path) -> None:
    assert main_memory(tmp_path) is None


@pytest.mark.parametrize(
    ("visible", "count"),
    [(None, 3), ("0,1", 2), ("GPU-5f1c,GPU-77aa", 2), ("", 0), ("-1", 0), ("1,-1,2", 1)],
)
def test_visible_devices_decide_how_many_and_the_freest_are_taken(
    monkeypatch: pytest.MonkeyPatch, visible: str | None, count: int
) -> None:
    devices = (Device(80, 10), Device(80, 70), Device(80, 40))
    monkeypatch.setattr(machine, "_devices", lambda: devices)
    environment = {} if visible is None else {"CUDA_VISIBLE_DEVICES": visible}
    memory = gpu_memory(environment)
    free = [device.free_bytes for device in memory.devices] if memory else []
    assert free == [70, 40, 10][:count]


@pytest.mark.parametrize(
    ("build", "kind"), [("cpu", "RAM"), ("cu128", "GPU"), ("", "GPU"), ("rocm6.4", None)]
)
def test_the_build_of_torch_decides_where_a_model_goes(
    monkeypatch: pytest.MonkeyPatch, build: str, kind: str | None
) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr(machine, "_devices", lambda: (Device(80, 70),))
    monkeypatch.setattr(machine, "_torch_build", lambda: build)
    memory = model_memory(("torch", "transformers"))
    assert (memory.kind if memory else None) == kind
