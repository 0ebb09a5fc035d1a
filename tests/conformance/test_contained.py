"""A plugin's code may hang, die, print or raise anything: the check goes on and says who did it."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest
from tests.conformance.breaking import Change, appended, scorer
from tests.conformance.folders import outcomes_here, quiz_folder

from evalctl.conformance import Outcome, Session, find_rules, find_targets

IMPATIENT = 0.05
"""Steps that may take 20 s have 1 s."""


def outcome(folder: Path, rule: str) -> Outcome:
    (target,) = find_targets(str(folder))
    with Session(target, patience=IMPATIENT) as session:
        (found,) = session.outcomes(find_rules([rule]))
    return found


class Bad(NamedTuple):
    """What a plugin does, the rule that notices, and what is found."""

    change: Change
    rule: str
    says: tuple[str, ...]


def on_text(condition: str, action: str) -> Change:
    return scorer(f"if {condition}:\n        import os, sys, ctypes, signal\n        {action}", "")


ON_ZERO = "answer == '1/0 = 0/0'"
HOSTILE = "hostile-outputs-are-survived"

BAD = {
    "dies on two texts": Bad(
        on_text("answer in ('1/0 = 0/0', '9**9**9**9')", "os._exit(7)"),
        HOSTILE,
        (
            "scorer quiz_match: on a power of powers: its process ended with exit code 7",
            "and 1 more outputs: a division by zero",
        ),
    ),
    "crashes the interpreter": Bad(
        on_text(ON_ZERO, "ctypes.string_at(0)"),
        HOSTILE,
        ("on a division by zero", "signal 11 (SIGSEGV)"),
    ),
    "hangs": Bad(
        on_text(ON_ZERO, "time.sleep(1000)"),
        HOSTILE,
        ("on a division by zero", "no end within 1 s"),
    ),
    "takes all memory": Bad(
        on_text(ON_ZERO, "bytearray(1 << 40)"), HOSTILE, ("on a division by zero: MemoryError",)
    ),
    "ends the process when imported": Bad(
        appended("import os\nos._exit(5)", ""),
        "imports-without-error",
        ("module evalctl_quiz", "ended with exit code 5"),
    ),
    "hangs in a hook": Bad(
        Change("return (ENGINE,)", "time.sleep(1000)", ""),
        "hooks-return-specs",
        ("calling its hooks: no end within 3 s",),
    ),
}
"""What takes a process of its own."""

RAISING = {
    "exits": Bad(on_text(ON_ZERO, "sys.exit(3)"), HOSTILE, ("on a division by zero: SystemExit",)),
    "interrupts": Bad(
        on_text(ON_ZERO, "raise KeyboardInterrupt"), HOSTILE, ("by zero: KeyboardInterrupt",)
    ),
    "exits in a hook": Bad(
        Change("return (ENGINE,)", "raise SystemExit('bye')", ""),
        "hooks-return-specs",
        ("calling its hooks: SystemExit: bye", "evalctl_quiz.py:"),
    ),
    "raises an error that cannot be told": Bad(
        appended("class Odd(Exception):\n    __str__ = None\n\n\nraise Odd", ""),
        "imports-without-error",
        ("Odd",),
    ),
}


def missing(found: Outcome, says: tuple[str, ...]) -> list[str]:
    told = "\n".join(f"{finding.where}: {finding.what}" for finding in found.findings)
    return [part for part in says if part not in told]


@pytest.mark.parametrize("name", BAD)
def test_what_ends_or_holds_up_its_process_is_found_and_named(name: str, tmp_path: Path) -> None:
    bad = BAD[name]

    found = outcome(quiz_folder(tmp_path, bad.change), bad.rule)

    assert found.status == "failed"
    assert missing(found, bad.says) == [], found.findings


@pytest.mark.parametrize("name", RAISING)
def test_whatever_is_raised_is_found_and_named(name: str, tmp_path: Path) -> None:
    bad = RAISING[name]

    found = outcomes_here(quiz_folder(tmp_path, bad.change), None, [bad.rule])[bad.rule]

    assert found.status == "failed"
    assert missing(found, bad.says) == [], found.findings


def test_rules_on_specs_are_not_checked_where_there_are_none(tmp_path: Path) -> None:
    folder = quiz_folder(tmp_path, appended("1 / 0", ""))

    found = outcomes_here(folder, None, ["specs-are-frozen"])["specs-are-frozen"]

    assert (found.status, found.findings) == ("not checked", ())
    assert "does not load" in found.reason


EFFECTS = """
import logging, os, signal, socket, subprocess, sys, threading
open("left_behind.txt", "w").close()
os.mkdir("left_behind")
os.environ["QUIZ"] = "1"
os.chdir("left_behind")
signal.signal(signal.SIGUSR1, signal.SIG_IGN)
logging.basicConfig(level=logging.DEBUG)
sys.path.append("/quizzes")
sys.setrecursionlimit(5000)
threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
subprocess.run(["true"])
os.write(1, b"hello")
try:
    socket.create_connection(("127.0.0.1", 1))
except OSError:
    pass
"""


def test_all_that_an_import_does_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    found = outcome(
        quiz_folder(tmp_path / "quiz", appended(EFFECTS, "")), "does-nothing-when-imported"
    )

    assert {finding.what for finding in found.findings} >= {
        "writes to left_behind.txt",
        "makes the folder left_behind",
        "starts the program true",
        "opens a network connection",
        "prints something",
        "changes the environment (os.environ)",
        "changes the working folder",
        "changes signal handlers",
        "changes the root logger",
        "changes sys.path",
        "changes the recursion limit",
        "changes the number of threads",
    }
