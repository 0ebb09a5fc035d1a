"""What a server's refusal means: again, not this request, or none at all. No library is needed.

Sources: the vendors' lists of errors (OpenAI "Error codes"; Anthropic "Errors", with 529 for an
overloaded service); RFC 9110 for 408, 409, 425 and 5xx.
"""

from __future__ import annotations

from collections.abc import Mapping

from evalctl.engines.api.client import AgainError, HopelessError, RefusedError, TroubleError
from evalctl.engines.api.retrying import retry_after
from evalctl.engines.api.secrets import CUT

_AGAIN = frozenset({408, 409, 425, 429})
_TOO_MUCH = frozenset({429, 503, 529})
_TOO_LATE = frozenset({408, 504, 524})
"""What stands between gave up waiting: the server may have worked on it all the same."""
_HOPELESS = frozenset({401, 402, 403, 404, 405, 410})
_SPENT = ("insufficient_quota", "billing", "spend_limit", "credit balance", "payment")
"""In the code or text of a 429 or 400 that no patience mends."""
_LONGEST = 300


def from_status(status: int, message: str, code: str, headers: Mapping[str, str]) -> TroubleError:
    """Return what a refusal with a status means.

    Args:
        status: Of HTTP.
        message: What the server said.
        code: The server's own name of the error; may be empty.
        headers: Of the response, with names in lower case.
    """
    reason = f"the server said {status}: {shortened(message) or code or 'nothing more'}"
    told = f"{code} {message}".lower()
    if status in {400, 403, 429} and any(word in told for word in _SPENT):
        return HopelessError(reason, status=status)
    if status in _HOPELESS:
        return HopelessError(reason, status=status)
    if status in _AGAIN or status >= 500:
        wait = retry_after(headers.get("retry-after"), headers.get("retry-after-ms"))
        return AgainError(
            reason,
            wait_seconds=wait,
            is_overload=status in _TOO_MUCH,
            may_cost=status in _TOO_LATE,
        )
    return RefusedError(reason)


def shortened(message: str) -> str:
    """Return what a server said in one line of bounded length, without control characters."""
    line = " ".join("".join(c if c.isprintable() else " " for c in message).split())
    return line if len(line) <= _LONGEST else line[:_LONGEST] + CUT
