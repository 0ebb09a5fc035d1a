"""Without a sandbox every attack does what it is after: so a quiet detector means it was held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from core.tests.executors.attacks import containment
from core.tests.executors.attacks.attack import Attack
from core.tests.executors.attacks.table import ATTACKS, FAMILIES

from evalctl.executors.bwrap import find_bwrap

FIRING = [attack for attack in ATTACKS.values() if not attack.unfired]


@pytest.fixture(scope="session")
def unprotected() -> Mapping[str, Sequence[str]]:
    """What each attack reached in the containment, judged in one process."""
    if find_bwrap() is None:
        pytest.skip("the containment needs bubblewrap")
    return containment.run(FIRING)


@pytest.mark.parametrize("attack", FIRING, ids=str)
def test_an_attack_reaches_its_target_where_nothing_holds_it(
    attack: Attack, unprotected: Mapping[str, Sequence[str]]
) -> None:
    assert attack.target in unprotected[attack.name]


def test_those_that_reach_nothing_are_few_outside_our_own_protocol() -> None:
    others = [one for name, family in FAMILIES.items() if name != "peers" for one in family]
    assert sum(bool(attack.unfired) for attack in others) <= 41
