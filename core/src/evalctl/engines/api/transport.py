"""From what a vendor's library raises to what the engine does about it.

Both libraries are made by one generator and have the same errors under the same names, which are
passed in, so that neither is imported here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple, Protocol

from evalctl.engines.api.client import AgainError, TroubleError
from evalctl.engines.api.troubles import from_status, shortened

_TRANSPORTS = frozenset(
    {"httpx", "httpx2", "httpcore", "httpcore2", "h11", "h2", "anyio", "ssl", "json"}
    | {"pydantic_core", "pydantic_core._pydantic_core"}
)
"""Packages whose errors mean that what came is no answer: cut off, or not of the agreed form."""


_MISFITS = (OSError, ValueError, LookupError, TypeError, AttributeError)
"""What the libraries raise over an answer of another form, which they do not check."""


class VendorErrors(NamedTuple):
    """The kinds of error that a library raises."""

    status: type[Exception]
    """The server refused: has `status_code`, `response` and `body`."""
    timeout: type[Exception]
    connection: type[Exception]
    any: type[Exception]
    """Base of them all."""


class _Response(Protocol):
    @property
    def headers(self) -> Mapping[str, str]: ...


@contextmanager
def troubles_told(errors: VendorErrors) -> Iterator[None]:
    """Raise what happens inside the block as one of the engine's own troubles.

    Raises:
        TroubleError: The request came to nothing.
    """
    try:
        yield
    except TroubleError:
        raise
    except Exception as error:  # the library's transport has dozens of kinds
        trouble = _trouble(error, errors)
        if trouble is None:
            raise
        raise trouble from None


def _trouble(error: Exception, errors: VendorErrors) -> TroubleError | None:
    if isinstance(error, errors.status):
        return _refused(error)
    if isinstance(error, errors.timeout):
        return AgainError("the server did not answer in time", is_overload=True)
    if isinstance(error, errors.connection):
        cause = error.__cause__ or error
        is_sent = not type(cause).__name__.startswith(("Connect", "Pool"))
        return AgainError(f"no connection to the server: {_words(cause)}", may_cost=is_sent)
    if isinstance(error, errors.any):
        return AgainError(f"the server broke off: {_words(error)}")
    package = type(error).__module__.partition(".")[0]
    if package in _TRANSPORTS or isinstance(error, _MISFITS):
        return AgainError(f"what the server sent is no whole answer: {_words(error)}")
    return None


def _refused(error: Exception) -> TroubleError:
    status = getattr(error, "status_code", 0)
    response: _Response | None = getattr(error, "response", None)
    headers = {} if response is None else {k.lower(): v for k, v in response.headers.items()}
    body = getattr(error, "body", None)
    inner = body.get("error", body) if isinstance(body, dict) else {}
    told = inner if isinstance(inner, dict) else {"message": inner}
    message = told.get("message") or getattr(error, "message", "")
    code = told.get("code") or told.get("type") or ""
    return from_status(int(status), str(message), str(code), headers)


def _words(error: BaseException) -> str:
    return shortened(str(error)) or type(error).__name__
