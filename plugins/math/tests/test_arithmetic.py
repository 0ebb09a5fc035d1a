"""Exact arithmetic on text."""

from __future__ import annotations

from fractions import Fraction

import pytest

from evalctl_math.arithmetic import MAX_BITS, evaluate


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", Fraction(12)),
        ("-5", Fraction(-5)),
        ("--5", Fraction(5)),
        ("1.", Fraction(1)),
        (".5", Fraction(1, 2)),
        ("2 + 3 * 4", Fraction(14)),
        ("(2 + 3) * 4", Fraction(20)),
        ("10 - 4 - 3", Fraction(3)),
        ("8 / 4 / 2", Fraction(1)),
        ("2^3^2", Fraction(512)),
        ("-2^2", Fraction(-4)),
        ("2^-1", Fraction(1, 2)),
        ("2^{10}", Fraction(1024)),
        ("\\frac{4}{3}", Fraction(4, 3)),
        ("1\\frac{4}{5}", Fraction(9, 5)),
        ("-1\\frac{1}{2}", Fraction(-3, 2)),
        ("1 1/2", Fraction(3, 2)),
        ("5 1/2 + 1/2", Fraction(6)),
        ("2(3+4)", Fraction(14)),
        ("20% * 50", Fraction(10)),
        ("4.5e3", Fraction(4500)),
        ("4.5 \\times 10^{3}", Fraction(4500)),
        ("1:2", Fraction(1, 2)),
        ("2**5", Fraction(32)),
    ],
)
def test_arithmetic_has_its_exact_value(text: str, value: Fraction) -> None:
    assert evaluate(text) == value


@pytest.mark.parametrize(
    "text",
    ["", " ", "x", "1 +", "1 2", "(1", "1)", "1/0", "0^0", "0^-1", "2^0.5", "\\frac{1}", "\\frac12",
     "9**9**9**9", "9^{9^{9^9}}", "1e999", "1e99999", "10^100000", "9" * 1001, "(" * 41 + "1",
     "1" + "+1" * 400, "__import__('os')", "1;2", "\\sqrt{4}", "1,000", "\x00"],
    ids=lambda text: text[:20],
)  # fmt: skip
def test_anything_else_is_refused(text: str) -> None:
    assert evaluate(text) is None


def test_a_power_just_below_the_bound_is_computed() -> None:
    assert evaluate(f"2^{MAX_BITS // 2 - 1}") == Fraction(2) ** (MAX_BITS // 2 - 1)
