"""What flows through a run: the values on the way from a sample to its scores.

Here are data only. What plugins *declare* lives in `specs.py`; what comes out of a run in
`results.py`; the run folder in `store.py`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Literal, cast

from pydantic import (
    BaseModel,
    ConfigDict,
    GetJsonSchemaHandler,
    JsonValue,
    SerializerFunctionWrapHandler,
    field_validator,
    model_serializer,
)
from pydantic_core import CoreSchema

FinishReason = Literal["stop", "length", "error"]
"""Why a completion ended: a natural end, the token limit, or an engine failure."""

_ONLY_WHERE_SET = (
    *("later_turns", "around_turns", "earlier", "images"),
    *("protocol", "vector", "words", "masking", "similarities", "word_similarities"),
    *("cuttable", "left_out"),
)

Masking = Literal["all", "shared"]
"""Tokens that are hidden in turn: all of them, or those that a pair of texts shares."""

Role = Literal["system", "user", "assistant"]
"""Who speaks in a conversation."""


class Record(BaseModel):
    """Base of all value types: immutable, and strict about what it is given."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class _Sparse(Record):
    """A record with fields that are written only where they hold something.

    They are for what few datasets have, such as several turns or images: what is written and
    addressed of all others stays what it was before there were such.
    """

    @model_serializer(mode="wrap")
    def _as_written(self, handler: SerializerFunctionWrapHandler) -> dict[str, object]:
        written: dict[str, object] = handler(self)
        for name in _ONLY_WHERE_SET:
            if not written.get(name, True):
                del written[name]
        return written

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler, /
    ) -> dict[str, object]:
        """Return the schema of the fields: what is written is nothing else."""
        fields = {name: part for name, part in core_schema.items() if name != "serialization"}
        return handler(cast("CoreSchema", fields))


class ImageRef(Record):
    """An image where it lies on this machine; `evalctl.images` reads it when it is wanted."""

    path: str
    """The image's file, or the Parquet file that holds it in a cell."""
    row: int | None = None
    """Of a Parquet file: its row, from 0; None for a file that is the image."""
    column: str = ""
    """Of a Parquet file: the column, with `.` before a field of it (`image.bytes`)."""
    digest: str = ""
    """SHA-256 of its bytes, in hexadecimal; empty where they cannot be read."""


class Word(Record):
    """A word of a page, and where it stands."""

    text: str
    """As it was read from the page; without spaces."""
    box: tuple[int, int, int, int] = (0, 0, 0, 0)
    """Left, top, right and bottom in thousandths of the page's width and height, 0..1000; all 0
    where it is not known."""


class Message(_Sparse):
    """One turn of a conversation."""

    role: Role
    """Who speaks."""
    content: str
    """What is said."""
    images: tuple[ImageRef, ...] = ()
    """What is shown before it is said."""


class Sample(Record):
    """One row of a dataset in the form that prompts and scorers work on."""

    id: str
    """Unique within its dataset."""
    input: str
    """The question or problem, as the model will read it."""
    later_turns: tuple[str, ...] = ()
    """What the user says after the model's replies, in order; empty where there is one turn."""
    target: str = ""
    """The gold answer in its shortest form; empty where the dataset has none."""
    solution: str = ""
    """The gold solution at length, where the dataset has one."""
    choices: tuple[str, ...] = ()
    """The options of a multiple-choice question, in order."""
    images: tuple[ImageRef, ...] = ()
    """What the question is about, in order; see `DatasetSpec.has_images`."""
    words: tuple[Word, ...] = ()
    """For datasets that need `extract`: the words of the page, in reading order."""
    cluster: str | None = None
    """What the sample shares with others (a document, a family); None means it stands alone."""
    metadata: Mapping[str, JsonValue] = {}
    """Whatever else the row holds that reports group by: level, subject, year."""


