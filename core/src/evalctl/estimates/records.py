"""What `--dry-run` estimates: the objects under `estimates` of its JSON, and what people read.

Every key is always there. Where something is a guess, a `source` says what it was worked out from,
and `notices` say so in words.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from evalctl.memory import MemoryEstimate
from evalctl.records import Record

TokenSource = Literal["tokenizer", "characters", "probe", "none"]
"""How prompts were measured: by the model's tokenizer; by their characters, 4 a token; by either,
set right by what the engine counted in a probe; not at all, because no model reads them."""

OutputSource = Literal["probe", "earlier_runs", "gold_solutions", "rule", "none"]
"""What the expected length of answers comes from."""

LimitVerdict = Literal["within", "may_stop", "will_stop"]
"""Even the most that is possible is within the limit; only what is expected is; not even that."""

TimeSource = Literal["probe", "earlier_runs", "unknown"]


class DatasetEstimate(Record):
    """One dataset, for one model."""

    dataset: str
    """Its name."""
    prompts: int
    """Samples that will be asked."""
    completions: int
    """Answers that will be written: prompts times repeats."""
    prompt_tokens: int
    """Tokens of all prompts, each counted once, as far as the model reads them."""
    prompts_longer: int = 0
    """Prompts that are longer than the model reads: they will be cut where their dataset allows it
    or an encoder reads them, and not be answered else."""
    training_rows: int = 0
    """Other rows that are read for a probe to learn from; 0 where others were read for before."""
    training_tokens: int = 0
    """Tokens of these."""
    prompt_tokens_source: TokenSource
    """How they were measured."""
    prompts_measured: int
    """Prompts that were measured; the rest is scaled."""
    longest_prompt_tokens: int
    """Tokens of the longest prompt that was measured."""
    output_tokens: int
    """Tokens of all answers, as expected."""
    output_tokens_source: OutputSource
    """What that was worked out from."""
    output_tokens_low: int
    """A low figure for them."""
    output_tokens_high: int
    """A high figure for them."""
    output_tokens_at_most: int
    """All answers as long as the limit on new tokens allows."""


class TimeEstimate(Record):
    """How long a model's answers will take, loading included and scoring left out. In seconds."""

    source: TimeSource = "unknown"
    """What it was worked out from."""
    load_seconds: float | None = None
    """Until the engine takes the first prompt."""
    tokens_per_second: float | None = None
    """Output tokens, as they were measured."""
    expected_seconds: float | None = None
    """In all; None where unknown."""
    low_seconds: float | None = None
    """If answers are short, and the engine gets faster with more of them at once."""
    high_seconds: float | None = None
    """If answers are long, and it does not."""


class MeasuringEstimate(Record):
    """What measuring a model's speed takes, besides what it answers.

    How many prompts are asked at once, and so how many there are, is found while it goes on: what
    is expected is the geometric middle of the range.
    """

    sessions: int
    """How often the model is loaded."""
    prompts: int
    """Prompts of all sessions, warm-up included."""
    prompts_low: int
    """If more at once bring nothing."""
    prompts_high: int
    """If they bring more up to the end."""
    prompt_tokens: int
    """Tokens of all prompts."""
    prompt_tokens_at_most: int
    """The most that they can be."""
    output_tokens: int
    """Tokens of all answers, as expected."""
    output_tokens_at_most: int
    """The most prompts, and all answers as long as the limit allows."""
    expected_seconds: float | None
    """Loading included; None where the model's speed is unknown."""
    low_seconds: float | None
    """With the fewest prompts."""
    high_seconds: float | None
    """With the most prompts, and one at a time as many times slower as the engine can be."""


class ProbeReport(Record):
    """What a probe saw."""

    prompts: int
    """Prompts that were asked."""
    answered: int
    """Of them, those that had an answer within the time."""
    cut: int
    """Answers that reached the probe's own limit on new tokens, so that they may be longer."""
    output_tokens: int
    """Tokens that were written."""
    generate_seconds: float
    """From the first prompt to the last answer."""
    load_seconds: float
    """Until the engine took the first prompt."""
    peak_memory_bytes: int | None
    """The most that the engine's process held in RAM; None where it has none of its own."""


class PriceEstimate(Record):
    """What a hosted model will cost. Each completion pays for its prompt."""

    currency: str
    """ISO 4217."""
    expected: float
    """With answers as long as expected."""
    at_most: float
    """With answers as long as their limit allows."""
    input_per_million: float
    """Price of a million prompt tokens."""
    output_per_million: float
    """Price of a million output tokens."""
    as_of: date | None
    """The day on which the price was looked up; None for one of the user's."""
    page: str
    """Where it stands; empty for one of the user's."""


class ModelEstimate(Record):
    """What one model will take."""

    model: str
    """Its name."""
    memory: MemoryEstimate | None
    """None for a model without weights on this machine."""
    datasets: tuple[DatasetEstimate, ...]
    """In the order in which they are asked."""
    time: TimeEstimate
    """How long its answers will take."""
    measuring: MeasuringEstimate | None = None
    """What measuring its speed takes besides; None where it is not measured."""
    price: PriceEstimate | None
    """What all of it will cost; None where no price is known, or none is paid."""
    probe: ProbeReport | None
    """What a probe saw; None without one."""
    notices: tuple[str, ...]
    """Which of the numbers are guesses, and why."""

    @property
    def prompt_tokens(self) -> int:
        """Tokens of all prompts, and of what probes learn from."""
        return sum(one.prompt_tokens + one.training_tokens for one in self.datasets)

    @property
    def output_tokens(self) -> int:
        """Expected tokens of all answers."""
        return sum(dataset.output_tokens for dataset in self.datasets)


class VerdictEstimate(Record):
    """What one judge is asked about one model's answers to one dataset, for one scorer."""

    model: str
    """Whose answers are judged."""
    dataset: str
    """The dataset."""
    scorer: str
    """The scorer whose rubric it is."""
    requests: int
    """Verdicts that are asked for."""
    prompt_tokens: int
    """Tokens of what the judge reads, with answers as long as expected."""
    prompt_tokens_source: TokenSource
    """How they were counted."""
    output_tokens: int
    """Tokens of all verdicts by a rule of thumb."""
    output_tokens_at_most: int
    """All verdicts as long as the rubric's limit allows."""


class JudgeEstimate(Record):
    """What one judge will take."""

    judge: str
    """Its name."""
    verdicts: tuple[VerdictEstimate, ...]
    """In the order of the plan."""
    price: PriceEstimate | None
    """What they will cost; None where no price is known, or none is paid."""


class LimitEstimate(Record):
    """What all models and judges will cost together, against the limit on it."""

    max_cost: float
    """The limit."""
    currency: str
    """ISO 4217; empty where nobody has a price."""
    expected: float
    """With answers as long as expected."""
    at_most: float
    """With answers as long as their limit allows."""
    verdict: LimitVerdict
    """Whether the run stops before its end."""


class Estimates(Record):
    """What a plan will take."""

    models: tuple[ModelEstimate, ...]
    """In the order of the plan."""
    judges: tuple[JudgeEstimate, ...] = ()
    """In the order of the plan; empty where nobody judges."""
    limit: LimitEstimate | None
    """Of costs; None where the run has none."""
