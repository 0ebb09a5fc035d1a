"""Program and tests in one process, for tests that need more than plain data.

A program can forge what is reported here; the judge runs a control, and says so in the result.
"""

from __future__ import annotations

import json
import os
import sys
import types
from collections.abc import Mapping

from . import asserts, script
from .report import REPORT

_MODULE = "solution"
"""Imported, not run: a main part is no part of a function."""


def run(job: Mapping[str, object]) -> int:
    """Run `source`, then `tests` in its namespace, and report the asserts with the job's nonce."""
    write, dumps = os.write, json.dumps
    source, nonce = str(job["source"]), job["nonce"]
    tests = asserts.CountedTests(str(job["tests"]))
    module = types.ModuleType(_MODULE)
    sys.modules[_MODULE] = module
    try:
        exec(compile(source, "solution.py", "exec"), module.__dict__)  # noqa: S102
    except BaseException as error:  # noqa: BLE001  # SystemExit as well: nothing was tested
        script.tell(error)
        return 1
    report = tests.run(module.__dict__)
    write(REPORT, dumps({"nonce": nonce, **report}).encode())
    return 0
