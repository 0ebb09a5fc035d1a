"""Folds: the same everywhere, and never a text or a cluster on both sides."""

from __future__ import annotations

from evalctl.probing import fold_of
from evalctl.records import Sample


def test_a_fold_is_a_hash_of_the_text_and_stays_what_it_is() -> None:
    texts = ["a cat", "a dog", "a mat", "a river"]

    folds = [fold_of(Sample(id="1", input=text), 5) for text in texts]

    # The first 8 bytes of SHA-256 over `text`, a NUL and the text, modulo 5.
    assert folds == [2, 1, 0, 0]


def test_rows_of_a_cluster_are_in_one_fold() -> None:
    samples = [Sample(id=str(n), input=f"text {n}", cluster="sentence 7") for n in range(20)]

    assert len({fold_of(sample, 5) for sample in samples}) == 1


def test_folds_are_of_about_one_size() -> None:
    folds = [fold_of(Sample(id=str(n), input=f"text {n}"), 5) for n in range(5000)]

    assert all(880 < folds.count(fold) < 1120 for fold in range(5))
