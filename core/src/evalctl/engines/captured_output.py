"""Keeps what a library prints from the user's terminal, and keeps it for error messages."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

MAX_BYTES = 1 << 20


class CapturedOutput:
    """What was written to standard output and error while it was captured."""

    def __init__(self, file: IO[bytes]) -> None:
        """Read from an open file."""
        self._file = file

    def text(self) -> str:
        """Return the last megabyte of it."""
        size = os.fstat(self._file.fileno()).st_size
        return os.pread(self._file.fileno(), MAX_BYTES, max(0, size - MAX_BYTES)).decode(
            errors="replace"
        )


@contextmanager
def captured_output() -> Iterator[CapturedOutput]:
    """Send file descriptors 1 and 2 of this process to a temporary file.

    Processes started meanwhile inherit the file for good, so they stay quiet. The descriptors
    belong to the whole process: while this is active, no other thread's output is seen either.
    """
    _flush()
    saved = os.dup(1), os.dup(2)
    with tempfile.TemporaryFile() as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
        try:
            yield CapturedOutput(file)
        finally:
            _flush()
            for descriptor, copy in enumerate(saved, start=1):
                os.dup2(copy, descriptor)
                os.close(copy)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and not stream.closed:
            stream.flush()
