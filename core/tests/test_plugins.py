"""Loading plugins, inside this process: requirements, the contract, and failures as data."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pluggy
import pytest
from packaging.requirements import Requirement

from evalctl import ExecutorSpec, PluginError, hookimpl, hookspecs, plugins
from evalctl.plugins.contract import collect
from evalctl.plugins.entry_points import Candidate, find_candidates
from evalctl.plugins.failure import describe, summarise
from evalctl.plugins.requirements import meets_range, unmet_requirement
from evalctl.registry import Owner

OWNER = Owner("boxes", "evalctl-boxes", "1.0")
BOX = ExecutorSpec(name="box", title="a box", isolation="none", probe=lambda: None)


def manager() -> pluggy.PluginManager:
    made = pluggy.PluginManager(hookspecs.PROJECT)
    made.add_hookspecs(hookspecs)
    return made


def install(folder: Path, name: str, code: str, requires: str = "evalctl>=0.1") -> None:
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\nRequires-Dist: {requires}\n"
    )
    (info / "entry_points.txt").write_text(f"[evalctl]\n{name} = {name}_plugin\n")
    (folder / f"{name}_plugin.py").write_text(code)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of distributions on this process's path; their modules are forgotten afterwards."""
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    for installed in tmp_path.glob("*_plugin.py"):
        sys.modules.pop(installed.stem, None)


BOX_PLUGIN = """
from evalctl import ExecutorSpec, hookimpl

@hookimpl
def evalctl_executors():
    return [ExecutorSpec(name="{name}", title="t", isolation="none", probe=lambda: None)]
"""


def test_installed_plugin_is_loaded_and_says_what_it_offers(folder: Path) -> None:
    install(folder, "boxes", BOX_PLUGIN.format(name="box"))

    loaded = plugins.load()

    info = next(info for info in loaded.plugins if info.name == "boxes")
    assert (info.distribution, info.version, info.module) == ("boxes", "1.0", "boxes_plugin")
    assert info.status == "loaded"
    assert info.offers == {"executors": ("box",)}
    assert info.load_seconds > 0
    assert loaded.registry.executor("box").title == "t"


def test_an_entry_point_knows_its_distribution(folder: Path) -> None:
    install(folder, "boxes", BOX_PLUGIN.format(name="box"))

    (found,) = [one for one in find_candidates() if one.entry_point.name == "boxes"]

    assert found.entry_point.dist is found.installed is not None
    assert found.entry_point.dist.metadata["Name"] == "boxes"


def test_built_ins_come_first_and_others_by_name(folder: Path) -> None:
    install(folder, "aaa_boxes", BOX_PLUGIN.format(name="box"))
    install(folder, "aab_boxes", BOX_PLUGIN.format(name="other_box"))

    found = [info for info in plugins.load().plugins if info.name != "engines"]

    others = [info.name for info in found if info.distribution != "evalctl"]
    assert [info.distribution for info in found[: -len(others)]] == ["evalctl"] * (
        len(found) - len(others)
    )
    assert others == sorted(others)


def test_disabled_plugin_is_not_imported(folder: Path) -> None:
    install(folder, "boxes", "raise AssertionError")

    loaded = plugins.load(disabled=["boxes"])

    info = next(info for info in loaded.plugins if info.name == "boxes")
    assert info.status == "disabled"
    assert "boxes_plugin" not in sys.modules
    assert "boxes: disabled" in loaded.registry.hint


def test_strict_loading_raises_what_a_plugin_raised(folder: Path) -> None:
    install(folder, "boxes", "1 / 0")

    with pytest.raises(PluginError, match=r"boxes \(boxes 1.0\): ZeroDivisionError") as caught:
        plugins.load(strict=True, disabled=["engines", "executors"])

    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_strict_loading_raises_for_an_incompatible_plugin(folder: Path) -> None:
    install(folder, "boxes", "", requires="evalctl>=77")

    with pytest.raises(PluginError, match="needs evalctl>=77"):
        plugins.load(strict=True, disabled=["engines", "executors"])


def test_interruption_by_the_user_is_not_swallowed(folder: Path) -> None:
    install(folder, "boxes", "raise KeyboardInterrupt")

    with pytest.raises(KeyboardInterrupt):
        plugins.load()


