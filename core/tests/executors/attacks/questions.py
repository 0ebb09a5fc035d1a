"""What is asked of programs, one question for every way to judge; with right answers.

Standard library only.
"""

from __future__ import annotations

from .attack import Kind

LIMITS: dict[str, float] = {"wall_seconds": 5.0, "cpu_seconds": 5.0}
"""Of every attack that says nothing else."""
PAIRS = (((2, 3), 5), ((-1, 1), 0), ((40, 2), 42))
ASSERTS = "".join(f"assert add{given} == {wanted}\n" for given, wanted in PAIRS)
BESIDE = "class Number(int):\n    pass\n\n" + "".join(
    f"assert add(Number({first}), {second}) == {wanted}\n" for (first, second), wanted in PAIRS
)
"""Tests that hand over an object of a class of their own, and so cannot be run apart."""
TESTS_OF_ASSERTS = {"split": ASSERTS, "beside": BESIDE}
CASES = """
import unittest

class Tests(unittest.TestCase):
    def test_a(self):
        self.assertEqual(add(2, 3), 5)

    def test_b(self):
        self.assertEqual(add(-1, 1), 0)

    def test_c(self):
        self.assertEqual(add(40, 2), 42)
"""
STDIO = tuple((f"{n} {n}\n", f"{n * 2}\n") for n in range(40))
MAPPING = (((1,), {"1": 2, "2": 3}), ((2,), {"2": 3, "3": 4}))

_ADD = "def add(a, b):\n    return a + b\n"
RIGHT: dict[Kind, str] = {
    "script": "print('alive')",
    "stdio": "a, b = map(int, input().split())\nprint(a + b)",
    "values": _ADD,
    "mapping": "def add(n):\n    return {n: n + 1, str(n + 1): n + 2}\n",
    "split": _ADD,
    "beside": _ADD,
    "cases": _ADD,
}
