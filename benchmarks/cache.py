"""The generation cache against a JSON Lines file: the same generations written and read in turn.

The file is what any record of a run costs at the least: a line written and flushed, a line read and
validated. Generations are made up, some hundred characters of arithmetic each.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from evalctl.cache import CacheKey, GenerationCache, ModelIdentity, key_of
from evalctl.records import Completion, Generation, Prompt
from evalctl.store import LineWriter, read_lines

MODEL = ModelIdentity("made up", bytes(32))


def main() -> int:
    """Print entries per second, bytes per entry and the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20_000, help="generations")
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    made = [make(number) for number in range(asked.count)]
    rounds = [measure(made) for _ in range(asked.rounds)]
    medians = {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}
    for name in ("put", "get", "miss", "line written", "line read"):
        print(f"{name}: {asked.count / medians[name]:,.0f}/s")
    print(f"bytes per entry: {medians['bytes'] / asked.count:,.0f}")
    print(f"bytes per line: {medians['line bytes'] / asked.count:,.0f}")
    for name, base in (("put", "line written"), ("get", "line read"), ("miss", "line read")):
        ratio = statistics.median(one[name] / one[base] for one in rounds)
        print(f"{name} / {base}: {ratio:.2f}")
    return 0


def make(number: int) -> tuple[CacheKey, Prompt, Generation]:
    """Return the address of a prompt, the prompt and its generation."""
    chance = random.Random(number)
    prompt = Prompt(dataset="d", sample_id=str(number), text=f"Question: {chance.random()}? " * 20)
    steps = []
    for _ in range(chance.randrange(5, 25)):
        one, other = chance.randrange(1000), chance.randrange(1000)
        steps.append(f"First take {one} and add {other}, which gives {one + other}.")
    completion = Completion(text=" ".join(steps), output_tokens=20 * len(steps))
    generation = Generation(
        dataset="d", sample_id=str(number), completions=(completion,), seconds=chance.random()
    )
    return key_of(MODEL, "generate", prompt), prompt, generation


def measure(made: Sequence[tuple[CacheKey, Prompt, Generation]]) -> dict[str, float]:
    """Return seconds by what was done, and the sizes."""
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name:
        lines = Path(name) / "lines.jsonl"
        folder = Path(name) / "cache"

        def write() -> None:
            with LineWriter(lines) as writer:
                for _, _, generation in made:
                    writer.append(generation)

        def put() -> None:
            cache = GenerationCache.open(folder)
            for key, _, generation in made:
                cache.put(key, generation)
            cache.close()

        def get(*, is_there: bool) -> None:
            cache = GenerationCache.open(folder)
            other = MODEL._replace(digest=b"\1" * 32)
            for key, prompt, _ in random.Random(0).sample(made, len(made)):
                wanted = key if is_there else key._replace(model=other)
                assert (cache.get(wanted, prompt) is not None) == is_there
            cache.close()

        found["line written"] = timed(write)
        found["put"] = timed(put)
        found["line read"] = timed(lambda: sum(1 for _ in read_lines(lines, Generation)))
        found["get"] = timed(lambda: get(is_there=True))
        found["miss"] = timed(lambda: get(is_there=False))
        found["line bytes"] = lines.stat().st_size
        found["bytes"] = sum(path.stat().st_size for path in folder.iterdir())
    return found


def timed(action: Callable[[], object]) -> float:
    """Return the seconds that something takes."""
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
