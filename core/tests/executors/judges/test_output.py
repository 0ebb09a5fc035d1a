from __future__ import annotations

import pytest

from evalctl.executors.judges.output import same_output


@pytest.mark.parametrize(
    ("printed", "expected", "is_same"),
    [
        (b"1 2\n3\n", "1 2\n3", True),
        (b"1 2  \n\n3\n\n", "1 2\n3\n", True),
        (b"1\n2\n3\n", "1 2 3", True),
        (b"0.33333333", "0.333333334", True),
        (b"1e3", "1000.0", True),
        (b"2.0", "2", True),
        (b"2", "3", False),
        (b"12345678", "12345679", False),
        (b"nan", "nan", True),
        (b"nan", "1.0", False),
        (b"1_0.0", "10.0", False),
        (b"yes", "YES", False),
        (b"", "0", False),
        (b"", "", True),
        (b"\xff", "1", False),
    ],
)
def test_outputs_are_compared_token_by_token(printed: bytes, expected: str, is_same: bool) -> None:
    assert same_output(printed, expected) is is_same
