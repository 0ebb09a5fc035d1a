"""A program as `python FILE` would run it: `__main__`, exit codes, tracebacks."""

from __future__ import annotations

import atexit
import json
import linecache
import sys
import traceback
import types
from collections.abc import Mapping

from . import report

_NAME = "solution.py"


def run(job: Mapping[str, object]) -> int:
    """Run `source` as the main module; return its exit code.

    The report says what ended it, for people: {"error": class, "message": text}.
    """
    source = str(job["source"])
    module = types.ModuleType("__main__")
    module.__dict__["__file__"] = _NAME
    sys.modules["__main__"] = module
    sys.argv = [_NAME]
    linecache.cache[_NAME] = (len(source), None, source.splitlines(keepends=True), _NAME)
    try:
        exec(compile(source, _NAME, "exec"), module.__dict__)  # noqa: S102  # its one purpose
        code = 0
    except SystemExit as leaving:
        code = _exit_code(leaving)
    except BaseException as error:  # noqa: BLE001  # whatever the program raises ends it
        tell(error)
        traceback.print_exception(type(error), error, _of_the_program(error.__traceback__))
        code = 1
    if "threading" in sys.modules:  # the interpreter, too, waits for threads at its end
        sys.modules["threading"]._shutdown()
    atexit._run_exitfuncs()
    return code


def _of_the_program(frames: types.TracebackType | None) -> types.TracebackType | None:
    """Return the frames without our own on top."""
    while frames is not None and frames.tb_frame.f_code.co_filename == __file__:
        frames = frames.tb_next
    return frames


def tell(error: BaseException) -> None:
    """Report the class and message of an exception, shortened."""
    words = {"error": type(error).__name__, "message": str(error)[:500]}
    report.write(json.dumps(words).encode())


def _exit_code(leaving: SystemExit) -> int:
    if leaving.code is None:
        return 0
    if isinstance(leaving.code, int):
        return leaving.code & 0xFF
    sys.stderr.write(f"{leaving.code}\n")
    return 1
