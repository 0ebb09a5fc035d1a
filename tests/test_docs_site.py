"""The documentation site: nothing is missing from it, and nothing on it is without a word.

Whether it builds without warnings is the check `docs`.
"""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path

import pytest
from docs.building import commands, docstrings, navigation, pages, reference
from docs.building.__main__ import loaded
from docs.building.declared import class_of
from docs.building.names import Names
from docs.building.public_api import PublicApi, public_api, undocumented

import evalctl
from evalctl.cli.lazy import COMMANDS

ROOT = Path(__file__).parent.parent
SCHEMAS = ROOT / "docs" / "schemas"
NAMES = Names({"Score": "evalctl.Score", "Score.value": "evalctl.Score.value"})


@pytest.fixture(scope="module")
def api() -> PublicApi:
    return public_api()


def test_every_public_name_is_documented_once(api: PublicApi) -> None:
    made = reference.pages(api, schemas=SCHEMAS)
    text = "".join(text for path, text in made.items() if path != "reference/testing.md")
    heads = re.findall(r"^`{8}\{py:(?:class|exception|function|data)\} (\w+)", text, re.MULTILINE)
    assert sorted(set(heads) - set(api.types)) == sorted(evalctl.__all__)
    assert len(heads) == len(set(heads))


def test_every_value_type_has_a_page(api: PublicApi) -> None:
    made = reference.pages(api, schemas=SCHEMAS)
    assert {"DatasetSpec", "Score", "HubSource", "Limits", "Engine", "Row"} <= set(api.values)
    assert all(f"reference/{name}.md" in made for name in api.values)
    assert all(f"[{name}]({name}.md)" in made["reference/index.md"] for name in api.values)
    assert all(path.name in made["reference/schemas.md"] for path in SCHEMAS.glob("*.json"))


def test_nothing_in_the_reference_is_without_a_docstring(api: PublicApi) -> None:
    assert undocumented(api) == []


TOY = '''
from evalctl.records import Record

Kind = int


class Toy(Record):
    """A toy."""

    kind: Kind
    told: str = ""
    """Told."""

    def play(self) -> None: ...
'''


def test_what_has_no_docstring_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "toy.py"
    path.write_text(TOY)
    spec = importlib.util.spec_from_file_location("evalctl.toy", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "evalctl.toy", module)
    spec.loader.exec_module(module)
    api = PublicApi(values={"Toy": module.Toy}, errors={})
    assert undocumented(api) == ["Toy.kind", "Toy.play"]


@pytest.mark.parametrize(
    ("kind", "field", "expected"),
    [
        (evalctl.DatasetSpec, "name", ("Name", None, "")),
        (evalctl.DatasetSpec, "to_sample", ("Callable[[Row], Sample]", None, "")),
        (evalctl.PromptTemplate, "question", ("str", r"'Question: {input}\nAnswer:'", "")),
        (evalctl.ModelFacts, "datasets", ("Mapping[str, RecordedIds] | None", "None", "")),
        (
            evalctl.ModelSpec,
            "specialization_weight",
            ("float", "0.5", "Must be at least 0.0 and at most 1.0."),
        ),
        (evalctl.Row, "number", ("int", None, "")),
    ],
)
def test_a_field_is_shown_as_it_is_written(
    kind: type, field: str, expected: tuple[str, str | None, str]
) -> None:
    (found,) = [one for one in class_of(kind).fields if one.name == field]
    assert (found.type, found.default, found.notes) == expected
    assert found.doc.text


def test_the_fields_of_a_model_are_all_there_and_no_others(api: PublicApi) -> None:
    models = {name: one for name, one in api.values.items() if hasattr(one, "model_fields")}
    shown = {name: {one.name for one in class_of(kind).fields} for name, kind in models.items()}
    assert {name: fields - {"speed_options"} for name, fields in shown.items()} == {
        name: set(kind.model_fields) for name, kind in models.items()
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A `Score` it is.", "A {py:obj}`Score <evalctl.Score>` it is."),
        ("`Score.value`", "{py:obj}`Score.value <evalctl.Score.value>`"),
        ("`Score.gone` and `Else`", "`Score.gone` and `Else`"),
        ("[the `Score`](scores.md)", "[the `Score`](scores.md)"),
        ("``Score`` and Score", "``Score`` and Score"),
    ],
)
def test_names_in_a_text_lead_to_their_page(text: str, expected: str) -> None:
    assert NAMES.in_text(text) == expected


def test_names_in_a_type_are_written_in_full_and_texts_are_not() -> None:
    found = NAMES.in_type("dict[str, Score] | Literal['Score']")
    assert found == "dict[str, evalctl.Score] | Literal['Score']"
    assert NAMES.in_signature("(score: Score, /, *, n: int=1) -> Score") == (
        "(score: evalctl.Score, /, *, n: int=1) -> evalctl.Score"
    )


