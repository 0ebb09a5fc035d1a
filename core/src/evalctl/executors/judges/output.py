"""Whether a program printed what it had to: the rule of programming contests."""

from __future__ import annotations

import math

TOLERANCE = 1e-6
"""Absolute or relative, between tokens that both are decimal numbers with a point or exponent."""


def same_output(printed: bytes, expected: str) -> bool:
    """Return whether both hold the same tokens, line by line and then altogether.

    White space at the ends of lines and empty lines at the end do not count. Where lines differ,
    tokens are compared one by one; numbers written with a point or exponent may differ by
    `TOLERANCE`. Bytes that are no UTF-8 are not equal to anything.

    Source: the checkers of APPS (Hendrycks et al. 2021, arXiv 2105.09938) accept equal lines,
    equal tokens, and close floats; here integers must be equal as they are written.
    """
    try:
        text = printed.decode("utf-8")
    except UnicodeDecodeError:
        return False
    theirs = expected.split()
    # No more than is needed to tell: a megabyte of single letters makes many megabytes of tokens.
    mine = text.split(maxsplit=len(theirs))
    return len(mine) == len(theirs) and all(map(_same_token, mine, theirs))


def _same_token(mine: str, theirs: str) -> bool:
    if mine == theirs:
        return True
    is_number = _is_real(mine) or _is_real(theirs)
    if not is_number or "_" in mine + theirs or max(len(mine), len(theirs)) > 100:
        return False
    try:
        left, right = float(mine), float(theirs)
    except ValueError:
        return False
    return math.isclose(left, right, rel_tol=TOLERANCE, abs_tol=TOLERANCE)


def _is_real(token: str) -> bool:
    return token.isascii() and any(sign in token for sign in ".eE")
