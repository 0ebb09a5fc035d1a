"""Running untrusted programs: what is asked of a sandbox, and what it answers.

Data and interfaces only. Executors live in `executors/`; the judges that form verdicts out of what
came back, where guest code never runs, are apart from them in `executors/judges/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal, Protocol

from pydantic import JsonValue

from evalctl.records import Record

Integrity = Literal["io", "values", "split", "inproc_control", "inproc"]
"""Where the verdict was formed, strongest first.

`io`: our process compared standard output. `values`: our process compared returned values.
`split`: the tests ran in a sandbox of their own. `inproc_control`: the tests ran beside the code,
and the same code failed when every expected value was replaced. `inproc`: the tests ran beside the
code, where no control can be made.
"""

IsolationLevel = Literal[1, 2, 3, 4]
"""1 a plain process; 2 a filter of system calls and files; 3 kernel namespaces; 4 a kernel of its
own."""


class Reason(StrEnum):
    """How an execution ended."""

    OK = "ok"
    NONZERO_EXIT = "nonzero_exit"
    SIGNAL = "signal"
    WALL_TIMEOUT = "wall_timeout"
    CPU_TIMEOUT = "cpu_timeout"
    MEMORY = "memory"
    OUTPUT_LIMIT = "output_limit"
    DISK_LIMIT = "disk_limit"
    PIDS_LIMIT = "pids_limit"
    NO_VERDICT = "no_verdict"
    """It ended without the report that its kind owes."""
    PROTOCOL_VIOLATION = "protocol_violation"
    """What it reported is not of the agreed form."""
    TAMPERED = "tampered"
    """It passed a control that nothing honest passes."""
    COMPILE_ERROR = "compile_error"
    """It does not parse or compile."""
    SANDBOX_ERROR = "sandbox_error"
    """Our failure: tried again once on a fresh sandbox, and never scored."""
    UNSUPPORTED = "unsupported"
    """This executor or host cannot run it: a package or a language is missing."""
    CANCELLED = "cancelled"


class Limits(Record):
    """What one execution may use."""

    wall_seconds: float = 30.0
    """From the start of the program to its end."""
    cpu_seconds: float = 30.0
    """Of one process."""
    memory_bytes: int = 1 << 30
    """Address space of one process."""
    memory_total_bytes: int = 1 << 30
    """Resident memory of all its processes together."""
    processes: int = 1
    """Processes at a time; 1 forbids forking."""
    threads: int = 64
    """Threads and processes at a time."""
    file_bytes: int = 16 << 20
    """One file."""
    disk_bytes: int = 64 << 20
    """All that it writes; it lies in memory, apart from `memory_total_bytes`."""
    inodes: int = 4096
    """Files and folders."""
    open_files: int = 128
    """Descriptors of one process."""
    stdout_bytes: int = 1 << 20
    """Standard output; more ends the program."""
    stderr_bytes: int = 64 << 10
    """Standard error that is kept; the rest is dropped."""
    report_bytes: int = 4 << 20
    """The report of judged kinds, and each value that crosses between sandboxes."""


class Profile(Record):
    """What a sandbox holds beside the bare interpreter; one stays open for many executions."""

    name: str = "plain"
    """Shown in results."""
    packages: tuple[str, ...] = ()
    """Distributions that programs may import, with what these depend on; read-only."""
    preload: tuple[str, ...] = ()
    """Modules imported once, before any program arrives."""
    image: str = ""
    """For a container engine: what the sandbox holds instead of `packages`; empty for Python's own
    image."""
    languages: tuple[str, ...] = ()
    """Languages besides Python, of `executors/languages.py`, whose tools are seen."""
    network: Literal["none", "loopback"] = "none"
    """Nothing, or addresses inside the sandbox alone."""
    env: Mapping[str, str] = {}
    """Added to the few variables that every program sees."""


class StdioTest(Record):
    """One run of a program on one input."""

    stdin: str
    """What it reads."""
    expected: str
    """What it must print; never enters the sandbox."""


class CallTest(Record):
    """One call of a program's function."""

    args: tuple[JsonValue, ...]
    """What it is given, by position."""
    expected: JsonValue
    """What it must return; never enters the sandbox. A tuple counts as a list."""


class ProgramTests(Record):
    """How a program is judged; exactly one kind is given."""

    stdio: tuple[StdioTest, ...] = ()
    """Judged by standard output."""
    calls: tuple[CallTest, ...] = ()
    """Judged by what `entry_point` returns: a function, or `Class.method`."""
    code: str = ""
    """Python with assert statements, run in a sandbox of its own where that is possible."""
    unittest: str = ""
    """Python with `unittest.TestCase` classes, run beside the program, whose names it sees."""


