"""A name that something installed has is refused, and who has it is told."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest
from core.tests.test_registry import A, dataset, model

from evalctl import CategorySpec
from evalctl.assembly import Contribution, assemble
from evalctl.errors import ConfigError
from evalctl.plugins import Loaded, PluginInfo
from evalctl.scaffold import read_name, refuse_taken

HOLDER = "a \\(evalctl-a 1.0\\)"


def installed() -> Loaded:
    """A category with an alias, two datasets and models; and plugins that are not loaded."""
    category = CategorySpec(
        name="cooking",
        title="Cooking",
        aliases=("culinary_arts",),
        models=(model("baking_recorded"),),
        datasets=(dataset("soups"), dataset("stews_riddles")),
    )
    registry, _ = assemble([Contribution(A, categories=(category,))])
    infos = (
        PluginInfo("kitchen", "evalctl-a", "1.0", "evalctl_a", "loaded"),
        PluginInfo("broken", "evalctl-b", "2.0", "evalctl_b", "failed"),
        PluginInfo("hyphen-ated", "evalctl-c", "3.0", "evalctl_c", "disabled"),
    )
    return Loaded(registry, infos)


TAKEN = [
    ("cooking", f"the category 'cooking' is taken by {HOLDER}"),
    ("culinary-arts", f"the category 'culinary_arts' is taken by {HOLDER}"),
    ("soups", f"the dataset 'soups' is taken by {HOLDER}"),
    ("stews", f"the dataset 'stews_riddles' is taken by {HOLDER}"),
    ("baking", f"the model 'baking_recorded' is taken by {HOLDER}"),
    ("kitchen", "the plugin name 'kitchen' is taken by evalctl-a 1.0"),
    ("broken", "the plugin name 'broken' is taken by evalctl-b 2.0, which is failed"),
    ("hyphen_ated", "the plugin name 'hyphen-ated' is taken by evalctl-c 3.0, which is disabled"),
]


@pytest.mark.parametrize(("name", "reason"), TAKEN)
def test_a_name_that_is_taken_is_refused(name: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        refuse_taken(read_name(name), installed())


def test_a_free_name_passes() -> None:
    refuse_taken(read_name("gardening"), installed())


def test_a_module_that_is_there_already_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "evalctl_gardening.py").write_text("raise SystemExit('was imported')")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ConfigError, match=f"the module 'evalctl_gardening' .* {tmp_path}"):
        refuse_taken(read_name("gardening"), installed())


def test_a_folder_that_python_would_import_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "evalctl_gardening").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ConfigError, match="the module 'evalctl_gardening' is taken by /"):
        refuse_taken(read_name("gardening"), installed())


def test_a_module_that_was_made_without_a_spec_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "evalctl_gardening", ModuleType("evalctl_gardening"))
    with pytest.raises(ConfigError, match="taken by a module that is loaded already"):
        refuse_taken(read_name("gardening"), installed())


def test_a_distribution_without_a_plugin_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = tmp_path / "evalctl_gar_dening-1.5.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: evalctl-gar-dening\nVersion: 1.5")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ConfigError, match=r"the distribution 'evalctl-gar-dening' .* version 1.5"):
        refuse_taken(read_name("gar-dening"), installed())
