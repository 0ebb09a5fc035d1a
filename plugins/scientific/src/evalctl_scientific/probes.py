"""Probes: what an encoder's vectors tell of SciERC's relations and of why a paper is cited.

Each dataset comes in four protocols, which its name says: `_probe` trains logistic regression on
upstream's training split, `_knn` has its nearest rows vote, and `_5fold` deals the test split into
five folds where no training split is at hand.
"""

from __future__ import annotations

from collections.abc import Sequence

from evalctl import (
    ClassSpec,
    DatasetSpec,
    Example,
    FileParts,
    FileSource,
    HubPart,
    HubSource,
    MetricSpec,
    ProbeSpec,
    PromptTemplate,
    Sample,
)
from evalctl_scientific import rows
from evalctl_scientific.labelling import INTENT_F1, RELATION_F1, scicite, scierc_relations
from evalctl_scientific.labels import probe_scorers

FOLDS = 5


def class_of(sample: Sample) -> str:
    """Return the gold class."""
    return sample.target


def _files(folder: str, upstream: str, split: str) -> FileSource:
    paths = (f"{folder}/{split}.txt", f"data/text_classification/{upstream}/{split}.txt")
    return FileSource(parts=(FileParts(paths=paths),))


def _hub(split: str) -> HubSource:
    part = HubPart(path="allenai/scicite", split=split, revision="refs/convert/parquet")
    return HubSource(parts=(part,))


_RELATIONS = ("scierc/text_classification/sciie-relation-extraction", "sciie-relation-extraction")
_INTENTS = ("scicite", "sci-cite")


def _probes(
    spec: DatasetSpec, names: Sequence[str], headline: MetricSpec, given: ProbeSpec
) -> tuple[DatasetSpec, ...]:
    """Return the four protocols of a dataset, whose training and development splits are given."""
    asked = spec.examples[0].sample
    wrong = next(name for name in names if name != asked.target)
    neighbours = ProbeSpec(method="neighbours", train=given.train)
    kinds = {
        "probe": ("logistic regression on frozen vectors", given),
        "probe_5fold": (
            "logistic regression on frozen vectors, five folds of the test split",
            ProbeSpec(folds=FOLDS),
        ),
        "knn": ("the nearest training rows of frozen vectors", neighbours),
        "knn_5fold": (
            "the nearest rows of frozen vectors, five folds of the test split",
            ProbeSpec(method="neighbours", folds=FOLDS),
        ),
    }
    return tuple(
        DatasetSpec(
            name=f"{spec.name}_{kind}",
            title=f"{spec.title}: {told}",
            version="1",
            licence=spec.licence,
            citation=spec.citation,
            sources=spec.sources,
            columns=spec.columns,
            to_sample=spec.to_sample,
            prompt=PromptTemplate(question="{input}", answer=""),
            needs="embed",
            classes=tuple(ClassSpec(name=name) for name in names),
            probe=probe,
            scorers=probe_scorers(f"{spec.name}_vectors", names, headline),
            headline=spec.headline,
            gold=class_of,
            examples=(Example(sample=asked, good=asked.target, bad=wrong),),
        )
        for kind, (told, probe) in kinds.items()
    )


PROBES = (
    *_probes(
        scicite,
        rows.INTENTS,
        INTENT_F1,
        ProbeSpec(
            train=(_files(*_INTENTS, "train"), _hub("train")),
            dev=(_files(*_INTENTS, "dev"), _hub("validation")),
        ),
    ),
    *_probes(
        scierc_relations,
        rows.RELATIONS,
        RELATION_F1,
        ProbeSpec(train=(_files(*_RELATIONS, "train"),), dev=(_files(*_RELATIONS, "dev"),)),
    ),
)
