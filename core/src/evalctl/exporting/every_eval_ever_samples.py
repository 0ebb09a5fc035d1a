"""Every Eval Ever's samples: a line for each sample and metric, as its schema wants them.

Source: EvalEval Coalition, every_eval_ever 0.3.0, `schemas/instance_level_eval.schema.json`.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import NamedTuple

from evalctl.exporting.conversations import transcript
from evalctl.exporting.json_text import json_text
from evalctl.exporting.rows import labels_text, likeliest
from evalctl.exporting.source import DatasetPart
from evalctl.records import Prompt
from evalctl.results import SampleResult


class RecordKey(NamedTuple):
    """What ties samples to the record they belong to."""

    schema_version: str
    evaluation_id: str
    model_id: str


class Written(NamedTuple):
    """What was written."""

    rows: int
    sha256: str


def write_samples(part: DatasetPart, key: RecordKey, path: Path) -> Written:
    """Write a dataset's samples.

    The schema has a number for every score, so what is not scored has no line; a zero would lie.

    Raises:
        OutputError: A line of the run folder is damaged.
        OSError: The disk is full, or gone.
    """
    digest, rows = hashlib.sha256(), 0
    metrics = part.plan.metrics
    with path.open("wb") as file:
        for result in part.results():
            shared = _shared(part, key, result)
            for name, value in result.metrics.items():
                if value is None or name not in metrics:
                    continue
                scorer, planned = metrics[name]
                line = {
                    **shared,
                    "evaluation_result_id": name,
                    "answer_attribution": _answers(result, scorer),
                    "evaluation": {
                        "score": value,
                        "is_correct": value == planned.upper,
                        **_turns(result),
                    },
                }
                data = json_text(line).encode() + b"\n"
                file.write(data)
                digest.update(data)
                rows += 1
    return Written(rows, digest.hexdigest())


def _shared(part: DatasetPart, key: RecordKey, result: SampleResult) -> dict[str, object]:
    generation = result.generation
    asked = _asked(result.prompt)
    seen = result.prompt.text or json_text(
        [message.model_dump(mode="json") for message in result.prompt.messages]
    )
    wrote = sum(completion.output_tokens for completion in generation.completions)
    shared: dict[str, object] = {
        **key._asdict(),
        "evaluation_name": part.plan.dataset,
        "sample_id": result.sample_id,
        "sample_hash": hashlib.sha256((asked + result.target).encode()).hexdigest(),
        "interaction_type": "multi_turn" if result.prompt.later_turns else "single_turn",
        "input": {
            "raw": asked,
            "formatted": seen,
            "reference": [result.target],
            "choices": list(result.prompt.continuations) or None,
        },
        **_said(result),
        "token_usage": {
            "input_tokens": generation.prompt_tokens,
            "output_tokens": wrote,
            "total_tokens": generation.prompt_tokens + wrote,
        },
        "performance": {"latency_ms": 1000 * generation.seconds},
        "metadata": _metadata(result),
    }
    return shared


def _asked(prompt: Prompt) -> str:
    """Return the question; of a conversation its last turn, as shots and system come before."""
    return prompt.messages[-1].content if prompt.messages else prompt.text


def _said(result: SampleResult) -> dict[str, object]:
    """Return what the model gave; of several turns the first completion's conversation alone.

    The schema has a place for one, and for no outputs then.
    """
    if not result.prompt.later_turns:
        return {"output": _output(result)}
    first = next(iter(result.generation.completions), None)
    messages = enumerate(transcript(result.prompt, first))
    found = [{"turn_idx": n, "role": one.role, "content": one.content} for n, one in messages]
    return {"output": None, "messages": found}


def _turns(result: SampleResult) -> dict[str, object]:
    later = result.prompt.later_turns
    return {"num_turns": len(later) + 1} if later else {}


def _output(result: SampleResult) -> dict[str, object]:
    """Return all completions; of log-likelihoods the likeliest continuation; labels as JSON."""
    generation = result.generation
    if generation.continuations:
        return {"raw": [likeliest(result)]}
    if generation.labels:
        return {"raw": [labels_text(result)]}
    traces = [completion.reasoning for completion in generation.completions]
    return {
        "raw": [completion.text for completion in generation.completions],
        "reasoning_trace": traces if any(traces) else None,
    }


def _answers(result: SampleResult, scorer: str) -> list[dict[str, object]]:
    """Return what a scorer read, where it read something."""
    scores = result.scores.get(scorer, ())
    places = [(0, f"output.raw[{number}]") for number in range(len(scores))]
    if result.prompt.later_turns:
        last = len(transcript(result.prompt, result.generation.completions[0])) - 1
        places = [(last, f"messages[{last}].content")]
    return [
        {
            "turn_idx": turn,
            "source": source,
            "extracted_value": score.answer,
            "extraction_method": scorer,
            "is_terminal": True,
        }
        for (turn, source), score in zip(places, scores, strict=False)
        if score.answer is not None
    ]


def _metadata(result: SampleResult) -> dict[str, str]:
    """Return a sample's metadata as texts, which is all that the schema takes."""
    reasons = [completion.finish_reason for completion in result.generation.completions]
    own = {"finish_reasons": ",".join(reasons), "seed": str(result.prompt.seed)}
    own["index"] = str(result.index)
    texts = {
        name: value if isinstance(value, str) else json_text(value)
        for name, value in result.metadata.items()
    }
    return own | ({"cluster": result.cluster} if result.cluster is not None else {}) | texts
