"""`evalctl plugins doctor` with one special plugin at a time."""

from __future__ import annotations

import json

import pytest
from tests.conftest import TOYS, Site
from tests.test_doctor import BEHIND, CASES, GOOD, reaching


def test_one_plugin_is_shown_alone_and_decides_the_exit_code(site: Site) -> None:
    for name in ("modest", "speechless"):
        site.add(name, CASES[name].code, requires=CASES[name].requires)
    names = ("modest", "speechless", "modes")
    good, bad, unknown = (site.run("plugins", "doctor", name) for name in names)
    assert (good.returncode, bad.returncode, unknown.returncode) == (0, 1, 2)
    assert good.stdout.startswith("modest: loaded in ")
    assert good.stdout.endswith("1 plugin: nothing is wrong; advice for modest.\n")
    assert "unknown plugin 'modes'. Did you mean modest" in unknown.stderr


def test_a_disabled_plugin_is_not_wrong_and_an_unknown_name_is_told(site: Site) -> None:
    site.add("raising", CASES["raising"].code)
    done = site.run("plugins", "doctor", environment={"EVALCTL_DISABLE_PLUGINS": "raising,nobody"})
    assert done.returncode == 0, done.stdout
    assert "raising: disabled\n" in done.stdout
    assert "advice: EVALCTL_DISABLE_PLUGINS: unknown plugin 'nobody'." in done.stdout


def test_evalctls_own_imports_are_nobodys_fault(site: Site) -> None:
    # Built-ins first, and this one before all others: it would pay for what evalctl imports.
    site.add("aaa", "import evalctl\n[getattr(evalctl, n) for n in evalctl.__all__]\n" + GOOD)
    done = site.run("plugins", "doctor", "aaa", "--json")
    (row,) = json.loads(done.stdout)["plugins"]
    assert row["load_seconds"] < 0.1
    assert row["imported"] == []


def test_an_older_installation_that_was_left_over_is_told(site: Site) -> None:
    site.add("toys", TOYS.read_text())
    older = site.folder / BEHIND / "evalctl_toys-1.0.dist-info"
    older.mkdir(parents=True)
    (older / "METADATA").write_text("Metadata-Version: 2.1\nName: evalctl-toys\nVersion: 1.0\n")
    done = site.run("plugins", "doctor", "toys", environment=reaching(site, BEHIND))
    assert "evalctl-toys is installed once more: 1.0 in" in " ".join(done.stdout.split())


def test_an_editable_installation_is_told(site: Site) -> None:
    site.add("toys", TOYS.read_text())
    told = {"url": f"file://{site.folder}", "dir_info": {"editable": True}}
    info = site.folder / "evalctl_toys-1.2.3.dist-info"
    (info / "direct_url.json").write_text(json.dumps(told))
    (row,) = json.loads(site.run("plugins", "doctor", "toys", "--json").stdout)["plugins"]
    assert (row["is_editable"], row["folder"]) == (True, str(site.folder))
    assert row["findings"] == []


DEPRECATING = """
from evalctl import deprecations
from evalctl.cli import main
note = deprecations.Deprecated(since="0.1", removed_in="0.3", instead="use `reduce`")
deprecations.NAMES = {"Sample": note, "Score": note}
deprecations.HOOKS = {"evalctl_engines": note}
main()
"""


def test_deprecations_that_a_plugin_uses_are_shown_to_those_who_make_it(toys: Site) -> None:
    (row,) = json.loads(toys.python(DEPRECATING, "plugins", "doctor", "toys", "--json").stdout)[
        "plugins"
    ]
    told = [one["text"] for one in row["findings"]]
    gone = "is deprecated since evalctl 0.1 and will be gone in 0.3: use `reduce`"
    for what in ("evalctl.Sample", "evalctl.Score", "the hook evalctl_engines"):
        (line,) = [text for text in told if text.startswith(f"{what} {gone} (")]
        assert "evalctl_toys.py, line " in line
    assert {one["kind"] for one in row["findings"]} == {"deprecation"}
    assert row["is_sound"]


@pytest.mark.parametrize(("debug", "count"), [("", 0), ("1", 1)])
def test_deprecations_are_told_once_a_plugin_and_only_when_debugging(
    toys: Site, debug: str, count: int
) -> None:
    environment = {"EVALCTL_DEBUG": debug}
    done = toys.python(DEPRECATING, "list", "engines", environment=environment)
    assert done.returncode == 0
    assert done.stderr.count("warning: plugin toys: ") == count
    assert done.stderr.count("use `reduce` (and 2 more)\n") == count
