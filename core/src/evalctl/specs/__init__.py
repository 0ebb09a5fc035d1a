"""What plugins declare: frozen values, from categories down to metrics.

A plugin returns these; the core does the work. Functions are fields and are serialised as
`module:qualname`, so that a manifest names the very function that scored it.
"""

from __future__ import annotations

from evalctl.specs.base import Name, Spec, function_name
from evalctl.specs.categories import CategoryDefaults, CategorySpec
from evalctl.specs.classes import ClassSpec, found_class
from evalctl.specs.datasets import DatasetRole, DatasetSpec, Example, PromptTemplate
from evalctl.specs.engines import EngineOptions, EngineSpec, ImageOptions
from evalctl.specs.excerpts import Excerpt
from evalctl.specs.executors import ExecutorSpec
from evalctl.specs.judging import Conversation, JudgeSpec
from evalctl.specs.measuring import Input, MeasuredMetricSpec, MeasuringSpec
from evalctl.specs.models import Convention, ModelSpec, Preset, Priority, vllm_presets
from evalctl.specs.probes import ProbeMethod, ProbeSpec
from evalctl.specs.scoring import ExecutionSpec, MetricSpec, ScorerSpec

__all__ = [
    "CategoryDefaults",
    "CategorySpec",
    "ClassSpec",
    "Convention",
    "Conversation",
    "DatasetRole",
    "DatasetSpec",
    "EngineOptions",
    "EngineSpec",
    "Example",
    "Excerpt",
    "ExecutionSpec",
    "ExecutorSpec",
    "ImageOptions",
    "Input",
    "JudgeSpec",
    "MeasuredMetricSpec",
    "MeasuringSpec",
    "MetricSpec",
    "ModelSpec",
    "Name",
    "Preset",
    "Priority",
    "ProbeMethod",
    "ProbeSpec",
    "PromptTemplate",
    "ScorerSpec",
    "Spec",
    "found_class",
    "function_name",
    "vllm_presets",
]
