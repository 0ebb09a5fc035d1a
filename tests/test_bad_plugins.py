"""A broken plugin is listed with its error, and gets in nobody's way."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest
from pydantic import JsonValue

if TYPE_CHECKING:
    from conftest import Site

HOOK = """
from evalctl import hookimpl
from evalctl_toys import *
del evalctl_categories, evalctl_engines, evalctl_executors

"""


class Bad(NamedTuple):
    """A broken plugin, and what its listing must say."""

    code: str | None
    """Of its module."""
    error: str
    """Part of the error."""
    remedy: str = "EVALCTL_DISABLE_PLUGINS="
    """Part of what to do about it."""
    requires: tuple[str, ...] = ("evalctl>=0.1,<1",)
    """Of its distribution."""
    entry_point: str | None = None
    """Where it does not name the module."""
    status: str = "failed"
    """What became of it."""


def hook(body: str, *, name: str = "evalctl_datasets", mark: str = "@hookimpl") -> str:
    """Return a module with one hook."""
    return f"{HOOK}{mark}\ndef {name}():\n    {body}\n"


BAD = {
    "missing_dependency": Bad(
        "import toy_solver",
        error="No module named 'toy_solver'",
        remedy="pip install 'toy-solver>=2'",
        requires=("evalctl>=0.1", "toy-solver>=2", "pytest", "other; extra == 'x'"),
    ),
    "missing_undeclared": Bad(
        "import toy_solver.deep",
        error="No module named 'toy_solver'",
        remedy="is 'toy_solver' misspelt? If not, what brings it belongs into the dependencies",
    ),
    "raising": Bad("raise RuntimeError('boom')", error="RuntimeError: boom"),
    "exiting": Bad("import sys; sys.exit(3)", error="SystemExit: 3"),
    "leaving": Bad("class Leave(BaseException): pass\nraise Leave", error="Leave"),
    "unparsable": Bad("def f(:", error="SyntaxError"),
    "misspelled": Bad(
        hook("return ()", name="evalctl_dataset"),
        error="unknown hook evalctl_dataset; did you mean evalctl_datasets?",
    ),
    "misnamed": Bad(
        hook("return ()", name="evalctl_datsets", mark=""),
        error="evalctl_datsets is not marked with @evalctl.hookimpl (and is no hook; did you",
    ),
    "unmarked": Bad(
        hook("return ()", mark=""), error="evalctl_datasets is not marked with @evalctl.hookimpl"
    ),
    "defaulted": Bad(
        f"{HOOK}@hookimpl\ndef evalctl_models(limit=3):\n    return ()\n",
        error="evalctl_models has a parameter 'limit', which would never be passed",
    ),
    "parametrised": Bad(
        f"{HOOK}@hookimpl\ndef evalctl_models(registry):\n    return ()\n",
        error="evalctl_models has a parameter 'registry'; hooks take no arguments",
    ),
    "wrapping": Bad(
        hook("return (yield)", mark="@hookimpl(wrapper=True)"),
        error="a hook returns values and cannot wrap those of others",
    ),
    "hookless": Bad("x = 1", error="it implements no hook; there are: evalctl_categories"),
    "wrong_type": Bad(
        hook("return [model('m')]"),
        error="evalctl_datasets returned a ModelSpec at position 0, not DatasetSpec",
    ),
    "lone_spec": Bad(
        hook("return dataset('d')"),
        error="evalctl_datasets returned a DatasetSpec, not a tuple of DatasetSpec",
    ),
    "forgetful": Bad(hook("dataset('d')"), error="returned None, not a tuple of DatasetSpec (is a"),
    "hook_raising": Bad(hook("return 1 / 0"), error="ZeroDivisionError: division by zero"),
    "stopping_midway": Bad(
        hook("yield dataset('half', category='toys')\n    raise OSError('gone')"),
        error="OSError: gone",
    ),
    "invalid_spec": Bad(
        hook("return [dataset('d', headline='nothing')]"),
        error="DatasetSpec: Value error, dataset d: headline 'nothing' is none of",
    ),
    "invalid_field": Bad(
        hook("return [model('m', parameters='many', colour='red')]", name="evalctl_models"),
        error="ModelSpec.parameters: Input should be a valid integer",
    ),
    "too_new": Bad(
        "raise AssertionError('must not be imported')",
        error="it needs evalctl>=99, and this is evalctl",
        remedy="pip install --upgrade evalctl-too_new",
        requires=("evalctl >= 99",),
        status="incompatible",
    ),
    "wide_of_module": Bad(
        None,
        error="No module named 'evalctl_wide_of_module'",
        remedy="pip install --force-reinstall evalctl-wide_of_module",
    ),
    "wide_of_attribute": Bad(
        "", error="AttributeError", entry_point="evalctl_wide_of_attribute:plugin"
    ),
    "other_home": Bad(
        hook("return [dataset('d', category='games')]"),
        error="dataset 'd' is for the category 'games', which is not installed",
    ),
    "homeless": Bad(
        hook("return [dataset('d')]"), error="dataset 'd' does not say which category it is for"
    ),
    "other_home_model": Bad(
        hook("return [model('m', categories=('games',))]", name="evalctl_models"),
        error="model 'm' is for the category 'games', which is not installed",
    ),
}

TWINS = {
    "twin_category": Bad(
        hook(
            "return [CategorySpec(name='toy_specialists', title='t', "
            "datasets=[dataset('twin', role='primary')])]",
            name="evalctl_categories",
        ),
        error="category 'toy_specialists', brought by twin_category (evalctl-twin_category 1.2.3), "
        "is already taken by toys (evalctl-toys 1.2.3)",
    ),
    "twin_dataset": Bad(
        hook("return [dataset('toy_sums', category='toys')]"),
        error="dataset 'toy_sums', brought by twin_dataset (evalctl-twin_dataset 1.2.3), is "
        "already taken by toys (evalctl-toys 1.2.3)",
    ),
    "twin_model": Bad(
        hook("return [model('toy_model', categories=('toys',))]", name="evalctl_models"),
        error="model 'toy_model' of the category 'toys', brought by twin_model (evalctl-twin_model "
        "1.2.3), is already taken by toys (evalctl-toys 1.2.3)",
    ),
    "twin_weights": Bad(
        hook("return [model('toy_model', path='x/y', categories=('*',))]", name="evalctl_models"),
        error="model 'toy_model' is x/y for twin_weights (evalctl-twin_weights 1.2.3), but "
        "toys/toy_model for toys (evalctl-toys 1.2.3)",
    ),
    "twin_engine": Bad(
        hook(
            "return [EngineSpec(name='toy_engine', title='t', capabilities=[], kinds=[], "
            "options=EngineOptions, factory='a:b', check=check)]",
            name="evalctl_engines",
        ),
        error="engine 'toy_engine', brought by twin_engine (evalctl-twin_engine 1.2.3), is "
        "already taken by toys (evalctl-toys 1.2.3)",
    ),
    "twin_executor": Bad(
        hook(
            "return [ExecutorSpec(name='toy_box', title='t', isolation='i', probe=works)]",
            name="evalctl_executors",
        ),
        error="executor 'toy_box', brought by twin_executor (evalctl-twin_executor 1.2.3), is "
        "already taken by toys (evalctl-toys 1.2.3)",
    ),
    "twin_scorer": Bad(
        hook(
            "return [dataset('d', category='toys', "
            "scorers=[TOY_SCORER.model_copy(update={'version': '2'})])]"
        ),
        error="scorer 'toy_match' of dataset 'd', brought by twin_scorer (evalctl-twin_scorer "
        "1.2.3), is not the one that toys (evalctl-toys 1.2.3) brings under that name",
    ),
}

ALL = {**BAD, **TWINS}


@pytest.fixture(scope="module")
def crowded(toys: Site) -> Site:
    """The toy plugin among all broken ones at once, and one that prints when it is imported."""
    for name, bad in ALL.items():
        toys.add(name, bad.code, requires=bad.requires, entry_point=bad.entry_point)
    toys.add("zz_twin_plugin", hook("return ()"), plugin="toys")
    chatty = "print('hello from a plugin')\n" + hook("print('hook'); return ()")
    toys.add("chatty", chatty)
    return toys


@pytest.fixture(scope="module")
def plugins(crowded: Site) -> dict[str, dict[str, JsonValue]]:
    """What is listed, by distribution."""
    return {str(row["distribution"]): row for row in crowded.rows("plugins")}


@pytest.mark.parametrize("name", ALL)
def test_broken_plugin_is_listed_with_its_error(
    name: str, plugins: dict[str, dict[str, JsonValue]]
) -> None:
    row, bad = plugins[f"evalctl-{name}"], ALL[name]

    assert row["status"] == bad.status
    assert bad.error in str(row["error"])
    assert "\n" not in str(row["error"])
    assert bad.remedy in str(row["remedy"])
    assert row["offers"] == {}


def test_failed_plugin_keeps_its_whole_traceback(
    plugins: dict[str, dict[str, JsonValue]],
) -> None:
    traceback = str(plugins["evalctl-hook_raising"]["traceback"])

    assert traceback.startswith("Traceback (most recent call last):")
    assert "return 1 / 0" in traceback


def test_incompatible_plugin_is_not_imported(plugins: dict[str, dict[str, JsonValue]]) -> None:
    assert plugins["evalctl-too_new"]["traceback"] is None
    assert plugins["evalctl-too_new"]["load_seconds"] == 0


def test_second_plugin_of_the_same_name_is_refused(
    plugins: dict[str, dict[str, JsonValue]],
) -> None:
    row = plugins["evalctl-zz_twin_plugin"]

    assert row["status"] == "failed"
    assert "plugin name 'toys' is already taken by toys (evalctl-toys 1.2.3)" in str(row["error"])


def test_good_plugins_work_beside_the_broken_ones(
    crowded: Site, plugins: dict[str, dict[str, JsonValue]]
) -> None:
    assert plugins["evalctl-toys"]["status"] == "loaded"
    assert plugins["evalctl-chatty"]["status"] == "loaded"
    assert [row["name"] for row in crowded.rows("datasets", "--category", "toys")] == [
        "toy_sums",
        "toy_files",
        "toy_hub",
    ]


def test_table_names_each_broken_plugin_and_fits_80_columns(crowded: Site) -> None:
    done = crowded.run("list", "plugins")

    assert done.returncode == 0
    assert all(name in done.stdout for name in ALL)
    assert max(len(line) for line in done.stdout.splitlines()) <= 80


def test_other_commands_warn_of_broken_plugins_on_standard_error(crowded: Site) -> None:
    done = crowded.run("list", "categories", "--json")

    assert "warning: plugin raising is not loaded: RuntimeError: boom" in done.stderr


def test_unknown_category_names_the_plugins_that_failed(crowded: Site) -> None:
    done = crowded.run("list", "datasets", "--category", "raising")

    assert done.returncode == 2
    assert "unknown category 'raising'" in done.stderr
    assert "raising: RuntimeError: boom" in done.stderr


def test_strictness_makes_a_broken_plugin_an_error(site: Site) -> None:
    site.add("raising", BAD["raising"].code)

    done = site.run("list", "plugins", environment={"EVALCTL_STRICT_PLUGINS": "1"})

    assert done.returncode == 1
    assert "error: plugin raising (evalctl-raising 1.2.3): RuntimeError: boom" in done.stderr
    assert "Traceback" not in done.stderr


def test_disabled_plugin_is_not_imported(site: Site) -> None:
    site.add("raising", BAD["raising"].code)

    environment = {"EVALCTL_DISABLE_PLUGINS": "other, raising", "EVALCTL_STRICT_PLUGINS": "1"}
    done = site.run("list", "plugins", "--json", environment=environment)

    assert done.returncode == 0
    assert '"status": "disabled"' in done.stdout


def test_help_works_beside_a_plugin_that_ends_the_process(site: Site) -> None:
    site.add("deadly", "import os; os._exit(9)")

    assert site.run("--help").returncode == 0
    assert site.run("list", "--help").returncode == 0


RUDE = """
import os, sys
from evalctl import hookimpl

class NoFinder: pass

sys.meta_path[:] = [NoFinder()]
os.chdir("/")
sys.stdout = sys.stderr = None

@hookimpl
def evalctl_models():
    return ()
"""


def test_a_plugin_that_upsets_the_process_does_not_harm_those_behind_it(site: Site) -> None:
    site.add("aa_rude", RUDE)
    site.add("raising", BAD["raising"].code)

    code = "import os; from evalctl import plugins; plugins.load(); print(os.getcwd())"
    assert site.python(code).stdout == f"{site.folder}\n"
    found = {row["name"]: row["status"] for row in site.rows("plugins")}
    assert (found["aa_rude"], found["math"], found["raising"]) == ("loaded", "loaded", "failed")
    assert "plugin raising is not loaded" in site.run("list", "engines").stderr


def test_an_endless_message_is_cut(site: Site) -> None:
    site.add("endless", "def f():\n    raise ValueError('x' * 10**7)\nf()")
    (row,) = [row for row in site.rows("plugins") if row["name"] == "endless"]
    assert len(str(row["error"])) < 1000
    assert len(str(row["traceback"])) < 3000
