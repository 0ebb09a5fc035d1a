"""No attack passes or reaches its target on any executor of level 2 and above."""

from __future__ import annotations

import functools
import json
import os
import secrets
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from core.tests.executors.attacks.attack import Attack
from core.tests.executors.attacks.openers import OPENERS
from core.tests.executors.attacks.rig import PREFIX
from core.tests.executors.attacks.table import ATTACKS, FAMILIES

from evalctl.executions import Isolation

ROOT = Path(__file__).parents[4]
MOST_GROWTH = 40 << 20


@dataclass
class Trials:
    """What became of all attacks on one executor."""

    outcomes: dict[str, dict[str, object]] = field(default_factory=dict)
    grown: dict[str, int] = field(default_factory=dict)
    words: str = ""
    """What the process that tried them said last."""


def try_all(executor: str) -> Trials:
    """Try all attacks in a process of its own, which may be what they end."""
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(["src", *filter(None, sys.path)]),
        "EVALCTL_RIG": f"{PREFIX}secret-{secrets.token_hex(12)}",
    }
    done = subprocess.run(
        [sys.executable, "-m", "core.tests.executors.attacks.supervisor", executor],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    trials = Trials(words=done.stderr[-2000:])
    for line in map(json.loads, done.stdout.splitlines()):
        trials.grown |= line.get("grown", {})
        trials.outcomes |= {line["name"]: line} if "name" in line else {}
    return trials


@pytest.fixture(scope="session")
def trials() -> Callable[[str], Trials]:
    """What became of all attacks, by executor; each executor is tried once."""
    found = functools.cache(try_all)

    def tried(executor: str) -> Trials:
        isolation = OPENERS[executor].probe()
        if not isinstance(isolation, Isolation):
            pytest.skip(f"no {executor} on this machine: {isolation}")
        return found(executor)

    return tried


def case(executor: str, attack: Attack) -> object:
    known = attack.known.get(executor)
    marks = [pytest.mark.xfail(reason=known, strict=False)] if known else []
    return pytest.param(executor, attack, id=f"{executor}-{attack.name}", marks=marks)


def allowed(executor: str, attack: Attack) -> set[str]:
    """Return what an attack is known to reach on an executor of that level."""
    return {attack.target} if attack.is_residue and OPENERS[executor].level == 2 else set()


@pytest.mark.parametrize(
    ("executor", "attack"),
    [case(executor, one) for executor in OPENERS for one in ATTACKS.values()],
)
def test_an_attack_neither_passes_nor_reaches_anything(
    executor: str, attack: Attack, trials: Callable[[str], Trials]
) -> None:
    tried = trials(executor)
    assert attack.name in tried.outcomes, f"the supervisor ended before it: {tried.words}"
    outcome = tried.outcomes[attack.name]
    assert set(outcome["reached"]) - allowed(executor, attack) == set(), outcome


@pytest.mark.parametrize("executor", OPENERS)
def test_a_right_program_passes_after_every_attack(
    executor: str, trials: Callable[[str], Trials]
) -> None:
    outcomes = trials(executor).outcomes
    assert len(outcomes) == len(ATTACKS)
    assert [name for name, outcome in outcomes.items() if not outcome["control"]] == []


@pytest.mark.parametrize("executor", OPENERS)
def test_nothing_of_ours_grows_over_all_attacks(
    executor: str, trials: Callable[[str], Trials]
) -> None:
    grown = dict(trials(executor).grown)
    assert grown.pop("memory") < MOST_GROWTH
    assert grown == {"descriptors": 0, "processes": 0, "folders": 0}


def test_attacks_have_names_of_their_own() -> None:
    assert len(ATTACKS) == sum(len(family) for family in FAMILIES.values())
