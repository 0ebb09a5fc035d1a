"""Source folders of the quiz plugin, and what comes of checking one inside this process."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from tests.conformance.breaking import PYPROJECT, README, Change

from evalctl.conformance import RULES, Outcome, find_targets
from evalctl.conformance.loading import How, load_subject
from evalctl.conformance.rule import judge
from evalctl.conformance.watch import Watch

QUIZ = Path(__file__).with_name("quiz_plugin.py").read_text()
IMPORTS = "import contextlib\nimport time\nfrom collections.abc import"


def quiz_folder(folder: Path, *changes: Change) -> Path:
    """Write the quiz plugin's source with changes, and return its folder."""
    files = {
        "evalctl_quiz.py": QUIZ.replace("from collections.abc import", IMPORTS, 1),
        "pyproject.toml": PYPROJECT,
        "README.md": README,
    }
    for change in changes:
        assert change.old in files[change.file]
        files[change.file] = files[change.file].replace(change.old, change.new)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


def outcomes_here(
    folder: Path,
    watch: Watch | None,
    rules: Iterable[str] = RULES,
    *,
    is_alone: bool = False,
    announce: Callable[[str, float], None] = lambda step, seconds: None,
) -> dict[str, Outcome]:
    """Return what comes of each rule, with the plugin's code run in this very process.

    Args:
        folder: Its source.
        watch: Tells what its code does.
        rules: Names of the rules.
        announce: Told of each step and its time limit.
        is_alone: Whether no other plugin is there, evalctl's own among them.
    """
    (target,) = find_targets(str(folder))
    target = target.model_copy(update={"others": ()}) if is_alone else target
    sys.path.insert(0, target.path)
    try:
        subject = load_subject(target, How(watch, announce=announce))
        try:
            return {name: judge(RULES[name], subject) for name in rules}
        finally:
            subject.close()
    finally:
        sys.path.remove(target.path)
        sys.modules.pop("evalctl_quiz", None)
