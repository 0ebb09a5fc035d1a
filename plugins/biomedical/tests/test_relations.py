"""What is read out of answers that name a relation; the texts are written for this test."""

from __future__ import annotations

import pytest

from evalctl_biomedical.relations import GROUPS, LABELS, read_relation

NAMED = [
    ("Relation: INHIBITOR", "INHIBITOR"),
    ("relation: inhibitor.", "INHIBITOR"),
    ("**Relation:** Agonist", "AGONIST"),
    ("Relation: `ANTAGONIST`", "ANTAGONIST"),
    ("Relation: AGONIST-INHIBITOR", "AGONIST-INHIBITOR"),
    ("Relation: agonist / activator", "AGONIST-ACTIVATOR"),
    ("Relation: INDIRECT-DOWNREGULATOR", "INDIRECT-DOWNREGULATOR"),
    ("Relation: indirect upregulator", "INDIRECT-UPREGULATOR"),
    ("Relation: INDIRECT_UPREGULATOR", "INDIRECT-UPREGULATOR"),
    ("Relation: up-regulator", "UPREGULATOR"),
    ("Relation: Down regulator", "DOWNREGULATOR"),
    ("Relation: PRODUCT-OF", "PRODUCT-OF"),
    ("Relation: product of", "PRODUCT-OF"),
    ("Relation: SUBSTRATE", "SUBSTRATE"),
    ("Relationship: activator", "ACTIVATOR"),
    ("Relation type: inhibitor", "INHIBITOR"),
    ("The relation is **substrate**.", "SUBSTRATE"),
    ("Answer: inhibitor", "INHIBITOR"),
    ("Label = AGONIST", "AGONIST"),
    ("inhibitor", "INHIBITOR"),
    ("It is an inhibitor, an inhibitor of COX.", "INHIBITOR"),
    ("Relation: ACTIVATOR\nNo, wait.\nRelation: INHIBITOR", "INHIBITOR"),
    ("Not an agonist.\nRelation: antagonist", "ANTAGONIST"),
    ("Relation: inhibitor (it blocks the agonist site)", ""),
    ("Relation: INHIBITOR or ANTAGONIST", ""),
    ("It is an inhibitor or an activator.", ""),
    ("Relation: none", ""),
    ("Relation: no relation", ""),
    ("Relation: product", ""),
    ("The chemical inhibits the protein.", ""),
    ("inhibitory", ""),
    ("", ""),
    ("An inhibitor " + "of some kind " * 30, ""),
]


@pytest.mark.parametrize(("text", "label"), NAMED)
def test_the_relation_is_read(text: str, label: str) -> None:
    assert read_relation(text) == label


@pytest.mark.parametrize("label", LABELS)
def test_every_label_is_read_as_itself(label: str) -> None:
    assert read_relation(f"Relation: {label}") == label
    assert read_relation(label.lower().replace("-", " ")) == label


def test_the_labels_are_those_of_five_groups() -> None:
    assert set(GROUPS.values()) == {"CPR:3", "CPR:4", "CPR:5", "CPR:6", "CPR:9"}
    assert len(LABELS) == 12
