"""200 damaged files of real rows: none ends a scan, and none is called ready."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import Site
from tests.damaging import DAMAGES, damaged


@pytest.fixture(scope="module")
def scanned(benchmark_data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a scan says of all of them, each under a number that its damage follows from."""
    folder = tmp_path_factory.mktemp("damaged")
    for number, (_, name, content) in enumerate(damaged(benchmark_data)):
        path = folder / f"{number:03}" / name
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
    done = Site(tmp_path_factory.mktemp("site")).run("datasets", "scan", str(folder), "--json")
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def _damages(names: list[str]) -> Counter[str]:
    kinds = [*DAMAGES]
    return Counter(kinds[int(name[:3]) % len(kinds)] for name in names)


def test_every_damaged_file_is_told_of(scanned: dict[str, Any]) -> None:
    told = [name for one in scanned["sets"] for name in one["files"]]
    told += [one["file"] for one in (*scanned["unknown"], *scanned["skipped"])]
    assert len(told) == len(set(told)) == 200
    assert _damages(told) == dict.fromkeys(DAMAGES, 20)


def test_none_is_called_ready(scanned: dict[str, Any]) -> None:
    assert [one["files"] for one in scanned["sets"] if one["status"] == "ready"] == []


def test_a_run_could_take_those_alone_whose_rows_stand_twice(scanned: dict[str, Any]) -> None:
    usable = [one["files"][0] for one in scanned["sets"] if one["status"] == "warnings"]
    assert set(_damages(usable)) == {"twice"}


def test_each_that_is_not_usable_says_where(scanned: dict[str, Any]) -> None:
    for one in scanned["sets"]:
        failed = [finding for finding in one["findings"] if finding["verdict"] == "failed"]
        assert one["status"] == "warnings" or failed[0]["text"] in one["reasons"]
    broken = [f for one in scanned["sets"] for f in one["findings"] if f["name"] == "rows"]
    assert all(f["cases"] or f["text"] == "no row" for f in broken)
