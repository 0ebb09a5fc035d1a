"""What all tests share: the benchmark rows, and that CI skips nothing that should run there."""

from __future__ import annotations

import os
import signal
from collections.abc import Generator
from pathlib import Path

import pytest

ALLOWED_TO_SKIP = {"gpu", "network", "docker"}
"""Markers of tests that CI cannot run."""


def pytest_configure() -> None:
    """Undo what a background shell or `nohup` ignores: tests send these signals on purpose.

    There is one process more than cores, so torch's threads must not wait for each other awake.
    """
    os.environ.setdefault("GOMP_SPINCOUNT", "10000")
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


@pytest.fixture(scope="session")
def benchmark_data() -> Path:
    """The folder of real benchmark rows: `EVALCTL_DATA`, else `shared/data` beside the clone."""
    beside = Path(__file__).parent.parent / "shared" / "data"
    folder = Path(os.environ.get("EVALCTL_DATA", beside))
    if not folder.is_dir():
        pytest.skip(f"the benchmark rows are not at {folder}; set EVALCTL_DATA")
    return folder


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip into a failure in CI, unless the test's marker says that CI cannot run it."""
    report: pytest.TestReport = yield
    is_skip = report.skipped and not hasattr(report, "wasxfail")
    may_skip = ALLOWED_TO_SKIP & {marker.name for marker in item.iter_markers()}
    if is_skip and os.environ.get("CI") and not may_skip:
        report.outcome = "failed"
        report.longrepr = f"skipped in CI, where it should run: {report.longrepr}"
    return report
