from __future__ import annotations

from evalctl.engines.captured_output import captured_output
from evalctl.engines.vllm_failures import CoreLog, said, stop_reason

DEAD = "EngineCore encountered an issue. See stack trace (above) for the root cause."
PRINTED = """(EngineCore pid=7) ERROR 11-23 [core.py:9] Traceback (most recent call last):
(EngineCore pid=7) ERROR 11-23 [core.py:9]   File "x.py", line 1, in step
(EngineCore pid=7) ERROR 11-23 [core.py:9] RuntimeError: the cache is on fire
"""


def raised(error: Exception) -> Exception:
    """Return an error with a traceback."""
    try:
        raise error
    except Exception as caught:  # noqa: BLE001 - it is the one above
        return caught


def test_a_core_that_died_is_quoted_from_what_it_printed() -> None:
    assert stop_reason(RuntimeError(DEAD), PRINTED) == "RuntimeError: the cache is on fire"


def test_a_core_that_died_silently_is_said_to_have_died() -> None:
    assert "ran out of memory, or was ended from outside" in stop_reason(RuntimeError(DEAD), "")


def test_running_out_of_memory_comes_with_advice() -> None:
    assert "lower max_num_seqs" in stop_reason(RuntimeError("CUDA out of memory"), "")


def test_an_assertion_without_words_is_told_by_its_line() -> None:
    words = said(raised(AssertionError()), "")
    assert words.startswith("AssertionError: raise error (test_vllm_failures.py:")


def test_what_is_printed_once_it_is_loaded_is_kept() -> None:
    import os

    with captured_output():
        os.write(2, b"RuntimeError: while loading\n")
        log = CoreLog()
        os.write(2, b"RuntimeError: later\n")
    assert log.text() == "RuntimeError: later\n"
    log.close()
    log.close()
