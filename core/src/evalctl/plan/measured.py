"""How the speed of a planned model is measured."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import JsonValue

from evalctl.specs import MeasuringSpec


@dataclass(frozen=True)
class PlannedMeasuring:
    """How the speed of a category's models is measured."""

    category: str
    """Name of the category."""
    spec: MeasuringSpec
    """With what the user's file says."""

    def describe(self) -> dict[str, JsonValue]:
        """Return it as a part of a model's plain data."""
        return {"measuring": {"category": self.category, **self.spec.model_dump(mode="json")}}
