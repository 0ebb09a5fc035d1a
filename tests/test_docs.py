"""The docs tell the truth: their code runs, their links lead somewhere, every hook is there."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import get_type_hints

import pytest
from tests.conftest import Site

from evalctl import config, hookspecs, specs
from evalctl.comparing.policy import read_policy
from evalctl.hookspecs import RESULT_TYPES

ROOT = Path(__file__).parent.parent
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("*/*/README.md")]
BLOCK = re.compile(r'```\w+ title="([^"]+)"\n(.*?)```', re.DOTALL)
SPECS: dict[str, type[specs.Spec]] = {
    name: getattr(specs, name) for name in specs.__all__ if name.endswith("Spec") and name != "Spec"
}
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")


def blocks(page: str) -> dict[str, str]:
    return dict(BLOCK.findall((ROOT / "docs" / page).read_text()))


def test_every_hook_has_a_heading() -> None:
    headings = re.findall(r"^## (\w+)$", (ROOT / "docs" / "hooks.md").read_text(), re.MULTILINE)
    assert headings == list(RESULT_TYPES)


def test_the_page_of_hooks_is_in_step_with_the_hookspecs() -> None:
    command = [sys.executable, "docs/make_hooks.py", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", RESULT_TYPES)
def test_a_hookspec_says_what_it_returns_and_when_it_is_called(name: str) -> None:
    hook = getattr(hookspecs, name)
    kind = RESULT_TYPES[name]
    assert get_type_hints(hook) == {"return": Iterable[kind]}  # type: ignore[valid-type]
    assert hook.__doc__.startswith(f"Return {name.removeprefix('evalctl_')}")
    assert re.search(r"^ *Called once, (after|before) ", hook.__doc__, re.MULTILINE)


@pytest.mark.parametrize("name", RESULT_TYPES)
def test_the_field_that_a_hookspec_names_is_there(name: str) -> None:
    named = re.findall(r"`(\w+Spec)\.(\w+)`", getattr(hookspecs, name).__doc__)
    missing = [(kind, field) for kind, field in named if field not in SPECS[kind].model_fields]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    missing = [link for link in LINK.findall(page.read_text()) if not (page.parent / link).exists()]
    assert missing == []


POOLED_REST = """
from evalctl import CategorySpec, DatasetSpec, Example, InlineSource, hookimpl

rows = tuple({"q": f"{n}?", "a": "yes" if n % 3 else "no"} for n in range(30))
yes = Example(sample=Sample(id="x", input="?", target="yes"), good="Yes.", bad="No.")

data = DatasetSpec(
    name="found_data", title="t", version="1", licence="CC0-1.0", citation="c",
    sources=(InlineSource(rows=rows),), columns=frozenset({"q", "a"}),
    to_sample=lambda row: Sample(id=str(row.number), input=row.text("q"), target=row.text("a")),
    scorers=(found_yes,), headline="found_f1", examples=(yes,), role="primary",
)

@hookimpl
def evalctl_categories():
    return (CategorySpec(name="found", title="Found", datasets=(data,)),)
"""


def test_the_pooled_metric_of_the_guide_gets_a_bootstrap(site: Site) -> None:
    site.add("found", blocks("writing-plugins.md")["found.py"] + POOLED_REST)
    rows = [
        {"dataset": "found_data", "id": str(n), "completions": ["Yes" if n % 2 else "No"]}
        for n in range(30)
    ]
    (site.folder / "outputs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = site.run("run", "--model", "replay:outputs.jsonl", "-c", "found", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    (dataset,) = json.loads(done.stdout)["models"][0]["datasets"]
    (metric,) = dataset["metrics"]
    # Yes is right where 3 does not divide the number, and said where it is odd.
    assert (metric["name"], metric["interval_method"]) == ("found_f1", "bootstrap")
    assert metric["value"] == pytest.approx(2 * 10 / (2 * 10 + 5 + 10))
    assert metric["interval"][0] < metric["value"] < metric["interval"][1]
    assert metric["n_scored"] == 20


def test_the_configuration_of_the_guide_is_accepted(tmp_path: Path) -> None:
    path = tmp_path / "settings.yaml"
    path.write_text(blocks("configuration.md")["settings.yaml"])
    assert config.load(path).samples_of("aime") == 60


def test_the_policy_of_the_guide_is_accepted(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(blocks("comparing.md")["policy.yaml"])
    assert read_policy(path).policy.datasets["gsm8k"].samples == 1000


def test_the_schemas_are_in_step_with_the_code() -> None:
    command = [sys.executable, "docs/make_schemas.py", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_both_commands_of_the_readme_are_marked() -> None:
    text = (ROOT / "README.md").read_text()
    for name in ("run", "test"):
        assert re.search(rf"<!-- {name} command -->\n```sh\npython3\.11 -m venv", text)


def test_every_dataset_is_named_in_its_plugins_readme(site: Site) -> None:
    text = (ROOT / "plugins" / "math" / "README.md").read_text()
    names = {str(row["name"]) for row in site.rows("datasets", "--category", "math")}
    assert {name for name in names if name not in text} == set()
