"""What `--engine-option` may set for models behind an interface. Imports nothing heavy."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, field_validator

from evalctl.specs import ImageOptions

OMITTABLE = frozenset({"temperature", "top_p", "top_k", "seed", "stop", "json_schema"})
"""Parameters of a request that a server may refuse, and that can be left out."""


class ApiOptions(ImageOptions):
    """Options that all engines of this kind have."""

    speed_options: ClassVar[frozenset[str]] = frozenset(
        {"max_concurrency", "max_attempts", "timeout_seconds", "key_variable"}
    )

    max_concurrency: int = Field(default=32, ge=1, le=1024)
    """Requests under way at most; fewer where the server asks for patience."""
    max_attempts: int = Field(default=8, ge=1, le=100)
    """How often one request is sent at most, before its sample is a failure of the engine."""
    timeout_seconds: float = Field(default=600.0, gt=0.0)
    """Limit on one attempt, from sending to the last token."""
    key_variable: str = Field(default="", pattern=r"^[A-Za-z_][A-Za-z0-9_]*$|^$")
    """Environment variable that holds the key; empty takes the vendor's own, for its own host."""
    omit: str = ""
    """Parameters that are never sent, with commas between them, for servers that refuse them: of
    temperature, top_p, top_k, seed, stop and json_schema."""

    @field_validator("omit")
    @classmethod
    def _is_omittable(cls, value: str) -> str:
        unknown = _names(value) - OMITTABLE
        if unknown:
            raise ValueError(
                f"{', '.join(sorted(unknown))}: only these can be left out: "
                + ", ".join(sorted(OMITTABLE))
            )
        return value

    @property
    def omitted(self) -> frozenset[str]:
        """Names of the parameters that are never sent."""
        return frozenset(_names(self.omit))


class OpenaiOptions(ApiOptions):
    """Options of the engine `openai`."""

    token_limit: str = Field(default="auto", pattern=r"^(auto|max_tokens|max_completion_tokens)$")
    """Name of the parameter that limits new tokens of a conversation; `auto` takes
    `max_completion_tokens` for OpenAI's own host, and `max_tokens` for all others."""


class AnthropicOptions(ApiOptions):
    """Options of the engine `anthropic`."""


def _names(listed: str) -> set[str]:
    return {name.strip() for name in listed.split(",") if name.strip()}