def test_sections_of_a_docstring_become_lists() -> None:
    read = docstrings.read("Do it.\n\nRaises:\n    KeyError: It is\n        gone.\n    Oh: No.\n")
    assert read.text == "Do it."
    assert docstrings.items(read.sections["Raises"]) == [("KeyError", "It is gone."), ("Oh", "No.")]
    assert read.markdown(NAMES) == "Do it.\n\n**Raises**\n\n- `KeyError`: It is gone.\n- `Oh`: No."


def test_every_hand_written_page_is_in_a_section() -> None:
    written = pages.sources(ROOT)
    assert {"docs/tutorial.md", "plugins/math/README.md", "core/CHANGELOG.md"} <= set(written)
    assert navigation.lost(written.values()) == []


@pytest.mark.parametrize(
    ("path", "section"),
    [
        ("a-new-page.md", "using/index.md"),
        ("plugin-habits.md", "plugins/index.md"),
        ("decisions/099-later.md", "design/index.md"),
        ("a-new-folder/page.md", None),
    ],
)
def test_a_new_page_finds_its_section(path: str, section: str | None) -> None:
    found = navigation.section_of(path)
    assert (found.page if found else None) == section


def test_a_page_stands_in_the_contents_of_its_section_alone() -> None:
    texts = {"index.md": "# Here", "tutorial.md": "", "new.md": "", "decisions/001-a.md": ""}
    made = navigation.with_navigation(texts)
    listed = {path for path, text in made.items() if "new.md" in text}
    assert listed == {"using/index.md"}
    assert made["using/index.md"].index("tutorial.md") < made["using/index.md"].index("new.md")
    assert "](<../decisions/001-a.md>)" in made["design/index.md"]


@pytest.mark.parametrize(
    ("source", "text", "expected"),
    [
        ("docs/index.md", "[a](tutorial.md#x)", "[a](tutorial.md#x)"),
        ("docs/index.md", "[a](decisions/)", "[a](design/index.md)"),
        ("docs/index.md", "[a](schemas/gate.schema.json)", "[a](schemas/gate.schema.json)"),
        ("docs/index.md", "[a](../check.py)", "a (`check.py`)"),
        ("docs/index.md", "[`check.py`](../check.py)", "`check.py`"),
        ("docs/index.md", "[a](gone.md)", "[a](gone.md)"),
        ("docs/index.md", "[a](https://example.org/b.md)", "[a](https://example.org/b.md)"),
        ("docs/categories/math.md", "[a\nb](../../plugins/math/README.md)",
         "[a\nb](../packages/evalctl-math.md)"),
        ("plugins/math/README.md", "[a](../../docs/scores.md)", "[a](../scores.md)"),
        ("docs/index.md", "```sh\n[a](../check.py) `Score`\n```\n",
         "```sh\n[a](../check.py) `Score`\n```\n"),
        ("docs/index.md", '```toml title="a__b.toml"\nx\n```\n',
         '```{code-block} toml\n:caption: "`a__b.toml`"\nx\n```\n'),
        ("docs/index.md", "## `Score`\n\n`Score`", "## `Score`\n\n{py:obj}`Score <evalctl.Score>`"),
    ],
)  # fmt: skip
def test_a_page_is_put_on_the_site(source: str, text: str, expected: str) -> None:
    assert pages.Rewriting(ROOT, source, pages.sources(ROOT), NAMES).of(text) == expected


def test_every_command_has_a_page_with_its_options() -> None:
    made = commands.pages()
    assert {f"commands/{name}.md" for name in COMMANDS} | {"commands/index.md"} == set(made)
    assert "{option} -c, --category NAME" in made["commands/run.md"]
    assert "{option} --seed N\n\nSeed of all sampling. Default: `0`." in made["commands/run.md"]
    assert "## evalctl list models" in made["commands/list.md"]
    assert "```text\nbash  echo" in made["commands/completion.md"]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<script src="_static/a.js">', []),
        ('<a href="https://example.org">', []),
        ('<link rel="canonical" href="https://example.org/">', []),
        ('<script async src="https://example.org/a.js">', ["https://example.org/a.js"]),
        ('<link rel="stylesheet" href="//example.org/a.css">', ["//example.org/a.css"]),
        ('<link href="https://example.org/f" rel="preload">', ["https://example.org/f"]),
    ],
)
def test_what_a_page_loads_from_elsewhere_is_found(html: str, expected: list[str]) -> None:
    assert loaded(html) == expected
