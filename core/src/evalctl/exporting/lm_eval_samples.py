"""lm-eval's samples: a line for each sample and scorer, as lm-eval has one for each of its filters.

Source: lm-evaluation-harness 0.4.13, `SampleResult` in `lm_eval/result_schema.py`; the hashes as in
`lm_eval/evaluator.py`: SHA-256 of the text, of the prompt, and of the row as indented JSON.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from evalctl.exporting.conversations import last_prompt, transcript
from evalctl.exporting.json_text import json_text
from evalctl.exporting.replay import written
from evalctl.exporting.rows import labels_text
from evalctl.exporting.source import DatasetPart
from evalctl.records import Completion, Prompt, Sampling, Score
from evalctl.results import SampleResult

UNPARSED = "[invalid]"
"""What lm-eval writes where a filter finds no answer."""


def write_samples(part: DatasetPart, path: Path) -> str:
    """Write a dataset's samples; return lm-eval's hash over all of them.

    Samples that the engine did not answer have no line, as they have no answer.

    Raises:
        OutputError: A line of the run folder is damaged.
        OSError: The disk is full, or gone.
    """
    digest = hashlib.sha256()
    scorer_of = {name: scorer for name, (scorer, _) in part.plan.metrics.items()}
    with path.open("w", encoding="utf-8", newline="") as file:
        for result in part.results():
            if result.generation.error is not None:
                continue
            shared = _shared(result)
            hashes = (str(shared[f"{what}_hash"]) for what in ("doc", "prompt", "target"))
            shared_hash = "".join(hashes).encode()
            for scorer, scores in result.scores.items():
                values = {
                    name: value
                    for name, value in result.metrics.items()
                    if value is not None and scorer_of.get(name) == scorer
                }
                digest.update(shared_hash)
                line = {
                    **shared,
                    "filtered_resps": _filtered(result, scores),
                    "filter": scorer,
                    "metrics": list(values),
                    **values,
                }
                file.write(json_text(line) + "\n")
    return digest.hexdigest()


def generation_settings(sampling: Sampling) -> dict[str, object]:
    """Return how tokens were drawn, in lm-eval's words."""
    return {
        "until": list(sampling.stop),
        "do_sample": sampling.temperature > 0,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "top_k": sampling.top_k,
        "max_gen_toks": sampling.max_tokens,
    }


def _shared(result: SampleResult) -> dict[str, object]:
    completions = result.generation.completions
    asked = last_prompt(result.prompt, completions[0] if completions else None)
    row: dict[str, object] = {
        "id": result.sample_id,
        "target": result.target,
        "cluster": result.cluster,
        "metadata": dict(result.metadata),
    }
    if result.prompt.later_turns:
        row["conversations"] = [_said(result.prompt, completion) for completion in completions]
    prompt = _prompt_text(asked)
    return {
        "doc_id": result.index,
        "doc": row,
        "target": result.target,
        "arguments": _arguments(asked, prompt),
        "resps": _responses(result),
        "doc_hash": _hash(json.dumps(row, indent=2, ensure_ascii=False)),
        "prompt_hash": _hash(prompt),
        "target_hash": _hash(result.target),
    }


def _said(prompt: Prompt, completion: Completion) -> list[object]:
    """Return a whole conversation, for which lm-eval has no form of its own."""
    return [message.model_dump(mode="json") for message in transcript(prompt, completion)]


def _prompt_text(prompt: Prompt) -> str:
    """Return what the model was asked; a conversation as JSON, as lm-eval's chat models have it."""
    if not prompt.messages:
        return prompt.text
    messages = [message.model_dump(mode="json") for message in prompt.messages]
    return json.dumps(messages, ensure_ascii=False)


def _arguments(prompt: Prompt, text: str) -> dict[str, object]:
    if not prompt.continuations:
        settings = generation_settings(prompt.sampling)
        return {"gen_args_0": {"arg_0": text, "arg_1": settings}}
    return {
        f"gen_args_{number}": {"arg_0": text, "arg_1": continuation}
        for number, continuation in enumerate(prompt.continuations)
    }


def _responses(result: SampleResult) -> list[object]:
    """Return what came back by request: log-likelihoods, or texts; of labels, one of JSON."""
    if result.generation.continuations:
        return [[pair] for pair in _pairs(result)]
    if result.generation.labels:
        return [[labels_text(result)]]
    return [[written(completion) for completion in result.generation.completions]]


def _pairs(result: SampleResult) -> list[list[str]]:
    """Return log-likelihoods as lm-eval writes them: texts, each with whether it is greedy."""
    return [[str(one.logprob), str(one.is_greedy)] for one in result.generation.continuations]


def _filtered(result: SampleResult, scores: tuple[Score, ...]) -> list[object]:
    """Return the answers that a scorer read: one, or a list of those of several completions.

    Of log-likelihoods, lm-eval has these themselves.
    """
    if result.generation.continuations:
        return list(_pairs(result))
    answers = [UNPARSED if score.answer is None else score.answer for score in scores]
    return list(answers) if len(answers) == 1 else [answers]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
