"""`evalctl run --max-cost`: what a run may cost, and that it goes on from there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conftest import Site
from tests.serving_models import (
    COST_EACH,
    N_SAMPLES,
    PRICES,
    RUN,
    Shop,
    know,
    results_of,
    run_in,
    shop_at,
    summary_of,
    usage_of,
)

PRICED = ("--config", "prices.yaml")
JUDGED = """
from evalctl import CategorySpec, InlineSource, JudgeSpec, Message, MetricSpec, Score, ScorerSpec
from evalctl import hookimpl, mean_value
from evalctl_toys import TOY_SCORER, dataset


def ask(sample, completion):
    return (Message(role="user", content=f"Is it right that {sample.id} + 0 is so?"),)


def read(text):
    return Score(value=1.0, answer=text)


APPROVAL = MetricSpec(name="approval", title="approval", reduce=mean_value)
JUDGE = ScorerSpec(name="approver", version="1", metrics=(APPROVAL,),
                   judge=JudgeSpec(version="1", prompt=ask, parse=read, max_tokens=10))
ROWS = InlineSource(rows=tuple({"question": f"{n} + 0", "answer": str(n)} for n in range(20)))


@hookimpl
def evalctl_categories():
    made = dataset("essays", role="primary", sources=(ROWS,), scorers=(TOY_SCORER, JUDGE))
    return (CategorySpec(name="essays", title="essays", datasets=(made,)),)
"""


@pytest.fixture(scope="module")
def the_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    site = Site(tmp_path_factory.mktemp("shop"))
    with shop_at(site) as shop:
        site.add("essays", JUDGED)
        yield shop


@pytest.fixture
def shop(the_shop: Shop) -> Shop:
    """The shop, with a server that was not asked yet."""
    the_shop.server.asked.clear()
    the_shop.server.then = know
    the_shop.server.models = ("m", "n")
    return the_shop


@pytest.fixture
def out(request: pytest.FixtureRequest, the_shop: Shop) -> Path:
    """The folder of a test's runs."""
    return the_shop.folder / re.sub(r"\W+", "-", request.node.name)


def test_a_run_stops_at_its_limit_and_goes_on_with_another(shop: Shop, out: Path) -> None:
    model = shop.model("anthropic")
    code = shop.driver.run(*RUN, *model, *PRICED, "--max-cost", "1", "--out", str(out))
    assert code == 3, shop.driver.said()
    run = run_in(out)
    n_done = len(results_of(run))
    assert re.search(rf"stopped at its limit of 1 USD .*: {n_done} of 60", shop.driver.said())
    assert f"evalctl run --resume {run} --max-cost MORE" in shop.driver.said()
    assert summary_of(run)["status"] == "out_of_budget"
    # Of the limit less is left than one more prompt could have cost: 10 tokens to write, and
    # the bytes of the question to read.
    assert 1 - 0.2 < usage_of(run)["cost"]["amount"] <= 1
    assert len(shop.server.asked) == n_done
    assert shop.driver.run("run", "--resume", str(run)) == 3
    assert len(shop.server.asked) == n_done
    assert shop.driver.run("run", "--resume", str(run), "--max-cost", "10") == 0
    assert sorted(map(int, shop.asked())) == list(range(N_SAMPLES))
    cost = usage_of(run)["cost"]
    assert cost["amount"] == pytest.approx(N_SAMPLES * COST_EACH)
    assert (cost["currency"], cost["prompt_tokens"]) == ("USD", N_SAMPLES * 7)
    assert json.loads((run / "manifest.json").read_text())["asked"]["max_cost"] == 10


def test_the_judge_spends_of_the_same_budget(shop: Shop, out: Path) -> None:
    flags = ("--no-cache", "--max-tokens", "10", *PRICED, "--out", str(out))
    model = shop.model()
    judged = ("--judge", model[1], "--max-cost", "1.2")
    code = shop.driver.run("run", "--dataset", "essays", *model, *judged, *flags)
    assert code == 3, shop.driver.said()
    run = run_in(out)
    usage = usage_of(run)
    assert usage["cost"]["amount"] == pytest.approx(20 * COST_EACH)
    assert 0 < usage["judge"]["amount"] <= 1.2 - usage["cost"]["amount"]
    n_judged = len(shop.server.asked) - 20
    assert f"20 of 20 samples asked, {20 - n_judged} left to judge" in shop.driver.said()
    assert shop.driver.run("run", "--resume", str(run), "--max-cost", "2") == 0, shop.driver.said()
    assert len(shop.server.asked) == 40
    assert usage_of(run)["judge"]["amount"] == pytest.approx(20 * COST_EACH)
    assert "cost 0.74 USD · its judge 0.74 USD" in " ".join(shop.driver.said().split())


