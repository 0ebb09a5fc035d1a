"""What the tests of the host share: a small engine in a process of its own, and its processes.

It is also imported by the processes that these tests start.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from evalctl.engines.host import HostedEngine, Listener
from evalctl.protocols import ModelFacts, ModelRef
from evalctl.records import Prompt
from evalctl.specs import EngineOptions, EngineSpec


def no_facts(model: ModelRef, options: EngineOptions) -> ModelFacts:
    return ModelFacts()


SMALL = EngineSpec(
    name="small",
    title="For tests",
    capabilities=("generate", "choose"),
    kinds=("decoder",),
    options=EngineOptions,
    factory="hosted_engines:open_engine",
    check=no_facts,
    packages=("hosted_engines",),
    install="pip install nothing",
)


@contextmanager
def hosted(
    log_path: Path,
    behaviour: str = "echo",
    *,
    spec: EngineSpec = SMALL,
    on_phase: Callable[[str], None] = print,
    on_work: Callable[[str], None] = print,
) -> Iterator[HostedEngine]:
    engine = HostedEngine.open(
        spec,
        ModelRef(name="model", path=behaviour),
        EngineOptions(chat="never"),
        log_path=log_path,
        listener=Listener(on_phase, on_work=on_work),
    )
    try:
        yield engine
    finally:
        engine.close()


def prompts(count: int) -> Iterator[Prompt]:
    for number in range(count):
        yield Prompt(dataset="d", sample_id=str(number), text=f"text {number}")


def is_alive(pid: int) -> bool:
    """Whether a process is there and not only waiting to be reaped."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in {"Z", "X"}


def processes_of_session(session: int) -> list[int]:
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[3]) == session and fields[0] not in {"Z", "X"}:
                found.append(int(folder.name))
    return found


def wait_until(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()


needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc here")
