"""The tutorial on plugins, followed from its first block to its last."""

from __future__ import annotations

import ast
import json
from importlib.resources import files
from pathlib import Path

import pytest
from tests.conftest import Site
from tests.tutorial import Block, Reader, put, read_blocks

PAGE = Path(__file__).parents[1] / "docs" / "writing-plugins.md"
POOLED = "found.py"
"""The block that is no step of the way."""


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    """Somebody who has done all that the page says."""
    site = Site(tmp_path_factory.mktemp("site"))
    checkpoint = files("evalctl_reference") / "checkpoint"
    reader = Reader(
        site, site.folder, {"transformers:/models/my-model": f"transformers:{checkpoint}"}
    )
    for block in read_blocks(PAGE):
        if block.title != POOLED:
            reader.follow(block)
    return reader


def test_all_that_the_page_says_comes_true(reader: Reader) -> None:
    assert not reader.surprises, "\n".join(reader.surprises)


def test_every_command_was_typed(reader: Reader) -> None:
    commands = [command.split()[1] for command in reader.typed]
    assert commands == ["plugins", "run", "check", "run", "run", "run", "list"]
    assert reader.held_back == ["evalctl plugins check colours", "pytest"]


def test_the_grown_category_is_scored_as_its_last_step_says(reader: Reader) -> None:
    code, printed = reader.run("evalctl run --category colours --json")
    assert code == 0, printed
    (model,) = json.loads(printed[printed.index("{") :])["models"]
    (dataset,) = model["datasets"]
    assert (model["model"], dataset["dataset"]) == ("colours_recorded", "colours_mixtures")
    assert [metric["value"] for metric in dataset["metrics"]] == [1.0]


def test_the_grown_category_keeps_the_rules(reader: Reader) -> None:
    code, printed = reader.run(reader.held_back[0])
    assert code == 0, printed


def test_the_grown_categorys_own_tests_pass(reader: Reader) -> None:
    code = "import pytest, sys; sys.exit(pytest.main(['-qp', 'no:cacheprovider', *sys.argv[1:]]))"
    done = reader.site.python(code, f"--rootdir={reader.here}", str(reader.here / "tests"))
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_table_of_the_tests_is_right(reader: Reader) -> None:
    (block,) = [block for block in read_blocks(PAGE) if block.title == "tests/test_colours.py"]
    cases = next(
        ast.literal_eval(node)
        for node in ast.walk(ast.parse(block.body))
        if isinstance(node, ast.List)
    )
    code = (
        "import sys, evalctl, evalctl_colours as c\n"
        "sample = evalctl.Sample(id='0', input='', target='')\n"
        "print([c.score(sample, evalctl.Completion(text=t)).answer for t in sys.argv[1:]])"
    )
    done = reader.site.python(code, *(text for text, _ in cases))
    assert ast.literal_eval(done.stdout) == [answer for _, answer in cases], done.stderr


def test_a_block_that_is_not_printed_would_be_noticed(reader: Reader) -> None:
    other = Reader(reader.site, reader.here, {}, printed="accuracy 50.0")
    other.follow(Block("text", "", "accuracy  50.0\naccuracy 51.0\n"))
    assert [surprise.partition(" is not")[0] for surprise in other.surprises] == ["'accuracy 51.0'"]


def test_definitions_go_where_the_first_of_their_names_was(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text("a = 1\nb = (\n    2\n)\nc = b\nd = 4\n")
    put(module, "new = 0\nb = new\nd = 5\n")
    assert module.read_text() == "a = 1\nnew = 0\nb = new\nd = 5\nc = b\n"