def test_several_judges_stop_where_all_of_it_together_reaches_the_limit(
    shop: Shop, out: Path
) -> None:
    (shop.folder / "both.yaml").write_text(PRICES + PRICES.splitlines()[1].replace("m:", "n:"))
    flags = ("--no-cache", "--max-tokens", "10", "--config", "both.yaml", "--out", str(out))
    _, model = shop.model()
    judges = ("--judge", model, "--judge", model.replace(":m@", ":n@"))
    command = ("run", "--dataset", "essays", "--model", model, *judges, *flags)
    assert shop.driver.run(*command, "--max-cost", "1.8") == 3, shop.driver.said()
    run = run_in(out)
    n_asked = len(shop.server.asked)
    assert 40 < n_asked < 60
    usage = usage_of(run)
    spent = usage["cost"]["amount"] + usage["judge"]["amount"]
    assert spent == pytest.approx(n_asked * COST_EACH)
    assert 1.8 - 0.2 < spent <= 1.8
    (judging,) = summary_of(run)["models"][0]["datasets"][0]["judging"]
    assert [judge["n_verdicts"] for judge in judging["judges"]] == [20, n_asked - 40]
    assert shop.driver.run("run", "--resume", str(run), "--max-cost", "3") == 0, shop.driver.said()
    assert len(shop.server.asked) == 60
    assert usage_of(run)["judge"]["amount"] == pytest.approx(40 * COST_EACH)


def test_what_the_cache_has_costs_nothing(shop: Shop, out: Path) -> None:
    flags = [word for word in RUN if word != "--no-cache"]
    for name in ("paid", "free"):
        code = shop.driver.run(*flags, *shop.model(), *PRICED, "--out", str(out / name))
        assert code == 0, shop.driver.said()
    assert usage_of(run_in(out / "free"))["cached"] == N_SAMPLES
    assert usage_of(run_in(out / "free"))["cost"]["amount"] == 0
    assert len(shop.server.asked) == N_SAMPLES


def test_a_limit_without_a_price_is_refused_with_what_to_write(shop: Shop, out: Path) -> None:
    code = shop.driver.run(*RUN, *shop.model(), "--max-cost", "5", "--out", str(out))
    assert code == 2
    assert 'prices:\n  "m": {input_per_million' in shop.driver.said()
    assert not out.exists()
    assert not shop.server.asked


def test_prices_in_two_currencies_have_no_common_limit(shop: Shop) -> None:
    (shop.folder / "mixed.yaml").write_text(
        "prices:\n"
        "  m: {input_per_million: 1, output_per_million: 1}\n"
        "  n: {input_per_million: 1, output_per_million: 1, currency: EUR}\n"
    )
    _, name = shop.model()
    models = ("--model", name, "--model", name.replace(":m@", ":n@"))
    assert shop.driver.run(*RUN, *models, "--config", "mixed.yaml", "--max-cost", "5") == 2
    assert "the prices of this run are in EUR and USD" in shop.driver.said()


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        ("0.1", "it will stop at its limit of 0.1 USD"),
        ("300", "it may stop at its limit of 300 USD"),
        ("5000", "it cannot reach its limit of 5000 USD"),
    ],
)
def test_a_dry_run_sets_its_estimate_against_the_limit(shop: Shop, limit: str, said: str) -> None:
    flags = (*RUN, *PRICED, "--max-tokens", "1000", "--max-cost", limit, "--dry-run")
    code = shop.driver.run(*flags, *shop.model())
    assert code == 0, shop.driver.said()
    assert said in " ".join(shop.driver.said().split())
    assert not shop.server.asked
