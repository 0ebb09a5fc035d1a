"""What listings cost with 50 plugins installed against 8, and against none.

The plugins are made up, each as a third party would write it: a distribution of its own with a
README in its metadata, and a category with three datasets, a scorer and two models. They come to
those that are installed already.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from pathlib import Path

from startup import with_byte_code
from timing import Spent, median_ratio, run_once

COMMANDS = ("list plugins", "list datasets")
FEW, MANY = 8, 50
LIMIT = 1.6
README = "\n".join(
    f"Line {number} of what a README says about its datasets." for number in range(60)
)


def main() -> int:
    """Print the ratios of wall and of processor time; return 1 where one is above its limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sites = {count: install(folder / str(count), count) for count in (0, FEW, MANY)}
        spent = measure(sites, rounds, str(folder / "byte-code"))
    for (command, count), found in spent.items():
        wall, processor = (1000 * statistics.median(times) for times in columns(found))
        print(f"evalctl {command}, {count} plugins: {wall:.0f} ms wall, {processor:.0f} processor")
    missed = 0
    for command in COMMANDS:
        few, many = columns(spent[command, FEW]), columns(spent[command, MANY])
        ratios = [median_ratio(*pair) for pair in zip(many, few, strict=True)]
        missed += max(ratios) > LIMIT
        print(
            f"evalctl {command}, {MANY} plugins / {FEW}: {ratios[0]:.2f} wall, "
            f"{ratios[1]:.2f} processor (at most {LIMIT}; {rounds} rounds)"
        )
    return 1 if missed else 0


def measure(
    sites: dict[int, Path], rounds: int, byte_code: str
) -> dict[tuple[str, int], list[Spent]]:
    """Return what each command took in each site, all in turn, one warm-up round left out."""
    evalctl = str(Path(sys.executable).with_name("evalctl"))
    spent: dict[tuple[str, int], list[Spent]] = {}
    for number in range(rounds + 1):
        for command in COMMANDS:
            for count, site in sites.items():
                path = os.pathsep.join([str(site), os.environ.get("PYTHONPATH", "")])
                environment = {**with_byte_code(byte_code), "PYTHONPATH": path.strip(os.pathsep)}
                found = run_once([evalctl, *command.split()], environment=environment)
                if number:
                    spent.setdefault((command, count), []).append(found)
    return spent


def columns(found: list[Spent]) -> tuple[list[float], list[float]]:
    """Return wall and processor times."""
    return [one.seconds for one in found], [one.processor_seconds for one in found]


def install(site: Path, count: int) -> Path:
    """Fill a folder with distributions, as pip would leave them."""
    site.mkdir()
    for number in range(count):
        name = f"made{number:02}"
        package, info = site / f"evalctl_{name}", site / f"evalctl_{name}-1.0.dist-info"
        for folder in (package, info):
            folder.mkdir()
        (package / "__init__.py").write_text(f'"""The category {name}."""\n')
        (package / "plugin.py").write_text(PLUGIN.replace("NAME", name))
        (info / "METADATA").write_text(METADATA.replace("NAME", name) + README)
        (info / "entry_points.txt").write_text(f"[evalctl]\n{name} = evalctl_{name}.plugin\n")
    return site


METADATA = """Metadata-Version: 2.4
Name: evalctl-NAME
Version: 1.0
Summary: The category NAME
License-Expression: Apache-2.0
Requires-Python: >=3.11
Requires-Dist: evalctl<0.2,>=0.1
Description-Content-Type: text/markdown

"""

PLUGIN = '''"""The category NAME: is a statement about it right?"""

from __future__ import annotations

from evalctl import (
    CategorySpec,
    Completion,
    DatasetSpec,
    Example,
    FileParts,
    FileSource,
    HubPart,
    HubSource,
    MetricSpec,
    ModelSpec,
    PromptTemplate,
    Row,
    Sample,
    Sampling,
    Score,
    ScorerSpec,
    first_value,
    hookimpl,
)


def to_sample(row: Row) -> Sample:
    """Return a row as a sample."""
    return Sample(id=str(row.number), input=row.text("question"), target=row.text("answer"))


def gold(sample: Sample) -> str:
    """Return the gold answer as a model would write it."""
    return str(sample.target)


def score(sample: Sample, completion: Completion) -> Score:
    """Return whether the last word is the answer."""
    words = completion.text.split()
    answer = words[-1].strip(".").lower() if words else None
    return Score(value=float(answer == sample.target), answer=answer)


SCORER = ScorerSpec(
    name="NAME_match",
    version="1",
    score=score,
    metrics=(
        MetricSpec(
            name="NAME_accuracy",
            title="share of right answers",
            reduce=first_value,
            proportion=True,
            repeats=True,
        ),
    ),
)

PROMPT = PromptTemplate(instruction="{input}\\nEnd with yes or no.", stop=("\\n\\n",))
QUESTION = Sample(id="example", input="Is water wet?", target="yes")


def dataset(name: str, role: str) -> DatasetSpec:
    """Return one of the three datasets."""
    return DatasetSpec(
        name=f"NAME_{name}",
        title=f"Statements of the kind {name}",
        version="1",
        licence="CC-BY-4.0",
        citation="Made for measuring.",
        sources=(
            FileSource(parts=(FileParts(paths=(f"NAME_{name}/test.jsonl",)),)),
            HubSource(parts=(HubPart(path=f"made/NAME_{name}", split="test", revision="0" * 40),)),
        ),
        columns=frozenset({"question", "answer"}),
        to_sample=to_sample,
        prompt=PROMPT,
        sampling=Sampling(max_tokens=64),
        scorers=(SCORER,),
        headline="NAME_accuracy",
        examples=(Example(sample=QUESTION, good="So, yes.", bad="No."),),
        gold=gold,
        role=role,
    )


def model(size: int) -> ModelSpec:
    """Return one of the two models."""
    return ModelSpec(
        name=f"NAME_{size}b",
        title=f"NAME {size}B",
        path=f"made/NAME-{size}b",
        revision="0" * 40,
        parameters=size * 10**9,
        context_length=4096,
        engine="vllm",
        is_instruct=True,
        priority="high",
        specialization_weight=0.8,
        licence="Apache-2.0",
    )


@hookimpl
def evalctl_categories() -> tuple[CategorySpec, ...]:
    """Return the category."""
    return (
        CategorySpec(
            name="NAME",
            title="Statements about NAME",
            aliases=("NAME_specialists",),
            models=(model(1), model(7)),
            datasets=(
                dataset("one", "primary"),
                dataset("two", "primary"),
                dataset("three", "secondary"),
            ),
        ),
    )
'''


if __name__ == "__main__":
    sys.exit(main())
