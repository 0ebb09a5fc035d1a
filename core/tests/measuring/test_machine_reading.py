"""What is read off the machine: processes, energy, memory, the fingerprint."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from evalctl.measuring.energy import EnergyMeter
from evalctl.measuring.machine import fingerprint, hardware
from evalctl.measuring.processes import (
    cpu_seconds_of,
    cpu_times,
    high_water_of,
    memory_of,
    tree_of,
)
from evalctl.measuring.watching import MemoryWatch

PAGE = os.sysconf("SC_PAGE_SIZE")
TICKS = os.sysconf("SC_CLK_TCK")


def no_gpus() -> Mapping[int, float]:
    return {}


def process(proc: Path, pid: int, parent: int, *, resident: int, shared: int) -> None:
    folder = proc / str(pid)
    folder.mkdir(parents=True)
    # Fields from the state on: parent is the second, user and system time the 12th to 15th.
    fields = ["S", str(parent), *["0"] * 9, "100", "50", "25", "25", *["0"] * 30]
    (folder / "stat").write_text(f"{pid} (a (strange) name) {' '.join(fields)}\n")
    (folder / "statm").write_text(f"999 {resident} {shared} 0 0 0 0\n")
    (folder / "status").write_text("Name:\tx\nVmHWM:\t  2048 kB\n")


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    process(tmp_path, 10, 1, resident=100, shared=40)
    process(tmp_path, 11, 10, resident=70, shared=50)
    process(tmp_path, 12, 11, resident=30, shared=0)
    process(tmp_path, 99, 1, resident=1000, shared=0)
    return tmp_path


def test_a_tree_is_all_that_a_process_started(proc: Path) -> None:
    assert sorted(tree_of(10, proc)) == [10, 11, 12]


def test_what_processes_share_counts_once(proc: Path) -> None:
    assert memory_of(10, proc) == (60 + 20 + 30 + 50) * PAGE


def test_cpu_seconds_are_those_of_the_tree_and_of_ended_children(proc: Path) -> None:
    assert cpu_seconds_of(10, proc) == pytest.approx(3 * 200 / TICKS)


def test_the_kernels_mark_is_read_in_kibibytes(proc: Path) -> None:
    assert high_water_of(10, proc) == 2 << 20


def test_a_process_that_is_gone_holds_nothing(tmp_path: Path) -> None:
    assert memory_of(5, tmp_path) == 0
    assert high_water_of(5, tmp_path) == 0
    assert cpu_seconds_of(5, tmp_path) == 0.0


def test_the_machines_times_tell_what_is_busy_and_what_was_stolen(tmp_path: Path) -> None:
    (tmp_path / "stat").write_text("cpu  100 10 50 800 20 3 7 30 5 0\ncpu0 1 1 1 1 1 1 1 1 1 1\n")

    times = cpu_times(tmp_path)

    assert times is not None
    assert [round(value * TICKS) for value in times] == [1020, 170, 30]


def test_a_watch_sees_what_a_process_holds_for_a_moment() -> None:
    code = "import time; x = bytearray(80 << 20); del x; print('done', flush=True); time.sleep(30)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as child:
        watch = MemoryWatch(devices=lambda: ()).begin(child.pid)
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(0.3)
        watch.end()
        child.kill()

    assert 80 << 20 < watch.host_bytes < 200 << 20
    assert watch.gpu_bytes is None


def test_what_gpus_held_before_is_not_the_engines() -> None:
    readings = iter([[(1000, 700)], [(1000, 100)], [(1000, 400)]])
    watch = MemoryWatch(devices=lambda: next(readings))

    watch.begin(os.getpid())
    watch.end()

    assert watch.gpu_bytes == 600


def zone(root: Path, name: str, joules: float) -> None:
    folder = root / name
    folder.mkdir(exist_ok=True)
    (folder / "energy_uj").write_text(f"{round(joules * 1e6)}\n")
    (folder / "max_energy_range_uj").write_text("1000000000\n")


def test_energy_is_that_of_whole_processors(tmp_path: Path) -> None:
    meter = EnergyMeter(rapl=tmp_path, gpus=no_gpus)
    zone(tmp_path, "intel-rapl:0", 100.0)
    zone(tmp_path, "intel-rapl:0:0", 60.0)
    before = meter.read()
    zone(tmp_path, "intel-rapl:0", 130.0)
    zone(tmp_path, "intel-rapl:0:0", 85.0)

    assert meter.between(before, meter.read()) == pytest.approx(30.0)


def test_a_counter_that_began_again_is_no_loss(tmp_path: Path) -> None:
    meter = EnergyMeter(rapl=tmp_path, gpus=no_gpus)
    zone(tmp_path, "intel-rapl:0", 990.0)
    before = meter.read()
    zone(tmp_path, "intel-rapl:0", 15.0)

    assert meter.between(before, meter.read()) == pytest.approx(25.0)


def test_gpus_and_processors_add_up(tmp_path: Path) -> None:
    readings = iter([{0: 10.0, 1: 20.0}, {0: 15.0, 1: 21.0}])
    meter = EnergyMeter(rapl=tmp_path, gpus=lambda: next(readings))
    zone(tmp_path, "intel-rapl:0", 5.0)
    before = meter.read()

    assert meter.between(before, meter.read()) == pytest.approx(6.0)


def test_without_counters_energy_is_not_measured_and_never_nothing(tmp_path: Path) -> None:
    meter = EnergyMeter(rapl=tmp_path, gpus=no_gpus)

    assert meter.between(meter.read(), meter.read()) is None
    assert "neither RAPL counters nor a GPU" in meter.why_not()


def test_counters_that_may_not_be_read_are_told(tmp_path: Path) -> None:
    (tmp_path / "intel-rapl:0").mkdir()
    meter = EnergyMeter(rapl=tmp_path, gpus=no_gpus)

    assert meter.read() == {}
    assert "may not be read by this user" in meter.why_not()


def test_a_fingerprint_is_the_same_on_the_same_machine() -> None:
    assert hardware()["fingerprint"] == hardware()["fingerprint"]


@pytest.mark.parametrize(
    "other", [{"cpu": "B"}, {"cores": 8}, {"memory_bytes": 2}, {"gpus": ["H"]}]
)
def test_a_fingerprint_differs_with_the_hardware(other: dict[str, object]) -> None:
    facts: dict[str, object] = {"machine": "x86_64", "cpu": "A", "cores": 4, "memory_bytes": 1}

    assert fingerprint(facts, "") != fingerprint({**facts, **other}, "")  # type: ignore[arg-type]


def test_a_fingerprint_tells_machines_of_one_kind_apart_and_not_their_kernels() -> None:
    facts = {"machine": "x86_64", "cpu": "A", "system": "Linux 6"}

    assert fingerprint({**facts}, "one") != fingerprint({**facts}, "two")
    assert fingerprint({**facts}, "one") == fingerprint({**facts, "system": "Linux 7"}, "one")
