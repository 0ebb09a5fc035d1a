"""The plugin keeps the rules that every plugin is held against."""

from __future__ import annotations

from pathlib import Path

from evalctl.testing import Check, parametrize_with_checks


@parametrize_with_checks(str(Path(__file__).parent.parent))
def test_it_conforms(check: Check) -> None:
    check()
