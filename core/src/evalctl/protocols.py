"""The interfaces between the core and its exchangeable parts. No implementation lives here.

An engine is a value that is opened, asked and closed. It may run in a process of its own
(`engines/host.py`), so everything that crosses this border can be pickled.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, Protocol

from pydantic import InstanceOf, JsonValue

from evalctl.recorded_ids import RecordedIds
from evalctl.records import Generation, Prompt, Record

Capability = Literal["generate", "choose", "embed", "classify", "fill", "extract"]
"""What an engine can be asked for; a dataset `needs` exactly one of them."""

ModelKind = Literal[
    "decoder",
    "encoder",
    "encoder_decoder",
    "vision_language",
    "document",
    "rule",
    "api",
    "recorded",
]
"""The architecture's kind, as far as it decides what a model can be asked for. An engine stands in
for another that opens the same kind. An `encoder` reads a text and writes none, whatever its layers
are: a decoder with a classifier on top is one. `rule` is a rule that somebody wrote down, such as a
baseline, which none but its own engine opens."""

ChatUse = Literal["auto", "always", "never"]
"""Whether prompts go through the tokenizer's chat template."""


class ModelRef(Record):
    """A model as an engine is asked to open it."""

    name: str
    """Registered name, or `ENGINE:PATH`."""
    path: str
    """Folder, hub id, file or address, as the engine understands it."""
    revision: str | None = None
    """Hub commit; None for local files."""
    kind: ModelKind = "decoder"
    """The architecture's kind."""
    is_local: bool = False
    """Whether `path` is a folder or file on this machine."""
    may_reason: bool = False
    """Whether the model is known to write reasoning; engines also look at the tokenizer."""


class ModelFacts(Record):
    """What can be told about a model without loading it."""

    context_length: int | None = None
    """Tokens that prompt and completion may have together; None where unknown."""
    has_chat_template: bool = False
    """Whether its tokenizer brings one."""
    architecture: str = ""
    """As its configuration names it."""
    kind: ModelKind | None = None
    """Its kind, where its files tell."""
    capabilities: tuple[Capability, ...] | None = None
    """What it can be asked for, where its files tell; None leaves that to its kind."""
    labels: tuple[str, ...] = ()
    """Of a classifier: its labels in its own words; empty where not known."""
    is_multi_label: bool = False
    """Of a classifier: whether a text may have several labels, each with a probability of its own;
    otherwise all probabilities add up to 1."""
    weight_bytes: int | None = None
    """Size of its weight files."""
    content_hash: str | None = None
    """Hash of configuration and weight files' names and sizes (contents where small)."""
    notice: str = ""
    """What every output with it must say, such as that parts of it are not there."""
    datasets: Mapping[str, InstanceOf[RecordedIds]] | None = None
    """Datasets that it has answers for (replay), and for which samples; None means any."""


class EngineInfo(Record):
    """What an engine that is open says of itself, for the manifest."""

    name: str
    """The engine."""
    versions: Mapping[str, str] = {}
    """Version by library."""
    context_length: int | None = None
    """In force."""
    dtype: str = ""
    """Of the weights in memory."""
    device: str = ""
    """Where it runs."""
    settings: Mapping[str, JsonValue] = {}
    """Whatever else decides the result or the speed."""


class Engine(Protocol):
    """A loaded model. Not thread-safe; one caller at a time.

    For each of its `EngineSpec.capabilities` that the model has, it has the method of that name, as
    the protocols below say: prompts in, one generation for each out. `prompts` is lazy and may be
    long: an implementation takes as many as keep it busy and no more. Generations come as they
    finish, in any order. A prompt that fails alone comes back with `error` set.
    """

    @property
    def info(self) -> EngineInfo:
        """What is loaded, and how."""
        ...

    def close(self) -> None:
        """Give back memory and processes; may be called twice."""
        ...


class GeneratingEngine(Engine, Protocol):
    """An engine whose model writes."""

    def generate(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        """Yield, for each prompt, its `n` completions.

        Raises:
            EngineError: The engine as a whole cannot go on.
        """
        ...


class MeasurableEngine(GeneratingEngine, Protocol):
    """An engine that can be held to so many prompts at once, for measuring how fast it is.

    One that lacks this is measured with one prompt at a time, and with all at once.
    """

    def measure(self, prompts: Iterable[Prompt], concurrency: int | None) -> Iterator[Generation]:
        """Yield what `generate` yields, each prompt read anew and its first token timed.

        Args:
            prompts: One completion is wanted of each.
            concurrency: How many are under way at once, the next one as one has ended; None takes
                as many as the engine does by itself.

        Raises:
            EngineError: The engine as a whole cannot go on.
        """
        ...


class ChoosingEngine(Engine, Protocol):
    """An engine whose model tells how likely given texts are."""

    def choose(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        """Yield, for each prompt, the log-likelihood of each of its `continuations`.

        Raises:
            EngineError: The engine as a whole cannot go on.
        """
        ...


class ExtractingEngine(Engine, Protocol):
    """An engine whose model finds answers on pages."""

    def extract(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        """Yield, for each prompt, one completion: the words of its page that answer its `text`.

        Of a page that is longer than the model reads, all is read, in parts that overlap.

        Raises:
            EngineError: The engine as a whole cannot go on.
        """
        ...


class EmbeddingEngine(Engine, Protocol):
    """An engine whose model makes vectors of texts."""

    def embed(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        """Yield, for each prompt, the vector of its `text`: as many numbers for every text.

        A text that is longer than the model reads is cut at its end, and `is_prompt_cut` says so.

        Raises:
            EngineError: The engine as a whole cannot go on.
        """
        ...


class FillingEngine(Engine, Protocol):
    """An engine whose model guesses hidden tokens."""

    def fill(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        """Yield, for each prompt, the pseudo-log-likelihood of each of its `continuations`.

        It is the sum, over the tokens that the prompt's `masking` names, of the log-probability of
        each where it alone is hidden.

        Raises:
            EngineError: The engine as a whole cannot go on.
        """
        ...


class ClassifyingEngine(Engine, Protocol):
    """An engine whose model has labels for texts."""

    def classify(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        """Yield, for each prompt, the probability of each label for its `text`.

        A text that is longer than the model reads is cut at its end, and `is_prompt_cut` says so.

        Raises:
            EngineError: The engine as a whole cannot go on.
        """
        ...
