"""What the engine wants of a vendor's library, and how its troubles are told apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from evalctl.records import Completion, Continuation, Prompt


class Reply(NamedTuple):
    """What a server answered to one request."""

    completions: tuple[Completion, ...] = ()
    """As many as were asked for."""
    continuations: tuple[Continuation, ...] = ()
    """For `choose`: one per given continuation, in order."""
    prompt_tokens: int = 0
    """As the server counted them; 0 where it does not tell."""
    first_token_seconds: float | None = None
    """From sending to the first token."""


class ServerFacts(NamedTuple):
    """What a server says before it is asked anything."""

    versions: Mapping[str, str]
    """Of the vendor's library."""
    context_length: int | None = None
    """In tokens; None where it does not tell."""


class ApiClient(Protocol):
    """A vendor's library, asked in the engine's words. Lives on one event loop."""

    is_single: bool
    """Whether a request can have one completion alone."""

    async def look(self) -> ServerFacts:
        """Ask the server whether it is there and has the model.

        Raises:
            TroubleError: It is not, or has not.
        """
        ...

    async def complete(self, prompt: Prompt) -> Reply:
        """Return the completions of a prompt.

        Raises:
            TroubleError: The server did not answer, or not as it should.
        """
        ...

    async def choose(self, prompt: Prompt) -> Reply:
        """Return the log-likelihoods of a prompt's continuations.

        Raises:
            TroubleError: Likewise, or it gives none.
        """
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...


class TroubleError(Exception):
    """A request came to nothing."""

    may_cost: bool = False
    """Whether the server may have worked on it, and may want to be paid."""

    def __init__(self, reason: str, *, may_cost: bool = False) -> None:
        """Keep why, and whether it may have to be paid."""
        self.reason = reason
        self.may_cost = may_cost
        super().__init__(reason)


class AgainError(TroubleError):
    """It may do better when it is sent again."""

    def __init__(
        self,
        reason: str,
        *,
        wait_seconds: float | None = None,
        is_overload: bool = False,
        may_cost: bool = True,
    ) -> None:
        """Keep why, how long the server wants to be left alone, and whether it had too much."""
        self.wait_seconds = wait_seconds
        self.is_overload = is_overload
        super().__init__(reason, may_cost=may_cost)


class RefusedError(TroubleError):
    """The server refuses this request, and will again."""


class HopelessError(TroubleError):
    """The server refuses all requests: a key, a quota, a model that is not there."""

    def __init__(self, reason: str, *, status: int | None = None) -> None:
        """Keep why, and the status of HTTP where there was one."""
        self.status = status
        super().__init__(reason)
