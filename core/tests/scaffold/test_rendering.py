"""What the templates become: complete, quoted for each language, formatted and linted."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from evalctl.errors import ConfigError
from evalctl.scaffold import About, checked_about, read_name, render, write_folder
from evalctl.scaffold.rendering import (
    TARGETS,
    accepted_range,
    fill,
    markdown_text,
    python_text,
    read,
)

ROOT = Path(__file__).parents[3]
PLACEHOLDER = re.compile(r"<<|>>")
ODD_TEXTS = [
    "The \"best\" \\ and the 'rest'",
    '"',
    "'''",
    '"""',
    "\\",
    "\\N{BULLET} \\x41 \\",
    "Rätsel für zwei 二人の謎 🫖",
    "<<module>> {input} $HOME `id` %s",
    "# [a](b) *b* _c_ <d> & ~e~ | f",
]


def made(name: str = "tea-time", title: str = "Tea", **about: str) -> dict[str, str]:
    return render(read_name(name), checked_about(About(title, **about)))


def shown(heading: str) -> str:
    """What a reader of Markdown's common form sees of a heading."""
    (text,) = [token for token in MarkdownIt().parse(heading) if token.type == "inline"]
    assert {child.type for child in text.children or ()} <= {"text", "text_special"}
    return "".join(child.content for child in text.children or ())


def test_every_template_is_a_target_and_every_target_a_template() -> None:
    there = {path.name for path in (files("evalctl.scaffold") / "templates").iterdir()}
    assert there == {f"{target.template}.template" for target in TARGETS}


def test_no_placeholder_is_left_over() -> None:
    texts = made()
    left = {path for path, text in texts.items() if PLACEHOLDER.search(path + text)}
    assert left == set()
    assert len(texts) == len(TARGETS)


def test_a_placeholder_that_means_nothing_is_an_error() -> None:
    with pytest.raises(KeyError, match="colour"):
        fill("a <<colour>> cup", {"category": "tea"})


def test_what_is_filled_in_is_not_looked_at_again() -> None:
    values = {"a": "<<b>>", "b": "<<a>>"}
    assert fill("<<a>> <<b>>", values) == "<<b>> <<a>>"