class ExecutionRequest(Record):
    """A program, how it is judged, and what it may use."""

    id: str
    """For messages."""
    program: str
    """The source, untrusted."""
    language: str = "python"
    """What it is written in: a name of `executors/languages.py`."""
    needs: tuple[str, ...] = ()
    """Modules that it or its tests cannot do without; where one is missing inside the sandbox, the
    result is `unsupported` and names it."""
    entry_point: str = ""
    """The function that tests call; needed where its name is a built-in's, which tests otherwise
    never take from a program."""
    tests: ProgramTests | None = None
    """None only runs the program."""
    stdin: str = ""
    """Standard input where there are no tests."""
    limits: Limits = Limits()
    """What it may use."""
    profile: Profile = Profile()
    """What is there beside the interpreter."""

    def within(self, seconds: float) -> ExecutionRequest:
        """Return the same request with another limit on wall and CPU time."""
        limits = self.limits.model_copy(update={"wall_seconds": seconds, "cpu_seconds": seconds})
        return self.model_copy(update={"limits": limits})


class Isolation(Record):
    """What stood between the program and the host."""

    level: IsolationLevel
    """The level."""
    executor: str
    """Its name."""
    memory_cap: Literal["cgroup", "watchdog", "rlimit", "none"] = "none"
    """What bounds the memory of all processes together."""
    is_nested: bool = False
    """Whether each execution has namespaces of its own in a sandbox that stays open."""
    landlock_abi: int | None = None
    """Version of Landlock; None where it is not used."""
    kernel: str = ""
    """Release of the kernel."""


class ExecutionResult(Record):
    """How an execution ended and what it proved."""

    reason: Reason
    """How it ended. Judged kinds end with `ok` where every test was run to a verdict."""
    passed: bool | None = None
    """Whether all tests passed; None where it was not judged."""
    tests_passed: int = 0
    """Tests that passed."""
    tests_total: int = 0
    """Tests there are; asserts that were never reached are counted."""
    ran: bool = False
    """Whether the program itself ran to its end without an error (a wrong answer is none)."""
    error: str = ""
    """Class and message of what went wrong, as the guest tells it: for people, never a verdict."""
    exit_code: int | None = None
    """Of the program; None where it was killed."""
    signal: int | None = None
    """What killed it."""
    stdout: bytes = b""
    """What it printed, cut at its limit."""
    stderr: bytes = b""
    """Its last complaints, cut at their limit."""
    is_truncated: bool = False
    """Whether output was cut."""
    wall_seconds: float = 0.0
    """Of all its runs together."""
    cpu_seconds: float = 0.0
    """Of all its processes together."""
    max_rss_bytes: int = 0
    """Greatest resident size of a process."""
    integrity: Integrity | None = None
    """Where the verdict was formed; None where it was not judged."""
    flags: tuple[str, ...] = ()
    """What the source does that honest programs seldom do, such as `sys._getframe`: for people,
    never a verdict."""
    isolation: Isolation | None = None
    """None where nothing was run."""
    harness_error: str = ""
    """What failed on our side."""


class Launch(Record):
    """One guest process, below the level of judging."""

    runner: Literal["script", "solution", "tests", "inproc", "calls", "cases", "build", "command"]
    """What the guest does: a module of `executors/guest/runners`, or a command to execute."""
    job: Mapping[str, JsonValue] = {}
    """What the runner is given."""
    files: Mapping[str, bytes] = {}
    """Written into its working folder first, by relative path."""
    argv: tuple[str, ...] = ()
    """For `command`."""
    stdin: bytes = b""
    """Standard input."""
    limits: Limits = Limits()
    """What it may use."""


class Ended(Record):
    """How a guest process ended. `report` is what it wrote to its report channel: untrusted."""

    reason: Reason
    exit_code: int | None = None
    signal: int | None = None
    stdout: bytes = b""
    stderr: bytes = b""
    is_truncated: bool = False
    report: bytes = b""
    wall_seconds: float = 0.0
    cpu_seconds: float = 0.0
    max_rss_bytes: int = 0
    harness_error: str = ""


class Sandbox(Protocol):
    """An open place for guests of one profile. One execution at a time; not for many threads."""

    isolation: Isolation
    modules: dict[str, bool]
    """Whether modules can be imported inside, as far as that is known by now."""

    def run(self, launch: Launch) -> Ended:
        """Run one guest to its end. Never raises for what a guest does."""
        ...

    def run_pair(self, tests: Launch, solution: Launch) -> tuple[Ended, Ended]:
        """Run two guests in sandboxes apart, joined by one socket (descriptor 4 of each).

        Both end when the first one ends. The wall limit is that of `tests`.
        """
        ...

    def kill(self) -> None:
        """Kill every guest, from any thread; what runs comes back as our failure."""
        ...

    def close(self) -> None:
        """Kill everything and give back processes and folders; may be called twice."""
        ...
