"""What vLLM said when it failed, where the exception itself only points elsewhere."""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path

from evalctl.engines.load_errors import is_pointer, last_words

_LONGEST = 1 << 20


class CoreLog:
    """What vLLM's processes print once it is loaded; they keep the file that they started with."""

    def __init__(self) -> None:
        """Keep what standard error is now, under a descriptor of our own."""
        self._descriptor = os.dup(2)
        self._start = 0
        self.begin()

    def begin(self) -> None:
        """Pass over what has been printed up to now."""
        self._start = os.fstat(self._descriptor).st_size

    def text(self) -> str:
        """Return the last megabyte of what came since; empty where it is not a file."""
        begin = max(self._start, os.fstat(self._descriptor).st_size - _LONGEST)
        try:
            return os.pread(self._descriptor, _LONGEST, begin).decode(errors="replace")
        except OSError:
            return ""

    def close(self) -> None:
        """Give the descriptor back; may be called twice."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def said(error: BaseException, printed: str) -> str:
    """Return what was raised or, where that says nothing by itself, what tells more.

    Args:
        error: What vLLM raised.
        printed: What it and its processes printed.
    """
    kind, message = type(error).__name__, str(error).strip()
    if is_pointer(message):
        return f"{kind}: {message}\n{printed}"
    frames = traceback.extract_tb(error.__traceback__)
    if message or not frames:
        return f"{kind}: {message}"
    last = frames[-1]
    return f"{kind}: {last.line} ({Path(last.filename).name}:{last.lineno})"


def stop_reason(error: BaseException, printed: str) -> str:
    """Return why a loaded engine stopped, on one line, with what to do where that is known."""
    words = last_words(said(error, printed))
    if is_pointer(words):
        return (
            "its core process died and printed nothing; it ran out of memory, or was ended from "
            "outside"
        )
    if "out of memory" in words:
        return f"{words}; lower max_num_seqs, max_model_len or gpu_memory_utilization"
    return words


def memory_options(*, has_cache_size: bool) -> str:
    """Return which options beside max_model_len save memory or spend it better.

    Args:
        has_cache_size: Whether kv_cache_gib is set; then gpu_memory_utilization has no say.
    """
    platforms = sys.modules.get("vllm.platforms")
    is_cpu = platforms is not None and platforms.current_platform.is_cpu()
    other = "" if is_cpu or has_cache_size else " or gpu_memory_utilization"
    return f"max_num_seqs, raise kv_cache_gib{other}"


def version() -> str:
    """Return vLLM's version; empty where it was not even imported."""
    return str(getattr(sys.modules.get("vllm"), "__version__", ""))
