"""What may be handed to a symbolic library."""

from __future__ import annotations

import pytest

from evalctl_math.grammar import MAX_CHARACTERS, reduce


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("x+1", "x +1"),
        ("2 * x", "2\\cdot x"),
        ("\\dfrac12", "\\frac {1}{2}"),
        ("x^2", "x ^{2}"),
        ("5^(1/2)", "5^{1/2}"),
        ("[x+1]^2", "(x +1)^{2}"),
        ("e^{x^2}", "e ^{x ^{2}}"),
        ("x^{2005}", "x ^{2005}"),
        ("2^{2005}", "2^{2005}"),
        ("\\frac{1}{2004!}", "\\frac {1}{2004!}"),
        ("\\sqrt[3]{8}", "\\sqrt [3]{8}"),
        ("sin(x)", "\\sin (x )"),
        ("C_{1} e^{t}", "C _{1}e ^{t }"),
        ("(x+1)^{60}", "(x +1)^{60}"),
        ("|x|", "|x |"),
        ("x = 2", "x =2"),
        ("4.5e33 x", "(4.5\\cdot 10^{33})x"),
        ("1e-5", "(1\\cdot 10^{-5})"),
        ("\\operatorname{eye}(9)", "e y e (9)"),
    ],
)
def test_plain_mathematics_is_written_anew(text: str, written: str) -> None:
    assert reduce(text) == written


@pytest.mark.parametrize(
    "text",
    ["", " ", "118 00", "1.2.3",
     "9**9**9**9", "9^{9^{9^9}}", "9^{9^9}", "9^{(9)^{9}}", "9^{{9}^{9}}", "x^{9^{9}}",
     "(((9^{99})^{99})^{99})^{99}", "{{9^{999}}^{999}}", "2^{10001}", "2^{101 * 101}",
     "\\sqrt{9^{5000}}^{5000}", "\\frac{9^{5000}}{9^{6000}}", "9^{6000} * 9^{6000}",
     "(x+1)^{61}", "(x+y+z)^{5000}", "3!!", "(3!)!", "9999!", "x^{3!}", "2400!^{2}",
     "\\binom{1000000}{500000}", "1" * 41, "x" * 5, "abcde", "+" * (MAX_CHARACTERS + 1),
     "1+" * 160 + "1", "(" * 13 + "x" + ")" * 13, "__import__('os')", "x.__class__", "x.real",
     "a.b", "x_{__}", "'x'", '"x" + "y"', "\\input{/etc/passwd}", "\\def\\x{}", "\\write18{ls}",
     "\\sum_{n=1}^{9} n", "\\int_0^1 x dx", "\\lim_{x} x", "\\prod",
     "\\text{exec}", "x;y", "x#y", "x@y", "x,y", "x & y", "\\begin{matrix}1\\end{matrix}",
     "\\frac{}{}", "\\frac{1}", "\\sqrt", "x^", "x^{}", "^2", "_2", "()", "(x", "x)", "(x]", "1_2",
     "f'", "ñ", "变", "\\unknown", "\\", "x\x00\\y", "(x=1)"],
    ids=lambda text: text[:24],
)  # fmt: skip
def test_anything_else_is_refused(text: str) -> None:
    assert reduce(text) is None
