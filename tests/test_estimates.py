"""`evalctl run --dry-run` says what a plan will take, and a model that cannot fit is refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.quizzes import edit

if TYPE_CHECKING:
    from conftest import Site

PAID = Path(__file__).with_name("paid.py")
ASK = ("run", "--model", "paid_model", "--dataset", "paid_sums")
GIANT = ("run", "--model", "toy_giant", "--dataset", "toy_sums")


def test_a_model_that_cannot_fit_is_refused_with_the_numbers(toys: Site) -> None:
    done = toys.run(*GIANT)
    assert done.returncode == 2
    assert "toy_giant does not fit into this machine: about 2000000 GB are needed" in done.stderr
    assert "--force" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (toys.folder / "runs").exists()


def test_force_tries_it_and_says_so(toys: Site) -> None:
    done = toys.run(*GIANT, "--force", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "toy_giant does not fit into this machine" in done.stdout


def test_a_judge_that_cannot_fit_is_refused_too(toys: Site) -> None:
    done = toys.run("run", "--model", "toy_model", "--dataset", "toy_sums", "--judge", "toy_giant")
    assert done.returncode == 2
    assert "toy_giant does not fit" in done.stderr


@pytest.fixture
def paid(site: Site) -> Site:
    """A folder of distributions with a hosted model that answers at once."""
    site.add("paid", PAID.read_text())
    return site


def estimates(site: Site, *arguments: str) -> dict[str, Any]:
    done = site.run(*arguments, "--dry-run", "--json")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)["estimates"]["models"][0]
    return found


def test_the_reference_model_fits_and_its_tokens_are_counted_by_its_tokenizer(toys: Site) -> None:
    found = estimates(toys, "run", "--model", "reference", "--dataset", "math_sample")
    (dataset,) = found["datasets"]
    assert found["memory"]["verdict"] in {"fits", "fits_fewer"}
    assert found["memory"]["weights_source"] == "files"
    assert dataset["prompts"] == dataset["prompts_measured"] == 100
    assert dataset["prompt_tokens_source"] == "tokenizer"
    assert dataset["prompt_tokens"] == 4291  # what the engine itself counts in a run
    assert dataset["output_tokens_at_most"] == 100 * 256
    assert found["time"]["source"] == "unknown"
    assert found["price"] is None


def test_prompts_that_are_longer_than_the_model_reads_are_told_and_counted_no_further(
    toys: Site,
) -> None:
    asked = ("run", "--model", "reference", "--dataset", "math_sample")
    short = ("--engine-option", "max_model_len=40")
    (dataset,) = estimates(toys, *asked, *short)["datasets"]
    assert 30 < dataset["prompts_longer"] < 60
    assert dataset["prompt_tokens"] < 100 * 40 < 4291
    (whole,) = estimates(toys, *asked)["datasets"]
    assert whole["prompts_longer"] == 0
    told = " ".join(toys.run(*asked, *short, "--dry-run").stdout.split())
    count = dataset["prompts_longer"]
    assert f"(about {count} prompts are longer than the model reads)" in told


def test_a_hosted_model_has_a_price_and_no_memory(paid: Site) -> None:
    found = estimates(paid, *ASK, "--samples", "20", "--repeats", "2", "--max-tokens", "100")
    (dataset,) = found["datasets"]
    assert found["memory"] is None
    assert dataset["completions"] == 40
    assert dataset["prompt_tokens"] == 20 * (10 + 8)  # 40 characters, and the template's
    assert dataset["output_tokens"] == 40 * 2 * 10  # twice the gold solution, in chat
    assert found["price"]["page"].startswith("https://platform.claude.com/")
    read = 40 * 18 * 5.0 / 1e6
    assert found["price"]["expected"] == pytest.approx(read + 800 * 25.0 / 1e6)
    assert found["price"]["at_most"] == pytest.approx(read + 4000 * 25.0 / 1e6)


def test_the_users_own_price_wins(paid: Site) -> None:
    text = "prices:\n  paid_model: {input_per_million: 1, output_per_million: 0, currency: EUR}\n"
    (paid.folder / "prices.yaml").write_text(text)
    found = estimates(paid, *ASK, "--config", "prices.yaml")
    assert found["price"]["currency"] == "EUR"
    assert found["price"]["expected"] == found["price"]["at_most"] == 50 * 18 / 1e6


def test_a_price_that_is_no_number_is_refused_with_its_line(paid: Site) -> None:
    (paid.folder / "prices.yaml").write_text("prices:\n  paid_model: {input_per_million: -1}\n")
    done = paid.run(*ASK, "--config", "prices.yaml", "--dry-run")
    assert done.returncode == 2
    assert "prices.yaml:2: prices.paid_model.input_per_million" in done.stderr
    assert "output_per_million: field required" in done.stderr


def test_a_probe_measures_speed_length_and_prompts(paid: Site) -> None:
    found = estimates(paid, *ASK, "--probe")
    (dataset,) = found["datasets"]
    assert found["probe"]["prompts"] == found["probe"]["answered"] == 16
    assert found["probe"]["peak_memory_bytes"] is None
    assert dataset["prompt_tokens"] == 50 * 40  # the engine counts every character
    assert dataset["prompt_tokens_source"] == "probe"
    assert dataset["output_tokens"] == 50 * 10
    assert dataset["output_tokens_source"] == "probe"
    assert found["time"]["source"] == "probe"
    assert found["time"]["low_seconds"] <= found["time"]["expected_seconds"]
    assert found["time"]["expected_seconds"] <= found["time"]["high_seconds"]
    assert not (paid.folder / "runs").exists()


def test_an_earlier_run_tells_length_and_speed(paid: Site) -> None:
    assert paid.run(*ASK, "--samples", "20").returncode == 0
    found = estimates(paid, *ASK)
    (dataset,) = found["datasets"]
    assert dataset["output_tokens_source"] == "earlier_runs"
    assert dataset["output_tokens"] == 50 * 10
    assert found["time"]["source"] == "earlier_runs"
    assert 0 < found["time"]["tokens_per_second"] <= 10 / 0.01


def test_runs_that_tell_nothing_take_no_places(paid: Site) -> None:
    assert paid.run(*ASK, "--samples", "20").returncode == 0
    (run,) = (paid.folder / "runs").iterdir()
    manifest = json.loads((run / "manifest.json").read_text())
    summary = json.loads((run / "summary.json").read_text())
    for number in range(6):  # answered from the cache, and asked with another limit
        later = paid.folder / "runs" / f"9999-{number}"
        shutil.copytree(run, later)
        (dataset,) = manifest["plan"]["models"][0]["datasets"]
        dataset["sampling"]["max_tokens"] = 7
        edit(later / "manifest.json", plan=manifest["plan"], run_id=later.name)
        summary["models"][0]["usage"].update(tokens_per_second=None, generate_seconds=0.0)
        edit(later / "summary.json", models=summary["models"], run_id=later.name)
    found = estimates(paid, *ASK)
    assert found["time"]["source"] == "earlier_runs"
    assert found["datasets"][0]["output_tokens_source"] == "earlier_runs"


def test_runs_asked_with_another_limit_tell_no_length(paid: Site) -> None:
    assert paid.run(*ASK, "--samples", "20").returncode == 0
    (dataset,) = estimates(paid, *ASK, "--max-tokens", "33")["datasets"]
    assert dataset["output_tokens_source"] == "gold_solutions"


def test_damaged_run_folders_are_passed_over(paid: Site) -> None:
    assert paid.run(*ASK, "--samples", "20").returncode == 0
    (run,) = (paid.folder / "runs").iterdir()
    (run / "summary.json").write_text('{"schema_version": 1')
    (paid.folder / "runs" / "zzz").mkdir()
    (paid.folder / "runs" / "zzz" / "manifest.json").write_text("[]")
    assert estimates(paid, *ASK)["time"]["source"] == "unknown"


def test_what_people_read_is_short_and_within_the_width(paid: Site) -> None:
    done = paid.run(*ASK, "--dry-run")
    assert "paid_sums: 50 prompts, about 900 tokens in, 1,000 out" in done.stdout
    assert "time: unknown; --probe measures it" in done.stdout
    assert "price: about 0.03 USD (at most 1.28)" in done.stdout
    assert "a guess: prompt tokens are counted as characters / 4" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_recorded_outputs_cost_nothing(paid: Site) -> None:
    row = {"dataset": "paid_sums", "id": "1", "completions": ["2"]}
    (paid.folder / "outputs.jsonl").write_text(json.dumps(row) + "\n")
    found = estimates(paid, "run", "--model", "replay:outputs.jsonl", "--dataset", "paid_sums")
    (dataset,) = found["datasets"]
    assert dataset["prompt_tokens"] == dataset["output_tokens_at_most"] == 0
    assert found["memory"] is found["price"] is None


def test_a_probe_without_a_dry_run_is_refused(paid: Site) -> None:
    done = paid.run(*ASK, "--probe")
    assert done.returncode == 2
    assert "--probe goes with --dry-run" in done.stderr