def test_output_of_a_plugin_goes_to_standard_error(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    install(folder, "boxes", "print('hello')\n" + BOX_PLUGIN.format(name="box"))

    plugins.load()

    said = capsys.readouterr()
    assert said.out == ""
    assert "hello" in said.err


def test_every_hook_is_collected() -> None:
    assert {hook.removeprefix("evalctl_") for hook in hookspecs.RESULT_TYPES} == {
        field for field in collect(manager(), Boxes(), OWNER)._fields if field != "owner"
    }


class Boxes:
    """A plugin that is an object."""

    @hookimpl
    def evalctl_executors(self) -> list[ExecutorSpec]:
        return [BOX]

    @property
    def evalctl_trap(self) -> None:
        raise AssertionError("a property must not be touched")


class BoxesOfTomorrow:
    """A plugin that also serves a later evalctl."""

    @hookimpl
    def evalctl_executors(self) -> list[ExecutorSpec]:
        return [BOX]

    @hookimpl(optionalhook=True)
    def evalctl_dreams(self) -> tuple[()]:
        return ()


class RenamedBoxes:
    """A plugin whose function is not called like the hook."""

    @hookimpl(specname="evalctl_executors")
    def boxes(self) -> list[ExecutorSpec]:
        return [BOX]


@pytest.mark.parametrize("plugin", [Boxes(), BoxesOfTomorrow(), RenamedBoxes()])
def test_object_is_a_plugin_as_well_as_a_module(plugin: object) -> None:
    assert collect(manager(), plugin, OWNER).executors == (BOX,)


def test_module_that_imports_a_plugin_package_is_no_misspelled_hook() -> None:
    module = types.ModuleType("evalctl_boxes")
    module.evalctl_boxes = module  # type: ignore[attr-defined]  # what `import evalctl_boxes` binds
    module.evalctl_executors = Boxes().evalctl_executors  # type: ignore[attr-defined]  # likewise

    assert collect(manager(), module, OWNER).executors == (BOX,)


@pytest.mark.parametrize(
    ("requirement", "is_met"),
    [
        ("evalctl", True),
        ("evalctl>=0.1", True),
        ("evalctl>=0.1,<0.2", True),
        ("evalctl >= 0.1.0 , < 1", True),
        ("evalctl (>=0.1)", True),
        ("evalctl>0.1", True),
        ("evalctl~=0.1.0", True),
        ("evalctl==0.1.5", True),
        ("evalctl[vllm]>=0.1", True),
        ("evalctl>=0.1.5", True),
        ("evalctl<0.1.5", False),
        ("evalctl>=0.1.6", False),
        ("evalctl<0.1", False),
        ("evalctl>=0.1,<0.1.5", False),
        ("evalctl!=0.1.5", False),
        ("EvalCtl>=9", False),
        ("evalctl[vllm]>=9", False),
        ("evalctl>=9; extra == 'docs'", True),
        ("evalctl>=9; python_version < '3'", True),
        ("evalctl ???", False),
        ("evalctl-math>=9", True),
        ("evalctl_math>=9", True),
        ("evalctl.math>=9", True),
        ("other>=9", True),
    ],
)
def test_requirement_on_evalctl_is_checked(requirement: str, is_met: bool) -> None:
    assert (unmet_requirement([requirement], "0.1.5") is None) == is_met


@pytest.mark.parametrize(
    "version", ["0.0.9", "0.1", "0.1.0", "0.1.9", "0.2", "0.2.0", "0.2.1", "1.0"]
)
@pytest.mark.parametrize(
    "requirement", ["evalctl>=0.1,<0.2", "evalctl>=0.1.0", "evalctl<0.2.0", "evalctl>=0,<1"]
)
def test_quick_check_of_a_range_agrees_with_packaging(requirement: str, version: str) -> None:
    assert meets_range(requirement, version) == Requirement(requirement).specifier.contains(version)


@pytest.mark.parametrize("version", ["0.2rc1", "0.1.dev3", "0.1+local"])
def test_quick_check_leaves_other_versions_to_packaging(version: str) -> None:
    assert meets_range("evalctl>=0.1,<0.2", version) is None


def candidate(*requires: str) -> Candidate:
    entry_point = EntryPoint("boxes", "evalctl_boxes.plugin", "evalctl")
    return Candidate(entry_point, "evalctl-boxes", "1.0", requires)


def test_missing_package_is_met_with_the_requirements_that_are_not_installed() -> None:
    error = ModuleNotFoundError("No module named 'yaml_of_tomorrow'", name="yaml_of_tomorrow")

    failure = describe(error, candidate("pytest", "py-yaml-of-tomorrow>=3", "absent; extra == 'x'"))

    assert failure.remedy == "pip install 'py-yaml-of-tomorrow>=3'"
    assert failure.error == "No module named 'yaml_of_tomorrow'"


def test_missing_module_of_the_plugin_itself_is_met_with_a_reinstallation() -> None:
    error = ModuleNotFoundError("No module named 'evalctl_boxes'", name="evalctl_boxes")

    assert describe(error, candidate()).remedy == "pip install --force-reinstall evalctl-boxes"


@pytest.mark.parametrize(
    ("error", "summary"),
    [
        (KeyError("x"), "KeyError: 'x'"),
        (ValueError("two\n  lines"), "ValueError: two lines"),
        (SystemExit(3), "SystemExit: 3"),
        (RuntimeError(), "RuntimeError"),
        (PluginError("unknown hook"), "unknown hook"),
    ],
)
def test_error_is_summed_up_in_one_line(error: BaseException, summary: str) -> None:
    assert summarise(error) == summary
