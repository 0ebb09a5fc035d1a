"""The engines that the core declares."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest

from evalctl.engines.plugin import evalctl_engines
from evalctl.specs import EngineSpec

ENGINES = {spec.name: spec for spec in evalctl_engines()}
HEAVY = ("vllm", "torch", "transformers", "datasets", "pandas", "sympy", "openai", "anthropic")


def test_five_engines_are_declared() -> None:
    assert list(ENGINES) == ["vllm", "transformers", "openai", "anthropic", "replay"]


@pytest.mark.parametrize("spec", ENGINES.values(), ids=ENGINES.keys())
def test_factory_is_a_function_of_ours_that_needs_no_heavy_package_to_be_found(
    spec: EngineSpec,
) -> None:
    module, _, function = spec.factory.partition(":")
    assert callable(getattr(import_module(module), function))


@pytest.mark.parametrize("spec", ENGINES.values(), ids=ENGINES.keys())
def test_engine_with_packages_says_how_to_install_them(spec: EngineSpec) -> None:
    assert bool(spec.packages) == spec.install.startswith("pip install 'evalctl[")


def test_declaring_engines_imports_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from evalctl.engines.plugin import evalctl_engines\n"
        "list(evalctl_engines())\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])\n"
    )
    finished = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert finished.stdout.strip() == "[]"