class Sampling(Record):
    """How tokens are drawn."""

    temperature: float = 0.0
    """0 is greedy."""
    top_p: float = 1.0
    """Nucleus mass, in 0..1."""
    top_k: int = 0
    """Keep the k likeliest tokens; 0 keeps all."""
    max_tokens: int = 1024
    """Limit on new tokens of one completion."""
    stop: tuple[str, ...] = ()
    """Strings that end a completion; they do not fire inside reasoning."""
    json_schema: str = ""
    """A JSON Schema that completions are held to, as text; empty holds them to nothing. Engines
    whose `EngineSpec.follows_json_schema` is unset leave it to the prompt, and so does vLLM where a
    model reasons before it answers."""

    @field_validator("json_schema")
    @classmethod
    def _is_json(cls, text: str) -> str:
        if text and not isinstance(json.loads(text), dict):
            raise ValueError("a JSON Schema is a JSON object")
        return text


class Prompt(_Sparse):
    """One request to an engine. `messages` or `text` is set, never both."""

    dataset: str
    """Name of the dataset, with `sample_id` the key under which the answer comes back."""
    sample_id: str
    """Id of the sample."""
    text: str = ""
    """A plain text to be continued."""
    messages: tuple[Message, ...] = ()
    """A conversation, for engines to put through the model's chat template."""
    later_turns: tuple[str, ...] = ()
    """What the user says after the model's replies, in order, in the dataset's own words: `text`
    or `messages` is the first turn. Only engines that hold conversations themselves see them; of
    others a run asks turn after turn."""
    around_turns: tuple[str, ...] = ()
    """Of a text with later turns: what stands before each of them, and what behind it."""
    continuations: tuple[str, ...] = ()
    """For `choose` and `fill`: the continuations whose log-likelihood is wanted. For `embed`: the
    texts whose vectors are wanted beside that of `text`; engines see each by itself."""
    masking: Masking | Literal[""] = ""
    """For `fill`: which tokens of a continuation are hidden in turn."""
    images: tuple[ImageRef, ...] = ()
    """What `text` is about, in order; those of a conversation are in its messages."""
    words: tuple[Word, ...] = ()
    """For `extract`: the words of the page that the answer is taken from, in reading order."""
    cuttable: tuple[int, int] | None = None
    """Where in `text`, or in the last message, the part begins and ends whose end may be left out,
    in characters, where the prompt is longer than the model reads; None where it has to be whole.
    Engines that know the model's tokens cut it and say so in `is_prompt_cut`."""
    protocol: str = ""
    """For `embed`: the probe that the vector goes through, and a hash of all that decides it."""
    sampling: Sampling = Sampling()
    """How tokens are drawn."""
    n: int = 1
    """How many completions are wanted."""
    seed: int = 0
    """Seed of this request alone, so that results do not depend on the order of a batch."""


class Completion(_Sparse):
    """One answer of a model."""

    text: str
    """The answer, without its reasoning; of several turns, to the last."""
    earlier: tuple[str, ...] = ()
    """The model's replies to the turns before the last, in order, without their reasoning; empty
    where there was one turn."""
    reasoning: str = ""
    """What stood between reasoning markers, of all turns; empty where there were none."""
    finish_reason: FinishReason = "stop"
    """Why it ended. An unfinished reasoning counts as `length`, and so does a turn that was cut
    off, whichever it was."""
    output_tokens: int = 0
    """New tokens of all turns, the reasoning included; 0 where the engine cannot tell."""

    @property
    def is_truncated(self) -> bool:
        """Whether the token limit cut the answer off."""
        return self.finish_reason == "length"


class Continuation(Record):
    """The log-likelihood of one given continuation."""

    logprob: float
    """Sum of the log-probabilities of its tokens, in nats."""
    tokens: int
    """How many tokens it has."""
    is_greedy: bool
    """Whether each of its tokens was the likeliest one."""


