from __future__ import annotations

import ast
import random
from decimal import Decimal
from types import CodeType

import pytest

from evalctl.executors.guest.runners import asserts
from evalctl.executors.judges.controls import Controls, of_asserts, of_cases

HOLDING = """
def f(x): return x
def near(x): return x + 1e-12
assert f(5) == 5
assert 5 == f(5)
assert f(-3) == -3
assert f(2.5) == 2.5
assert f(1e300) == 1e300
assert f("a'b") == "a'b"
assert f('') == ""
assert f(b"x") == b"x"
assert f(None) == None
assert f(True) == True
assert f([]) == []
assert f(()) == ()
assert f({}) == {}
assert f([1, [2, "x"], (3.5, None)]) == [1, [2, "x"], (3.5, None)]
assert f({1, 2, 3}) == {1, 2, 3}
assert f({True, False}) == {True, False}
assert f({"k": 1, "l": {}}) == {"k": 1, "l": {}}
assert set(f([1, 1, 2])) == set([1, 1, 2])
assert sorted(f([2, 1])) == sorted([1, 2])
assert (f("ä")) == ("ä"), "with a message: ü"
assert f(3) != 4
assert f(3) < 4
assert f(3) <= 3
assert f(3) > 2
assert f(3) >= 3
assert f(None) is None
assert f(1) is  not  None
assert f(1) in [1, 2]
assert f(3) not  in [1, 2]
assert not f(0)
assert not (f(0))
assert f(1)
assert f(1) and f(2)
assert True, "this one always holds"
assert abs(near(0.5) - 0.5) < 1e-6
assert abs(0.5 - near(0.5)) <= 10
assert math.isclose(near(0.5), 0.5)
assert math.isclose(near(-0.5), -0.5, rel_tol=1e-6)
assert math.isclose(near(0.5), 0.5, abs_tol=1e6)
assert f(1) == f(1)
assert 1 < f(2) < 3
assert f(
    7
) == (
    7
)
"""
CASES = """
import unittest

class Base(unittest.TestCase):
    def test_shared(self):
        self.assertEqual(1 + 1, 2)

class Tests(Base):
    def test_equal(self): self.assertEqual("ä" + "b", "äb", "a message")
    def test_first(self): self.assertEqual(4, 2 + 2)
    def test_names(self):
        x = y = 3
        self.assertEqual(x, y)
    def test_not_equal(self): self.assertNotEqual(1, 2)
    def test_list(self): self.assertListEqual([1, 2], [1, 2])
    def test_dict(self):
        x = {}
        self.assertDictEqual(x, x)
    def test_count(self): self.assertCountEqual([2, 1], [1, 2])
    def test_near(self): self.assertAlmostEqual(0.1 + 0.2, 0.3)
    def test_near_places(self): self.assertAlmostEqual(1.001, 1.0, places=2)
    def test_near_delta(self): self.assertAlmostEqual(100, 95, delta=9.5)
    def test_true(self): self.assertTrue([1])
    def test_true_equal(self): self.assertTrue(1 + 1 == 2)
    def test_false(self): self.assertFalse([])
    def test_none(self): self.assertIsNone(None)
    def test_in(self): self.assertIn("a", "abc")
    def test_kind(self): self.assertIsInstance(1, int)
    def test_greater(self): self.assertGreater(2, 1)
    def test_less(self): self.assertLessEqual(2, 2)
    def test_pattern(self): self.assertRegex("abc", "b")
    def test_raises(self):
        with self.assertRaises(ValueError):
            int("x")
    def test_raises_any(self):
        with self.assertRaises(Exception) as caught:
            {}["x"]
    def test_raises_call(self): self.assertRaises(KeyError, {}.pop, 1)
    def test_plain(self):
        assert 1 + 1 == 2
    def test_within(self):
        with unittest.mock.patch("os.getcwd", return_value="x"):
            self.assertEqual(len("ab"), 2)
"""
UNSURE = """
import unittest

class Tests(unittest.TestCase):
    def test_loop(self):
        for one in []: self.assertEqual(one, 1)
    def test_branch(self):
        if False: self.assertEqual(1, 2)
    def test_sequence(self):
        x = y = (1,)
        self.assertSequenceEqual(x, y)
    def test_early(self):
        return
        self.assertEqual(1, 2)
    def test_swallowed(self):
        with self.assertRaises(AssertionError) as caught:
            raise AssertionError
        try: self.assertEqual(1, 2)
        except AssertionError: pass
    def test_unknown_delta(self):
        wide = 1e9
        self.assertAlmostEqual(1, 2, places=-2) or self.assertTrue
    def test_nothing(self):
        pass
"""


