"""What is read out of rankings, and MEDIQA's measures on hand-worked cases."""

from __future__ import annotations

import pytest

from evalctl_biomedical.rankings import rank_agreement, read_ranking, reciprocal_rank

READ = [
    ("Ranking: 3 > 1", (3, 1)),
    ("Ranking: 3", (3,)),
    ("**Ranking:** 3 > 1 > 2", (3, 1, 2)),
    ("Ranking: [3] > [1]", (3, 1)),
    ("Ranking: (3) > (1)", (3, 1)),
    ("Ranking: 3, 1, 2", (3, 1, 2)),
    ("Ranking: 3; 1 and 2", (3, 1, 2)),
    ("Ranking: Answer 3 > Answer 1", (3, 1)),
    ("Ranking: 3>1>2.", (3, 1, 2)),
    ("Ranking (best first): 2 > 1", (2, 1)),
    ("Ranking: 3 → 1", (3, 1)),
    ("Ranking: 1 > 1 > 2", (1, 2)),
    ("Ranking: 9 > 1 > 0", (1,)),
    ("Ranking: none", ()),
    ("Ranking: None.", ()),
    ("Ranking: []", ()),
    ("Ranking: 3 > 1 (2 is only related)", (3, 1)),
    ("Answer 2 is best.\nRanking: 2 > 3", (2, 3)),
    ("Ranking: 1 > 2\nNo.\nRanking: 2 > 1", (2, 1)),
    ("3 > 1", (3, 1)),
    ("I looked at all.\n3 > 1", (3, 1)),
    ("Ranking: 12345678901", ()),
    ("", None),
    ("Answers 1 and 3 are right.", None),
    ("The second one.", None),
    ("Ranking: the third", None),
]


@pytest.mark.parametrize(("text", "numbers"), READ)
def test_rankings_are_read(text: str, numbers: tuple[int, ...] | None) -> None:
    assert read_ranking(text, 5) == numbers


@pytest.mark.parametrize(
    ("ranking", "right", "value"),
    [
        ("a", "a", 1.0),
        ("ba", "a", 1 / 2),
        ("cba", "ab", 1 / 2),
        ("cd", "ab", 0.0),
        ("", "ab", 0.0),
    ],
)
def test_the_reciprocal_rank_is_that_of_the_first_right_answer(
    ranking: str, right: str, value: float
) -> None:
    assert reciprocal_rank(list(ranking), list(right)) == value


@pytest.mark.parametrize(
    ("ranking", "reference", "rho", "by_name"),
    [
        ("abc", "abc", 1.0, 1.0),
        ("cba", "abc", -1.0, -1.0),
        # Places in the ranking 3, 1, 2 and in the reference 1, 2, 3: 1 - 6 * (4 + 1 + 1) / 24.
        ("bca", "abc", -0.5, -0.5),
        # Places 2, 3, 1 and 3, 1, 2 of a, b, c: 1 - 6 * (1 + 4 + 1) / 24; the names at each place,
        # c a b and b c a, give 3, 1, 2 and 2, 3, 1: the same here, but not below.
        ("cab", "bca", -0.5, -0.5),
        # Of b, c, d, e: places 2 1 4 3 and 1 2 3 4; names 2 1 4 3 and 1 2 3 4.
        ("cbed", "bcde", 0.6, 0.6),
        # Places of a, b, c, d: 3 1 4 2 and 4 3 1 2, distance 14; names 2 4 1 3 and 3 4 2 1.
        ("bdac", "cdba", 1 - 6 * 14 / 60, 1 - 6 * 6 / 60),
        ("xaby", "ab", 1.0, 1.0),
        ("xa", "ab", None, None),
        ("xy", "ab", 0.0, 0.0),
        ("", "ab", 0.0, 0.0),
    ],
)
def test_rank_agreement_is_spearmans_over_what_both_hold_right(
    ranking: str, reference: str, rho: float | None, by_name: float | None
) -> None:
    given = list(ranking), list(reference)
    assert rank_agreement(*given) == pytest.approx(rho)
    assert rank_agreement(*given, by_name=True) == pytest.approx(by_name)


def test_rank_agreement_is_that_of_scipy() -> None:
    stats = pytest.importorskip("scipy.stats")
    ranking, reference = list("dbeacgf"), list("abcdefg")
    expected = stats.spearmanr(
        [ranking.index(name) for name in reference], range(len(reference))
    ).statistic
    assert rank_agreement(ranking, reference) == pytest.approx(expected)
