"""Engines in real child processes: laziness, errors, sudden death, and nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from evalctl.engines.host import MAX_READY, HostedEngine
from evalctl.engines.host_feed import BATCH, LOW
from evalctl.engines.phases import listening, report_phase
from evalctl.errors import EngineError, EngineUnavailableError, ModelError
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


@pytest.fixture(autouse=True)
def _small_engines_can_be_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parent))


@pytest.fixture
def log_path(tmp_path: Path) -> Path:
    return tmp_path / "logs" / "engine.log"


@contextmanager
def hosted(
    log_path: Path,
    behaviour: str = "echo",
    *,
    spec: EngineSpec = SMALL,
    on_phase: Callable[[str], None] = print,
) -> Iterator[HostedEngine]:
    engine = HostedEngine.open(
        spec,
        ModelRef(name="model", path=behaviour),
        EngineOptions(chat="never"),
        log_path=log_path,
        on_phase=on_phase,
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


def test_every_prompt_comes_back_in_the_order_of_the_engine(log_path: Path) -> None:
    with hosted(log_path) as engine:
        answers = list(engine.generate(prompts(1000)))
    assert [answer.sample_id for answer in answers] == [str(number) for number in range(1000)]
    assert {answer.completions[0].text for answer in answers} == {f"text {n}" for n in range(1000)}


def test_order_of_an_engine_that_finishes_out_of_order_is_kept(log_path: Path) -> None:
    with hosted(log_path, "pairs swapped") as engine:
        assert [each.sample_id for each in engine.generate(prompts(5))] == list("10324")


def test_choose_goes_through(log_path: Path) -> None:
    asked = Prompt(dataset="d", sample_id="1", text="?", continuations=("a", "bcd"))
    with hosted(log_path) as engine:
        (answer,) = engine.choose([asked])
    assert [continuation.logprob for continuation in answer.continuations] == [-1.0, -3.0]


def test_stream_without_prompts_ends_at_once(log_path: Path) -> None:
    with hosted(log_path) as engine:
        assert list(engine.generate([])) == []
        assert len(list(engine.generate(prompts(3)))) == 3


def test_options_info_and_phases_cross_the_border(log_path: Path) -> None:
    phases: list[str] = []
    with hosted(log_path, on_phase=phases.append) as engine:
        assert engine.info.settings == {"chat": "never", "pid": engine.pid}
        assert engine.pid != os.getpid()
    assert phases == ["importing hosted_engines", "opening model", "loading weights", "ready"]


def test_noise_goes_to_the_log_and_not_to_the_terminal(
    log_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with hosted(log_path, on_phase=lambda text: None) as engine:
        list(engine.generate(prompts(1)))
    assert log_path.read_text().splitlines() == [
        "noise on stdout",
        "noise on stderr",
        "closed in order",
    ]
    assert capfd.readouterr() == ("", "")


def test_prompts_are_taken_as_the_caller_goes_on(log_path: Path) -> None:
    taken = 0

    def endless() -> Iterator[Prompt]:
        nonlocal taken
        while True:
            taken += 1
            yield Prompt(dataset="d", sample_id=str(taken))

    with hosted(log_path) as engine:
        answers = engine.generate(endless())
        for number in range(1, 2001):
            next(answers)
            assert taken <= number + MAX_READY + 3 * BATCH + LOW
        assert taken >= 2000


def test_stream_that_is_given_up_does_not_disturb_the_next(log_path: Path) -> None:
    with hosted(log_path) as engine:
        first = engine.generate(prompts(10_000))
        assert next(first).sample_id == "0"
        assert isinstance(first, Generator)
        first.close()
        again = list(engine.generate(prompts(200)))
    assert [answer.sample_id for answer in again] == [str(number) for number in range(200)]


def test_error_while_reading_prompts_is_the_callers_and_the_engine_lives_on(
    log_path: Path,
) -> None:
    def broken() -> Iterator[Prompt]:
        yield from prompts(3)
        raise ValueError("row 3 is broken")

    with hosted(log_path) as engine:
        with pytest.raises(ValueError, match="row 3 is broken"):
            list(engine.generate(broken()))
        assert len(list(engine.generate(prompts(3)))) == 3


def test_error_of_the_user_comes_back_as_itself(log_path: Path) -> None:
    with (
        pytest.raises(ModelError, match=r"^model model: no such folder$"),
        hosted(log_path, "model error"),
    ):
        pass


def test_missing_package_is_named_with_its_pip_command(log_path: Path) -> None:
    spec = SMALL.model_copy(
        update={"factory": "not_there.engine:open_engine", "packages": ("not_there",)}
    )
    with (
        pytest.raises(EngineUnavailableError, match=r"not_there.*pip install nothing"),
        hosted(log_path, spec=spec),
    ):
        pass


def test_surprise_while_opening_is_one_line_with_the_log(log_path: Path) -> None:
    with pytest.raises(EngineError) as caught, hosted(log_path, "surprise"):
        pass
    assert str(caught.value) == f"engine small: ZeroDivisionError: one; see {log_path}"
    assert "Traceback" in log_path.read_text()


def test_exit_while_opening_is_told_with_its_last_words(log_path: Path) -> None:
    with pytest.raises(EngineError) as caught, hosted(log_path, "exit while opening"):
        pass
    assert "engine process ended with exit code 3" in str(caught.value)
    assert str(log_path) in str(caught.value)


def test_kill_while_opening_is_told(log_path: Path) -> None:
    with (
        pytest.raises(EngineError, match="ended by signal 9"),
        hosted(log_path, "killed while opening"),
    ):
        pass


def test_engine_error_in_a_stream_comes_after_what_had_finished(log_path: Path) -> None:
    with hosted(log_path, "engine error") as engine:
        answers = engine.generate(prompts(100))
        assert [next(answers).sample_id for _ in range(10)] == list("0123456789")
        with pytest.raises(EngineError, match=r"^the device is gone$"):
            next(answers)


def test_surprise_in_a_stream_is_an_engine_error_with_the_log(log_path: Path) -> None:
    with hosted(log_path, "surprise at eleven") as engine:
        answers = engine.generate(prompts(100))
        assert len([next(answers) for _ in range(10)]) == 10
        with pytest.raises(EngineError, match=r"^engine small: KeyError: 'eleven'; see "):
            next(answers)
        assert len(list(engine.generate(prompts(10)))) == 10


def test_killed_engine_keeps_what_had_finished_and_tells_the_signal(log_path: Path) -> None:
    with hosted(log_path, "killed at eleven") as engine:
        answers = engine.generate(prompts(100))
        assert len([next(answers) for _ in range(10)]) == 10
        with pytest.raises(EngineError) as caught:
            next(answers)
    assert "engine process ended by signal 9 (SIGKILL): out of memory" in str(caught.value)
    assert str(caught.value).endswith(f"see {log_path}")


def test_engine_killed_from_outside_between_streams_is_an_engine_error(log_path: Path) -> None:
    with hosted(log_path) as engine:
        os.kill(engine.pid, signal.SIGKILL)
        with pytest.raises(EngineError, match="ended by signal 9"):
            list(engine.generate(prompts(3)))
        with pytest.raises(EngineError, match="ended by signal 9"):
            list(engine.generate(prompts(3)))


@needs_proc
def test_killed_engine_whose_forked_child_holds_the_socket_is_noticed(log_path: Path) -> None:
    with hosted(log_path, "forked grandchild") as engine:
        os.kill(engine.pid, signal.SIGKILL)
        with pytest.raises(EngineError, match="ended by signal 9"):
            list(engine.generate(prompts(3)))
    assert wait_until(lambda: not processes_of_session(engine.pid))


def test_closed_engine_refuses_to_go_on_and_may_be_closed_twice(log_path: Path) -> None:
    with hosted(log_path) as engine:
        engine.close()
        with pytest.raises(EngineError, match="is closed"):
            list(engine.generate(prompts(1)))
    assert not is_alive(engine.pid)


def test_log_that_cannot_be_written_is_an_engine_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(EngineError, match="cannot start its process"),
        hosted(tmp_path / "file" / "engine.log"),
    ):
        pass


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
        began = time.monotonic()
    assert time.monotonic() - began < 5.0
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
from test_host import SMALL, hosted, prompts
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
        "from test_host import hosted, prompts\n"
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


def test_folder_of_the_caller_does_not_hide_packages(
    log_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pydantic.py").write_text("raise RuntimeError('the wrong pydantic')\n")
    monkeypatch.chdir(tmp_path)
    with hosted(log_path) as engine:
        assert len(list(engine.generate(prompts(3)))) == 3


def test_phase_reported_where_nobody_listens_is_nothing() -> None:
    heard: list[str] = []
    report_phase("before")
    with listening(heard.append):
        report_phase("inside")
    report_phase("after")
    assert heard == ["inside"]


def test_throughput_is_tens_of_thousands_per_second(log_path: Path) -> None:
    with hosted(log_path) as engine:
        began = time.monotonic()
        count = sum(1 for _ in engine.generate(prompts(20_000)))
        rate = count / (time.monotonic() - began)
    print(f"{rate:,.0f} generations per second through the host")
    assert rate > 4_000  # ten times that on an idle machine; a busy one must not fail here
