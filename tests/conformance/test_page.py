"""The page on the conformance kit and its table of rules say the same."""

from __future__ import annotations

import re
from pathlib import Path

from evalctl.conformance import THEMES

PAGE = Path(__file__).parent.parent.parent / "docs" / "conformance.md"
RULE = re.compile(r"\*\*([a-z-]+)\*\*\n\n(.+?)\n\nMend it: (.+?)\n(?:\n|$)", re.DOTALL)


def test_every_rule_is_told_with_its_reason_and_remedy() -> None:
    _, *themes = re.split(r"^### (.+)\n", PAGE.read_text(), flags=re.MULTILINE)
    told = {
        theme: [tuple(" ".join(part.split()) for part in rule) for rule in RULE.findall(text)]
        for theme, text in zip(themes[::2], themes[1::2], strict=True)
    }

    assert told == {
        theme: [(rule.name, rule.reason, rule.remedy) for rule in rules]
        for theme, rules in THEMES.items()
    }
