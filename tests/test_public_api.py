"""The public API changes on purpose alone: a snapshot shows every change to whoever makes one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SCRIPT = "docs/make_api_snapshot.py"


def check(before: str = "") -> subprocess.CompletedProcess[str]:
    """Compare the snapshot with the API, after some code changed the latter."""
    code = (
        f"import runpy, sys, evalctl\n{before}\nsys.argv = ['snapshot', '--check']\n"
        f"runpy.run_path({SCRIPT!r}, run_name='__main__')"
    )
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_the_public_api_is_the_one_of_the_snapshot() -> None:
    done = check()
    assert done.returncode == 0, done.stdout + done.stderr


CHANGES = {
    "a name that goes": ("evalctl.__all__.remove('hookimpl')", "-hookimpl: HookimplMarker"),
    "a name that comes": ("evalctl.__all__.append('TYPE_CHECKING')", "+TYPE_CHECKING: bool"),
    "a field's default": (
        "evalctl.Sampling.model_fields['max_tokens'].default = 1",
        "+    max_tokens: int = 1",
    ),
    "a field's type": (
        "from typing import Literal\n"
        "evalctl.DatasetSpec.model_fields['role'].annotation = Literal['primary']",
        "+    role: Literal['primary'] = 'secondary'",
    ),
    "a function's signature": (
        "def first_value(scores, k=1): ...\nevalctl.first_value = first_value",
        "+def first_value(scores, k = 1)",
    ),
    "a hook": (
        "from evalctl import hookspecs\nhookspecs.RESULT_TYPES.pop('evalctl_models')",
        "-evalctl_models() -> Iterable[ModelSpec]",
    ),
    "a deprecation": (
        "from evalctl import deprecations as d\n"
        "d.NAMES = {'Row': d.Deprecated('0.3', '0.5', 'use `Line`')}",
        "+    (deprecated since 0.3, gone in 0.5: use `Line`)",
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_shown_with_what_to_do(change: str) -> None:
    code, line = CHANGES[change]
    done = check(code)
    assert done.returncode == 1, done.stderr
    assert line in done.stdout.splitlines()
    assert "docs/compatibility.md says how it is" in done.stdout
