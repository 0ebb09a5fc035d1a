"""Measuring speed from the command line, with engines that take next to no time."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import TOYS, Site

from evalctl.store.seals import digest_of

SPEED = '''
import time
from pathlib import Path

from evalctl import (
    CategorySpec, Completion, EngineInfo, EngineOptions, EngineSpec, Generation, InlineSource,
    MeasuredMetricSpec, MeasuringSpec, ModelFacts, hookimpl,
)
from evalctl_toys import dataset, model

ROWS = InlineSource(rows=tuple({"question": f"{n} + 0", "answer": str(n)} for n in range(12)))


class Echo:
    """Says the first word of a prompt; in a model's folder it counts how often it is opened."""

    def __init__(self, name, seconds):
        self.info = EngineInfo(name=name, device="nowhere")
        self._seconds = seconds

    def generate(self, prompts):
        for prompt in prompts:
            time.sleep(self._seconds)
            word = prompt.text.split(":")[1].split()[0]
            yield Generation(
                dataset=prompt.dataset, sample_id=prompt.sample_id, prompt_tokens=3,
                completions=(Completion(text=word, output_tokens=4),), seconds=self._seconds,
            )

    def close(self):
        return


class Timed(Echo):
    def measure(self, prompts, concurrency):
        for one in self.generate(prompts):
            yield one.model_copy(update={"first_token_seconds": one.seconds / 4})


def check(model, options):
    return ModelFacts()


def open_plain(model, options):
    return Echo("plain", 0.001)


def open_timed(model, options):
    return Timed("timed", 0.002 if model.name == "quick" else 0.006)


def open_frail(model, options):
    """Fails where it is opened for the second time, unless somebody mended it."""
    from evalctl import EngineError
    seen = Path("opened")
    if seen.exists() and not Path("mended").exists():
        raise EngineError("it broke")
    seen.touch()
    return Timed("frail", 0.001)


def latency(inputs):
    return inputs["latency_seconds"]


def worth(inputs):
    return inputs["accuracy"] / inputs["parameters"]


def engine(name):
    return EngineSpec(
        name=name, title=name, capabilities=("generate",), kinds=("decoder",),
        options=EngineOptions, factory=f"evalctl_speed:open_{name}", check=check, is_hosted=False,
    )


@hookimpl
def evalctl_engines():
    return (engine("plain"), engine("timed"), engine("frail"))


@hookimpl
def evalctl_categories():
    own = dataset("echo", role="primary", sources=(ROWS,))
    metrics = (
        MeasuredMetricSpec(
            name="latency", title="latency", unit="s", inputs=("latency_seconds",), compute=latency
        ),
        MeasuredMetricSpec(
            name="worth", title="worth", unit="", inputs=("accuracy", "parameters"), compute=worth
        ),
    )
    measuring = MeasuringSpec(sessions=2, warm_up=1, requests=4, most_at_once=2, metrics=metrics)
    return (
        CategorySpec(
            name="speed", title="speed", datasets=(own,), measuring=measuring,
            models=(
                model("quick", engine="timed", parameters=4),
                model("slow", engine="timed", parameters=2),
                model("plain", engine="plain"),
                model("frail", engine="frail"),
            ),
        ),
    )
