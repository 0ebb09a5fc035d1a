"""`--no-plugin NAME` leaves a plugin out of any command, wherever it stands on the line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Site

WITHOUT = [
    ("--no-plugin", "toys", "list", "plugins", "--json"),
    ("list", "--no-plugin", "toys", "plugins", "--json"),
    ("list", "plugins", "--no-plugin", "toys", "--json"),
    ("list", "plugins", "--json", "--no-plugin=toys"),
    ("--no-plugin", "math", "list", "plugins", "--json", "--no-plugin", "toys"),
    ("list", "plugins", "--json", "--no-plugin", "math, toys"),
]


def statuses(output: str) -> dict[str, str]:
    return {row["name"]: row["status"] for row in json.loads(output)}


@pytest.mark.parametrize("line", WITHOUT, ids=" ".join)
def test_it_may_stand_anywhere(toys: Site, line: tuple[str, ...]) -> None:
    done = toys.run(*line)
    assert done.returncode == 0, done.stderr
    found = statuses(done.stdout)
    assert found["toys"] == "disabled"
    assert found["math"] == ("disabled" if "math" in " ".join(line) else "loaded")


def test_it_adds_to_what_the_environment_leaves_out(toys: Site) -> None:
    environment = {"EVALCTL_DISABLE_PLUGINS": "math"}
    done = toys.run("list", "plugins", "--json", "--no-plugin", "toys", environment=environment)
    found = statuses(done.stdout)
    assert (found["math"], found["toys"], found["coding"]) == ("disabled", "disabled", "loaded")


def test_processes_that_are_started_leave_out_the_same(toys: Site) -> None:
    code = (
        "import os, subprocess, sys\nfrom evalctl.cli import main\ntry:\n    main()\nexcept "
        "SystemExit:\n    print(subprocess.run([sys.executable, '-c', "
        "'import os; print(os.environ[\"EVALCTL_DISABLE_PLUGINS\"])'], "
        "capture_output=True, text=True).stdout, file=sys.stderr)"
    )
    done = toys.python(code, "list", "engines", "--no-plugin", "toys", "--no-plugin", "math")
    assert done.stderr.strip().splitlines()[-1] == "toys,math"


UNKNOWN = [
    ("--no-plugin", "toy", "list", "plugins"),
    ("run", "--category", "toys", "--no-plugin", "toy"),
    ("show", "latest", "--no-plugin", "toy"),
]


@pytest.mark.parametrize("line", UNKNOWN, ids=" ".join)
def test_an_unknown_name_is_the_users_mistake(toys: Site, line: tuple[str, ...]) -> None:
    done = toys.run(*line)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("error: unknown plugin 'toy'. Did you mean toys?")


def test_an_unknown_name_is_found_without_importing_plugins(site: Site) -> None:
    site.add("deadly", "import os; os._exit(9)")
    assert site.run("--no-plugin", "dead", "list", "plugins").returncode == 2
    assert site.run("list", "plugins", "--no-plugin", "deadly").returncode == 0


def test_an_unknown_name_in_the_environment_is_a_warning(toys: Site) -> None:
    environment = {"EVALCTL_DISABLE_PLUGINS": "toy, math"}
    for command in ("plugins", "categories"):
        done = toys.run("list", command, environment=environment)
        assert done.returncode == 0
        warning = "warning: EVALCTL_DISABLE_PLUGINS: unknown plugin 'toy'. Did you mean toys?"
        assert done.stderr.count(warning) == 1
        assert done.stderr.count("warning:") == 1


HELP = ["run", "list plugins", "compare", "plugins doctor"]


@pytest.mark.parametrize("command", HELP)
def test_every_command_says_that_it_takes_it(toys: Site, command: str) -> None:
    done = toys.run(*command.split(), "--help")
    assert done.stdout.count("--no-plugin") == 1


def test_running_a_category_whose_plugin_is_left_out_says_so(toys: Site) -> None:
    done = toys.run("run", "--category", "toys", "--no-plugin", "toys")
    assert done.returncode == 2
    why = "toys: disabled (by --no-plugin or EVALCTL_DISABLE_PLUGINS)"
    assert "unknown category 'toys'" in done.stderr
    assert why in done.stderr


@pytest.mark.parametrize("flag", ["--category", "--dataset"])
def test_running_what_a_failed_plugin_would_bring_names_its_error(site: Site, flag: str) -> None:
    site.add("kitchen", "raise RuntimeError('no kettle')")
    done = site.run("run", flag, "kitchen")
    assert done.returncode == 2
    assert "unknown " in done.stderr
    assert "kitchen: RuntimeError: no kettle" in done.stderr.splitlines()[-1]
