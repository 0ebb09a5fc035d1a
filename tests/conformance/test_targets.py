"""Which plugin a name or a path stands for, and what is said where it stands for none."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.conformance.breaking import PYPROJECT, Change
from tests.conformance.folders import quiz_folder
from tests.conftest import Site

from evalctl import ConfigError, UnknownNameError
from evalctl.conformance import Session, find_rules, find_targets

BROKEN = {
    "no TOML": ("[project", "pyproject.toml cannot be read"),
    "no project": ("[tool.x]\na = 1", "has no table [project]"),
    "no name": ("[project]\nversion = '1'", "[project] has no name"),
    "no entry points": ("[project]\nname = 'x'", "names no plugin: write [project.entry-points"),
    "another group": (
        "[project]\nname = 'x'\n[project.entry-points.pytest11]\nx = 'x'",
        "names no plugin",
    ),
    "an entry point of no module": (
        "[project]\nname = 'x'\n[project.entry-points.evalctl]\nx = ''",
        "the entry point 'x' names no module",
    ),
    "a module that is not there": (
        "[project]\nname = 'x'\n[project.entry-points.evalctl]\nx = 'absent.plugin'",
        "absent is neither in",
    ),
    "dependencies in a table": (
        "[project]\nname = 'x'\ndependencies = {a = 1}\n"
        "[project.entry-points.evalctl]\nx = 'evalctl_quiz'",
        "`dependencies` is no list of texts",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_folder_that_cannot_be_used_is_refused_by_name(name: str, tmp_path: Path) -> None:
    text, says = BROKEN[name]
    folder = quiz_folder(tmp_path, Change(PYPROJECT, text, "", "pyproject.toml"))

    with pytest.raises(ConfigError) as caught:
        find_targets(str(folder))

    assert says in str(caught.value)
    assert str(folder) in str(caught.value)


def test_a_folder_without_pyproject_is_no_source_folder(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"there is no pyproject\.toml in it"):
        find_targets(str(tmp_path))


def test_a_folder_that_is_not_there_is_told() -> None:
    with pytest.raises(ConfigError, match=r"there is no folder .\./nowhere"):
        find_targets("./nowhere")


def test_an_unknown_name_suggests_near_ones() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean math"):
        find_targets("maht")


def test_a_distribution_stands_for_all_of_its_plugins_in_any_spelling() -> None:
    assert [one.entry.plugin for one in find_targets("evalctl")] == ["engines", "executors"]
    assert [one.entry.plugin for one in find_targets("Evalctl_Math")] == ["math"]


def test_a_plugin_is_not_among_those_beside_it() -> None:
    (target,) = find_targets("math")

    beside = [other.plugin for other in target.others]
    assert "math" not in beside
    assert beside[:2] == ["engines", "executors"]


def test_disabled_plugins_are_not_loaded_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVALCTL_DISABLE_PLUGINS", "coding, reference")

    (target,) = find_targets("math")

    assert {"coding", "reference"}.isdisjoint(other.plugin for other in target.others)


def test_all_entry_points_of_a_folder_are_checked(tmp_path: Path) -> None:
    both = Change('quiz = "evalctl_quiz"', 'a = "evalctl_quiz"\nb = "evalctl_quiz"', "", PY)
    targets = find_targets(str(quiz_folder(tmp_path, both)))

    assert [one.entry.plugin for one in targets] == ["a", "b"]
    assert "b" in {other.plugin for other in targets[0].others}


PY = "pyproject.toml"
README_FORMS = {
    'readme = "README.md"\n': "| quiz_animals |",
    'readme = {file = "README.md"}\n': "| quiz_animals |",
    'readme = {text = "our own"}\n': "our own",
    'readme = "absent.md"\n': "",
    "": "| quiz_animals |",
}


@pytest.mark.parametrize("form", README_FORMS)
def test_a_readme_is_read_in_each_of_its_forms(form: str, tmp_path: Path) -> None:
    declared = Change('version = "1.2.3"\n', f'version = "1.2.3"\n{form}', "", PY)
    (target,) = find_targets(str(quiz_folder(tmp_path, declared)))

    assert README_FORMS[form] in target.readme
    assert bool(README_FORMS[form]) == bool(target.readme)


def test_dynamic_dependencies_are_not_checked(tmp_path: Path) -> None:
    dynamic = Change('dependencies = ["evalctl>=0.1,<0.2"]', 'dynamic = ["dependencies"]', "", PY)
    (target,) = find_targets(str(quiz_folder(tmp_path, dynamic)))

    assert target.requires is None


def test_the_folder_wins_over_what_is_installed(
    tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.add("quiz", "raise RuntimeError('the installed one')")
    monkeypatch.syspath_prepend(site.folder)
    folder = quiz_folder(tmp_path / "src_of_quiz")
    (folder / "src").mkdir()
    (folder / "evalctl_quiz.py").rename(folder / "src" / "evalctl_quiz.py")
    (target,) = find_targets(str(folder))

    with Session(target) as session:
        outcomes = list(session.outcomes(find_rules(["imports-without-error", "names-are-free"])))

    assert [one.status for one in outcomes] == ["ok", "ok"]
    (installed,) = find_targets("quiz")
    assert (installed.path, installed.entry.version) == ("", "1.2.3")
