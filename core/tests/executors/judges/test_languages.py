from __future__ import annotations

from collections.abc import Iterator

import pytest

from evalctl.executions import (
    ExecutionRequest,
    ExecutionResult,
    Limits,
    Profile,
    ProgramTests,
    Reason,
    Sandbox,
    StdioTest,
)
from evalctl.executors.bwrap import open_bwrap
from evalctl.executors.judges import building, execute
from evalctl.executors.languages import LANGUAGES
from evalctl.executors.shared_host import open_landlock

PROFILE = Profile(name="tools", languages=("c", "javascript"))
DOUBLE_IN_C = (
    "#include <stdio.h>\nint main(void) {\n    long n;\n"
    '    while (scanf("%ld", &n) == 1) printf("%ld\\n", 2 * n);\n    return 0;\n}\n'
)
DOUBLE_IN_JAVASCRIPT = (
    "const lines = require('fs').readFileSync(0, 'utf8').trim().split('\\n');\n"
    "for (const line of lines) console.log(2 * Number(line));\n"
)


@pytest.fixture(scope="module", params=[open_bwrap, open_landlock])
def box(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    opened = request.param(PROFILE)
    yield opened
    opened.close()


def judged(box: Sandbox, language: str, program: str, **changes: object) -> ExecutionResult:
    tests = tuple(StdioTest(stdin=f"{n}\n", expected=f"{2 * n}\n") for n in (1, 21))
    asked = ExecutionRequest(
        id="case",
        program=program,
        language=language,
        tests=ProgramTests(stdio=tests),
        limits=Limits(wall_seconds=5.0),
        profile=PROFILE,
    )
    return execute(asked.model_copy(update=changes), box)


@pytest.mark.parametrize(
    ("language", "program"), [("c", DOUBLE_IN_C), ("javascript", DOUBLE_IN_JAVASCRIPT)]
)
def test_programs_are_built_run_and_judged_by_what_they_print(
    box: Sandbox, language: str, program: str
) -> None:
    right = judged(box, language, program)
    wrong = judged(box, language, program.replace("2 * n", "3 * n").replace("2 * N", "3 * N"))
    assert (right.passed, right.tests_passed, right.integrity) == (True, 2, "io")
    assert (wrong.passed, wrong.tests_passed, wrong.reason) == (False, 0, Reason.OK)


@pytest.mark.parametrize(
    ("language", "program", "reason"),
    [
        ("c", "int main(void) { return 1 }", Reason.COMPILE_ERROR),
        ("c", "int main(void) { for (;;); }", Reason.WALL_TIMEOUT),
        ("c", "int main(void) { int *p = 0; return *p; }", Reason.SIGNAL),
        ("c", '#include "/etc/passwd"\nint main(void) { return 0; }', Reason.COMPILE_ERROR),
        (
            "c",
            "#include <unistd.h>\nint main(void) { return fork() < 0 ? 7 : 0; }",
            Reason.NONZERO_EXIT,
        ),
        ("javascript", "let let = 1;", Reason.NONZERO_EXIT),
        ("javascript", "require('fs').readFileSync('/etc/passwd')", Reason.NONZERO_EXIT),
        (
            "javascript",
            "const a = []; for (;;) a.push(Buffer.alloc(1 << 24, 1));",
            Reason.MEMORY,
        ),
    ],
)
def test_programs_that_break_fail_for_their_own_reason(
    box: Sandbox, language: str, program: str, reason: Reason
) -> None:
    limits = Limits(wall_seconds=2.0, memory_total_bytes=400 << 20)  # soon filled
    result = judged(box, language, program, limits=limits)
    assert (result.passed, result.reason) == (False, reason)
    assert b"root:" not in result.stderr


def test_what_cannot_be_run_is_unsupported_and_says_why(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def why(language: str, **changes: object) -> str:
        result = judged(sandbox, language, "x", **changes)
        assert (result.reason, result.passed) == (Reason.UNSUPPORTED, None)
        return result.harness_error

    assert "no such language: cobol" in why("cobol")
    assert "does not hold the language c" in why("c", profile=Profile())
    assert "judged by what they print" in why("c", tests=ProgramTests(code="assert f()"))
    monkeypatch.setitem(LANGUAGES, "c", building.LANGUAGES["c"]._replace(needs="absent-gcc"))
    assert "missing program: absent-gcc" in why("c")
