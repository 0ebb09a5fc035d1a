"""Standard output and error that end no command, and standard output that holds results alone.

`guard_streams` is called once, before anything else runs. After it:

- what cannot be written (a full disk, a reader that left, a closed descriptor) raises nowhere; the
  first such error of standard output is kept and decides the exit code when all is done;
- characters that the encoding does not have are replaced;
- `sys.stdout` is ours, on a descriptor of its own. Where it is no terminal, descriptor 1 leads to
  standard error: what a library writes past Python, or a process that it starts, is no result.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys
from typing import TextIO


class _Forgiving(io.FileIO):
    """A descriptor for writing that remembers its first error and raises none."""

    problem: OSError | None = None

    def write(self, data: object, /) -> int | None:  # type: ignore[override]  # any buffer
        try:
            return super().write(data)  # type: ignore[arg-type]  # likewise
        except OSError as error:
            self.problem = self.problem or error
            return memoryview(data).nbytes  # type: ignore[arg-type]  # likewise


class GuardedOutput:
    """What became of standard output."""

    def __init__(self, stream: TextIO, raw: _Forgiving | None) -> None:
        """Take the stream and its descriptor; None where it was somebody else's, and still is."""
        self._stream = stream
        self._raw = raw

    def finish(self) -> OSError | None:
        """Flush; return what kept anything from being written.

        What is printed from here on, by whoever ends late, goes to standard error.
        """
        try:
            self._stream.flush()
        except OSError as error:
            return error
        if self._raw is None:
            return None
        sys.stdout = sys.stderr
        return self._raw.problem


def is_reader_gone(problem: OSError) -> bool:
    """Return whether the reader of a pipe left, which is no reason to complain."""
    return problem.errno == errno.EPIPE


def guard_streams() -> GuardedOutput:
    """Take over the standard streams as the module says; leave those that are redirected."""
    for descriptor in (0, 1, 2):
        _open_if_closed(descriptor)
    if sys.stderr is None or _is_standard(sys.stderr, sys.__stderr__, 2):
        sys.stderr = _text(_Forgiving(2, "w", closefd=False), sys.stderr, "backslashreplace")
    if sys.stdout is None:
        # Writing to it fails, as it must: nobody gets what is printed.
        raw = _Forgiving(os.open(os.devnull, os.O_RDONLY), "w", closefd=False)
    elif _is_standard(sys.stdout, sys.__stdout__, 1):
        with contextlib.suppress(OSError):
            sys.stdout.flush()
        raw = _Forgiving(os.dup(1), "w", closefd=False)
    else:
        return GuardedOutput(sys.stdout, None)
    sys.stdout = stream = _text(raw, sys.stdout, "replace")
    if not raw.isatty():
        os.dup2(2, 1)
    return GuardedOutput(stream, raw)


def _open_if_closed(descriptor: int) -> None:
    """Put the null device where a standard descriptor was closed, before a file gets its number."""
    try:
        os.fstat(descriptor)
    except OSError:
        opened = os.open(os.devnull, os.O_RDWR)
        if opened != descriptor:
            os.dup2(opened, descriptor)
            os.close(opened)
        os.set_inheritable(descriptor, True)


def _is_standard(stream: TextIO, original: TextIO | None, descriptor: int) -> bool:
    try:
        return stream is original and stream.fileno() == descriptor
    except (OSError, ValueError):
        return False


def _text(raw: io.FileIO, like: TextIO | None, errors: str) -> TextIO:
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=like.encoding if like is not None else None,
        errors=errors,
        line_buffering=errors == "backslashreplace" or raw.isatty(),
        write_through=bool(getattr(like, "write_through", False)),
    )
