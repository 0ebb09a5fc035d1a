"""The command line: `main` is the console script `evalctl`.

Each command is a module of its own, listed in `lazy.py`. Here is what holds for all of them: errors
become one clear line on standard error, and an exit code that a script can rely on; SIGTERM and
SIGHUP end a command as Ctrl-C does; standard output holds results alone (`streams.py`).
"""

from __future__ import annotations

import errno
import gc
import os
import signal
import sys
from collections.abc import Sequence

from evalctl.cli.harmless import harmless
from evalctl.cli.streams import GuardedOutput, guard_streams, is_reader_gone

DONE = 0
FAILED = 1
USER_MISTAKE = 2
INTERRUPTED = 130

_BAD_PATHS = (errno.ENAMETOOLONG, errno.EACCES)
"""Of a path that cannot even be looked at."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit.

    Exit codes: 0 done, 1 too many failures or a failed gate (or standard output cannot be written,
    or nobody reads it any more), 2 the user's mistake, 3 a run at its limit of costs, 130
    interrupted.

    Args:
        arguments: Without the program's name; None takes them from the command line.
    """
    # Importing makes many objects and little garbage: collecting it costs a twelfth of a listing.
    gc.set_threshold(50_000)
    # Pydantic would search every installed distribution for plugins of its own; none is wanted.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    output = guard_streams()
    if not _is_debugging():
        sys.excepthook = _show_bug
    try:
        _interrupt_on_signals()
        code = _run([*(sys.argv[1:] if arguments is None else arguments)])
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        code = INTERRUPTED
    code = _finish(output, code)
    # What is alive now dies with the process: spare Python its last search for garbage, which
    # takes a sixth of a listing.
    gc.freeze()
    sys.exit(code)


def _finish(output: GuardedOutput, code: int) -> int:
    """Flush standard output; return the exit code, a failure's where it could not be written."""
    problem = output.finish()
    if problem is None:
        return code
    if not is_reader_gone(problem):
        print(f"error: cannot write to standard output: {problem.strerror}", file=sys.stderr)
    return code or FAILED


def _interrupt_on_signals() -> None:
    """Treat a request to end, and the end of the terminal, like Ctrl-C; `nohup` stays in force."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            try:
                signal.signal(number, _interrupt)
            except ValueError:  # this is not the main thread: whoever called decides
                return


def _interrupt(_number: int, _frame: object) -> None:
    # Once: shells and terminals send a second one, which must not cut off the summary's writing.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    raise KeyboardInterrupt


def _run(arguments: list[str]) -> int:
    from typer import Abort  # Typer costs more than all that stands above

    from evalctl.cli.lazy import build
    from evalctl.cli.mistakes import TyperMistake, tell
    from evalctl.errors import EvalctlError, UsageError

    try:
        if arguments[:1] == ["__complete"]:
            from evalctl.cli.completing import answer

            answer(arguments[1:])
            code = DONE
        else:
            code = build().main(arguments, prog_name="evalctl", standalone_mode=False)
    except TyperMistake as error:
        tell(error)
        return USER_MISTAKE
    except Abort:
        print("aborted", file=sys.stderr)
        return FAILED
    except SystemExit as stop:
        # Nothing of ours ends a command so: it would look as if all were well.
        print(f"error: a plugin ended evalctl (SystemExit: {stop.code})", file=sys.stderr)
        return FAILED
    except EvalctlError as error:
        if _is_debugging():
            raise
        print(f"error: {harmless(str(error))}", file=sys.stderr)
        return USER_MISTAKE if isinstance(error, UsageError) else FAILED
    except OSError as error:
        # Whatever name was given is looked for as a file in many places.
        if error.errno not in _BAD_PATHS or _is_debugging():
            raise
        print(f"error: {error.strerror}: {str(error.filename)!r:.80}", file=sys.stderr)
        return USER_MISTAKE
    return code if isinstance(code, int) else DONE


def _is_debugging() -> bool:
    return os.environ.get("EVALCTL_DEBUG", "") not in {"", "0"}


def _show_bug(kind: type[BaseException], error: BaseException, _traceback: object) -> None:
    """Say in one line what nobody foresaw; the traceback is for those who ask for it."""
    print(
        f"error: {kind.__name__}: {harmless(str(error))}. This is a bug in evalctl or in a plugin; "
        "EVALCTL_DEBUG=1 shows where.",
        file=sys.stderr,
    )