@pytest.mark.parametrize("title", ODD_TEXTS)
def test_a_title_arrives_as_it_was_typed(title: str) -> None:
    texts = made(title=title, author=title)
    project = tomllib.loads(texts["pyproject.toml"])["project"]
    assert (project["description"], project["authors"]) == (title, [{"name": title}])
    tree = ast.parse(texts["evalctl_tea_time/__init__.py"])
    assert title in {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    assert shown(texts["README.md"].splitlines()[0]) == title


MARKDOWN = [
    ("a *b* `c`", r"a \*b\* \`c\`"),
    ("<b>&amp;</b> [x](y)", r"\<b\>\&amp;\</b\> \[x\](y)"),
    ("back\\slash | pipe", r"back\\slash \| pipe"),
    ("plain: text, it's 50 %.", "plain: text, it's 50 %."),
]


@pytest.mark.parametrize(("text", "written"), MARKDOWN)
def test_markdown_shows_a_text_as_it_is(text: str, written: str) -> None:
    assert markdown_text(text) == written


@pytest.mark.parametrize("text", ODD_TEXTS)
def test_a_literal_of_python_is_the_text(text: str) -> None:
    assert ast.literal_eval(python_text(text)) == text


REFUSED = [
    (About(""), "--title ''"),
    (About(" tea"), "blanks at an end"),
    (About("x" * 61), "61 characters, and 60 is the limit"),
    (About("two\nlines"), r"'\\n' cannot be printed"),
    (About("bell\a"), "cannot be printed"),
    (About("\N{RIGHT-TO-LEFT OVERRIDE}eat"), "cannot be printed"),
    (About("half \udcff"), "cannot be printed"),
    (About("tea", author="a\0b"), "--author 'a.x00b': .* cannot be printed"),
    (About("tea", author="Doe, Jo"), "--author is one name"),
    (About("tea", licence="my own"), "--licence 'my own': not an SPDX expression"),
    (About("tea", licence=""), "--licence ''"),
    (About("tea", licence='MIT"\nname = "x'), "not an SPDX expression"),
]


@pytest.mark.parametrize(("about", "reason"), REFUSED, ids=[reason for _, reason in REFUSED])
def test_what_no_file_should_hold_is_refused(about: About, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        checked_about(about)


def test_the_text_of_apaches_licence_comes_with_it() -> None:
    texts = made(licence="apache-2.0")
    assert tomllib.loads(texts["pyproject.toml"])["project"]["license"] == "Apache-2.0"
    assert "Version 2.0, January 2004" in texts["LICENSE"]


def test_another_licence_is_named_and_its_text_left_to_the_writer() -> None:
    texts = made(licence="mit or LicenseRef-Ours")
    assert "LICENSE" not in texts
    project = tomllib.loads(texts["pyproject.toml"])["project"]
    assert project["license"] == "MIT OR LicenseRef-Ours"
    assert "MIT OR LicenseRef-Ours, add its text as `LICENSE`" in texts["README.md"]


RANGES = [("0.1.0", ">=0.1,<0.2"), ("0.12.3.dev1", ">=0.12,<0.13"), ("1.4.0rc1", ">=1.4,<2")]


@pytest.mark.parametrize(("version", "accepted"), RANGES)
def test_a_package_asks_for_versions_like_the_one_that_made_it(version: str, accepted: str) -> None:
    assert accepted_range(version) == accepted


def test_the_project_file_names_the_entry_point() -> None:
    project = tomllib.loads(made()["pyproject.toml"])["project"]
    assert project["name"] == "evalctl-tea-time"
    assert project["entry-points"] == {"evalctl": {"tea_time": "evalctl_tea_time"}}
    assert project["optional-dependencies"] == {"test": ["pytest>=8"]}
    assert "authors" not in project


def test_a_category_is_at_most_60_lines_of_python_and_15_of_toml() -> None:
    texts = made(author="Jo")
    lines = {path: sum(map(bool, text.splitlines())) for path, text in texts.items()}
    assert lines["evalctl_tea_time/__init__.py"] <= 60
    assert lines["pyproject.toml"] <= 15


def test_each_riddle_has_an_answer_that_was_recorded() -> None:
    texts = made()
    rows = map(json.loads, texts["evalctl_tea_time/riddles.jsonl"].splitlines())
    recorded = list(map(json.loads, texts["evalctl_tea_time/demo.jsonl"].splitlines()))
    assert [row["id"] for row in rows] == [row["id"] for row in recorded]
    assert {row["dataset"] for row in recorded} == {"tea_time_riddles"}


def test_the_readme_names_the_dataset_with_its_licence() -> None:
    assert "| tea_time_riddles | 8 | CC0-1.0 |" in made()["README.md"]


def test_nothing_leads_to_a_registry_or_needs_a_secret() -> None:
    text = "".join(made().values())
    assert not re.search(r"pypi|secrets|token", text)


def ruff(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ruff", *arguments, "."]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module", params=["t", "tea-time", "t" * 32])
def package(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new package, for names of all lengths."""
    folder = tmp_path_factory.mktemp("new") / "package"
    write_folder(folder, made(request.param, title='A "quoted" title'))
    return folder


@pytest.mark.parametrize("width", [88, 100], ids=["ruffs_own_width", "our_width"])
def test_it_is_formatted(package: Path, width: int) -> None:
    done = ruff(package, "format", "--isolated", "--diff", f"--line-length={width}")
    assert done.returncode == 0, done.stdout


def test_it_passes_our_lint(package: Path) -> None:
    own = f"--config={ROOT / 'pyproject.toml'}"
    done = ruff(package, "check", own, "--config", 'src = ["."]')
    assert done.returncode == 0, done.stdout


def test_its_types_are_right(tmp_path: Path) -> None:
    write_folder(tmp_path / "package", made())
    command = [sys.executable, "-m", "mypy", str(tmp_path / "package" / "evalctl_tea_time")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_workflow_runs_the_tests_and_the_category() -> None:
    text = made()[".github/workflows/ci.yml"]
    runs = re.findall(r"- run: (.*)", text)
    assert runs == ["pip install '.[test]'", "pytest", "evalctl run --category tea_time"]
    assert "${{ matrix.python }}" in text


def test_a_template_reads_as_what_it_becomes() -> None:
    assert read("category.py").startswith('"""The category `<<category>>`')
