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
for another that opens the same kind. `rule` is a rule that somebody wrote down, such as a baseline,
which none but its own engine opens."""

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
    weight_bytes: int | None = None
    """Size of its weight files."""
    content_hash: str | None = None
    """Hash of configuration and weight files' names and sizes (contents where small)."""
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

    Of `generate` and `choose` an engine may lack the one that its `EngineSpec.capabilities` lacks.
    """

    @property
    def info(self) -> EngineInfo:
        """What is loaded, and how."""
        ...

    def generate(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        """Yield one generation for each prompt, each as it finishes, in any order.

        `prompts` is lazy and may be long: an implementation takes as many as keep it busy and no
        more. A prompt that fails alone comes back with `error` set.

        Raises:
            EngineError: The engine as a whole cannot go on.
        """
        ...

    def choose(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        """Yield, for each prompt, the log-likelihood of each of its `continuations`.

        Raises:
            EngineError: The engine as a whole cannot go on.
        """
        ...

    def close(self) -> None:
        """Give back memory and processes; may be called twice."""
        ...
