"""`evalctl plugins doctor` names what is wrong with each plugin, and what helps."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests.conftest import TOYS, Site

GOOD = """
from evalctl import hookimpl

@hookimpl
def evalctl_models():
    return ()
"""


def hook(body: str, name: str = "evalctl_datasets") -> str:
    """Return a module with one hook, beside all that the toys have."""
    return (
        "from evalctl import hookimpl\nfrom evalctl_toys import *\n"
        "del evalctl_categories, evalctl_engines, evalctl_executors\n\n"
        f"@hookimpl\ndef {name}():\n    {body}\n"
    )


class Case(NamedTuple):
    """A plugin, and what the doctor must say of it."""

    code: str | None
    """Of its module."""
    kind: str
    """Of the finding."""
    text: str
    """Part of the finding."""
    remedy: str
    """Part of what to do."""
    is_wrong: bool = True
    """Whether it is more than advice."""
    requires: tuple[str, ...] = ("evalctl>=0.1,<1",)
    """Of its distribution."""
    plugin: str | None = None
    """Name of its entry point, if not its own."""
    entry_point: str | None = None
    """What the entry point names, if not its module."""


CASES = {
    "raising": Case(
        "def boil():\n    raise KeyError('no \\x1b[31mkettle')\n\ntry:\n    boil()\n"
        "except KeyError as error:\n"
        "    raise RuntimeError('no tea\\x1b]0;owned\\x07') from error\n",
        "failed",
        "RuntimeError: no tea",
        "report it to those who make evalctl-raising",
    ),
    "speechless": Case(
        "class Bad(Exception):\n    def __str__(self):\n        raise SystemExit\n\nraise Bad",
        "failed",
        "Bad: (and its message cannot be shown)",
        "report it to those who make evalctl-speechless",
    ),
    "too_new": Case(
        "raise AssertionError('must not be imported')",
        "incompatible",
        "it needs evalctl>=99, and this is evalctl",
        "pip install --upgrade evalctl-too_new",
        requires=("evalctl>=99",),
    ),
    "beyond_numbers": Case(
        GOOD,
        "incompatible",
        "it needs evalctl>=999",
        "pip install --upgrade evalctl-beyond_numbers",
        requires=(f"evalctl>={'9' * 5000}",),
    ),
    "missing": Case(
        "import toy_solver",
        "failed",
        "No module named 'toy_solver'",
        "pip install 'toy-solver>=2'",
        requires=("evalctl>=0.1", "toy-solver>=2"),
    ),
    "outdated": Case(
        "from pytest import tea",
        "requirement",
        "it requires pytest>=999, and ",
        "pip install 'pytest>=999'",
        is_wrong=False,
        requires=("evalctl>=0.1", "pytest>=999"),
    ),
    "twin": Case(
        hook("return [dataset('toy_sums', category='toys')]"),
        "clash",
        "dataset 'toy_sums', brought by twin (evalctl-twin 1.2.3), is already taken by toys (evalc",
        "EVALCTL_DISABLE_PLUGINS=twin or EVALCTL_DISABLE_PLUGINS=toys",
    ),
    "orphan": Case(
        hook("return [dataset('o', category='games')]"),
        "failed",
        "dataset 'o' is for the category 'games', which is not installed",
        "install the plugin that brings what it builds on",
    ),
    "zz_namesake": Case(
        hook("return ()"),
        "clash",
        "the plugin name 'toys' is already taken by toys (evalctl-toys 1.2.3)",
        "pip uninstall evalctl-zz_namesake, or evalctl-toys",
        plugin="toys",
    ),
    "mangled": Case(
        GOOD,
        "metadata",
        "its entry point 'mangled = no module!' does not read `name = module`",
        "pip install --force-reinstall evalctl-mangled",
        entry_point="no module!",
    ),
    "statistics": Case(
        GOOD,
        "shadowed",
        "its module statistics has the name of one of the standard library",
        "tell those who make evalctl-statistics to give it another name",
        is_wrong=False,
        entry_point="statistics",
    ),
    "modest": Case(
        GOOD,
        "requirement",
        "it does not say which evalctl it needs",
        "tell those who make evalctl-modest to require evalctl in a range",
        is_wrong=False,
        requires=(),
    ),
    "sleepy": Case(
        f"import time\ntime.sleep(0.35)\n{GOOD}",
        "slow",
        "s to load, which every command waits for: its own code 0.3",
        "in evalctl-sleepy, import inside the functions that need it",
        is_wrong=False,
    ),
    "heavy": Case(
        f"import toy_frames\n{GOOD}",
        "slow",
        "importing toy_frames 0.3",
        "in evalctl-heavy, import inside",
        is_wrong=False,
    ),
    "heavy_too": Case(
        f"from toy_frames import Frame\n{GOOD}",
        "slow",
        "that took no time, for heavy had done so before",
        "in evalctl-heavy_too, import inside",
        is_wrong=False,
    ),
    "old_style": Case(
        f"import warnings\nwarnings.warn('tea is out', DeprecationWarning)\n{GOOD}",
        "deprecation",
        "DeprecationWarning: tea is out",
        "change it in evalctl-old_style",
        is_wrong=False,
    ),
}
FRAMES = {
    "toy_frames": "import toy_arrays, warnings\nwarnings.warn('not yours', DeprecationWarning)\n"
    "class Frame: pass\n",
    "toy_arrays": "import time\ntime.sleep(0.35)\n",
}
WRONG = sorted({case.plugin or name for name, case in CASES.items() if case.is_wrong} | {"lost"})


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The toys among all cases at once, and more that no form of ours describes."""
    site = Site(tmp_path_factory.mktemp("ward"))
    site.add("toys", TOYS.read_text())
    for name, case in CASES.items():
        more = {"plugin": case.plugin, "entry_point": case.entry_point}
        site.add(name, case.code, requires=case.requires, **more)
    for module, code in FRAMES.items():
        (site.folder / f"{module}.py").write_text(code)
    site.add("lost", GOOD)
    (site.folder / "evalctl_lost-1.2.3.dist-info" / "METADATA").unlink()
    # Of another tool, and broken in a way that `importlib.metadata.entry_points` dies of.
    other = site.folder / "other-1.0.dist-info"
    other.mkdir()
    (other / "entry_points.txt").write_bytes(b"[console_scripts]\nno equals sign\n\xff\n")
    # Its module stands in the working folder, too, which comes first.
    behind = Site(site.folder / BEHIND)
    behind.add("hidden", GOOD)
    (site.folder / "evalctl_hidden.py").write_text(GOOD)
    return site


Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def doctor(ward: Site) -> Run:
    """Calls the doctor on all of them."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return ward.run("plugins", "doctor", *arguments, environment=reaching(ward, BEHIND))

    return run


BEHIND = "behind"


def reaching(site: Site, folder: str) -> dict[str, str]:
    """Return an environment in which a folder of the site is found behind the site itself."""
    path = [str(site.folder), str(site.folder / folder), os.environ.get("PYTHONPATH", "")]
    return {"PYTHONPATH": os.pathsep.join(filter(None, path))}


@pytest.fixture(scope="module")
def told(doctor: Run) -> dict[str, dict[str, Any]]:
    """What is told as JSON, by distribution."""
    done = doctor("--json")
    assert done.returncode == 1, done.stderr
    return {row["distribution"]: row for row in json.loads(done.stdout)["plugins"]}


@pytest.fixture(scope="module")
def text(doctor: Run) -> str:
    """What is told to people."""
    done = doctor()
    assert done.returncode == 1, done.stderr
    return done.stdout


@pytest.mark.parametrize("name", CASES)
def test_each_plugin_is_explained(name: str, told: dict[str, dict[str, Any]]) -> None:
    case, row = CASES[name], told[f"evalctl-{name}"]
    (finding,) = [one for one in row["findings"] if case.text in one["text"]]
    assert (finding["kind"], finding["is_wrong"]) == (case.kind, case.is_wrong)
    assert case.remedy in finding["remedy"]


def test_only_what_is_wrong_is_called_wrong(told: dict[str, dict[str, Any]]) -> None:
    assert sorted(row["name"] for row in told.values() if not row["is_sound"]) == sorted(
        [*WRONG, "outdated", "statistics"]
    )


def test_a_clash_names_who_holds_the_name(told: dict[str, dict[str, Any]]) -> None:
    assert told["evalctl-twin"]["holder"] == "toys (evalctl-toys 1.2.3)"
    assert told["evalctl-zz_namesake"]["holder"] == "toys (evalctl-toys 1.2.3)"
    assert told["evalctl-orphan"]["holder"] is None


def test_a_distribution_without_metadata_is_told(told: dict[str, dict[str, Any]]) -> None:
    (finding,) = told["evalctl_lost"]["findings"]
    assert finding["kind"] == "metadata"
    assert "they state no name or no version" in finding["text"]
    assert finding["remedy"] == "pip install --force-reinstall evalctl_lost"


def test_a_module_that_another_one_hides_is_told(
    ward: Site, told: dict[str, dict[str, Any]]
) -> None:
    (finding,) = told["evalctl-hidden"]["findings"]
    assert finding["kind"] == "shadowed"
    assert str(ward.folder / "evalctl_hidden.py") in finding["text"]
    assert f"is installed ({ward.folder / BEHIND})" in finding["text"]
    assert "start elsewhere" in finding["remedy"]


def test_a_traceback_begins_in_the_plugins_own_code(told: dict[str, dict[str, Any]]) -> None:
    traceback = told["evalctl-raising"]["traceback"]
    files = [line.split('"')[1] for line in traceback.splitlines() if line.startswith('  File "')]
    assert {Path(file).name for file in files} == {"evalctl_raising.py"}
    assert "KeyError" in traceback
    assert "The above exception was the direct cause" in traceback


@pytest.mark.parametrize("name", ["twin", "orphan", "mangled", "too_new"])
def test_a_traceback_that_holds_nothing_of_the_plugin_is_left_out(
    name: str, told: dict[str, dict[str, Any]]
) -> None:
    assert told[f"evalctl-{name}"]["traceback"] is None


def test_what_is_offered_is_named(told: dict[str, dict[str, Any]], text: str) -> None:
    assert told["evalctl-toys"]["offers"]["datasets"] == ["toy_sums", "toy_files", "toy_hub"]
    assert "    datasets: toy_sums, toy_files, toy_hub\n" in text


def test_a_package_that_another_plugin_imported_first_has_no_part_in_the_time(
    told: dict[str, dict[str, Any]],
) -> None:
    first, second = (told[f"evalctl-{name}"] for name in ("heavy", "heavy_too"))
    assert first["load_seconds"] > 0.3 > second["load_seconds"]
    (frames,) = [one for one in first["imported"] if one["package"] == "toy_frames"]
    assert frames["seconds"] > 0.3
    assert "toy_arrays" in frames["brought"]


def test_a_warning_about_somebody_elses_line_is_not_the_plugins(
    told: dict[str, dict[str, Any]],
) -> None:
    kinds = {one["kind"] for one in told["evalctl-heavy"]["findings"]}
    assert kinds == {"slow"}


def test_the_report_fits_80_columns_but_for_tracebacks(text: str) -> None:
    told = [line for line in text.splitlines() if line.startswith(("  ad", "  WRONG", "    to "))]
    assert len(told) > 30
    assert max(map(len, told)) <= 80
    # Paths are as long as they are.
    assert max(len(line) for line in text.splitlines() if "/" not in line) <= 120


def test_hostile_text_cannot_play_with_the_terminal(text: str) -> None:
    assert r"\x1b]0;owned\x07" in text
    assert {one for one in text if not one.isprintable()} == {"\n"}


def test_the_summary_comes_last_and_names_who_is_wrong(text: str) -> None:
    summary = " ".join(text.split("\n\n")[-1].split())
    assert f"{len(WRONG) + 2} wrong" in summary
    assert "advice for" in summary
    assert text.index("toys: loaded") < text.index("sleepy: loaded") < text.index("twin: FAILED")


def test_other_warnings_escape_hostile_text_as_well(ward: Site) -> None:
    done = ward.run("list", "categories", "--json")
    assert r"no tea\x1b]0;owned\x07 (see `evalctl plugins doctor raising`)" in done.stderr
    assert "\x1b" not in done.stderr


def test_strictness_does_not_keep_the_doctor_from_seeing_all(ward: Site) -> None:
    done = ward.run("plugins", "doctor", environment={"EVALCTL_STRICT_PLUGINS": "1"})
    assert done.returncode == 1
    assert "twin: FAILED" in done.stdout
