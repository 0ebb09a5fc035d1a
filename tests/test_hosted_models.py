"""Registered models on servers: listed, asked where they are named alone, compared, run again."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from tests.conftest import Site
from tests.serving_models import N_SAMPLES, Shop, results_of, run_in, shop_at

PLUGIN = """
from evalctl import CategorySpec, ModelSpec, Preset, hookimpl
from evalctl_quiz import ROWS
from evalctl_toys import dataset

CLAUDE = ModelSpec(name="hosted_claude", title="Claude", path="claude-sonnet-5-5", kind="api",
                   engine="anthropic", context_length=200_000, licence="not stated")
NEAR = CLAUDE.model_copy(update={{"name": "hosted_near", "path": "m@http://127.0.0.1:{port}"}})
KEYED = Preset(engine="anthropic", options={{"key_variable": "NEAR_KEY"}})
PRIVATE = NEAR.model_copy(update={{"name": "hosted_private", "presets": {{"balanced": KEYED}}}})


@hookimpl
def evalctl_categories():
    rows = dataset("hosted_sums", role="primary", sources=(ROWS,))
    models = (CLAUDE, NEAR, PRIVATE)
    return (CategorySpec(name="hosted", title="hosted", models=models, datasets=(rows,)),)
"""
RUN = ("run", "--category", "hosted", "--samples", "all")
KEYS = {"ANTHROPIC_API_KEY": "planted", "OPENAI_API_KEY": "planted", "NEAR_KEY": "planted"}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    site = Site(tmp_path_factory.mktemp("shop"))
    with shop_at(site, **dict.fromkeys(KEYS, "")) as shop:
        site.add("hosted", PLUGIN.format(port=shop.server.port))
        yield shop


def listed(shop: Shop, **environment: str) -> dict[str, tuple[bool, str]]:
    site = Site(shop.folder)
    done = site.run("list", "models", "--category", "hosted", "--json", environment=environment)
    rows = json.loads(done.stdout)
    assert all(row["parameters"] is None for row in rows)
    return {row["name"]: (row["can_run"], row["reason"]) for row in rows}


def test_a_listing_says_which_key_is_missing(shop: Shop) -> None:
    found = listed(shop, **dict.fromkeys(KEYS, ""))
    assert not found["hosted_claude"][0]
    assert "ANTHROPIC_API_KEY is not set" in found["hosted_claude"][1]
    assert found["hosted_near"] == (True, "through anthropic")
    assert not found["hosted_private"][0]
    assert "NEAR_KEY is not set" in found["hosted_private"][1]
    assert all(can_run for can_run, _ in listed(shop, **KEYS).values())


def test_nobody_pays_for_a_model_that_was_not_named(shop: Shop) -> None:
    done = Site(shop.folder).run(*RUN, "--out", "unnamed", environment=KEYS)
    assert done.returncode == 2
    assert "hosted_claude: hosted models are asked where they are named alone" in done.stderr
    assert not shop.server.asked
    assert not (shop.folder / "unnamed").exists()


def test_a_model_that_is_named_is_run_and_run_again_and_compared(shop: Shop) -> None:
    first, again = shop.folder / "first", shop.folder / "again"
    code = shop.driver.run(*RUN, "--model", "hosted_near", "--out", str(first))
    assert code == 0, shop.driver.said()
    assert len(results_of(run_in(first))) == N_SAMPLES
    code = shop.driver.run("rerun", str(run_in(first)), "--out", str(again))
    assert code == 0, shop.driver.said()
    assert "the outputs of 0 of 60 samples changed" in shop.driver.said()
    code = shop.driver.run("compare", str(run_in(first)), str(run_in(again)))
    assert code == 0, shop.driver.said()
    assert len(shop.server.asked) == 2 * N_SAMPLES
