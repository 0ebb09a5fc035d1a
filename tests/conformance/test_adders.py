"""Plugins that only add scorers to datasets of others are held against the rules as well."""

from __future__ import annotations

import json

import pytest
from tests.conftest import TOYS, Site

ADDER = """
import random
from evalctl import MetricSpec, Score, ScorerSpec, hookimpl, mean_value

def score(sample, completion):
    {body}

SCORER = ScorerSpec(
    name="{name}", version="1", score=score, datasets=("toy_sums",),
    metrics=(MetricSpec(name="{name}_share", title="share of long ones", reduce=mean_value),),
)

@hookimpl
def evalctl_scorers():
    return (SCORER,)
"""
SOUND = "return Score(value=float(len(completion.text) > 3), answer=completion.text)"
BROKEN = {
    "random": ("return Score(value=random.random(), answer='')", "scores-are-the-same-twice"),
    "changing": (
        "sample.__dict__['target'] = 'x'; return Score(value=1.0, answer='')",
        "specs-stay-as-they-are",
    ),
}
RULES = ("scores-are-the-same-twice", "specs-stay-as-they-are", "metrics-stay-in-their-range")


def statuses(site: Site, plugin: str) -> dict[str, str]:
    flags = [word for rule in RULES for word in ("--rule", rule)]
    done = site.run("plugins", "check", plugin, *flags, "--json")
    (report,) = json.loads(done.stdout)
    return {rule["rule"]: rule["status"] for rule in report["rules"]}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_scorer_for_others_that_breaks_a_rule_is_found(toys: Site, kind: str) -> None:
    body, rule = BROKEN[kind]
    toys.add(f"adds_{kind}", ADDER.format(body=body, name=f"adds_{kind}"))

    assert statuses(toys, f"adds_{kind}")[rule] == "failed"


def test_a_neighbour_that_ends_the_process_is_not_held_against_it(site: Site) -> None:
    site.add("toys", TOYS.read_text())
    site.add("sound", ADDER.format(body=SOUND, name="sound"))
    ending = "import os; os._exit(3)"
    site.add("ending", ADDER.format(body=ending, name="ending"))

    assert statuses(site, "sound") == dict.fromkeys(RULES, "ok")
