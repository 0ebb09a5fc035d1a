from __future__ import annotations

import pytest
from pydantic import JsonValue

from evalctl.store import Manifest, differences, told_apart


def manifest(**model: JsonValue) -> Manifest:
    return Manifest(
        run_id="r",
        started="2026-01-01T00:00:00+00:00",
        command=(),
        asked={},
        config=None,
        plan={"models": [{"model": "reference", **model}]},
        plugins={"evalctl-math": "1"},
        libraries={},
        hardware={},
    )


def dataset(**changes: JsonValue) -> dict[str, JsonValue]:
    return {"dataset": "gsm8k", "sampling": {"temperature": 0.0}, "shots": [], **changes}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            dataset(content_hash="609b" * 16),
            dataset(content_hash="e18f" * 16),
            "dataset gsm8k of model reference: the contents have changed "
            "(content_hash 609b609b609b… → e18fe18fe18f…)",
        ),
        (
            dataset(n_samples=60),
            dataset(n_samples=55),
            "dataset gsm8k of model reference: n_samples: 60 → 55",
        ),
        (
            dataset(),
            dataset(sampling={"temperature": 0.5}),
            "dataset gsm8k of model reference: sampling temperature: 0.0 → 0.5",
        ),
        (
            dataset(),
            dataset(shots=["a"]),
            'dataset gsm8k of model reference: shots: nothing → ["a"]',
        ),
    ],
)
def test_a_difference_is_told_with_what_it_is_of(old: JsonValue, new: JsonValue, told: str) -> None:
    assert differences(manifest(datasets=[old]), manifest(datasets=[new])) == (told,)


def test_a_dataset_that_is_gone_is_named() -> None:
    with_one, without = manifest(datasets=[dataset()]), manifest(datasets=[])
    assert differences(with_one, without) == (
        "dataset gsm8k of model reference is no longer there",
    )
    assert differences(without, with_one) == (
        "dataset gsm8k of model reference was not there before",
    )


def test_versions_of_plugins_are_told() -> None:
    now = manifest().model_copy(update={"plugins": {"evalctl-math": "2"}})
    assert differences(manifest(), now) == ("plugin evalctl-math: 1 → 2",)


@pytest.mark.parametrize("same", [0, 20, 40, 100, 1000])
@pytest.mark.parametrize("rest", [0, 5, 1000])
def test_what_is_cut_still_differs(same: int, rest: int) -> None:
    old, new = told_apart("x" * same + "a" + "y" * rest, "x" * same + "b" + "y" * rest)
    assert "a" in old
    assert "b" in new
    assert max(len(old), len(new)) <= 62


def test_a_text_that_goes_on_differs_from_one_that_ends() -> None:
    assert told_apart("x" * 100, "x" * 101) == ("…" + "x" * 30, "…" + "x" * 31)
