"""The conformance kit for pytest: one test for each rule that a plugin is held against.

A plugin's own tests need no more than this::

    from evalctl.testing import Check, parametrize_with_checks

    @parametrize_with_checks("genomics")
    def test_it_conforms(check: Check) -> None:
        check()

pytest is imported when it is called for: evalctl itself does not need it.
"""

from __future__ import annotations

import atexit
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from evalctl.conformance import RULES, Outcome, Rule, Session, find_targets

if TYPE_CHECKING:
    TestT = TypeVar("TestT", bound=Callable[..., object])

__all__ = ["Check", "parametrize_with_checks"]


class Check:
    """One rule, for one plugin. Call it: it raises where the plugin breaks the rule."""

    def __init__(self, rule: Rule, sessions: _Sessions) -> None:
        """Take the rule, and what is checked."""
        self._rule = rule
        self._sessions = sessions

    @property
    def rule(self) -> str:
        """Name of the rule."""
        return self._rule.name

    def __repr__(self) -> str:
        """Return the rule's name, for reports."""
        return f"Check({self.rule})"

    def __call__(self) -> None:
        """Hold the plugin against the rule.

        Skips the test where the rule cannot be checked on this machine.

        Raises:
            AssertionError: It breaks the rule; the message says where, why it matters and how to
                mend it.
            UnknownNameError: There is no such plugin.
            ConfigError: Its source folder cannot be used.
        """
        __tracebackhide__ = True
        outcomes = [session.outcome(self._rule) for session in self._sessions.all()]
        found = [finding for outcome in outcomes for finding in outcome.findings]
        if found:
            lines = [f"{finding.where}: {finding.what}" for finding in found]
            told = [f"why: {self._rule.reason}", f"mend it: {self._rule.remedy}"]
            raise AssertionError("\n".join([self.rule, *lines, *told]))
        _skip_unchecked(self.rule, outcomes)


def parametrize_with_checks(plugin: str) -> Callable[[TestT], TestT]:
    """Return a decorator that makes one test of each rule, with the rule's name as its id.

    The test takes an argument `check` and calls it. A plugin that cannot be found or loaded makes
    failing tests, and no error when tests are collected.

    Args:
        plugin: Name of the entry point, or of the distribution; or the folder of its source.
    """
    import pytest

    sessions = _Sessions(plugin)
    checks = [Check(rule, sessions) for rule in RULES.values()]
    return pytest.mark.parametrize("check", checks, ids=list(RULES))


class _Sessions:
    """The sessions of all plugins that a name stands for, opened by the first test that runs."""

    def __init__(self, plugin: str) -> None:
        self._plugin = plugin
        self._open: list[Session] | None = None

    def all(self) -> list[Session]:
        """Return them.

        Raises:
            UsageError: There is no such plugin.
        """
        if self._open is None:
            self._open = [Session(target) for target in find_targets(self._plugin)]
            for session in self._open:
                atexit.register(session.close)
        return self._open


def _skip_unchecked(rule: str, outcomes: list[Outcome]) -> None:
    import pytest

    reasons = [outcome.reason for outcome in outcomes if outcome.status == "not checked"]
    if reasons:
        pytest.skip(f"{rule} is not checked: {'; '.join(reasons)}")
