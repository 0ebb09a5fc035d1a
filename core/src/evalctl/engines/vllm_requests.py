"""What the vLLM engine's streams ask of vLLM: requests of tokens, and what comes back for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple, Protocol

from evalctl.records import Sampling

RequestRole = Literal["generate", "score", "next", "warm", "classify", "embed"]
"""`classify` wants a classifier's outputs, `embed` a vector, `score` the prompt's own
log-probabilities, `next` those of tokens that may follow; `warm` only fills the prefix cache."""


class TokenRequest(NamedTuple):
    """One sequence that vLLM works on."""

    id: str
    tokens: list[int]
    max_tokens: int
    role: RequestRole = "generate"
    sampling: Sampling = Sampling()
    seed: int | None = None
    stop: tuple[str, ...] = ()
    is_streamed: bool = False
    """Whether every new token is told, and not only the end."""
    keeps_special: bool = False
    """Whether special tokens stay in the text."""
    wanted: tuple[int, ...] = ()
    """Of the role `next`: the tokens that may follow."""
    cache_salt: str = ""
    """Shares cached prefixes only with requests of the same salt."""
    images: tuple[Any, ...] = ()
    """What stands in the places that the tokens keep for images, as Pillow has them."""


class Scored(Protocol):
    """vLLM's `Logprob`."""

    logprob: float
    rank: int | None


class SequenceOutput(Protocol):
    """vLLM's `CompletionOutput`."""

    text: str
    token_ids: Sequence[int]
    finish_reason: str | None
    logprobs: Sequence[Mapping[int, Scored]] | None


class RequestMetrics(Protocol):
    """vLLM's `RequestStateStats`."""

    first_token_latency: float


class RequestOutput(Protocol):
    """vLLM's `RequestOutput`."""

    request_id: str
    prompt_token_ids: Sequence[int] | None
    outputs: Sequence[SequenceOutput]
    finished: bool
    prompt_logprobs: Sequence[Mapping[int, Scored] | None] | None
    num_cached_tokens: int | None
    metrics: RequestMetrics | None


class Numbers(Protocol):
    """What is used of a tensor."""

    def tolist(self) -> list[float]:
        """Return it as plain numbers."""
        ...


class PooledData(Protocol):
    """vLLM's `PoolingOutput`."""

    data: Numbers


class PooledOutput(Protocol):
    """vLLM's `PoolingRequestOutput`."""

    request_id: str
    outputs: PooledData


class AnyCore(Protocol):
    """vLLM itself."""

    capacity: int
    """Sequences that it works on at once."""
    step_tokens: int | None
    """Tokens of prompts to hand over between two steps at most, a longer prompt alone; None where
    vLLM keeps its steps small by itself. Then no more than `capacity` sequences are to wait."""

    def add(self, request: TokenRequest) -> None:
        """Hand over a request; raises PromptError where vLLM refuses it alone."""
        ...

    def abort(self, ids: list[str]) -> None:
        """Forget requests."""
        ...


class Core(AnyCore, Protocol):
    """vLLM with a model that writes."""

    block_size: int
    """Tokens in a block of the prefix cache."""
    most_next: int
    """Tokens that a request of the role `next` may want; 0 where this version knows no such."""

    def step(self) -> Sequence[RequestOutput]:
        """Do one step of all requests; return what came out."""
        ...


class PoolingCore(AnyCore, Protocol):
    """vLLM with a classifier or an encoder."""

    def step_pooling(self) -> Sequence[PooledOutput]:
        """Do one step of all requests; return what came out."""
        ...
