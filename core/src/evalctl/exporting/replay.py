"""replay: completions or labels alone, as `evalctl run --model replay:FILE` reads them.

Labels are written as the dataset's classes, with their probabilities: what they mean is settled.
"""

from __future__ import annotations

from evalctl.engines.replay import as_conversation
from evalctl.errors import OutputError
from evalctl.exporting.drafts import TextSink
from evalctl.exporting.formats import ExportOptions
from evalctl.exporting.json_text import json_text
from evalctl.exporting.source import ExportSource
from evalctl.records import Completion


def write_replay(source: ExportSource, sink: TextSink, options: ExportOptions) -> tuple[str, ...]:
    """Write the completions, or the labels, of one model.

    A sample that the engine did not answer has no row: replaying it, it is not answered again.

    Raises:
        OutputError: The run has more than one model, or a line of its folder is damaged.
    """
    del options
    if len(source.plan.models) > 1:
        names = ", ".join(model.model for model in source.plan.models)
        raise OutputError(f"replay holds one model's completions; choose with --model: {names}")
    n_inexact = n_failed = 0
    for part in source.parts():
        for result in part.results():
            key: dict[str, object] = {"dataset": result.dataset, "id": result.sample_id}
            if result.generation.is_prompt_cut:
                key["is_prompt_cut"] = True
            if part.plan.labels is not None and result.generation.labels:
                labels = part.plan.labels.read(result.generation.labels)
                sink.write(json_text({**key, "labels": labels}) + "\n")
                continue
            completions = result.generation.completions
            if not completions or any(one.finish_reason == "error" for one in completions):
                n_failed += 1
                continue
            n_inexact += sum(not is_exact(completion) for completion in completions)
            row = {
                **key,
                "completions": [_recorded(completion) for completion in completions],
                "finish_reasons": [completion.finish_reason for completion in completions],
            }
            sink.write(json_text(row) + "\n")
    return _warnings(n_failed, n_inexact)


def _recorded(completion: Completion) -> str | list[str]:
    """Return a completion as the engine replay reads it: of several turns, a list of replies.

    The reasoning of all turns is with the last, since nobody knows any more whose it was.
    """
    last = written(completion)
    return [*completion.earlier, last] if completion.earlier else last


def written(completion: Completion) -> str:
    """Return what a model would have written, with its reasoning between the usual markers."""
    if not completion.reasoning:
        return completion.text
    if not completion.text and completion.is_truncated:
        return f"<think>{completion.reasoning}"
    return f"<think>{completion.reasoning}</think>{completion.text}"


def is_exact(completion: Completion) -> bool:
    """Return whether a completion is read as the same one again, counts of tokens aside."""
    replies = (*completion.earlier, written(completion))
    return as_conversation(replies, completion.finish_reason) == completion.model_copy(
        update={"output_tokens": 0}
    )


def _warnings(n_failed: int, n_inexact: int) -> tuple[str, ...]:
    found = []
    if n_failed:
        found.append(f"{n_failed} samples without completions or labels are left out")
    if n_inexact:
        found.append(
            f"{n_inexact} completions hold markers of reasoning in places of their own, so that "
            "replaying them gives other answers"
        )
    return tuple(found)
