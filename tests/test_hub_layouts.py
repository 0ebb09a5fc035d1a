"""Copies in the hub's layout are recognised, and give the samples of upstream's own files."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from tests.hub_layouts import LAYOUTS, Layout, write

from evalctl.plan import load_dataset
from evalctl.plugins import load
from evalctl.records import Sample
from evalctl.scan import scan_again

REGISTRY = load().registry


def _asked(sample: Sample) -> tuple[object, ...]:
    images = tuple(image.digest for image in sample.images)
    return sample.input, sample.target, sample.choices, images


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.dataset)
def test_the_hubs_layout_gives_the_same_samples(
    layout: Layout, benchmark_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVALCTL_CACHE", str(tmp_path / "kept"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    folder = tmp_path / "data"
    n_files = sum(1 for _ in write(layout, benchmark_data, folder))
    report = scan_again(folder, REGISTRY)
    assert report.unknown == ()
    found = [one for one in report.sets if one.dataset == layout.dataset]
    assert [one.use for one in found] == ["samples"]
    assert len(found[0].files) == n_files
    assert found[0].status in ("ready", "warnings")
    counts = [_compared(name, folder, benchmark_data) for name in (layout.dataset, *found[0].also)]
    assert counts[0] == found[0].samples


def _compared(dataset: str, copy: Path, data: Path) -> int:
    """Return how many samples a copy gives: upstream's own whose images are at hand."""
    spec, category = REGISTRY.dataset(dataset).spec, ""
    copied = load_dataset(spec, category, (copy,))
    upstream = load_dataset(spec, category, (data,)).samples()
    seen = [one for one in upstream if all(image.digest for image in one.images)]
    assert Counter(map(_asked, copied.samples())) == Counter(map(_asked, seen))
    assert copied.n_available == len(seen)
    return copied.n_available
