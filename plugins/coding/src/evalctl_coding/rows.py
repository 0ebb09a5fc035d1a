"""From upstream's rows to samples: one adapter per dataset, for files and hub copies alike."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator

from evalctl import Row, Sample

_DEFINITION = re.compile(r"^def (\w+)", re.MULTILINE)
_TEST_IDS = range(11, 511)
"""Source: Austin et al. 2021, "Program Synthesis with Large Language Models", section 2.1."""


def humaneval(row: Row) -> Sample:
    """Adapt a row of HumanEval, or of our own sample."""
    entry_point = row.text("entry_point")
    if not entry_point.isidentifier():
        raise ValueError(f"column 'entry_point' holds {entry_point[:80]!r}, no function's name")
    code = f"{row.text('test')}\n\ncheck({entry_point})\n"
    return Sample(
        id=row.text("task_id"),
        input=row.text("prompt"),
        solution=row.text("canonical_solution"),
        metadata={"entry_point": entry_point, "tests": checked(code)},
    )


def mbpp(row: Row) -> Sample:
    """Adapt a row of MBPP: the problem is stated with its tests."""
    return _mbpp(row, row.text("text"), str(row.data.get("test_setup_code") or ""))


def mbpp_sanitized(row: Row) -> Sample:
    """Adapt a row of MBPP's sanitized form, whose tests say what they import."""
    imports = row.data.get("test_imports")
    lines = imports if isinstance(imports, list) else ()
    return _mbpp(row, row.text("prompt"), "\n".join(str(line) for line in lines))


def _mbpp(row: Row, stated: str, setup: str) -> Sample:
    asserts = row.data.get("test_list")
    if not isinstance(asserts, list) or not asserts or not all(isinstance(a, str) for a in asserts):
        raise ValueError("column 'test_list' is no list of asserts")
    tests = "\n".join(str(line) for line in asserts)
    code = row.text("code").replace("\r\n", "\n")
    name = next((n for n in _DEFINITION.findall(code) if re.search(rf"\b{n}\(", tests)), "")
    if not name:
        raise ValueError("column 'test_list' calls no function of column 'code'")
    return Sample(
        id=str(row.data.get("task_id", row.number)),
        input=f"{stated.strip()} Your code should pass these tests:\n\n{tests}",
        solution=code,
        metadata={"entry_point": name, "tests": checked(f"{setup}\n{tests}\n")},
    )


def test_split(samples: Iterable[Sample]) -> Iterator[Sample]:
    """Keep the samples of MBPP's test split, ids 11 to 510."""
    return (sample for sample in samples if sample.id.isdecimal() and int(sample.id) in _TEST_IDS)


def checked(tests: str) -> str:
    """Return tests that parse, so that no model is blamed for a broken row.

    Raises:
        ValueError: They do not.
    """
    try:
        with warnings.catch_warnings():  # such as "invalid escape sequence": upstream's affair
            warnings.simplefilter("ignore")
            compile(tests, "tests", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise ValueError(f"its tests do not parse: {error}") from None
    return tests
