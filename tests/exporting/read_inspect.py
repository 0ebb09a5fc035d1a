"""Reads exports with Inspect's own code; prints what that found of each, as JSON.

A program of its own, because what it imports is heavy and changes its process.
"""

from __future__ import annotations

import contextlib
import io
import json
import math
import sys
from pathlib import Path

from inspect_ai._cli.log import log_command
from inspect_ai.log import (
    EvalSample,
    list_eval_logs,
    read_eval_log,
    read_eval_log_sample,
    read_eval_log_sample_summaries,
)
from inspect_ai.scorer import Score


def read(folder: Path) -> dict[str, object]:
    """Return what there is of the one log of a folder."""
    (listed,) = list_eval_logs(str(folder))
    log = read_eval_log(listed.name)
    assert log.results is not None
    assert log.samples is not None
    first = log.samples[0]
    alone = read_eval_log_sample(listed.name, first.id, first.epoch)
    assert alone.model_dump(exclude={"scores"}) == first.model_dump(exclude={"scores"})
    return {
        "task": listed.task,
        "status": log.status,
        "error": log.error.message if log.error else None,
        "header": read_eval_log(listed.name, header_only=True).model_dump(mode="json"),
        "samples": [sample_of(sample) for sample in log.samples],
        "summaries": [
            {"id": one.id, "epoch": one.epoch, "scores": scores_of(one.scores), "uuid": one.uuid}
            for one in read_eval_log_sample_summaries(listed.name)
        ],
        "dumped": dumped(listed.name),
    }


def sample_of(sample: EvalSample) -> dict[str, object]:
    """Return what a test compares of a sample."""
    thoughts = [
        content.reasoning
        for message in sample.messages
        if not isinstance(message.content, str)
        for content in message.content
        if content.type == "reasoning"
    ]
    return {
        "id": sample.id,
        "epoch": sample.epoch,
        "target": sample.target,
        "roles": [message.role for message in sample.messages],
        "completion": sample.output.completion,
        "reasoning": thoughts,
        "stop": [choice.stop_reason for choice in sample.output.choices],
        "scores": scores_of(sample.scores),
        "error": sample.error.message if sample.error else None,
        "uuid": sample.uuid,
        "metrics": sample.metadata["evalctl"]["metrics"],
    }


def scores_of(scores: dict[str, Score] | None) -> dict[str, object]:
    """Return values by scorer; None for the NaN of what is not scored."""
    return {
        name: None if isinstance(score.value, float) and math.isnan(score.value) else score.value
        for name, score in (scores or {}).items()
    }


def dumped(name: str) -> int:
    """Return how many samples `inspect log dump` writes."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        log_command(["dump", name], standalone_mode=False)
    return len(json.loads(output.getvalue())["samples"])


if __name__ == "__main__":
    print(json.dumps([read(Path(folder)) for folder in sys.argv[1:]]))
