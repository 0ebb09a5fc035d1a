"""Rules on what datasets declare of themselves: whose they are, which version, and their rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from evalctl.conformance.rule import DoesNotApplyError, Finding, Rule
from evalctl.conformance.subject import Subject
from evalctl.conformance.wording import is_commit, says_not_pinned, says_nothing
from evalctl.plan import load_dataset
from evalctl.scoring import Failure
from evalctl.sources import HubSource, InlineSource, PackagedSource, Source
from evalctl.specs import DatasetSpec


def _find_untitled(subject: Subject) -> Iterator[Finding]:
    for where, spec in subject.specs():
        if "title" in type(spec).model_fields and says_nothing(str(getattr(spec, "title", ""))):
            yield Finding(where=where, what="has no title that says something")
    for where, title in _own(subject):
        if says_nothing(title):
            yield Finding(where=where, what="has no title that says something")


def _own(subject: Subject) -> Iterator[tuple[str, str]]:
    """Yield the titles of what categories carry."""
    for category in subject.contribution.categories:
        for dataset in category.datasets:
            yield f"dataset {dataset.name}", dataset.title
        for model in category.models:
            yield f"model {model.name}", model.title
        for executor in category.executors:
            yield f"executor {executor.name}", executor.title


def _lacking(
    kind: str, text_of: Callable[[DatasetSpec], str]
) -> Callable[[Subject], Iterator[Finding]]:
    def find(subject: Subject) -> Iterator[Finding]:
        for dataset in subject.datasets():
            text = text_of(dataset)
            if says_nothing(text):
                yield Finding(where=f"dataset {dataset.name}", what=f"its {kind} is {text!r}")

    return find


def _find_unpinned(subject: Subject) -> Iterator[Finding]:
    parts = [
        (dataset.name, part)
        for dataset in subject.datasets()
        for source in (*dataset.sources, *dataset.shot_sources)
        if isinstance(source, HubSource)
        for part in source.parts
    ]
    if not parts:
        raise DoesNotApplyError("none is read from the hub")
    seen = set()
    for name, part in parts:
        key = (name, part.path, part.revision)
        if is_commit(part.revision) or key in seen:
            continue
        seen.add(key)
        if not says_not_pinned(subject.target.readme, part.path):
            what = f"the hub source {part.path} has the revision {part.revision!r}, no commit"
            yield Finding(where=f"dataset {name}", what=what)


def _find_without_examples(subject: Subject) -> Iterator[Finding]:
    for dataset in subject.datasets():
        where = f"dataset {dataset.name}"
        if not dataset.examples:
            yield Finding(where=where, what="has no example")
        for number, example in enumerate(dataset.examples):
            if not example.sample.input.strip() and not dataset.asks_nothing:
                yield Finding(where=f"{where}, example {number}", what="its question is empty")
            if example.good == example.bad:
                what = "its good and its bad output are the same"
                yield Finding(where=f"{where}, example {number}", what=what)


def _find_broken_rows(subject: Subject) -> Iterator[Finding]:
    sources = [
        (dataset, source)
        for dataset in subject.datasets()
        for source in (*dataset.sources, *dataset.shot_sources)
        if isinstance(source, InlineSource | PackagedSource)
    ]
    if not sources:
        raise DoesNotApplyError("it ships no rows")
    for dataset, source in sources:
        if problem := _rows_problem(subject, dataset, source):
            yield Finding(where=f"dataset {dataset.name}", what=problem)


def _rows_problem(subject: Subject, dataset: DatasetSpec, source: Source) -> str | None:
    where = f"reading the rows of dataset {dataset.name}"
    changes = {"sources": (source,), "select": None}
    selecting = dataset.model_copy(update={"sources": (source,)})
    for spec in (dataset.model_copy(update=changes), selecting):
        made = subject.attempt(where, load_dataset, spec, dataset.category, ())
        if isinstance(made, Failure):
            return made.reason.removeprefix("DatasetError: ")
    return None


RULES = (
    Rule(
        "titles-are-given",
        "The title is the one line by which users choose from a listing.",
        "Say in `title` what it holds and how much, in one line.",
        _find_untitled,
    ),
    Rule(
        "datasets-name-their-licence",
        "Users may not use data whose licence they do not know.",
        "Set `DatasetSpec.licence` as stated upstream, best as an SPDX name; `not stated` where "
        "nothing is.",
        _lacking("licence", lambda dataset: dataset.licence),
    ),
    Rule(
        "datasets-cite-their-makers",
        "Whoever publishes a figure must be able to say whose data it stands on.",
        "Set `DatasetSpec.citation`: authors, year, title, and where it can be read.",
        _lacking("citation", lambda dataset: dataset.citation),
    ),
    Rule(
        "datasets-pin-their-revision",
        "A hub copy may change from one day to the next, and with it every score that was made "
        "of it.",
        "Set `HubPart.revision` to the 40 hexadecimal digits of the commit that you looked at; "
        "where there is none to be had, write `not pinned` beside its hub id in the README.",
        _find_unpinned,
    ),
    Rule(
        "datasets-have-examples",
        "Examples are what shows, without a model and without a network, that a dataset's scorer "
        "works.",
        "Give each dataset an `Example` with a question, a good output and another, bad one.",
        _find_without_examples,
    ),
    Rule(
        "offline-rows-load",
        "Rows that come with a plugin are there to be tried at once; a broken one refuses the "
        "whole dataset.",
        "Run `evalctl check DATASET`, which says the file and line; ids must be unique and texts "
        "writable as UTF-8.",
        _find_broken_rows,
    ),
)
