from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from core.tests.executors.launching import run

from evalctl.executions import Profile, Reason, Sandbox
from evalctl.executors import bwrap
from evalctl.executors.bwrap import BwrapError, open_bwrap
from evalctl.executors.shared_host import open_landlock


def test_a_program_runs_with_its_input_and_exit_code(any_sandbox: Sandbox) -> None:
    ended = run(any_sandbox, "import sys\nprint(input()[::-1])\nsys.exit(3)", stdin=b"abc\n")
    assert (ended.reason, ended.exit_code, ended.stdout) == (Reason.NONZERO_EXIT, 3, b"cba\n")


def test_what_is_reported_names_the_exception_and_hides_our_frames(any_sandbox: Sandbox) -> None:
    ended = run(any_sandbox, "def f():\n    return 1 / 0\nf()")
    assert b'"ZeroDivisionError"' in ended.report
    assert b'File "solution.py", line 2, in f' in ended.stderr
    assert b"runners" not in ended.stderr


@pytest.mark.parametrize(
    ("source", "limits", "reason"),
    [
        ("while True: pass", {"wall_seconds": 0.5}, Reason.WALL_TIMEOUT),
        ("import time; time.sleep(60)", {"wall_seconds": 0.5}, Reason.WALL_TIMEOUT),
        (
            "import signal, time\nfor s in range(1, 60):\n    try: signal.signal(s, lambda *a: 0)\n"
            "    except Exception: pass\nwhile True: time.sleep(1)",
            {"wall_seconds": 0.5},
            Reason.WALL_TIMEOUT,
        ),
        ("while True: pass", {"cpu_seconds": 1.0}, Reason.CPU_TIMEOUT),
        ("while True: print('x' * 9999)", {}, Reason.OUTPUT_LIMIT),
        ("import os\nwhile True: os.write(3, b'x' * 9999)", {}, Reason.OUTPUT_LIMIT),
        ("import ctypes; ctypes.string_at(0)", {}, Reason.SIGNAL),
        (
            "import os, time\nfor _ in range(4):\n    if not os.fork():\n"
            "        x = bytearray(100 << 20); time.sleep(60)\ntime.sleep(60)",
            {"processes": 8, "memory_total_bytes": 200 << 20},
            Reason.MEMORY,
        ),
    ],
)
def test_a_limit_ends_the_program_for_its_own_reason(
    safe_sandbox: Sandbox, source: str, limits: dict[str, float], reason: Reason
) -> None:
    assert run(safe_sandbox, source, **limits).reason is reason


def test_a_guest_that_is_alone_in_its_namespace_cannot_kill_itself(sandbox: Sandbox) -> None:
    ended = run(sandbox, "import os; os.kill(os.getpid(), 9); os._exit(7)")
    assert (ended.reason, ended.exit_code) == (Reason.NONZERO_EXIT, 7)


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("x = bytearray(2 << 30)", b"MemoryError"),
        ("import os; os.fork()", b"BlockingIOError"),
        ("import os\nfor _ in range(500): os.fork()", b"BlockingIOError"),
        ("files = [open('f', 'w') for _ in range(500)]", b"Too many open files"),
        ("open('f', 'wb').write(bytes(17 << 20))", b"File too large"),
        ("for i in range(9): open(str(i), 'wb').write(bytes(15 << 20))", b"No space left"),
        ("for i in range(9999): open(str(i), 'w').close()", b"No space left"),
        ("open('/etc/passwd')", b"FileNotFoundError"),
        ("open('/evalctl/guest/x', 'w')", b"Read-only file system"),
        ("open('/x', 'w')", b"Read-only file system"),
        ("open('/dev/shm/x', 'w')", b"Read-only file system"),
        ("import socket; socket.socket()", b"PermissionError"),
        ("import socket; socket.socket(socket.AF_UNIX)", b"PermissionError"),
        ("import os; os.memfd_create('x')", b"PermissionError"),
        ("import os; os.kill(-1, 9)", b"ProcessLookupError"),
        ("import os; os.setuid(0)", b"OSError"),
        ("import os; os.chroot('/')", b"PermissionError"),
        ("import os; os.open('/proc/1/mem', os.O_RDWR); open('/proc/2/status')", b"Error"),
        ("import numpy", b"ModuleNotFoundError"),
        ("import evalctl", b"ModuleNotFoundError"),
    ],
)
def test_what_a_program_must_not_do_is_refused(sandbox: Sandbox, source: str, error: bytes) -> None:
    ended = run(sandbox, source)
    assert ended.reason is Reason.NONZERO_EXIT
    assert error in ended.stderr


@pytest.mark.parametrize(
    "source",
    [
        "import os; os.kill(os.getppid(), 9)",
        "import os; os.kill(-1, 9)",
        "import os\nfor n in range(1, 9):\n    try: os.kill(n, 9)\n    except OSError: pass",
        "import resource as r, os\nfor n in (1, 2, 3):\n    r.prlimit(n, r.RLIMIT_CPU, (0, 0))",
    ],
)
def test_no_program_can_have_itself_not_scored_by_ending_its_sandbox(
    safe_sandbox: Sandbox, source: str
) -> None:
    assert run(safe_sandbox, source, processes=4).reason is not Reason.SANDBOX_ERROR
    assert run(safe_sandbox, "print(1)").stdout == b"1\n"


