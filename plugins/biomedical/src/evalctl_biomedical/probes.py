"""Probes: what an encoder's vectors tell of ChemProt's relations.

The name says the protocol: `_probe` trains logistic regression on upstream's training split, `_knn`
has its nearest rows vote, and `_5fold` deals the test split into five folds where no training split
is at hand.
"""

from __future__ import annotations

from evalctl import ClassSpec, Example, FileParts, FileSource, ProbeSpec, PromptTemplate
from evalctl_biomedical import gold
from evalctl_biomedical.asking import changed
from evalctl_biomedical.chemprot import chemprot
from evalctl_biomedical.relation_scorers import probed_relation
from evalctl_biomedical.relations import LABELS

FOLDS = 5


def _split(name: str) -> tuple[FileSource, ...]:
    folders = ("chemprot", "data/text_classification/chemprot", "text_classification/chemprot")
    paths = tuple(f"{folder}/{name}.txt" for folder in folders)
    return (FileSource(parts=(FileParts(paths=paths),)),)


_SAMPLE = chemprot.examples[0].sample
_FORMS = {
    "probe": (
        "logistic regression on frozen vectors",
        ProbeSpec(train=_split("train"), dev=_split("dev")),
    ),
    "probe_5fold": (
        "logistic regression on frozen vectors, five folds of the test split",
        ProbeSpec(folds=FOLDS),
    ),
    "knn": (
        "the nearest training rows of frozen vectors",
        ProbeSpec(method="neighbours", train=_split("train")),
    ),
    "knn_5fold": (
        "the nearest rows of frozen vectors, five folds of the test split",
        ProbeSpec(method="neighbours", folds=FOLDS),
    ),
}

DATASETS = tuple(
    changed(
        chemprot,
        name=f"chemprot_{kind}",
        title=f"ChemProt: {told}",
        prompt=PromptTemplate(question="{input}", answer=""),
        needs="embed",
        classes=tuple(ClassSpec(name=label) for label in LABELS),
        probe=probe,
        scorers=(probed_relation, probed_relation.for_words()),
        gold=gold.choice,
        perturb=gold.choice_of_another_group,
        examples=(Example(sample=_SAMPLE, good="INHIBITOR", bad="AGONIST"),),
    )
    for kind, (told, probe) in _FORMS.items()
)
