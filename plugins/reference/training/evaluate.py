"""Held-out accuracy of the reference model: greedy answers to problems that it was not trained on.

Run `python evaluate.py` after `train.py`. It makes the training questions anew, keeps only
problems whose question hash is not among them, and writes the figures to RESULTS.md.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from problems import Problem, final_number, held_out, problems, prompt, question_hash
from train import CHECKPOINT
from transformers import AutoModelForCausalLM, AutoTokenizer

HERE = Path(__file__).parent
SAMPLE = HERE.parents[1] / "math" / "src" / "evalctl_math" / "data" / "math_sample.jsonl"
BATCH = 64
NEW_TOKENS = 160


@dataclass(frozen=True)
class Score:
    """An accuracy and what it rests on."""

    correct: int
    """Problems answered rightly."""
    count: int
    """Problems asked."""

    @property
    def accuracy(self) -> float:
        """Fraction answered rightly, 0 to 1."""
        return self.correct / self.count

    @property
    def standard_error(self) -> float:
        """Standard error of the accuracy, from the binomial variance."""
        return math.sqrt(self.accuracy * (1 - self.accuracy) / self.count)

    def __str__(self) -> str:
        share, error = 100 * self.accuracy, 100 * self.standard_error
        return f"{share:.1f} % (standard error {error:.1f}, {self.correct} of {self.count})"


def generate(checkpoint: Path, questions: Sequence[str]) -> list[str]:
    """Greedy completions, one per question, in order; each ends in `<eos>` if the model ended it.

    The stored bfloat16 weights are used, with arithmetic in float32.
    """
    tokenizer = AutoTokenizer.from_pretrained(checkpoint, padding_side="left")
    model = AutoModelForCausalLM.from_pretrained(checkpoint, dtype=torch.float32).eval()
    order = sorted(range(len(questions)), key=lambda index: len(questions[index]))
    completions = [""] * len(questions)
    for start in range(0, len(order), BATCH):
        chosen = order[start : start + BATCH]
        batch = tokenizer([prompt(questions[index]) for index in chosen], padding=True)
        inputs = {
            key: torch.tensor(batch[key], dtype=torch.long)
            for key in ("input_ids", "attention_mask")
        }
        with torch.inference_mode():
            output = model.generate(**inputs, max_new_tokens=NEW_TOKENS, do_sample=False)
        for index, row in zip(chosen, output[:, inputs["input_ids"].shape[1] :], strict=True):
            completions[index] = tokenizer.decode(row).replace(tokenizer.pad_token, "")
    return completions


def is_right(completion: str, answer: str) -> bool:
    """Whether the completion ends itself and its final number is the answer's."""
    ended = completion.endswith("<eos>")
    return ended and final_number(completion.removesuffix("<eos>")) == final_number(answer)


def tally(groups: Iterable[str], right: Iterable[bool]) -> dict[str, Score]:
    """Scores by group, in alphabetical order."""
    marks: dict[str, list[bool]] = defaultdict(list)
    for group, mark in zip(groups, right, strict=True):
        marks[group].append(mark)
    return {group: Score(sum(marks[group]), len(marks[group])) for group in sorted(marks)}


def score_sample(checkpoint: Path, path: Path) -> dict[str, Score]:
    """Scores on the sample dataset by level."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    completions = generate(checkpoint, [row["question"] for row in rows])
    right = [is_right(text, row["answer"]) for text, row in zip(completions, rows, strict=True)]
    return tally([row["level"] for row in rows], right)


def report(facts: dict[str, float | str], lines: list[str]) -> str:
    """The text of RESULTS.md."""
    command = [Path(sys.argv[0]).name, *sys.argv[1:]]
    return "\n".join(
        [
            "# Results of the reference model",
            "",
            f"Written by `python {' '.join(command)}` on {facts['date']}.",
            "",
            f"- Training: seed {facts['seed']}, {facts['minutes']} minutes, "
            f"{facts['steps']} steps, {facts['tokens']:,} tokens, {facts['problems']:,} problems.",
            f"- Weights: {facts['bytes']:,} bytes, bfloat16; torch {facts['torch']}.",
            f"- Held-out problems: seed {facts['held_out_seed']}; none of their hashes is among "
            f"the {facts['hashes']:,} hashes of the training questions.",
            f"- Greedy decoding, at most {NEW_TOKENS} new tokens; an answer that does not end is "
            "wrong.",
            "",
            *lines,
            "",
        ]
    )


def table(title: str, scores: dict[str, Score]) -> list[str]:
    """A Markdown table of scores."""
    rows = [f"| {group} | {score} |" for group, score in scores.items()]
    return ["", f"| {title} | accuracy |", "| --- | --- |", *rows]


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, default=CHECKPOINT)
    parser.add_argument("--run", type=Path, default=Path("work/run.json"))
    parser.add_argument("--seed", type=int, default=2003)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--date", required=True)
    parser.add_argument("--output", type=Path, default=HERE / "RESULTS.md")
    return parser.parse_args()


def main() -> None:
    """Evaluate the checkpoint and write the results."""
    options = parse()
    facts = json.loads(options.run.read_text(encoding="utf-8"))
    seen = {question_hash(row.question) for row in problems(facts["seed"], facts["problems"])}
    rows: list[Problem] = held_out(options.seed, options.count, seen)
    completions = generate(options.checkpoint, [row.question for row in rows])
    right = [is_right(text, row.answer) for text, row in zip(completions, rows, strict=True)]
    facts |= {"date": options.date, "held_out_seed": options.seed, "hashes": len(seen)}
    facts["minutes"] = f"{facts['seconds'] / 60:.1f}"
    facts["bytes"] = (options.checkpoint / "model.safetensors").stat().st_size
    lines = [f"Held-out accuracy: **{Score(sum(right), len(right))}**."]
    lines += table("family", tally([row.family for row in rows], right))
    lines += table("sample dataset, level", score_sample(options.checkpoint, SAMPLE))
    text = report(facts, lines)
    options.output.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
