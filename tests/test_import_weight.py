"""Nothing heavy is imported before it is needed; `benchmarks/startup.py` measures the time."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Site

HEAVY = {"vllm", "torch", "transformers", "datasets", "pandas", "sympy", "numpy", "pyarrow", "PIL"}

IMPORTED_BY = """
import atexit, json, sys
atexit.register(lambda: sys.stderr.write("\\n" + json.dumps(sorted(sys.modules))))
from evalctl.cli import main
main()
"""

KINDS = [
    "categories",
    "models",
    "datasets",
    "metrics",
    "engines",
    "executors",
    "plugins",
    "runs",
]


def imported_by(site: Site, *arguments: str) -> set[str]:
    done = site.python(IMPORTED_BY, *arguments)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stderr.splitlines()[-1]))


@pytest.mark.parametrize("kind", KINDS)
def test_listing_imports_nothing_heavy(toys: Site, kind: str) -> None:
    assert not imported_by(toys, "list", kind) & HEAVY


def test_loading_all_plugins_imports_nothing_heavy(toys: Site) -> None:
    code = "import sys; from evalctl import plugins; plugins.load(); print(*sys.modules)"

    assert not set(toys.python(code).stdout.split()) & HEAVY


def test_a_dry_run_counts_tokens_without_importing_anything_heavy(toys: Site) -> None:
    modules = imported_by(
        toys, "run", "--model", "reference", "--dataset", "math_sample", "--dry-run"
    )

    assert "tokenizers" in modules
    assert not modules & HEAVY


def test_help_imports_neither_plugins_nor_specs(toys: Site) -> None:
    modules = imported_by(toys, "--help")

    assert not modules & {"evalctl.specs", "evalctl.records", "evalctl.plugins", "evalctl_toys"}
    assert not modules & {"pydantic", "pluggy", "rich", "importlib.metadata"}


def test_help_about_a_run_imports_nothing_that_a_run_needs(toys: Site) -> None:
    modules = imported_by(toys, "run", "--help")

    assert not modules & {"evalctl.specs", "evalctl.records", "evalctl.plugins", "rich"}


def test_listing_imports_nothing_that_only_a_run_needs() -> None:
    code = "import sys; from evalctl import plugins; plugins.load(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    modules = set(done.stdout.split())

    assert "evalctl_math.datasets" in modules
    assert not modules & {"evalctl_math.answers", "evalctl_math.equivalence", "evalctl_math.steps"}
    assert not modules & {"evalctl.results", "evalctl.engines.replay", "evalctl.stats"}


def test_json_is_printed_without_importing_rich(toys: Site) -> None:
    assert "rich.console" not in imported_by(toys, "list", "models", "--json")


def test_every_public_name_can_be_imported() -> None:
    code = "import evalctl\nfor name in evalctl.__all__: getattr(evalctl, name)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_unknown_public_name_is_an_attribute_error() -> None:
    import evalctl

    with pytest.raises(AttributeError, match="has no attribute 'CategorySpek'"):
        evalctl.CategorySpek  # type: ignore[attr-defined]  # noqa: B018 - that is the point
