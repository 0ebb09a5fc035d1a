"""The options of the replay engine."""

from __future__ import annotations

from evalctl.specs import EngineOptions


class ReplayOptions(EngineOptions):
    """Replaying has nothing to set; `chat` has no effect, as the prompts are not sent anywhere."""
