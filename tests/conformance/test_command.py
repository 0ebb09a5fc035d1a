"""`evalctl plugins check`, as it is typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.conformance.breaking import BREAKING, Change
from tests.conformance.folders import quiz_folder
from tests.conftest import Site

from evalctl.conformance import RULES

TWO = ("--rule", "datasets-name-their-licence", "--rule", "imports-without-error")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source of a plugin that breaks two rules and prints while it is imported."""
    loud = Change("class Options", "print('hello, ' * 100)\n\n\nclass Options", "")
    names = ("datasets-cite-their-makers", "models-name-their-licence")
    changes = [BREAKING[name] for name in names]
    return quiz_folder(tmp_path_factory.mktemp("quiz"), loud, *changes)


def test_each_rule_has_a_line_and_what_breaks_one_is_explained(site: Site, folder: Path) -> None:
    done = site.run("plugins", "check", str(folder))

    assert done.returncode == 1, done.stderr
    lines = done.stdout.splitlines()
    assert [line for line in lines if len(line) > 80] == []
    told = [line.split()[-1] for line in lines if line[:1].strip() and line.split()[-1] in RULES]
    assert told == list(RULES)
    assert "hello" not in done.stdout
    failed = [line.split()[-1] for line in lines if line.startswith("FAILED")]
    broken = ["does-nothing-when-imported", "datasets-cite-their-makers"]
    assert failed == [*broken, "models-name-their-licence"]
    words = " ".join(done.stdout.split())
    for name in failed:
        assert f"why: {RULES[name].reason}" in words
        assert f"mend it: {RULES[name].remedy}" in words
    assert "dataset quiz_animals: its citation is ''" in words
    assert f"{len(RULES)} rules: {len(RULES) - 3} ok, 3 FAILED (" in lines[-1]


def test_some_rules_of_a_plugin_as_json(site: Site, folder: Path) -> None:
    done = site.run("plugins", "check", str(folder), *TWO, "--json")

    assert done.returncode == 0, done.stderr
    (report,) = json.loads(done.stdout)
    assert (report["plugin"], report["path"]) == ("quiz", str(folder))
    statuses = {rule["rule"]: rule["status"] for rule in report["rules"]}
    assert statuses == {"imports-without-error": "ok", "datasets-name-their-licence": "ok"}


def test_an_installed_plugin_is_checked_by_name(toys: Site) -> None:
    done = toys.run("plugins", "check", "toys", "--rule", "readme-names-each-dataset")

    assert done.returncode == 1, done.stderr
    assert "toys: evalctl-toys 1.2.3, as it is installed" in done.stdout
    assert "distribution evalctl-toys: has no README" in done.stdout


def test_the_rules_can_be_listed(site: Site) -> None:
    done = site.run("plugins", "check", "--list-rules")

    words = " ".join(done.stdout.split())
    assert [rule.name for rule in RULES.values() if rule.remedy not in words] == []
    assert [rule.name for rule in RULES.values() if rule.reason not in words] == []


MISTAKES = {
    ("maht",): "unknown plugin 'maht'. Did you mean math?",
    ("math", "--rule", "specs-are-frosen"): "Did you mean specs-are-frozen",
    (): "name a plugin",
    ("./absent",): "there is no folder './absent'",
}


@pytest.mark.parametrize("arguments", MISTAKES, ids=str)
def test_mistakes_end_with_2_and_no_traceback(arguments: tuple[str, ...], site: Site) -> None:
    done = site.run("plugins", "check", *arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert MISTAKES[arguments] in done.stderr
    assert "Traceback" not in done.stderr
