"""`evalctl plugins new` end to end: what it writes is installed and run."""

from __future__ import annotations

import json
import shlex

import pytest
from tests.conftest import Site
from tests.new_packages import install

ALONE = {"EVALCTL_DISABLE_PLUGINS": "coding,math,reference"}
"""As if nothing but evalctl were installed."""


@pytest.fixture(scope="module")
def told(made: Site) -> str:
    """What is printed about a new package, which is installed afterwards."""
    done = made.run("plugins", "new", "tea-time", "--title", 'Tea & "biscuits"', "--author", "Jo")
    assert done.returncode == 0, done.stderr
    install(made, made.folder / "evalctl-tea-time")
    return done.stdout


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A folder of distributions that gets the new package."""
    return Site(tmp_path_factory.mktemp("site"))


def test_every_file_is_named_and_the_next_commands(made: Site, told: str) -> None:
    package = made.folder / "evalctl-tea-time"
    written = {str(path.relative_to(package)) for path in package.rglob("*") if path.is_file()}
    lines = [line.strip() for line in told.splitlines()]
    assert written == set(lines[2 : 2 + len(written)])
    assert lines[lines.index("Next:") + 1 : -2] == [
        "cd evalctl-tea-time",
        "pip install -e '.[test]'",
        "evalctl list datasets --category tea_time",
        "evalctl run --category tea_time",
        "evalctl plugins check tea_time",
        "pytest",
    ]
    assert lines[-1].startswith("Edit first: evalctl_tea_time/__init__.py")


def test_it_is_listed_with_all_that_it_brings(made: Site, told: str) -> None:
    (plugin,) = [row for row in made.rows("plugins") if row["name"] == "tea_time"]
    assert (plugin["status"], plugin["distribution"]) == ("loaded", "evalctl-tea-time")
    assert plugin["offers"] == {
        "categories": ["tea_time"],
        "datasets": ["tea_time_riddles"],
        "models": ["tea_time_recorded"],
    }
    (category,) = [row for row in made.rows("categories") if row["name"] == "tea_time"]
    assert category["title"] == 'Tea & "biscuits"'


def test_its_recorded_answers_have_no_size(made: Site, told: str) -> None:
    words = " ".join(made.run("list", "models", "--category", "tea_time").stdout.split())
    assert "tea_time_recorded low, 0 – replay yes: its recorded answers ship with" in words


def test_its_category_runs_with_nothing_but_evalctl(made: Site, told: str) -> None:
    done = made.run("run", "--category", "tea_time", "--json", environment=ALONE)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    (model,) = result["models"]
    (dataset,) = model["datasets"]
    (metric,) = dataset["metrics"]
    assert (metric["name"], metric["value"]) == ("accuracy", 5 / 8)
    counts = [metric[key] for key in ("n_scored", "n_unparsed", "n_truncated")]
    assert counts == [8, 1, 1]
    assert [score["value"] for score in model["categories"]] == [5 / 8]
    assert result["status"] == "complete"
    (notice,) = result["notices"]
    assert "written by hand" in notice
    assert "measure no model" in notice


def test_the_table_says_that_it_measures_no_model(made: Site, told: str) -> None:
    done = made.run("run", "--category", "tea_time")
    assert done.returncode == 0, done.stderr
    words = " ".join(done.stdout.split())
    assert "accuracy 62.5 ± 18.3 30.6–86.3 8 12 % 12 %" in words
    assert "They show how evalctl works, and measure no model." in words


def test_its_scorer_is_proven_on_its_rows(made: Site, told: str) -> None:
    done = made.run("check", "tea_time_riddles")
    assert done.returncode == 0, done.stderr
    assert "gold answers that score 1.0: 8 of 8" in done.stdout
    assert "perturbed answers that do not: 8 of 8" in done.stdout


def test_its_own_tests_pass(made: Site, told: str) -> None:
    code = (
        "import pytest, sys; sys.exit(pytest.main(['-q', '-p', 'no:cacheprovider', *sys.argv[1:]]))"
    )
    done = made.python(code, "--rootdir=evalctl-tea-time", "evalctl-tea-time/tests")
    assert done.returncode == 0, done.stdout + done.stderr


def test_its_name_is_taken_once_it_is_installed(made: Site, told: str) -> None:
    done = made.run("plugins", "new", "tea_time", "--dir", "elsewhere")
    assert done.returncode == 2
    assert "the plugin name 'tea_time' is taken by evalctl-tea-time 0.1.0" in done.stderr


def test_a_second_package_stands_beside_the_first(made: Site, told: str) -> None:
    done = made.run("plugins", "new", "biscuits")
    assert done.returncode == 0, done.stderr
    install(made, made.folder / "evalctl-biscuits")
    status = {row["name"]: row["status"] for row in made.rows("plugins")}
    assert {status["biscuits"], status["tea_time"]} == {"loaded"}


def test_it_is_written_into_a_folder_of_any_name(site: Site) -> None:
    odd = site.folder / 'it\'s "odd"\t$(id) ü \udcff'
    odd.mkdir()
    done = site.run("plugins", "new", "tea", "--dir", odd.name)
    assert done.returncode == 0, done.stderr
    assert (odd / "evalctl-tea" / "evalctl_tea" / "__init__.py").is_file()


def test_the_command_into_the_folder_is_quoted(site: Site) -> None:
    odd = site.folder / 'it\'s "odd" $(id) ü'
    odd.mkdir()
    done = site.run("plugins", "new", "tea", "--dir", odd.name)
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("  cd ")]
    assert shlex.split(line) == ["cd", f"{odd.name}/evalctl-tea"]


def test_a_licence_without_text_here_is_told(site: Site) -> None:
    done = site.run("plugins", "new", "tea", "--license", "mit")
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("No LICENSE was written: add the text of MIT.\n")
    assert not (site.folder / "evalctl-tea" / "LICENSE").exists()


REFUSED = [
    (("../tea",), "cannot name a plugin"),
    (("mathematical-reasoning",), "the category 'mathematical_reasoning' is taken by math"),
    (("tea", "--dir", "/proc"), "cannot write /proc/evalctl-tea: "),
]


@pytest.mark.parametrize(("arguments", "reason"), REFUSED)
def test_what_cannot_be_is_refused_in_one_line(
    site: Site, arguments: tuple[str, ...], reason: str
) -> None:
    done = site.run("plugins", "new", *arguments)
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert reason in done.stderr
    assert done.stderr.count("\n") == 1
    assert list(site.folder.iterdir()) == []


FULL_DISK = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
from evalctl.cli import main
main()
"""


def test_a_disk_that_takes_no_more_leaves_nothing(site: Site) -> None:
    done = site.python(FULL_DISK, "plugins", "new", "tea")
    assert done.returncode == 2
    assert done.stderr == "error: cannot write evalctl-tea: File too large\n"
    assert list(site.folder.iterdir()) == []


def test_a_package_that_is_there_is_left_alone(site: Site) -> None:
    mine = site.folder / "evalctl-tea"
    mine.mkdir()
    done = site.run("plugins", "new", "tea")
    assert done.returncode == 2
    assert "evalctl-tea is there already; remove it, or name another folder" in done.stderr
    assert list(site.folder.rglob("*")) == [mine]
