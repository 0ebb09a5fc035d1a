"""A plugin with conversations of three turns, and an engine that answers and may die.

The tests install it as `evalctl-talks`. What the engine is asked goes to the file that
`TALKS_LOG` names, a line for each request.
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from evalctl import (
    CategorySpec,
    Completion,
    DatasetSpec,
    Engine,
    EngineInfo,
    EngineOptions,
    EngineSpec,
    Example,
    Generation,
    InlineSource,
    MetricSpec,
    ModelFacts,
    ModelRef,
    Prompt,
    PromptTemplate,
    Row,
    Sample,
    Sampling,
    Score,
    ScorerSpec,
    hookimpl,
)

N_TALKS = 12


class ParrotOptions(EngineOptions):
    """What the parrot may be told."""

    dies_at: str = ""
    """Texts in a last turn at which its process dies, the first time."""
    always: bool = False
    """Whether it dies every time."""
    interrupts_at: str = ""
    """A text in a last turn at which the run is told to end, as by Ctrl-C, the first time."""
    fails_at: str = ""
    """A text in a last turn that it gives an error for."""


class Parrot:
    """Says again what it was told last, keeping four prompts under way."""

    info = EngineInfo(name="parrot")

    def __init__(self, options: ParrotOptions) -> None:
        self.options = options

    def generate(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        for prompt in prompts:
            yield self.reply(prompt)

    def reply(self, prompt: Prompt) -> Generation:
        told = [message.content for message in prompt.messages] or [prompt.text]
        last = told[-1].rpartition("You:")[2].removesuffix("Me:").strip()
        with Path(os.environ["TALKS_LOG"]).open("a", encoding="utf-8") as log:
            entry = [prompt.sample_id, prompt.sampling.temperature, prompt.seed, *told]
            log.write(json.dumps(entry) + "\n")
        marker = Path(os.environ["TALKS_LOG"] + ".died")
        is_last_hour = bool(self.options.dies_at) and self.options.dies_at in last
        if is_last_hour and (self.options.always or not marker.exists()):
            marker.touch()
            os._exit(3)
        interrupted = Path(os.environ["TALKS_LOG"] + ".interrupted")
        is_time = bool(self.options.interrupts_at) and self.options.interrupts_at in last
        if is_time and not interrupted.exists():
            interrupted.touch()
            time.sleep(1)  # what was answered before is on its way
            os.kill(os.getppid(), signal.SIGINT)
            time.sleep(60)
        if self.options.fails_at and self.options.fails_at in last:
            return Generation(dataset=prompt.dataset, sample_id=prompt.sample_id, error="too long")
        text = f"{last}!"
        return Generation(
            dataset=prompt.dataset,
            sample_id=prompt.sample_id,
            completions=(Completion(text=text, output_tokens=10),) * prompt.n,
            prompt_tokens=100,
            seconds=1.0,
            first_token_seconds=0.25,
        )

    def close(self) -> None:
        pass


def open_parrot(model: ModelRef, options: ParrotOptions) -> Engine:
    return Parrot(options)


def check(model: ModelRef, options: EngineOptions) -> ModelFacts:
    return ModelFacts(has_chat_template=model.path == "chat", content_hash=model.path)


def to_sample(row: Row) -> Sample:
    name = row.text("name")
    return Sample(
        id=name,
        input=f"first {name}",
        later_turns=(f"second {name}", f"third {name}"),
        target=f"third {name}!",
        metadata={"kind": "warm" if int(name[1:]) % 2 else "cold"},
    )


def score(sample: Sample, completion: Completion) -> Score:
    said = (*completion.earlier, completion.text)
    turns = (sample.input, *sample.later_turns)
    is_right = said == tuple(f"{turn}!" for turn in turns)
    return Score(value=float(is_right), answer=" / ".join(said))


def first(scores: tuple[Score, ...]) -> float | None:
    return scores[0].value


TALK = Sample(id="t0", input="first t0", later_turns=("second t0", "third t0"), target="third t0!")
TALKS = DatasetSpec(
    name="talks",
    title="talks of three turns",
    version="1",
    licence="CC0-1.0",
    citation="made for tests",
    sources=(InlineSource(rows=tuple({"name": f"t{n}"} for n in range(N_TALKS))),),
    columns=frozenset({"name"}),
    to_sample=to_sample,
    prompt=PromptTemplate(question="You: {input}\nMe:", stop=("\nYou:",)),
    sampling=Sampling(max_tokens=50),
    temperature_by="kind",
    temperatures={"warm": 0.5},
    scorers=(
        ScorerSpec(
            name="echo",
            version="1",
            score=score,
            metrics=(MetricSpec(name="echoed", title="said again", reduce=first),),
        ),
    ),
    headline="echoed",
    groups=("kind",),
    examples=(
        Example(
            sample=TALK, earlier=("first t0!", "second t0!"), good="third t0!", bad="third t1!"
        ),
    ),
    role="primary",
)


@hookimpl
def evalctl_categories() -> Iterable[CategorySpec]:
    return (CategorySpec(name="talking", title="talking", datasets=(TALKS,)),)


@hookimpl
def evalctl_engines() -> Iterable[EngineSpec]:
    return (
        EngineSpec(
            name="parrot",
            title="says what it was told",
            capabilities=("generate",),
            kinds=("decoder",),
            options=ParrotOptions,
            factory="evalctl_talks:open_parrot",
            check=check,
        ),
    )
