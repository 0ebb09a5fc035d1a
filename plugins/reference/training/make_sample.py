"""Make the generated rows of the math plugin's sample dataset and check every row of it.

The rows of level `new_wording` were written by hand and are kept as they are; the rows of level
`familiar` are made anew from a seed of their own, none of them among the training questions.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from problems import Problem, equations, final_number, held_out, problems, question_hash

SAMPLE = Path(__file__).parents[2] / "math" / "src" / "evalctl_math" / "data" / "math_sample.jsonl"
FAMILIAR_ROWS = 70
SEED = 424_242


def check_answer(answer: str) -> None:
    """Do nothing if every equation is true and the last result is the final number.

    Raises:
        ValueError: an equation is false, none is there, or the last line states another number.
    """
    results = equations(answer)
    if not results or any(left != right for left, right in results):
        raise ValueError(f"no true equations in: {answer}")
    if len(results) != answer.count("=") or str(results[-1][1]) != final_number(answer):
        raise ValueError(f"the last line is not the last result: {answer}")


def to_row(number: int, problem: Problem) -> dict[str, str]:
    """The problem as a row of the dataset."""
    return {
        "id": f"sample-{number:03d}",
        "question": problem.question,
        "answer": problem.answer,
        "level": "familiar",
        "family": problem.family,
    }


def main() -> None:
    """Write the sample dataset, its generated rows first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train-seed", type=int, default=7)
    parser.add_argument("--train-count", type=int, required=True)
    options = parser.parse_args()
    seen = {
        question_hash(row.question) for row in problems(options.train_seed, options.train_count)
    }
    made = held_out(SEED, FAMILIAR_ROWS, seen)
    rows = [to_row(number, problem) for number, problem in enumerate(made, start=1)]
    kept = [json.loads(line) for line in SAMPLE.read_text(encoding="utf-8").splitlines()]
    rows += [row for row in kept if row["level"] == "new_wording"]
    for row in rows:
        check_answer(row["answer"])
    SAMPLE.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


if __name__ == "__main__":
    main()
