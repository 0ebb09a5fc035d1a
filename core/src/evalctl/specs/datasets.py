"""A dataset: where it comes from, how it asks, and who judges the answers."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Annotated, Literal, Self

from pydantic import model_validator

from evalctl.protocols import Capability
from evalctl.records import Completion, Masking, Sample, Sampling
from evalctl.sources import Row, Source
from evalctl.specs.base import AsName, Name, Spec
from evalctl.specs.classes import ClassSpec, clashing
from evalctl.specs.probes import ProbeSpec
from evalctl.specs.scoring import WHOLE, ScorerSpec, Way

DatasetRole = Literal["primary", "secondary", "variant", "sample"]
"""`primary` makes the category score; `variant` runs only when named; `sample` ships with us."""


class PromptTemplate(Spec):
    """How a dataset asks.

    Placeholders are filled in once: `{input}`, `{target}`, `{solution}`; `{choices}`, which is a
    line for each of a sample's choices, `A. …` and so on; `{metadata:KEY}`, an entry of a sample's
    metadata.
    """

    question: str = "Question: {input}\nAnswer:"
    """A question in completion style. Where a dataset needs `choose` it may be empty: then whole
    texts are held against each other, and nothing is asked."""
    answer: str = " {solution}"
    """What follows a question in a worked example."""
    separator: str = "\n\n"
    """Between worked examples."""
    preamble: str = ""
    """Before all of it."""
    instruction: str = "{input}"
    """A question in chat style, with what the model is told about the form of its answer."""
    reply: str = ""
    """A worked answer in chat style, in the form that the instruction asks for; empty takes
    `answer`."""
    stop: tuple[str, ...] = ()
    """Strings that end a completion in completion style."""
    may_cut_behind: str | None = None
    """The end of a sample's input may be left out where the prompt is longer than the model reads,
    but nothing up to the first place of these words in it; empty, where any of it may be left out.
    An input without them has to be whole, and so has any where this is None: such a sample cannot
    be asked. For long texts whose beginning says enough: reports tell how many were cut."""
    continuation: str = " {choice}"
    """For datasets that need `choose`: what may follow a question, once for each of a sample's
    choices; `{choice}` is its text and `{letter}` its letter."""


class Example(Spec):
    """A sample with a good and a bad output: offline test, preview and dry run in one."""

    sample: Sample
    """The sample."""
    good: str
    """An output that gets full marks."""
    bad: str
    """An output that gets less."""
    earlier: tuple[str, ...] = ()
    """Of a sample with later turns: the replies to the turns before the last, which both outputs
    come after."""

    @model_validator(mode="after")
    def _has_all_turns(self) -> Self:
        if len(self.earlier) != len(self.sample.later_turns):
            raise ValueError(
                f"example {self.sample.id}: `earlier` has {len(self.earlier)} replies, and the "
                f"sample {len(self.sample.later_turns)} later turns; it needs one before each"
            )
        return self

    def completion(self, text: str) -> Completion:
        """Return an output as a model gives it, after the earlier replies."""
        return Completion(text=text, earlier=self.earlier)


class DatasetSpec(Spec):
    """A dataset: where it comes from, how it asks, and who judges the answers."""

    name: Name
    """Unique in the registry."""
    title: str
    """One line for listings."""
    version: str
    """Of this adapter; changes whenever a number may change."""
    licence: str
    """As stated upstream."""
    citation: str
    """Who made it, and where it is described."""
    category: str = ""
    """Only for `evalctl_datasets`: the category that it is added to."""
    sources: tuple[Source, ...]
    """Where its rows come from, tried in order."""
    columns: frozenset[str]
    """Columns by which a file is recognised as this dataset."""
    to_sample: Annotated[Callable[[Row], Sample], AsName]
    """A row as a sample; raises ValueError or KeyError for a broken row."""
    select: Annotated[Callable[[Iterable[Sample]], Iterator[Sample]], AsName] | None = None
    """Keeps some of the samples; None keeps all."""
    prompt: PromptTemplate = PromptTemplate()
    """How it asks."""
    shots: int = 0
    """Worked examples before a question in completion style; chat style has none by default."""
    shot_sources: tuple[Source, ...] = ()
    """Where worked examples come from: a training split, never the test rows."""
    shots_by: str = ""
    """Key of metadata (`subject`) whose value worked examples share with the question; empty takes
    the same ones for all questions."""
    groups: tuple[str, ...] = ()
    """Keys of metadata (`subject`) by whose values the headline is told as well."""
    group_metric: str = ""
    """The metric that is told by them instead, as a headline over all classes says little of a
    group that has one alone."""
    shot_ids: tuple[str, ...] = ()
    """Ids of the samples that upstream takes for it, in their order; empty takes the first ones."""
    needs: Capability = "generate"
    """What an engine must be able to do."""
    has_images: bool = False
    """Whether samples have images: then only models are asked that see, and what the images show
    is part of the content that the dataset is known by."""
    classes: tuple[ClassSpec, ...] = ()
    """For datasets that need `classify`, and for probes: what a text can be, where several apply
    the first one before all others. A sample's `target` is the name of one."""
    masking: Masking = "all"
    """For datasets that need `fill`: which tokens of a choice are hidden in turn; `shared` is for
    pairs of choices."""
    probe: ProbeSpec | None = None
    """For datasets that need `embed`: how classes are told from vectors; None ranks a sample's
    choices by how near they are."""
    otherwise: str = ""
    """The dataset of the same category that is asked in its place where a model cannot do that."""
    sampling: Sampling = Sampling()
    """Default sampling; `stop` is added from the template."""
    temperature_by: str = ""
    """Key of metadata (`category`) whose value decides the temperature, as `temperatures` has it;
    empty takes that of `sampling` for all samples."""
    temperatures: Mapping[str, float] = {}
    """The temperature by that value; samples with another value take that of `sampling`."""
    repeats: int = 1
    """Default number of completions per sample."""
    scorers: tuple[ScorerSpec, ...]
    """Who judges; those that other plugins added stand behind its own."""
    headline: str
    """The metric that stands for the dataset."""
    examples: tuple[Example, ...]
    """At least one."""
    gold: Annotated[Callable[[Sample], str | None], AsName] | None = None
    """The gold answer as a model would write it, for `evalctl check`; None where a row has none. Of
    a dataset that needs `choose`: the text of the right choice; `classify`: the class."""
    perturb: Annotated[Callable[[Sample], str | None], AsName] | None = None
    """A wrong answer likewise, None where a row has none; by default the last digit is changed, and
    where there is none, an earlier row's answer is given."""
    role: DatasetRole = "secondary"
    """Its part in the category."""
    is_unsafe: bool = False
    """Whether its texts, and answers to them, may hurt who reads them: what is shown to people
    hides them unless they ask with `--show-unsafe`; files and `--json` hold them."""

    @model_validator(mode="after")
    def _headline_is_a_metric(self) -> Self:
        known = [metric.name for scorer in self.scorers for metric in scorer.metrics]
        if self.headline not in known:
            raise ValueError(f"dataset {self.name}: headline {self.headline!r} is none of {known}")
        if self.group_metric and self.group_metric not in known:
            raise ValueError(
                f"dataset {self.name}: group_metric {self.group_metric!r} is none of {known}"
            )
        return self

    @model_validator(mode="after")
    def _scorers_judge_what_it_needs(self) -> Self:
        if any(scorer.reads != self.judged for scorer in self.scorers):
            fields = " or ".join(f"`{way}`" for way in WHOLE)
            raise ValueError(
                f"dataset {self.name}: all of its scorers must have {fields} where it needs that "
                "(for probes `classify`, for other vectors `rank`, for `fill` `choose`)"
            )
        if any(scorer.of_words for scorer in self.scorers) and self.needs != "embed":
            raise ValueError(f"dataset {self.name}: only vectors have words beside them")
        return self

    @model_validator(mode="after")
    def _vectors_are_probed(self) -> Self:
        if self.probe is not None and self.needs != "embed":
            raise ValueError(f"dataset {self.name}: `probe` is for datasets that need `embed`")
        return self

    @model_validator(mode="after")
    def _classes_are_told_apart(self) -> Self:
        if self.judged == "classify" and len(self.classes) < 2:
            raise ValueError(f"dataset {self.name}: needs `{self.needs}`, so give it `classes`")
        if (word := clashing(self.classes)) is not None:
            raise ValueError(f"dataset {self.name}: two of its classes are called {word!r}")
        if sum(one.is_rest for one in self.classes) > 1:
            raise ValueError(f"dataset {self.name}: only one class can be the rest")
        if self.judged == "classify" and self.prompt.question == PromptTemplate().question:
            raise ValueError(
                f"dataset {self.name}: its prompt's question is the text that is read: set "
                'prompt=PromptTemplate(question="{input}")'
            )
        paired = [one for scorer in self.scorers if scorer.is_paired for one in scorer.metrics]
        if self.headline in {metric.name for metric in paired}:
            raise ValueError(
                f"dataset {self.name}: headline {self.headline!r} needs a baseline, which few runs "
                "have; take another metric"
            )
        return self

    @model_validator(mode="after")
    def _temperatures_go_by_something(self) -> Self:
        if bool(self.temperature_by) != bool(self.temperatures):
            raise ValueError(
                f"dataset {self.name}: `temperature_by` and `temperatures` go together, and one of "
                "them is empty"
            )
        for value, temperature in self.temperatures.items():
            if not (math.isfinite(temperature) and temperature >= 0.0):
                raise ValueError(
                    f"dataset {self.name}: {temperature!r}, for {value!r}, is no temperature"
                )
        return self

    @model_validator(mode="after")
    def _scorers_are_its_own(self) -> Self:
        for scorer in self.scorers:
            if scorer.is_added:
                raise ValueError(
                    f"dataset {self.name}: its scorer {scorer.name} names `datasets`; that is for "
                    "scorers that the hook evalctl_scorers returns"
                )
        return self

    @property
    def judged(self) -> Way:
        """What its scorers judge."""
        if self.needs == "embed":
            return "rank" if self.probe is None else "classify"
        if self.needs == "fill":
            return "choose"
        return next((way for way in WHOLE if way == self.needs), "generate")

    @property
    def weighs_choices(self) -> bool:
        """Whether an engine is given a sample's choices, to say something of each."""
        return self.judged in {"choose", "rank"}

    @property
    def asks_nothing(self) -> bool:
        """Whether whole texts are held against each other, with no question before them."""
        return self.judged == "choose" and not self.prompt.question

    @property
    def own_scorers(self) -> tuple[ScorerSpec, ...]:
        """Its scorers without those that other plugins added."""
        return tuple(scorer for scorer in self.scorers if not scorer.is_added)

    def with_scorers(self, scorers: Iterable[ScorerSpec]) -> DatasetSpec:
        """Return it with other scorers, its own and added ones; it is not validated again."""
        return self.model_copy(update={"scorers": tuple(scorers)})
