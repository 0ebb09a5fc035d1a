"""The conformance kit: what evalctl expects of every plugin."""

from __future__ import annotations

from evalctl.testing import Check, parametrize_with_checks


@parametrize_with_checks("genomics")
def test_it_conforms(check: Check) -> None:
    check()
