"""Whether a model can be shown a dataset's images: settled before it is loaded."""

from __future__ import annotations

from evalctl.plan.planned import PlannedModel
from evalctl.registry import Registry
from evalctl.specs import DatasetSpec

_SEEING = frozenset({"vision_language", "document", "api"})
"""Kinds of model that may see: what one on a server does shows when it is asked."""
_WRITTEN_DOWN = frozenset({"recorded", "rule"})
"""Kinds that give what somebody wrote down, whatever they are shown."""


def why_blind(model: PlannedModel, spec: DatasetSpec, registry: Registry) -> str:
    """Return why a model cannot be asked a dataset for its images, or for having none."""
    kind = model.ref.kind
    if kind in _WRITTEN_DOWN:
        return ""
    what = model.facts.architecture or f"model of the kind {kind}"
    if not spec.has_images:
        if kind == "document" and spec.needs != "extract":
            return f"dataset {spec.name} has no images, and a {what} reads nothing else"
        return ""
    if kind not in _SEEING:
        return f"dataset {spec.name} has images, and a {what} reads texts alone"
    if model.engine.reads_images:
        return ""
    able = ", ".join(engine.name for engine in registry.engines if engine.reads_images)
    return (
        f"dataset {spec.name} has images, and engine {model.engine.name} is given texts alone; "
        f"these take images: {able or 'none that is installed'}. A model on a server that takes "
        "images, such as vLLM's, is asked with openai:NAME@URL"
    )
