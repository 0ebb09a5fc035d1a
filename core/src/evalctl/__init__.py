"""evalctl: which model is best at this kind of work, how sure are we, and what does it cost?

This module is the public API: plugins import from here and from nothing deeper. A name is imported
from where it is defined when it is first asked for, so that `evalctl --help` need not build every
model of a record and a spec.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evalctl.choices import ReadLetter, likeliest, read_letter
    from evalctl.confusion import (
        class_counts,
        class_f1,
        class_precision,
        class_recall,
        class_support,
        macro_f1,
        micro_f1,
    )
    from evalctl.deprecations import EvalctlDeprecationWarning
    from evalctl.entities import entity_scorer, gold_spans
    from evalctl.errors import (
        ConfigError,
        DatasetError,
        DatasetMissingError,
        EngineError,
        EngineUnavailableError,
        EvalctlError,
        ModelError,
        OutputError,
        PluginError,
        ScoringError,
        UnknownNameError,
        UsageError,
    )
    from evalctl.executions import (
        CallTest,
        ExecutionRequest,
        Limits,
        Profile,
        ProgramTests,
        StdioTest,
    )
    from evalctl.fencing import fenced, last_line
    from evalctl.hookspecs import hookimpl
    from evalctl.images import ImageError, images_of, open_image
    from evalctl.metrics import first_value, mean_value
    from evalctl.protocols import (
        ChoosingEngine,
        ClassifyingEngine,
        EmbeddingEngine,
        Engine,
        EngineInfo,
        ExtractingEngine,
        FillingEngine,
        GeneratingEngine,
        MeasurableEngine,
        ModelFacts,
        ModelRef,
    )
    from evalctl.recorded_ids import RecordedIds
    from evalctl.records import (
        Completion,
        Continuation,
        Generation,
        ImageRef,
        Message,
        Prompt,
        Sample,
        Sampling,
        Score,
        Word,
    )
    from evalctl.sources import (
        FileParts,
        FileSource,
        HubPart,
        HubSource,
        InlineSource,
        PackagedSource,
        Row,
        texts_in,
    )
    from evalctl.spans import (
        Mention,
        Placed,
        Span,
        count_spans,
        detect_scheme,
        place_mentions,
        read_mentions,
        span_f1,
        span_precision,
        span_recall,
        span_rows,
        spans_of_tags,
    )
    from evalctl.specs import (
        CategoryDefaults,
        CategorySpec,
        ClassSpec,
        Convention,
        DatasetSpec,
        EngineOptions,
        EngineSpec,
        Example,
        Excerpt,
        ExecutionSpec,
        ExecutorSpec,
        JudgeSpec,
        MeasuredMetricSpec,
        MeasuringSpec,
        MetricSpec,
        ModelSpec,
        Preset,
        ProbeSpec,
        PromptTemplate,
        ScorerSpec,
        found_class,
        vllm_presets,
    )

__version__ = "0.1.0"
"""The version of evalctl that is installed."""

__all__ = [
    "CallTest",
    "CategoryDefaults",
    "CategorySpec",
    "ChoosingEngine",
    "ClassSpec",
    "ClassifyingEngine",
    "Completion",
    "ConfigError",
    "Continuation",
    "Convention",
    "DatasetError",
    "DatasetMissingError",
    "DatasetSpec",
    "EmbeddingEngine",
    "Engine",
    "EngineError",
    "EngineInfo",
    "EngineOptions",
    "EngineSpec",
    "EngineUnavailableError",
    "EvalctlDeprecationWarning",
    "EvalctlError",
    "Example",
    "Excerpt",
    "ExecutionRequest",
    "ExecutionSpec",
    "ExecutorSpec",
    "ExtractingEngine",
    "FileParts",
    "FileSource",
    "FillingEngine",
    "GeneratingEngine",
    "Generation",
    "HubPart",
    "HubSource",
    "ImageError",
    "ImageRef",
    "InlineSource",
    "JudgeSpec",
    "Limits",
    "MeasurableEngine",
    "MeasuredMetricSpec",
    "MeasuringSpec",
    "Mention",
    "Message",
    "MetricSpec",
    "ModelError",
    "ModelFacts",
    "ModelRef",
    "ModelSpec",
    "OutputError",
    "PackagedSource",
    "Placed",
    "PluginError",
    "Preset",
    "ProbeSpec",
    "Profile",
    "ProgramTests",
    "Prompt",
    "PromptTemplate",
    "ReadLetter",
    "RecordedIds",
    "Row",
    "Sample",
    "Sampling",
    "Score",
    "ScorerSpec",
    "ScoringError",
    "Span",
    "StdioTest",
    "UnknownNameError",
    "UsageError",
    "Word",
    "__version__",
    "class_counts",
    "class_f1",
    "class_precision",
    "class_recall",
    "class_support",
    "count_spans",
    "detect_scheme",
    "entity_scorer",
    "fenced",
    "first_value",
    "found_class",
    "gold_spans",
    "hookimpl",
    "images_of",
    "last_line",
    "likeliest",
    "macro_f1",
    "mean_value",
    "micro_f1",
    "open_image",
    "place_mentions",
    "read_letter",
    "read_mentions",
    "span_f1",
    "span_precision",
    "span_recall",
    "span_rows",
    "spans_of_tags",
    "texts_in",
    "vllm_presets",
]

_HOMES = (
    "errors",
    "records",
    "images",
    "protocols",
    "sources",
    "fencing",
    "executions",
    "specs",
    "metrics",
    "choices",
    "confusion",
    "spans",
    "entities",
    "hookspecs",
    "deprecations",
)
"""Modules that define the public names, the quickest to import first; complete it with each."""

if not TYPE_CHECKING:  # a type checker must go on refusing names that do not exist

    def __getattr__(name: str) -> object:
        """Return a public name from the module that defines it, and keep it unless it is going."""
        from importlib import import_module

        for home in _HOMES if name in __all__ else ():
            found = vars(import_module(f"evalctl.{home}"))
            if name in found:
                from evalctl import deprecations

                if note := deprecations.NAMES.get(name):
                    deprecations.warn(f"evalctl.{name}", note)
                else:
                    globals()[name] = found[name]
                return found[name]
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
