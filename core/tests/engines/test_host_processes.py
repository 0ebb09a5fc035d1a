"""Processes of hosted engines: whatever ends, nothing is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from core.tests.engines.hosting import (
    hosted,
    is_alive,
    needs_proc,
    processes_of_session,
    prompts,
    wait_until,
)

from evalctl.errors import EngineError

pytestmark = pytest.mark.usefixtures("small_engines")


@needs_proc
def test_killed_engine_whose_forked_child_holds_the_socket_is_noticed(log_path: Path) -> None:
    with hosted(log_path, "forked grandchild") as engine:
        os.kill(engine.pid, signal.SIGKILL)
        with pytest.raises(EngineError, match="ended by signal 9"):
            list(engine.generate(prompts(3)))
    assert wait_until(lambda: not processes_of_session(engine.pid))


@needs_proc
@pytest.mark.parametrize("behaviour", ["grandchild", "forked grandchild"])
def test_closing_leaves_no_process_of_the_engine_behind(log_path: Path, behaviour: str) -> None:
    with hosted(log_path, behaviour) as engine:
        assert len(list(engine.generate(prompts(3)))) == 3
        assert len(processes_of_session(engine.pid)) == 2
    assert wait_until(lambda: not processes_of_session(engine.pid))


@needs_proc
def test_engine_that_does_not_listen_is_ended_all_the_same(
    log_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evalctl.engines.host.GRACE_SECONDS", 0.5)
    with hosted(log_path, "stuck at eleven") as engine:
        answers = engine.generate(prompts(20))
        assert len([next(answers) for _ in range(10)]) == 10
    assert not is_alive(engine.pid)


@needs_proc
def test_interrupt_while_opening_leaves_nothing_behind(log_path: Path) -> None:
    pids: list[int] = []

    def interrupt_soon(text: str) -> None:
        if text == "loading weights":
            threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
            pids.extend(each for each in children() if "host_main" in command_line(each))

    with (
        pytest.raises(KeyboardInterrupt),
        hosted(log_path, "sleep while opening", on_phase=interrupt_soon),
    ):
        pass
    assert pids
    assert not any(is_alive(pid) for pid in pids)


def children() -> list[int]:
    text = Path(f"/proc/self/task/{threading.get_native_id()}/children").read_text()
    return [int(pid) for pid in text.split()]


def command_line(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text()


PARENT = """
import os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from hosting import hosted, prompts
with hosted(Path(sys.argv[2]), sys.argv[3], on_phase=lambda text: None) as engine:
    answers = engine.generate(prompts(1000))
    next(answers)
    print(engine.pid, flush=True)
    import time
    time.sleep(60)
"""


def parent_of_an_engine(log_path: Path, behaviour: str) -> tuple[subprocess.Popen[str], int]:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(Path(__file__).parent), str(log_path), behaviour],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert parent.stdout is not None
    return parent, int(parent.stdout.readline())


@needs_proc
@pytest.mark.parametrize("behaviour", ["echo", "grandchild", "stuck at eleven"])
def test_parent_that_is_killed_takes_the_engine_with_it(log_path: Path, behaviour: str) -> None:
    parent, engine_pid = parent_of_an_engine(log_path, behaviour)
    with parent:
        assert processes_of_session(engine_pid)
        parent.kill()
    assert wait_until(lambda: not processes_of_session(engine_pid))


@needs_proc
def test_interrupt_of_the_terminal_reaches_the_parent_alone(log_path: Path) -> None:
    parent, engine_pid = parent_of_an_engine(log_path, "echo")
    with parent:
        assert os.getpgid(engine_pid) == os.getsid(engine_pid) == engine_pid != os.getpgid(0)
        parent.send_signal(signal.SIGINT)
        assert parent.wait(20) != 0
    assert "closed in order" in log_path.read_text()
    assert not processes_of_session(engine_pid)


@needs_proc
def test_interrupt_while_waiting_for_the_engine_closes_it_in_order(log_path: Path) -> None:
    with hosted(log_path, "slow") as engine:
        answers = engine.generate(prompts(100))
        next(answers)
        threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt):
            list(answers)
    assert "closed in order" in log_path.read_text()
    assert not is_alive(engine.pid)


def test_parent_without_standard_streams_can_host(log_path: Path) -> None:
    code = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "for descriptor in (0, 1, 2): os.close(descriptor)\n"
        "sys.path.insert(0, sys.argv[1])\n"
        "from hosting import hosted, prompts\n"
        "with hosted(Path(sys.argv[2]), on_phase=lambda text: None) as engine:\n"
        "    count = len(list(engine.generate(prompts(300))))\n"
        "os._exit(7 if count == 300 else 1)\n"
    )
    finished = subprocess.run(
        [sys.executable, "-c", code, str(Path(__file__).parent), str(log_path)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        timeout=60,
        check=False,
    )
    assert finished.returncode == 7
