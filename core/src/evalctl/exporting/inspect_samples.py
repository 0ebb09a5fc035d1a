"""Inspect's samples: a member of the zip file for each completion, and a summary of each.

Source: Inspect 0.3.285, `EvalSample` and `EvalSampleSummary` in `inspect_ai/log/_log.py`, `Score`
in `inspect_ai/scorer/_metric.py`, `ModelOutput` in `inspect_ai/model/_model_output.py`.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from evalctl.exporting.json_text import json_text
from evalctl.exporting.rows import continuations, labels_text, likeliest
from evalctl.exporting.source import DatasetPart
from evalctl.exporting.zip_stream import ZipStream
from evalctl.records import Completion, Prompt, Score
from evalctl.results import SampleResult

MAX_SUMMARY_CHARACTERS = 1_000
"""Characters of a text that a summary holds."""

_STOP_REASONS = {"stop": "stop", "length": "max_tokens", "error": "unknown"}


@dataclass
class SampleTotals:
    """What the samples of a log add up to."""

    n_completed: int = 0
    """Completions, those of samples that the engine did not answer aside."""
    prompt_tokens: int = 0
    """Tokens read."""
    output_tokens: int = 0
    """Tokens written."""


def write_samples(
    part: DatasetPart, model: str, archive: ZipStream, summaries: BinaryIO
) -> SampleTotals:
    """Write a dataset's samples, and their summaries as one JSON list.

    Raises:
        OutputError: A line of the run folder is damaged.
        OSError: The disk is full, or gone.
    """
    totals = SampleTotals()
    mark = b"["
    for result in part.results():
        for number in range(part.plan.repeats):
            completions = result.generation.completions
            completion = completions[number] if number < len(completions) else _chosen(result)
            sample = _sample(result, number, completion, model)
            sample["uuid"] = _uuid(part, result.sample_id, number)
            name = f"samples/{result.sample_id}_epoch_{number + 1}.json"
            archive.add(name, (json_text(sample, allow_nan=True).encode(),))
            summaries.write(mark + json_text(_summary(sample, result), allow_nan=True).encode())
            mark = b",\n"
            _count(totals, result, number, completion)
    summaries.write(b"]" if mark == b",\n" else b"[]")
    return totals


def _count(
    totals: SampleTotals, result: SampleResult, number: int, completion: Completion | None
) -> None:
    totals.n_completed += result.generation.error is None
    totals.prompt_tokens += result.generation.prompt_tokens if number == 0 else 0
    totals.output_tokens += completion.output_tokens if completion else 0


def _sample(
    result: SampleResult, number: int, completion: Completion | None, model: str
) -> dict[str, object]:
    asked = _messages(result.prompt)
    answer = [_answer(completion, model)] if completion else []
    usage = _usage(result, number, completion)
    sample: dict[str, object] = {
        "id": result.sample_id,
        "epoch": number + 1,
        "input": asked if result.prompt.messages else result.prompt.text,
        **({"choices": list(result.prompt.continuations)} if result.prompt.continuations else {}),
        "target": result.target,
        "messages": [*asked, *_between(result.prompt, completion, model), *answer],
        "output": _output(completion, answer, model, usage),
        "scores": {
            name: _score(given[number])
            for name, given in result.scores.items()
            if number < len(given)
        },
        "metadata": {
            **result.metadata,
            "evalctl": {
                "metrics": dict(result.metrics),
                "cluster": result.cluster,
                "index": result.index,
                "seed": result.prompt.seed,
                "first_token_seconds": result.generation.first_token_seconds,
                "labels": dict(result.generation.labels),
                "continuations": [one.model_dump(mode="json") for one in continuations(result)],
            },
        },
        "model_usage": {model: usage},
        "total_time": result.generation.seconds,
    }
    if result.generation.error is not None:
        error = result.generation.error
        sample["error"] = {"message": error, "traceback": "", "traceback_ansi": ""}
    return sample


def _chosen(result: SampleResult) -> Completion | None:
    """Return what stands where a completion would: the likeliest continuation, or all labels."""
    if result.generation.labels:
        return Completion(text=labels_text(result))
    return Completion(text=likeliest(result)) if result.generation.continuations else None


def _messages(prompt: Prompt) -> list[dict[str, object]]:
    """Return what the model was asked as a conversation."""
    if not prompt.messages:
        return [{"role": "user", "content": prompt.text, "source": "input"}]
    return [
        {"role": message.role, "content": message.content, "source": "input"}
        for message in prompt.messages
    ]


def _between(
    prompt: Prompt, completion: Completion | None, model: str
) -> Iterator[dict[str, object]]:
    """Yield what was said between the first turn and the last reply."""
    for reply, turn in zip(
        completion.earlier if completion else (), prompt.later_turns, strict=False
    ):
        yield {"role": "assistant", "content": reply, "source": "generate", "model": model}
        yield {"role": "user", "content": turn, "source": "input"}


def _answer(completion: Completion, model: str) -> dict[str, object]:
    content: object = completion.text
    if completion.reasoning:
        content = [
            {"type": "reasoning", "reasoning": completion.reasoning},
            {"type": "text", "text": completion.text},
        ]
    return {"role": "assistant", "content": content, "source": "generate", "model": model}


def _output(
    completion: Completion | None,
    answer: list[dict[str, object]],
    model: str,
    usage: dict[str, int],
) -> dict[str, object]:
    if completion is None:
        return {"model": model, "choices": [], "completion": "", "usage": usage}
    choice = {"message": answer[0], "stop_reason": _STOP_REASONS[completion.finish_reason]}
    return {"model": model, "choices": [choice], "completion": completion.text, "usage": usage}


def _usage(result: SampleResult, number: int, completion: Completion | None) -> dict[str, int]:
    """Return the tokens of a completion; those of the prompt, read once, are with the first."""
    read = result.generation.prompt_tokens if number == 0 else 0
    wrote = completion.output_tokens if completion else 0
    return {"input_tokens": read, "output_tokens": wrote, "total_tokens": read + wrote}


def _score(score: Score) -> dict[str, object]:
    """Return a score; Inspect has NaN for one that is not scored."""
    found: dict[str, object] = {
        "value": math.nan if score.value is None else score.value,
        "answer": score.answer,
        "explanation": score.explanation,
        "metadata": score.model_dump(mode="json", include={"failed", "outcome", "program"}),
    }
    if score.failed:
        found["reason"] = "scoring_failed"
    elif score.answer is None:
        found["reason"] = "invalid_response_format"
    return found


def _summary(sample: dict[str, object], result: SampleResult) -> dict[str, object]:
    """Return what listings show of a sample: the same, with long texts cut."""
    prompt, error = result.prompt, result.generation.error
    asked = prompt.messages[-1].content if prompt.messages else prompt.text
    scores = sample["scores"]
    assert isinstance(scores, dict)
    messages = sample["messages"]
    assert isinstance(messages, list)
    kept = ("id", "epoch", "model_usage", "total_time", "uuid")
    return {
        **{name: sample[name] for name in kept},
        "input": asked[:MAX_SUMMARY_CHARACTERS],
        "target": result.target[:MAX_SUMMARY_CHARACTERS],
        "scores": {name: _cut(score) for name, score in scores.items()},
        "completed": True,
        "message_count": len(messages),
        **({"error": error} if error is not None else {}),
    }


def _cut(score: dict[str, object]) -> dict[str, object]:
    return {
        name: value[:MAX_SUMMARY_CHARACTERS] if isinstance(value, str) else value
        for name, value in score.items()
        if name != "metadata"
    }


def _uuid(part: DatasetPart, sample_id: str, number: int) -> str:
    key = json.dumps([part.source.manifest.run_id, part.model.model, part.plan.dataset])
    return hashlib.sha256(f"{key}{sample_id}#{number}".encode()).hexdigest()[:22]