class Generation(_Sparse):
    """What an engine gives back for one prompt."""

    dataset: str
    """The prompt's dataset."""
    sample_id: str
    """The prompt's sample."""
    completions: tuple[Completion, ...] = ()
    """As many as the prompt asked for; empty where none are wanted, and after an error."""
    continuations: tuple[Continuation, ...] = ()
    """For `choose` and `fill`: one per given continuation, in order."""
    labels: Mapping[str, float] = {}
    """For `classify`: the probability of each of the model's labels, in 0..1. Of a probe: of each
    of the dataset's classes."""
    words: Mapping[str, float] = {}
    """Of a probe: what the same protocol makes of the text's words, in the place of a vector."""
    similarities: tuple[float, ...] = ()
    """Of a ranking: the cosine of the text's vector and that of each continuation, in order."""
    word_similarities: tuple[float, ...] = ()
    """Of a ranking: the same of their words, in the place of vectors."""
    vector: tuple[float, ...] = ()
    """For `embed`: the text's vector. Results hold what a probe makes of it in its place."""
    is_prompt_cut: bool = False
    """Whether the model read only a part of the prompt, which is longer than it reads."""
    left_out: int = 0
    """How many characters at the end of the part that may be cut (`Prompt.cuttable`) it was not
    given."""
    prompt_tokens: int = 0
    """Tokens of the prompt as far as it was read, of all turns together; 0 where the engine cannot
    tell."""
    seconds: float = 0.0
    """From hand-over to the end, waiting in the engine's queue included; of several turns, all
    together."""
    first_token_seconds: float | None = None
    """From hand-over to the first token, of the first turn; None where not measured."""
    error: str | None = None
    """Why there is no answer: a failure of the engine, not of the model."""
    from_cache: bool = False
    """Whether it was given in an earlier run and kept: its times are those of then."""
    lost_requests: int = 0
    """Requests to a server that broke off once it had them, and were sent again or given up: they
    may have to be paid."""

    @property
    def is_truncated(self) -> bool:
        """Whether a completion was cut off, or the prompt."""
        return self.is_prompt_cut or any(one.is_truncated for one in self.completions)


Outcome = Literal[
    "",
    "passed",
    "wrong_answer",
    "exception",
    "syntax_error",
    "timeout",
    "memory",
    "limit",
    "tampered",
    "sandbox",
    "unsupported",
]
"""What became of a program, for counting; empty where none was run. `sandbox` is our failure, and
`unsupported` a package or language that this machine lacks."""


class ProgramRun(Record):
    """What running a completion's program proved, and how far to trust it."""

    reason: str
    """How it ended, as `evalctl.executions.Reason` has it."""
    integrity: str = ""
    """Where the verdict was formed; empty where it was not judged."""
    isolation_level: int = 0
    """What stood between program and host; 0 where nothing was run."""
    executor: str = ""
    """The sandbox's name."""
    tests_passed: int = 0
    """Tests that passed."""
    tests_total: int = 0
    """Tests there are."""
    ran: bool = False
    """Whether it ran to its end without an error; a wrong answer is none."""
    flags: tuple[str, ...] = ()
    """What its source does that honest programs seldom do; to be looked at."""
    wall_seconds: float = 0.0
    """All of its runs together."""


class Score(Record):
    """A scorer's judgement of one completion."""

    value: float | None
    """In the scorer's range; None means *not scored*, which is never the same as 0."""
    answer: str | None = None
    """What was read out of the completion; None means that nothing could be (unparsed)."""
    explanation: str = ""
    """Why, in a few words: the rule that found the answer, or what went wrong."""
    failed: bool = False
    """Whether the scorer itself failed (exception, time limit): then `value` is None."""
    outcome: Outcome = ""
    """What became of the completion's program, where one was run."""
    program: ProgramRun | None = None
    """What running it proved."""
    counts: Mapping[str, float] = {}
    """What can be added up over samples, for metrics that are functions of sums (`tp`, `fp`,
    `bytes`). A completion without counts is in no such metric. They are rounded to 2 ** -20."""
