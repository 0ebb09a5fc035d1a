"""Engines in real child processes: laziness, errors, and sudden death.

What becomes of their processes is in `test_host_processes.py`.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from core.tests.engines.hosting import SMALL, hosted, is_alive, prompts

from evalctl.engines.host import MAX_READY
from evalctl.engines.host_feed import BATCH, LOW
from evalctl.engines.phases import listening, report_phase
from evalctl.errors import EngineError, EngineUnavailableError, ModelError, NotMeasuredError
from evalctl.records import Prompt

pytestmark = pytest.mark.usefixtures("small_engines")


def test_every_prompt_comes_back_in_the_order_of_the_engine(log_path: Path) -> None:
    with hosted(log_path) as engine:
        answers = list(engine.generate(prompts(1000)))
    assert [answer.sample_id for answer in answers] == [str(number) for number in range(1000)]
    assert {answer.completions[0].text for answer in answers} == {f"text {n}" for n in range(1000)}


def test_order_of_an_engine_that_finishes_out_of_order_is_kept(log_path: Path) -> None:
    with hosted(log_path, "pairs swapped") as engine:
        assert [each.sample_id for each in engine.generate(prompts(5))] == list("10324")


def test_what_an_engine_says_while_it_answers_goes_through(log_path: Path) -> None:
    said: list[str] = []
    with hosted(log_path, "talkative", on_work=said.append) as engine:
        assert len(list(engine.generate(prompts(5)))) == 5
    assert said == ["half of the first batch is written"]


def test_choose_goes_through(log_path: Path) -> None:
    asked = Prompt(dataset="d", sample_id="1", text="?", continuations=("a", "bcd"))
    with hosted(log_path) as engine:
        (answer,) = engine.choose([asked])
    assert [continuation.logprob for continuation in answer.continuations] == [-1.0, -3.0]


def test_stream_without_prompts_ends_at_once(log_path: Path) -> None:
    with hosted(log_path) as engine:
        assert list(engine.generate([])) == []
        assert len(list(engine.generate(prompts(3)))) == 3


def test_an_engine_without_measure_is_held_to_one_prompt_at_a_time(log_path: Path) -> None:
    with hosted(log_path) as engine:
        answers = list(engine.measure(prompts(3), 1))
    assert [answer.sample_id for answer in answers] == ["0", "1", "2"]


def test_one_that_cannot_be_held_to_a_number_says_so_and_goes_on(log_path: Path) -> None:
    with hosted(log_path) as engine:
        with pytest.raises(NotMeasuredError, match="small cannot be held to 2 prompts"):
            list(engine.measure(prompts(3), 2))
        assert len(list(engine.measure(prompts(3), None))) == 3


def test_options_info_and_phases_cross_the_border(log_path: Path) -> None:
    phases: list[str] = []
    with hosted(log_path, on_phase=phases.append) as engine:
        assert engine.info.settings == {"chat": "never", "pid": engine.pid}
        assert engine.pid != os.getpid()
    assert phases == ["starting its process", "loading weights", "ready"]


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
