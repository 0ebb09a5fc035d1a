"""Which names a new package may have, and what follows from them."""

from __future__ import annotations

import pytest

from evalctl.errors import ConfigError
from evalctl.scaffold import read_name

NAMES = [
    ("riddles", "riddles", "evalctl-riddles"),
    ("promoter-sites", "promoter_sites", "evalctl-promoter-sites"),
    ("promoter_sites", "promoter_sites", "evalctl-promoter-sites"),
    ("evalctl-riddles", "riddles", "evalctl-riddles"),
    ("evalctl_promoter_sites", "promoter_sites", "evalctl-promoter-sites"),
    ("r2d2-3", "r2d2_3", "evalctl-r2d2-3"),
    ("x" * 32, "x" * 32, "evalctl-" + "x" * 32),
    ("json", "json", "evalctl-json"),  # the module is evalctl_json
]


@pytest.mark.parametrize(("given", "category", "distribution"), NAMES)
def test_names_follow_from_one(given: str, category: str, distribution: str) -> None:
    names = read_name(given)
    assert (names.category, names.distribution) == (category, distribution)
    assert names.module == f"evalctl_{category}"


REFUSED = [
    ("", "it is empty"),
    ("evalctl-", "it is empty"),
    ("x" * 33, "it has 33 characters"),
    ("class", "a word of Python's own"),
    ("../riddles", "it is a path.* Did you mean riddles"),
    ("/tmp/riddles", "it is a path"),
    ("..\\riddles", "it is a path"),
    (".riddles", "it is a path"),
    ("Riddles", "lower-case .* Did you mean riddles"),
    ("evalctl-Riddles", "Did you mean riddles"),
    ("tea time", "Did you mean tea-time"),
    ("tea.time", "Did you mean tea-time"),
    ("tea--time", "Did you mean tea-time"),
    ("tea-", "Did you mean tea"),
    ("-tea", "Did you mean tea"),
    ("_tea", "Did you mean tea"),
    ("3d", "begins with a letter"),
    ("räts", "ASCII letters"),
    ("\N{CYRILLIC SMALL LETTER A}", "ASCII letters"),
    ("tea\N{ARABIC-INDIC DIGIT ONE}", "ASCII letters"),
    ("tea\n", "Did you mean tea"),
    ("tea\0", "Did you mean tea"),
    ("tea\udcff", "Did you mean tea"),
    ("tea;rm", "Did you mean tea-rm"),
    ("<<module>>", "Did you mean module"),
]


@pytest.mark.parametrize(("given", "reason"), REFUSED)
def test_what_is_no_name_is_refused_with_the_reason(given: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=f"cannot name a plugin: .*{reason}") as caught:
        read_name(given)
    assert "\n" not in str(caught.value)
    str(caught.value).encode()


def test_a_name_that_is_much_too_long_is_cut_in_the_message() -> None:
    with pytest.raises(ConfigError) as caught:
        read_name("x" * 100_000)
    assert len(str(caught.value)) < 200
