"""What the ends of guests prove, as a result; the parts that all judges share."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from evalctl.executions import Ended, ExecutionResult, Integrity, Reason, Sandbox

MAX_WORDS_BYTES = 256 << 10
"""Of a report that is read as one object: all of ours are shorter, and reading takes memory."""
_MAX_ERROR = 500
_MAX_HARNESS_ERROR = 2_000


def make_result(  # noqa: PLR0913  # the parts of one value, each named where it is given
    sandbox: Sandbox,
    runs: Sequence[Ended],
    *,
    reason: Reason,
    ran: bool = False,
    counts: tuple[int, int] = (0, 0),
    error: str = "",
    integrity: Integrity | None = None,
) -> ExecutionResult:
    """Return the result of some runs; it is a pass where all of some tests passed and all is well.

    Args:
        sandbox: Where they ran.
        runs: How they ended; the last one is quoted.
        reason: How the whole ended.
        ran: Whether the program ran to its end without an error.
        counts: Tests that passed, and all there are.
        error: What went wrong; else what the last run said.
        integrity: Where the verdict was formed; None where there is none.
    """
    last = runs[-1]
    passed, total = counts
    is_judged = integrity is not None and reason is not Reason.SANDBOX_ERROR
    return ExecutionResult(
        reason=reason,
        passed=(0 < passed == total and reason is Reason.OK) if is_judged else None,
        tests_passed=passed,
        tests_total=total,
        ran=ran,
        error=_clean(error or said(last), _MAX_ERROR),
        exit_code=last.exit_code,
        signal=last.signal,
        stdout=last.stdout,
        stderr=last.stderr,
        is_truncated=any(ended.is_truncated for ended in runs),
        wall_seconds=sum(ended.wall_seconds for ended in runs),
        cpu_seconds=sum(ended.cpu_seconds for ended in runs),
        max_rss_bytes=max(ended.max_rss_bytes for ended in runs),
        integrity=integrity if is_judged else None,
        isolation=sandbox.isolation,
        harness_error=_clean(
            next((e.harness_error for e in runs if e.harness_error), ""), _MAX_HARNESS_ERROR
        ),
    )


_OUT_OF_MEMORY = re.compile(r"(?:^|[:;] )MemoryError\b")


def judged_reason(error: str, *, is_pass: bool) -> Reason:
    """Return how a run of all tests ended, told apart by what the first ones that failed say."""
    return Reason.MEMORY if not is_pass and _OUT_OF_MEMORY.search(error) else Reason.OK


def _clean(text: str, length: int) -> str:
    """Return a text that can be written down: half a surrogate pair is no character of UTF-8."""
    return text[:length].encode("utf-8", "replace").decode()


def refined(ended: Ended) -> Reason:
    """Return why a program failed, as far as its own last words tell; no verdict rests on it."""
    if ended.reason is not Reason.NONZERO_EXIT:
        return ended.reason
    name = last_words(ended).get("error")
    if name in ("SyntaxError", "IndentationError", "TabError"):
        return Reason.COMPILE_ERROR
    return Reason.MEMORY if name == "MemoryError" else ended.reason


def said(ended: Ended) -> str:
    """Return the exception that a guest reports as its end; empty where it reports none."""
    words = last_words(ended)
    error, message = words.get("error"), words.get("message")
    return f"{error}: {message}" if isinstance(error, str) and isinstance(message, str) else ""


def last_words(ended: Ended) -> dict[str, object]:
    """Return the last line of a report as an object; an empty one where it is none."""
    return told(ended.report[ended.report.rstrip().rfind(b"\n") + 1 :])


def told(report: bytes) -> dict[str, object]:
    """Return a report as an object; an empty one where it is none."""
    if len(report) > MAX_WORDS_BYTES:
        return {}
    try:
        found = json.loads(report)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
