from __future__ import annotations

import pytest

from evalctl.executors.guest.runners.asserts import OWN, CountedTests

SOURCE = "def check(f):\n    for n in (1, 2):\n        assert f(n) == n, 'same'\n    assert f(0)\n"


def report(source: str, names: dict[str, object]) -> dict[str, object]:
    return CountedTests(source).run(names)


def test_an_assert_in_a_loop_counts_every_time() -> None:
    found = report(f"{SOURCE}check(lambda n: n or True)", {})
    assert (found["passed"], found["total"], found["reached_end"]) == (3, 3, True)


def test_after_an_error_the_next_assert_is_tried() -> None:
    found = report("assert 1 / n\nassert 1 / (n + 1)\nassert not n", {"n": 0})
    assert (found["passed"], found["total"], found["raised"]) == (2, 3, 1)
    assert found["error"] == "assert 1: ZeroDivisionError: division by zero"


def test_an_exit_in_an_assert_is_no_failed_assert() -> None:
    with pytest.raises(SystemExit):
        report("assert leave()", {"leave": exit})


def test_an_exit_leaves_through_a_handler_of_the_tests() -> None:
    source = "try:\n    assert leave()\nexcept SystemExit:\n    assert True\n"
    found = report(source, {"leave": exit})
    assert (found["passed"], found["total"], found["raised"]) == (1, 1, 0)


def test_a_program_cannot_take_the_place_of_what_counts() -> None:
    names: dict[str, object] = dict.fromkeys(OWN, lambda *_: None)
    found = report("assert False", names)
    assert (found["passed"], found["total"]) == (0, 1)
