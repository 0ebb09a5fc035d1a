"""Commands of `evalctl`, each in a process of its own, without importing everything each time.

One process has imported what all commands need, and forks for each command. Plugins are imported by
the command alone, as are all heavy packages.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from select import select

SECONDS = 300

_ZYGOTE = """
import json, os, sys
import evalctl.cli.run, evalctl.cli.running, evalctl.cli.lazy
import evalctl.engines.host, evalctl.executors.workers
from evalctl.cli import main

for line in sys.stdin:
    asked = json.loads(line)
    pid = os.fork()
    if pid == 0:
        for number, path in enumerate(("/dev/null", asked["stdout"], asked["stderr"])):
            os.dup2(os.open(path, os.O_RDWR), number)
        os.environ.clear()
        os.environ.update(asked["environment"])
        os.chdir(asked["folder"])
        sys.path[1:1] = asked["path"]
        sys.argv[1:] = asked["arguments"]
        main()
        sys.exit()
    print(pid, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
"""


class Commands:
    """A process that forks for each command; to be closed."""

    def __init__(self) -> None:
        """Start it."""
        own = {key: value for key, value in os.environ.items() if not key.startswith("EVALCTL_")}
        self._process = subprocess.Popen(
            [sys.executable, "-c", _ZYGOTE],
            env=own,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def run(
        self, arguments: Sequence[str], folder: Path, environment: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        """Run one command to its end, and return its outcome.

        Args:
            arguments: Behind `evalctl`.
            folder: Where it runs.
            environment: All of it; `PYTHONPATH` is obeyed.
        """
        with tempfile.TemporaryDirectory() as name:
            stdout, stderr = Path(name, "stdout"), Path(name, "stderr")
            stdout.touch()
            stderr.touch()
            asked = {
                "arguments": arguments,
                "folder": str(folder),
                "environment": dict(environment),
                "path": environment.get("PYTHONPATH", "").split(os.pathsep),
                "stdout": str(stdout),
                "stderr": str(stderr),
            }
            code = self._ask(json.dumps(asked))
            return subprocess.CompletedProcess(
                arguments, code, stdout.read_text("utf-8"), stderr.read_text("utf-8")
            )

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def _ask(self, line: str) -> int:
        given, told = self._process.stdin, self._process.stdout
        assert given is not None
        assert told is not None
        given.write(f"{line}\n".encode())
        given.flush()
        pid = int(told.readline())
        if not select([told], [], [], SECONDS)[0]:
            os.kill(pid, signal.SIGKILL)
        return int(told.readline())
