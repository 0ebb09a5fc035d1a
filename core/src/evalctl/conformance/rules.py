"""The table of all rules, in the order in which they are told."""

from __future__ import annotations

from collections.abc import Iterable

from evalctl.conformance import (
    declarations,
    fences,
    hooks,
    importing,
    metrics,
    outputs,
    packaging,
    parts,
    prompting,
    scoring,
    specs,
)
from evalctl.conformance.rule import Rule
from evalctl.errors import UnknownNameError

THEMES: dict[str, tuple[Rule, ...]] = {
    "The package": packaging.RULES,
    "Importing it": importing.RULES,
    "Hooks": hooks.RULES,
    "Specs": specs.RULES,
    "Datasets": declarations.RULES,
    "Prompts": prompting.RULES,
    "Scores": scoring.RULES,
    "What models write": (*outputs.RULES, *fences.RULES),
    "Metrics": metrics.RULES,
    "Models and engines": parts.RULES,
}
"""All rules, by what they are about."""

RULES: dict[str, Rule] = {rule.name: rule for rules in THEMES.values() for rule in rules}
"""All rules by name."""


def find_rules(names: Iterable[str] | None) -> tuple[Rule, ...]:
    """Return the rules of these names, or all; in the order of the table.

    Raises:
        UnknownNameError: There is no such rule.
    """
    wanted = list(names or RULES)
    for name in wanted:
        if name not in RULES:
            raise UnknownNameError("rule", name, RULES)
    return tuple(rule for name, rule in RULES.items() if name in wanted)