'''


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Site:
    site = Site(tmp_path_factory.mktemp("site"))
    site.add("toys", TOYS.read_text())
    site.add("speed", SPEED)
    return site


def run(site: Site, *arguments: str, code: int = 0) -> dict[str, Any]:
    done = site.run("run", "--category", "speed", "--json", *arguments)
    assert done.returncode == code, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def refused(site: Site, *arguments: str) -> str:
    done = site.run("run", *arguments)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return " ".join(done.stderr.split())


@pytest.fixture(scope="module")
def alone(place: Site) -> dict[str, Any]:
    return run(place, "--model", "quick")


@pytest.fixture(scope="module")
def both(place: Site) -> dict[str, Any]:
    return run(place, "--model", "quick", "--against", "slow")


def test_a_category_that_measures_tells_speed_beside_its_score(alone: dict[str, Any]) -> None:
    (model,) = alone["models"]
    measured = model["measurement"]

    assert model["categories"][0]["value"] == 1.0
    assert [level["concurrency"] for level in measured["levels"]] == [1, 2]
    assert measured["levels"][0]["figures"]["seconds_p50"]["value"] == pytest.approx(0.002)
    assert measured["levels"][0]["figures"]["token_seconds_p50"]["value"] == pytest.approx(0.0005)
    assert measured["metrics"]["latency"]["value"] == pytest.approx(0.002)
    assert measured["metrics"]["worth"]["value"] == pytest.approx(0.25)
    assert measured["metrics"]["worth"]["inputs"] == ["accuracy", "parameters"]


def test_requests_are_in_the_run_folder(place: Site, alone: dict[str, Any]) -> None:
    path = place.folder / "runs" / alone["run_id"] / "measured" / "quick.jsonl"
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]

    assert len(lines) == 2 * (4 + 8)
    assert {(line["session"], line["concurrency"]) for line in lines} == {
        (1, 1), (1, 2), (2, 1), (2, 2),
    }  # fmt: skip
    assert all(line["output_tokens"] == 4 and line["error"] is None for line in lines)


def test_the_manifest_has_the_machine_that_figures_are_of(
    place: Site, alone: dict[str, Any]
) -> None:
    path = place.folder / "runs" / alone["run_id"] / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))

    measured = alone["models"][0]["measurement"]
    assert manifest["hardware"]["fingerprint"] == measured["machine"]
    assert manifest["plan"]["models"][0]["measuring"]["sessions"] == 2


def test_an_engine_without_first_token_times_says_so(place: Site) -> None:
    (model,) = run(place, "--model", "plain")["models"]
    measured = model["measurement"]

    assert [level["concurrency"] for level in measured["levels"]] == [1, None]
    assert "first_token_seconds_p50" not in measured["levels"][0]["figures"]
    assert "does not tell when the first token" in measured["not_measured"]["first_token_seconds"]
    assert measured["metrics"]["latency"]["value"] == pytest.approx(0.001)


def test_two_models_are_measured_in_turns_and_ratios_told(both: dict[str, Any]) -> None:
    against = both["against"]
    ratios = {(one["name"], one["at"]): one["value"] for one in against["ratios"]}

    assert (against["model"], against["against"]) == ("quick", "slow")
    assert ratios["seconds_p50", "1"] == pytest.approx(1 / 3)
    assert ratios["worth", ""] == pytest.approx(0.5)
    assert [one["model"] for one in both["standings"]] == ["quick", "slow"]
    assert "latency_seconds" in both["standings"][0]["unbeaten_in"]


def test_without_another_model_there_are_no_ratios(alone: dict[str, Any]) -> None:
    assert alone["against"] is None
    assert alone["standings"] == []


def test_the_terminal_shows_levels_metrics_ratios_and_where_models_stand(
    place: Site, both: dict[str, Any]
) -> None:
    done = place.run("show", both["run_id"])

    assert done.returncode == 0, done.stderr
    shown = " ".join(done.stdout.split())
    assert "first token 0.5 ms" in shown
    assert "latency: 2.00 ms" in shown
    assert "quick over slow, measured in turns" in shown
    assert "unbeaten" in shown
    measured = done.stdout.partition("measured in")[2].partition("results:")[0]
    assert max(map(len, measured.splitlines())) <= 80


def compared(site: Site, *runs: str) -> dict[str, Any]:
    done = site.run("compare", *runs, "--json")
    assert done.returncode == 0, done.stderr
    (pair,) = json.loads(done.stdout)["pairs"]
    measured: dict[str, Any] = pair["measured"]
    return measured


def on_another_machine(site: Site, run: str) -> str:
    """Copy a run as another machine with more cores would have left it; return its name."""
    name = f"{run}-elsewhere"
    folder = site.folder / "runs" / name
    shutil.copytree(site.folder / "runs" / run, folder)
    for file in ("manifest.json", "summary.json"):
        path = folder / file
        content = json.loads(path.read_text(encoding="utf-8"))
        content["run_id"] = name
        if file == "manifest.json":
            content["hardware"] |= {"cores": 999, "fingerprint": "elsewhere"}
        else:
            content["models"][0]["measurement"]["machine"] = "elsewhere"
        content["digest"] = digest_of(content)
        path.write_text(json.dumps(content), encoding="utf-8")
    return name


def test_models_of_one_run_are_compared_as_measured_in_turns(
    place: Site, both: dict[str, Any]
) -> None:
    measured = compared(place, both["run_id"])

    assert measured["cautions"] == []
    assert measured["ratios"] == both["against"]["ratios"]


def test_other_runs_are_compared_and_it_is_said_so(
    place: Site, alone: dict[str, Any], both: dict[str, Any]
) -> None:
    measured = compared(place, alone["run_id"], f"{both['run_id']}:slow")

    (caution,) = measured["cautions"]
    ratios = {(one["name"], one["at"]): one["value"] for one in measured["ratios"]}
    assert "different runs" in caution
    assert ratios["seconds_p50", "1"] == pytest.approx(1 / 3)


def test_other_machines_are_compared_and_that_is_said_first(
    place: Site, alone: dict[str, Any]
) -> None:
    elsewhere = on_another_machine(place, alone["run_id"])

    measured = compared(place, alone["run_id"], elsewhere)
    shown = place.run("compare", alone["run_id"], elsewhere).stdout

    assert "different machines" in measured["cautions"][0]
    assert "against elsewhere; cores:" in measured["cautions"][0]
    assert shown.index("different machines") < shown.index("whole answer")


def test_another_protocol_is_told_in_words(place: Site, alone: dict[str, Any]) -> None:
    (place.folder / "once.yaml").write_text("measuring: {sessions: 1, most_at_once: 1}\n")
    once = run(place, "--model", "quick", "--config", "once.yaml")

    cautions = compared(place, alone["run_id"], once["run_id"])["cautions"]

    assert cautions[:2] == [
        "measured otherwise: the most prompts under way at once: 2 against 1",
        "measured otherwise: sessions, each of which loads the model anew: 2 against 1",
    ]


def test_a_dry_run_counts_what_measuring_takes(place: Site) -> None:
    asked = ("run", "-c", "speed", "-m", "quick", "--dry-run", "--probe")
    done = place.run(*asked, "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)["estimates"]["models"][0]["measuring"]
    # In each session 1 prompt to warm up, 4 with one at a time and 8 with two at once.
    assert (found["sessions"], found["prompts_low"], found["prompts_high"]) == (2, 26, 26)
    assert found["output_tokens"] == 26 * 4
    assert 0 < found["low_seconds"] <= found["expected_seconds"] <= found["high_seconds"]
    shown = place.run(*asked).stdout
    assert "measuring: 26 prompts in 2 sessions, about " in " ".join(shown.split())


def test_a_file_sets_how_it_is_measured(place: Site) -> None:
    config = place.folder / "more.yaml"
    config.write_text("measuring: {sessions: 1, requests: 6, most_at_once: 1}\n")

    (model,) = run(place, "--model", "quick", "--config", str(config))["models"]

    measured = model["measurement"]
    assert measured["n_sessions"] == 1
    assert [level["n_requests"] for level in measured["levels"]] == [6]


def test_a_file_that_sets_it_wrongly_is_refused(place: Site) -> None:
    config = place.folder / "wrong.yaml"
    config.write_text("measuring:\n  sessions: 0\n")

    told = refused(place, "-c", "speed", "-m", "quick", "--config", str(config))

    assert "wrong.yaml" in told
    assert "sessions" in told


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("-c", "speed"), "name the one model"),
        (("-c", "speed", "-m", "quick", "-m", "plain"), "name the one model"),
        (("-c", "speed", "-m", "slow"), "the model itself"),
        (("-c", "toys", "-m", "quick"), "no speed is measured in toys"),
    ],
)
def test_a_comparison_of_nothing_is_refused(
    place: Site, arguments: tuple[str, ...], reason: str
) -> None:
    assert reason in refused(place, *arguments, "--against", "slow")


def test_recorded_answers_have_no_speed(place: Site) -> None:
    rows = [{"dataset": "echo", "id": str(n), "completions": [str(n)]} for n in range(12)]
    path = place.folder / "recorded.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))

    summary = run(place, "--model", f"replay:{path}")

    assert summary["models"][0]["measurement"] is None
    assert any("without working for it" in notice for notice in summary["notices"])


def test_what_was_answered_stands_where_measuring_fails_and_a_resume_measures(place: Site) -> None:
    failed = run(place, "--model", "frail", code=1)

    (model,) = failed["models"]
    assert failed["status"] == "failed"
    assert model["error"] == "measuring its speed failed: it broke"
    assert model["categories"][0]["value"] == 1.0
    assert model["measurement"] is None

    Path(place.folder, "mended").touch()
    done = place.run("run", "--resume", failed["run_id"], "--json")

    assert done.returncode == 0, done.stderr
    (model,) = json.loads(done.stdout)["models"]
    assert model["measurement"]["n_sessions"] == 2
    assert model["categories"][0]["value"] == 1.0


def test_a_run_that_was_measured_lacks_nothing(place: Site, alone: dict[str, Any]) -> None:
    done = place.run("run", "--resume", alone["run_id"], "--json")

    assert "nothing is missing" in done.stderr
    assert json.loads(done.stdout) == alone
