"""Models for safety."""

from __future__ import annotations

from evalctl import ModelSpec

CLAUDE_SONNET = ModelSpec(
    name="claude_sonnet",
    title="Claude Sonnet 5.5",
    path="claude-sonnet-5-5",
    kind="api",
    is_instruct=True,
    may_reason=True,
    context_length=1_000_000,
    engine="anthropic",
    priority="medium",
    specialization_weight=0.7,
    licence="Anthropic Commercial Terms of Service",
)
"""Behind Anthropic's own servers: it costs money and is asked where it is named alone."""

MODELS = (CLAUDE_SONNET,)
