"""`evalctl.testing`, used as a plugin's own tests use it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.conformance.breaking import BREAKING, appended
from tests.conformance.folders import quiz_folder

from evalctl.conformance import RULES

TESTS = """
from evalctl.testing import Check, parametrize_with_checks

@parametrize_with_checks({plugin!r})
def test_it_conforms(check: Check) -> None:
    check()
"""


def run_pytest(folder: Path, plugin: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_conforms.py").write_text(TESTS.format(plugin=plugin))
    command = [sys.executable, "-m", "pytest", "-q", "-rA", "-p", "no:cacheprovider", "--tb=short"]
    return subprocess.run(
        [*command, f"--rootdir={folder}", "-c", "/dev/null", *arguments, "test_conforms.py"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def results(done: subprocess.CompletedProcess[str], status: str) -> set[str]:
    return set(re.findall(rf"^{status} \S*test_it_conforms\[(.+?)\]", done.stdout, re.MULTILINE))


def test_each_rule_is_a_test_and_a_broken_one_says_how_to_mend_it(tmp_path: Path) -> None:
    broken = "datasets-cite-their-makers"
    quiz_folder(tmp_path, BREAKING[broken])

    done = run_pytest(tmp_path, str(tmp_path))

    assert results(done, "FAILED") == {broken}
    assert results(done, "PASSED") == set(RULES) - {broken}
    assert "dataset quiz_animals: its citation is ''" in done.stdout
    assert f"why: {RULES[broken].reason}" in done.stdout
    assert f"mend it: {RULES[broken].remedy}" in done.stdout
    assert "conformance/" not in done.stdout, "frames of ours are hidden"


def test_a_plugin_that_does_not_load_fails_one_test_and_skips_what_depends(tmp_path: Path) -> None:
    quiz_folder(tmp_path, appended("1 / 0", ""))

    done = run_pytest(tmp_path, str(tmp_path))

    assert results(done, "FAILED") == {"imports-without-error"}
    assert "error" not in done.stdout.splitlines()[-1]
    assert "specs-are-frozen is not checked: the plugin does not load" in done.stdout


def test_an_unknown_plugin_fails_when_tests_run_and_not_before(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, "evalctl-absent", "-k", "specs-are-frozen")

    assert results(done, "FAILED") == {"specs-are-frozen"}
    assert "unknown plugin 'evalctl-absent'" in done.stdout


def test_importing_the_kit_needs_no_pytest() -> None:
    code = (
        "import sys; sys.modules['pytest'] = None\n"
        "import evalctl.testing as kit; print(kit.__all__)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.stdout == "['Check', 'parametrize_with_checks']\n", done.stderr
