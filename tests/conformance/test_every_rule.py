"""Each rule is broken by a plugin that breaks nothing else, and kept by a good one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.conformance.breaking import BREAKING
from tests.conformance.folders import outcomes_here, quiz_folder

from evalctl.conformance import RULES, Session, find_rules, find_targets
from evalctl.conformance.watch import Watch

FRESH = {"imports-nothing-heavy", "does-nothing-when-imported"}
"""Rules that only a fresh interpreter can judge."""


@pytest.fixture(scope="session")
def watch() -> Watch:
    """The one audit hook of this process, which can never be taken away."""
    return Watch()


def test_every_rule_has_a_plugin_that_breaks_it() -> None:
    assert set(BREAKING) == set(RULES)


def test_a_good_plugin_keeps_every_rule(tmp_path: Path) -> None:
    (target,) = find_targets(str(quiz_folder(tmp_path)))

    with Session(target) as session:
        outcomes = list(session.outcomes(find_rules(None)))

    assert {one.rule: one.reason or one.findings for one in outcomes if one.status != "ok"} == {}
    assert [one.rule for one in outcomes] == list(RULES)


@pytest.mark.parametrize("rule", sorted(set(RULES) - FRESH))
def test_a_plugin_that_breaks_one_rule_breaks_no_other(
    rule: str, tmp_path: Path, watch: Watch
) -> None:
    change = BREAKING[rule]

    outcomes = outcomes_here(quiz_folder(tmp_path, change), watch)

    failed = {name: one.findings for name, one in outcomes.items() if one.status == "failed"}
    assert set(failed) == {rule}, failed
    told = "\n".join(f"{finding.where}: {finding.what}" for finding in failed[rule])
    assert change.says in told


@pytest.mark.parametrize("rule", sorted(FRESH))
def test_what_an_import_does_is_seen_in_a_fresh_interpreter(rule: str, tmp_path: Path) -> None:
    change = BREAKING[rule]
    folder = quiz_folder(tmp_path, change)
    (folder / "sympy.py").write_text("")
    (target,) = find_targets(str(folder))
    wanted = [one for one in RULES if one not in {"hostile-outputs-are-survived"}]

    with Session(target) as session:
        outcomes = list(session.outcomes(find_rules(wanted)))

    failed = {one.rule: one.findings for one in outcomes if one.status == "failed"}
    assert set(failed) == {rule}, failed
    assert change.says in failed[rule][0].what


def test_names_reasons_and_remedies_are_sentences() -> None:
    for rule in RULES.values():
        assert re.fullmatch(r"[a-z]+(-[a-z]+)+", rule.name)
        assert rule.reason.endswith(".")
        assert rule.remedy.endswith((".", ".)"))