@pytest.mark.parametrize("flag", [0x10000000, 0x20000, 0x40000000, 0x20000000])
def test_no_new_namespace_can_be_made(sandbox: Sandbox, flag: int) -> None:
    source = f"import ctypes; print(ctypes.CDLL(None, use_errno=True).unshare({flag}))"
    assert run(sandbox, source, processes=8).stdout == b"-1\n"


def test_nothing_of_the_host_is_in_the_environment(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVALCTL_TEST_SECRET", "canary-5121")
    source = (
        "import glob, os\nprint(dict(os.environ))\nfor p in glob.glob('/proc/[0-9]*/environ'):\n"
        "    try: print(open(p, 'rb').read())\n    except OSError: pass"
    )
    with_fresh_sandbox = open_bwrap(Profile())
    ended = run(with_fresh_sandbox, source, processes=8)
    with_fresh_sandbox.close()
    assert ended.reason is Reason.OK
    assert b"LANG" in ended.stdout
    assert b"canary" not in ended.stdout


def test_a_listener_on_the_host_is_out_of_reach_even_with_a_loopback() -> None:
    opened = open_bwrap(Profile(network="loopback"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        ended = run(opened, f"import socket; socket.create_connection(('127.0.0.1', {port}), 2)")
    own = run(
        opened,
        "import socket\ns = socket.create_server(('127.0.0.1', 0))\n"
        "socket.create_connection(s.getsockname()); print('met')",
    )
    opened.close()
    assert b"ConnectionRefusedError" in ended.stderr
    assert own.stdout == b"met\n"


def test_an_execution_sees_nothing_of_the_one_before(sandbox: Sandbox) -> None:
    leave = (
        "import os, time\nopen('left', 'w').write('x'); open('/tmp/left', 'w').write('x')\n"
        "open('/dev/shm/left', 'w').write('x')\n"
        "if not os.fork():\n    os.setsid()\n    if not os.fork():\n        time.sleep(60)\n"
        "    os._exit(0)"
    )
    look = (
        "import os\nprint(os.listdir('.'), os.listdir('/tmp'), os.listdir('/dev/shm'),"
        "[p for p in os.listdir('/proc') if p.isdecimal()])"
    )
    assert run(sandbox, leave, processes=8).reason is Reason.OK
    assert run(sandbox, look, processes=8).stdout == b"[] ['work'] [] ['1', '2']\n"


def test_a_program_of_ten_megabytes_and_binary_output_pass_through(any_sandbox: Sandbox) -> None:
    source = f"text = {'x' * (10 << 20)!r}\nimport sys; sys.stdout.buffer.write(bytes(range(256)))"
    ended = run(any_sandbox, source)
    assert ended.reason is Reason.OK
    assert ended.stdout == bytes(range(256))


def test_much_input_that_is_never_read_does_not_block(any_sandbox: Sandbox) -> None:
    assert run(any_sandbox, "print('done')", stdin=b"x" * (5 << 20)).stdout == b"done\n"


@pytest.mark.parametrize("opener", [open_bwrap, open_landlock])
def test_a_sandbox_that_was_killed_is_our_failure_and_the_next_one_is_fresh(
    opener: Callable[[Profile], Sandbox],
) -> None:
    opened = opener(Profile())
    process = opened._sessions["guest"]._process  # type: ignore[attr-defined]
    process.kill()
    process.wait()
    lost = run(opened, "print(1)")
    again = run(opened, "print(1)")
    opened.close()
    assert lost.reason is Reason.SANDBOX_ERROR
    assert again.stdout == b"1\n"


def test_descriptors_processes_and_folders_do_not_grow(sandbox: Sandbox) -> None:
    run(sandbox, "print(1)")
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(30):
        run(sandbox, "print(1)")
        run(sandbox, "import os; os._exit(1)")
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_closing_leaves_no_process_and_no_folder() -> None:
    opened = open_bwrap(Profile())
    session = opened._sessions["guest"]  # type: ignore[attr-defined]
    pid, stage = session._process.pid, session.stage
    opened.close()
    opened.close()
    deadline = time.monotonic() + 10
    while _of_session(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert _of_session(pid) == []
    assert not stage.exists()


@pytest.mark.parametrize("opener", [open_bwrap, open_landlock])
def test_packages_of_a_profile_are_there_and_no_others(
    opener: Callable[[Profile], Sandbox],
) -> None:
    opened = opener(Profile(packages=("packaging",), preload=("packaging.version",)))
    there = run(opened, "from packaging.version import Version; print(Version('1.0'))")
    other = run(opened, "import pydantic")
    opened.close()
    assert there.stdout == b"1.0\n"
    assert b"ModuleNotFoundError" in other.stderr


def test_a_missing_bubblewrap_is_said_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bwrap, "find_bwrap", lambda: None)
    with pytest.raises(BwrapError, match=r"bubblewrap is not installed: .*bubblewrap"):
        open_bwrap(Profile())


def test_a_host_that_refuses_namespaces_is_quoted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    refusing = tmp_path / "bwrap"
    refusing.write_text("#!/bin/sh\necho 'setting up uid map: Permission denied' >&2\nexit 1\n")
    refusing.chmod(0o755)
    monkeypatch.setattr(bwrap, "find_bwrap", lambda: (refusing,))
    with pytest.raises(BwrapError, match=r"setting up uid map: Permission denied. [A-Z]"):
        open_bwrap(Profile())


def _of_session(session: int) -> list[str]:
    found = subprocess.run(
        ["ps", "-o", "pid=", "--sid", str(session)], capture_output=True, text=True, check=False
    )
    return found.stdout.split()