def held(source: str) -> set[str]:
    """Return the numbers of the asserts that hold."""
    import math

    report = asserts.CountedTests(source).run({"math": math, "Decimal": Decimal})
    assert report["reached_end"] is True, report
    names = report["held"]
    assert isinstance(names, list)
    return set(names)


def passed(source: str) -> set[str]:
    """Return the names of the test cases that pass."""
    import unittest.mock

    names: dict[str, object] = {"__name__": "tests"}
    exec(compile(source, "tests.py", "exec"), names)  # noqa: S102
    result, cases = unittest.TestResult(), []
    for value in names.values():
        if isinstance(value, type) and issubclass(value, unittest.TestCase):
            cases += list(unittest.defaultTestLoader.loadTestsFromTestCase(value))
    for case in cases:
        case.run(result)
    bad = {id(case) for case, _ in (*result.failures, *result.errors)}
    return {
        f"{type(case).__name__}.{case._testMethodName}" for case in cases if id(case) not in bad
    }


def count(source: str) -> int:
    return sum(isinstance(node, ast.Assert) for node in ast.walk(ast.parse(source)))


@pytest.mark.parametrize("seed", range(12))
def test_just_the_asserts_that_were_changed_do_not_hold(seed: int) -> None:
    everything = held(HOLDING)
    controls = of_asserts(HOLDING, frozenset(), random.Random(seed))
    assert controls.needed == everything
    assert len(everything) == count(HOLDING)
    assert [held(one.source) for one in controls.all] == [
        everything - one.changed for one in controls.all
    ]


@pytest.mark.parametrize("seed", range(12))
def test_just_the_test_cases_that_were_changed_do_not_pass(seed: int) -> None:
    everything = passed(CASES)
    controls = of_cases(CASES, random.Random(seed))
    assert controls.needed == everything
    assert [passed(one.source) for one in controls.all] == [
        everything - one.changed for one in controls.all
    ]


def test_a_test_that_may_never_come_to_its_assertion_is_left_alone() -> None:
    found = of_cases(UNSURE, random.Random(0)).needed
    assert found == {"Tests.test_swallowed"}, "its assertRaises is reached, and nothing else"


def test_few_tests_get_two_controls_that_change_each_of_them_once() -> None:
    source = "assert f(1) == 1\nassert f(2) == 2\nassert f(3) == 3\n"
    found = {seed: of_asserts(source, frozenset(), random.Random(seed)) for seed in range(20)}
    assert {len(controls.all) for controls in found.values()} == {1, 2}
    assert all(changed_once(controls) for controls in found.values())


def changed_once(controls: Controls) -> bool:
    names = [name for control in controls.all for name in control.changed]
    return sorted(names) == sorted(controls.needed)


def test_asserts_of_a_function_that_is_called_are_needed_and_those_of_a_loop_are_not() -> None:
    source = (
        "def check(f):\n    assert f(1) == 1\n    for x in ():\n        assert f(x) == 2\n"
        "    assert f(3) == 3\ncheck(int)\n"
    )
    assert of_asserts(source, frozenset(), random.Random(0)).needed == {"0", "2"}


def test_where_every_assert_is_in_a_loop_those_that_held_are_changed() -> None:
    source = "for x in (1, 2):\n    assert f(x) == x\n"
    controls = of_asserts(source, frozenset({"0"}), random.Random(0))
    assert [one.changed for one in controls.all] == [{"0"}]


def test_a_control_has_the_form_of_the_tests() -> None:
    source = "assert f(2, 3) == 5  # a comment\nassert g('x') == \"y\"\n"
    (code,) = {shape(one.source) for one in of_asserts(source, frozenset(), random.Random(3)).all}
    assert code == shape(source)


def shape(source: str) -> tuple[tuple[str, ...], int]:
    code: CodeType = compile(source, "x", "exec")
    return code.co_names, source.count("# a comment")
