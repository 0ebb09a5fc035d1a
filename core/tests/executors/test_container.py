"""Containers, where this machine has an engine and an image with Python.

EVALCTL_TEST_IMAGE names the image; without it, the default one is wanted. Podman is as good as
Docker here: both are spoken to in the same words.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from core.tests.executors.launching import run

from evalctl.errors import EvalctlError
from evalctl.executions import (
    ExecutionRequest,
    Profile,
    ProgramTests,
    Reason,
    Sandbox,
)
from evalctl.executors import container
from evalctl.executors.container import ContainerError, open_container
from evalctl.executors.judges import execute


@pytest.fixture(scope="module")
def contained() -> Iterator[Sandbox]:
    try:
        opened = open_container(Profile(image=os.environ.get("EVALCTL_TEST_IMAGE", "")))
    except EvalctlError as error:
        pytest.skip(f"no container can be started here: {error}")
    yield opened
    opened.close()


@pytest.mark.docker
@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("open('/etc/passwd')", b"Error"),
        ("open('/x', 'w')", b"Error"),
        ("open('/tmp/x', 'w')", b"Error"),
        ("open('/dev/shm/x', 'w')", b"Error"),
        ("import socket; socket.socket()", b"PermissionError"),
        ("import os; os.fork()", b"BlockingIOError"),
        ("import os; os.kill(1, 9)", b"Error"),
        ("x = bytearray(2 << 30)", b"MemoryError"),
    ],
)
def test_what_a_program_must_not_do_is_refused(
    contained: Sandbox, source: str, error: bytes
) -> None:
    ended = run(contained, source)
    assert ended.reason is Reason.NONZERO_EXIT
    assert error in ended.stderr


@pytest.mark.docker
def test_programs_and_their_tests_are_judged_apart(contained: Sandbox) -> None:
    def judged(program: str) -> bool | None:
        tests = ProgramTests(code="assert f([1]) == [1, 2]\n")
        return execute(ExecutionRequest(id="case", program=program, tests=tests), contained).passed

    assert judged("def f(x):\n    return x + [2]\n") is True
    assert judged("def f(x):\n    return None\n") is False


@pytest.mark.docker
def test_nothing_is_left_behind_and_limits_hold(contained: Sandbox) -> None:
    leave = "import os, time\nopen('left', 'w')\nif not os.fork(): time.sleep(60)"
    assert run(contained, leave, processes=8).reason is Reason.OK
    assert run(contained, "import os; print(os.listdir('.'))").stdout == b"[]\n"
    assert run(contained, "while True: pass", wall_seconds=0.5).reason is Reason.WALL_TIMEOUT


def test_a_machine_without_an_engine_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(ContainerError, match="neither docker nor podman is installed"):
        open_container(Profile())


def test_an_image_that_is_not_there_is_never_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(container, "find_engine", lambda: "docker")
    monkeypatch.setattr(container, "_ask", lambda *words: "no such image")
    with pytest.raises(ContainerError, match="docker pull somewhere/python"):
        open_container(Profile(image="somewhere/python"))
