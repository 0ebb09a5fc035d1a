from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from core.tests.executors.launching import run

from evalctl.executions import (
    ExecutionRequest,
    Profile,
    ProgramTests,
    Reason,
    Sandbox,
)
from evalctl.executors import shared_host
from evalctl.executors.guest import landlock
from evalctl.executors.judges import execute
from evalctl.executors.shared_host import LandlockError, open_landlock, open_subprocess

OpenKind = Callable[[str], Sandbox]
DEEP = (
    "import os\nfor n in range(1500):\n    os.mkdir('d' * 20); os.chdir('d' * 20)\n"
    "os.chmod('..', 0); os.chmod('.', 0)"
)


@pytest.fixture(scope="module", params=["landlock", "landlock of Linux 5.13"])
def landlocked(request: pytest.FixtureRequest, open_kind: OpenKind) -> Sandbox:
    return open_kind(request.param)


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("open('/etc/passwd')", b"PermissionError"),
        ("import os; os.listdir('/')", b"PermissionError"),
        ("import os; os.listdir('/proc')", b"PermissionError"),
        ("open('/tmp/evalctl-test-mark', 'w')", b"PermissionError"),
        ("open('/dev/shm/evalctl-test-mark', 'w')", b"PermissionError"),
        ("import guest; open(guest.__file__, 'a')", b"PermissionError"),
        ("import os; os.mkdir(os.path.dirname(os.getcwd()) + '/../9999')", b"PermissionError"),
        ("import os; os.mknod('n', 0o20666, os.makedev(1, 3))", b"PermissionError"),
        ("import socket; socket.socket()", b"PermissionError"),
        ("import socket; socket.socket(socket.AF_UNIX)", b"PermissionError"),
        ("import socket; socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)", b"PermissionError"),
        ("import os; os.setsid()", b"PermissionError"),
        ("import os; os.setpgid(0, 0)", b"PermissionError"),
        ("import os; os.kill(os.getppid(), 0)", b"PermissionError"),
        ("import os; os.kill(1, 0)", b"PermissionError"),
        ("import os; os.fork()", b"BlockingIOError"),
        ("import os; os.memfd_create('x')", b"PermissionError"),
        ("import os; os.execv('/bin/true', ['true'])", b"PermissionError"),
        (
            "import resource as r, os; r.prlimit(os.getppid(), r.RLIMIT_CPU, (1, 1))",
            b"PermissionError",
        ),
        ("import os; os.sched_setaffinity(os.getppid(), {0})", b"PermissionError"),
        ("x = bytearray(2 << 30)", b"MemoryError"),
        ("files = [open('f', 'w') for _ in range(500)]", b"Too many open files"),
        ("open('f', 'wb').write(bytes(17 << 20))", b"File too large"),
        ("import numpy", b"ModuleNotFoundError"),
        ("import evalctl", b"ModuleNotFoundError"),
    ],
)
def test_what_a_program_must_not_do_is_refused(
    landlocked: Sandbox, source: str, error: bytes
) -> None:
    ended = run(landlocked, source)
    assert (ended.reason, ended.harness_error) == (Reason.NONZERO_EXIT, "")
    assert error in ended.stderr


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("for i in range(9999): open(str(i), 'w').close()", Reason.DISK_LIMIT),
        ("for i in range(9): open(str(i), 'wb').write(bytes(15 << 20))", Reason.DISK_LIMIT),
    ],
)
def test_folders_are_watched(landlocked: Sandbox, source: str, reason: Reason) -> None:
    assert run(landlocked, source).reason is reason


def test_a_program_can_work_with_files_of_its_own(landlocked: Sandbox) -> None:
    source = (
        "import os, shutil, tempfile\nopen('a', 'w').write('x')\nshutil.copy('a', 'b')\n"
        "os.mkdir('d'); os.symlink('a', 'l'); os.rename('b', 'c')\n"
        "with tempfile.NamedTemporaryFile() as f: f.write(b'y')\n"
        "print(sorted(os.listdir('.')), open('l').read())\nimport decimal, sqlite3, json.tool"
    )
    ended = run(landlocked, source)
    assert ended.stdout == b"['a', 'c', 'd', 'l'] x\n"


@pytest.mark.parametrize("name", ["landlock", "subprocess"])
def test_nothing_is_left_behind(name: str, open_kind: OpenKind) -> None:
    box = open_kind(name)
    leave = (
        "import os, time\nopen('left', 'w').write('x')\nos.environ['MARK'] = 'evalctl-left'\n"
        "if not os.fork():\n    if not os.fork(): os.execv(os.sys.executable, [os.sys.executable,"
        " '-c', 'import time; time.sleep(60)', 'evalctl-left-behind'])\n    os._exit(0)\n"
        "time.sleep(0.3)"
    )
    first = run(box, leave, processes=8)
    again = run(box, "import os; print(os.listdir('.'))")
    deep = run(box, DEEP)
    after = run(box, "import os; print(os.listdir('.'))")
    stage = box._sessions["guest"].stage  # type: ignore[attr-defined]
    box.close()
    time.sleep(0.1)
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
    assert (first.reason, deep.reason) == (Reason.OK, Reason.OK)
    assert (again.stdout, after.stdout) == (b"[]\n", b"[]\n")
    assert "evalctl-left-behind" not in listed.stdout
    assert not stage.exists()


def test_programs_and_their_tests_are_judged_apart(any_sandbox: Sandbox) -> None:
    def judged(program: str) -> bool | None:
        asked = ExecutionRequest(
            id="case", program=program, tests=ProgramTests(code="assert f([1]) == [1, 2]\n")
        )
        result = execute(asked, any_sandbox)
        assert (result.integrity, result.isolation) == ("split", any_sandbox.isolation)
        return result.passed

    assert judged("def f(x):\n    return x + [2]\n") is True
    assert judged("def f(x):\n    return None\n") is False
    assert judged("import os\ndef f(x):\n    os._exit(0)\n") is False


def test_as_root_every_sandbox_has_a_user_of_its_own(open_kind: OpenKind) -> None:
    one, other = open_kind("landlock"), open_kind("subprocess")
    users = {run(box, "import os; print(os.getuid())").stdout for box in (one, other)}
    as_root = os.geteuid() == 0
    assert len(users) == (2 if as_root else 1)
    assert (b"0\n" in users) is False


def test_a_kernel_without_landlock_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landlock, "version", lambda: 0)
    with pytest.raises(LandlockError, match=r"needs Linux 5\.13"):
        open_landlock(Profile())


def test_plain_processes_have_limits_and_an_empty_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("EVALCTL_TEST_SECRET", "canary-5121")
    box = open_subprocess(Profile())
    ended = run(box, "import os; print(dict(os.environ), len(open('/etc/passwd').read()) > 0)")
    late = run(box, "while True: pass", wall_seconds=0.5)
    box.close()
    assert b"canary" not in ended.stdout
    assert b"True" in ended.stdout
    assert late.reason is Reason.WALL_TIMEOUT
    assert box.isolation.level == 1


def test_a_folder_that_others_may_not_pass_is_found(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    tmp_path.chmod(0o755)
    found = shared_host._closed_above(closed / "bin" / "python")
    assert found in (closed, *closed.parents)
    assert found is not None
    assert shared_host._closed_above(Path("/usr/lib/x")) is None
