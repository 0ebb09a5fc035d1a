"""Conversations of several turns through whole runs: asked, stored, shown, resumed, recorded."""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests.commands import Commands
from tests.conftest import Site
from tests.exporting.conftest import exported, json_lines
from tests.talks import N_TALKS

from evalctl.store import RunFolder

RUN = ("run", "--dataset", "talks", "--data", "none", "--json")


@dataclass(frozen=True)
class Talks:
    """A folder with the talks, and runs on them."""

    site: Site

    def run(
        self, *more: str, model: str = "parrot:chat", code: int = 0, cache: bool = False
    ) -> RunFolder:
        (self.site.folder / "none").mkdir(exist_ok=True)
        self.log.unlink(missing_ok=True)
        arguments = (*RUN, "--model", model, *(() if cache else ("--no-cache",)), *more)
        done = self.site.run(*arguments, environment=self.environment)
        assert done.returncode == code, done.stdout + done.stderr
        return RunFolder(self.site.folder / "runs" / json.loads(done.stdout)["run_id"])

    @property
    def environment(self) -> dict[str, str]:
        return {"TALKS_LOG": str(self.log)}

    @property
    def log(self) -> Path:
        return self.site.folder / "asked.jsonl"

    def asked(self) -> list[list[Any]]:
        """Sample, temperature, seed and all that was said, of each request of the last run."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def talks(tmp_path_factory: pytest.TempPathFactory, commands: Commands) -> Talks:
    site = Site(tmp_path_factory.mktemp("talks"), commands)
    site.add("talks", Path(__file__).with_name("talks.py").read_text())
    return Talks(site)


class Plain(NamedTuple):
    """A run that nothing disturbed."""

    run: RunFolder
    asked: list[list[Any]]


@pytest.fixture(scope="module")
def plain(talks: Talks) -> Plain:
    return Plain(talks.run(cache=True), talks.asked())


def summary_of(run: RunFolder) -> dict[str, Any]:
    whole = json.loads((run.path / "summary.json").read_text())
    return dict(whole["models"][0])


def value_of(run: RunFolder) -> float:
    found = summary_of(run)["datasets"][0]["metrics"][0]["value"]
    assert isinstance(found, float)
    return found


def results_of(run: RunFolder) -> list[Any]:
    found = run.results(run.manifest().plan["models"][0]["model"], "talks")
    return sorted(
        (result.model_dump(mode="json") for result in found), key=lambda one: one["index"]
    )


def recording(path: Path, turns: int = 3) -> Path:
    """Write replies to some turns of each talk."""
    rows = [
        {
            "dataset": "talks",
            "id": f"t{number}",
            "completions": [
                [
                    f"<think>hm {nth}</think>{nth} t{number}!"
                    for nth in ("first", "second", "third")
                ][:turns]
            ],
        }
        for number in range(N_TALKS)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_every_turn_is_asked_once_after_all_that_was_said(plain: Plain) -> None:
    run, asked = plain

    assert len(asked) == 3 * N_TALKS
    assert [said for name, _, _, *said in asked if name == "t3"] == [
        ["first t3"],
        ["first t3", "first t3!", "second t3"],
        ["first t3", "first t3!", "second t3", "second t3!", "third t3"],
    ]
    assert value_of(run) == 1.0
    one = results_of(run)[3]
    assert one["prompt"]["later_turns"] == ["second t3", "third t3"]
    assert one["generation"]["completions"][0]["earlier"] == ["first t3!", "second t3!"]


def test_tokens_and_times_of_all_turns_are_added_up(plain: Plain) -> None:
    usage = summary_of(plain.run)["usage"]
    assert (usage["prompt_tokens"], usage["output_tokens"]) == (300 * N_TALKS, 30 * N_TALKS)
    generation = results_of(plain.run)[0]["generation"]
    assert (generation["seconds"], generation["first_token_seconds"]) == (3.0, 0.25)


def test_a_conversation_in_completion_style_is_one_text(talks: Talks) -> None:
    run = talks.run(model="parrot:plain")

    said = [texts for name, _, _, *texts in talks.asked() if name == "t3"]
    assert said[2] == [
        "You: first t3\nMe:first t3!\n\nYou: second t3\nMe:second t3!\n\nYou: third t3\nMe:"
    ]
    assert value_of(run) == 1.0


def test_the_temperature_goes_by_metadata_unless_it_is_given(talks: Talks, plain: Plain) -> None:
    by_name = {(int(name[1:]) % 2, warmth) for name, warmth, *_ in plain.asked}
    talks.run("--temperature", "0.25")
    given = {warmth for _, warmth, *_ in talks.asked()}

    assert by_name == {(0, 0.0), (1, 0.5)}
    assert given == {0.25}
    dataset = plain.run.manifest().plan["models"][0]["datasets"][0]
    assert dataset["sampling_by"] == {"by": "kind", "temperatures": {"warm": 0.5}}


def test_each_of_several_completions_is_a_conversation(talks: Talks) -> None:
    run = talks.run("--repeats", "2", "--temperature", "0.5")

    asked = talks.asked()
    assert len(asked) == 5 * N_TALKS  # one request gives both first replies
    assert len({seed for _, _, seed, *_ in asked}) == 5 * N_TALKS
    assert [len(one["generation"]["completions"]) for one in results_of(run)] == [2] * N_TALKS
    assert value_of(run) == 1.0


def test_what_was_answered_is_never_asked_again_by_a_resume(talks: Talks) -> None:
    run = talks.run("--engine-option", "fails_at=third t5", code=1)
    before = talks.asked()
    talks.log.unlink()
    done = talks.site.run("run", "--resume", str(run.path), environment=talks.environment)

    assert len(before) == 3 * N_TALKS
    assert {name for name, *_ in talks.asked()} == {"t5"}
    assert done.returncode == 1
    failed = next(iter(run.failures("parrot:chat", "talks")))
    assert failed.generation.error == "turn 3 of 3: too long"


def test_turns_that_were_answered_before_an_interruption_are_paid_once(talks: Talks) -> None:
    run = talks.run("--engine-option", "interrupts_at=third t5", code=130)
    before, bill = talks.asked(), summary_of(run)["usage"]["cost"]
    talks.log.unlink()
    done = talks.site.run("run", "--resume", str(run.path), environment=talks.environment)

    assert done.returncode == 0, done.stderr
    after = talks.asked()
    again = [one for one in after if one in before]
    assert before[-1] in again
    assert all(one in before[-3:] for one in again)
    assert len(before) + len(after) == 3 * N_TALKS + len(again)
    assert bill["prompt_tokens"] == 100 * (len(before) - len(again))
    assert summary_of(run)["usage"]["cost"]["prompt_tokens"] == 300 * N_TALKS
    assert value_of(run) == 1.0


def test_a_dead_engine_loses_no_conversation(talks: Talks) -> None:
    run = talks.run("--engine-option", "dies_at=second t5")

    asked = [tuple(said) for _, _, _, *said in talks.asked()]
    assert value_of(run) == 1.0
    # The process takes along what it had not handed out, and that alone is asked again.
    assert 1 <= len(asked) - len(set(asked)) < 2 * N_TALKS


def test_a_conversation_that_kills_the_engine_is_set_aside(talks: Talks) -> None:
    options = ("--engine-option", "dies_at=second t5", "--engine-option", "always=true")
    run = talks.run(*options, code=1)

    (failed,) = run.failures("parrot:chat", "talks")
    assert failed.sample_id == "t5"
    assert "set aside" in str(failed.generation.error)
    assert len(results_of(run)) == N_TALKS - 1


def test_whole_conversations_are_found_in_the_cache(talks: Talks, plain: Plain) -> None:
    second = talks.run(cache=True)

    assert talks.asked() == []
    assert summary_of(second)["usage"]["cached"] == N_TALKS
    texts = [
        [one["generation"]["completions"] for one in results_of(run)] for run in (plain.run, second)
    ]
    assert texts[0] == texts[1]


def test_a_limit_of_costs_holds_for_all_turns(talks: Talks) -> None:
    (talks.site.folder / "prices.yaml").write_text(
        "prices:\n  parrot:chat: {input_per_million: 1000, output_per_million: 10000}\n"
    )
    each = (300 * 1_000 + 30 * 10_000) / 1e6
    limits = ("--config", "prices.yaml", "--max-cost", "4")
    run = talks.run(*limits, code=3)

    cost = summary_of(run)["usage"]["cost"]
    count = len(results_of(run))
    assert run.summary().status == "out_of_budget"
    assert 0 < count < N_TALKS
    assert cost["amount"] == pytest.approx(count * each)
    assert cost["amount"] <= 4


def test_a_dry_run_counts_and_shows_all_turns(talks: Talks) -> None:
    dry = ("--model", "parrot:chat", "--dry-run")
    plan = json.loads(talks.site.run(*RUN, *dry, environment=talks.environment).stdout)
    shown = talks.site.run(*RUN[:-1], *dry, environment=talks.environment)

    estimate = plan["estimates"]["models"][0]["datasets"][0]
    assert estimate["output_tokens_at_most"] == 3 * 50 * N_TALKS
    # Of three replies three are read again: the first one twice.
    assert estimate["prompt_tokens"] > 3 * 10 * N_TALKS
    assert "[after the reply] third t" in shown.stdout
    assert "temperature 0 (kind warm 0.5)" in " ".join(shown.stdout.split())


def test_recorded_conversations_are_scored(talks: Talks) -> None:
    recording(talks.site.folder / "said.jsonl")
    run = talks.run(model="replay:said.jsonl")

    assert value_of(run) == 1.0
    completion = results_of(run)[0]["generation"]["completions"][0]
    assert completion["earlier"] == ["first t0!", "second t0!"]
    assert completion["reasoning"] == "hm first\n\nhm second\n\nhm third"


def test_a_recording_of_other_turns_is_an_error_of_each_sample(talks: Talks) -> None:
    recording(talks.site.folder / "said.jsonl", turns=2)
    run = talks.run(model="replay:said.jsonl", code=1)

    assert "replies to 2 turns, and not to 3, recorded for talks/t" in str(
        summary_of(run)["datasets"][0]["reasons"]
    )


def test_an_export_is_replayed_to_the_same_summary(talks: Talks, plain: Plain) -> None:
    exported(plain.run, "replay", talks.site.folder / "again.jsonl")
    second = talks.run(model="replay:again.jsonl")
    exported(second, "replay", talks.site.folder / "twice.jsonl")

    lines = [
        sorted((talks.site.folder / name).read_bytes().split(b"\n"))
        for name in ("again.jsonl", "twice.jsonl")
    ]
    assert lines[0] == lines[1]
    assert json_lines(talks.site.folder / "again.jsonl")[0]["completions"][0][0].startswith("first")
    found = [summary_of(run)["datasets"][0]["metrics"] for run in (plain.run, second)]
    assert found[0] == found[1]


def test_exports_show_whole_conversations(plain: Plain, tmp_path: Path) -> None:
    run = plain.run
    whole = ["first t0", "first t0!", "second t0", "second t0!", "third t0", "third t0!"]

    flat = json_lines(exported(run, "jsonl", tmp_path / "flat.jsonl"))
    lm_eval = exported(run, "lm-eval", tmp_path / "lm-eval")
    every = exported(run, "every-eval-ever", tmp_path / "every")
    inspect = exported(run, "inspect", tmp_path / "inspect")

    row = next(one for one in flat if one["sample_id"] == "t0")
    assert [*_contents(row["prompt_messages"]), row["output"]] == whole
    (samples,) = lm_eval.glob("*/samples_*.jsonl")
    line = next(one for one in json_lines(samples) if one["doc"]["id"] == "t0")
    assert _contents(line["doc"]["conversations"][0]) == whole
    assert line["resps"] == [["third t0!"]]
    (samples,) = every.glob("data/*/*/*/*_samples.jsonl")
    line = next(one for one in json_lines(samples) if one["sample_id"] == "t0")
    assert _contents(line["messages"]) == whole
    assert (line["interaction_type"], line["output"]) == ("multi_turn", None)
    assert line["answer_attribution"][0]["source"] == "messages[5].content"
    assert _contents(_inspect_sample(inspect, "t0")["messages"]) == whole


def _contents(messages: object) -> list[str]:
    assert isinstance(messages, list)
    return [message["content"] for message in messages]


def _inspect_sample(folder: Path, name: str) -> dict[str, Any]:
    (path,) = folder.glob("*.eval")
    with zipfile.ZipFile(path) as archive:
        return dict(json.loads(archive.read(f"samples/{name}_epoch_1.json")))


def test_a_model_with_weights_goes_on_with_what_it_wrote(talks: Talks) -> None:
    run = talks.run("--samples", "2", "--max-tokens", "6", model="reference")

    for one in results_of(run):
        generation = one["generation"]
        assert generation["error"] is None
        assert len(generation["completions"][0]["earlier"]) == 2
        assert generation["completions"][0]["output_tokens"] <= 18
        assert one["prompt"]["around_turns"] == ["\n\nYou: ", "\nMe:"]


def test_a_repeated_run_gives_the_same_replies(talks: Talks, plain: Plain) -> None:
    talks.log.unlink(missing_ok=True)
    run = str(plain.run.path)
    done = talks.site.run("rerun", run, "--json", environment=talks.environment)

    assert done.returncode == 0, done.stderr
    assert len(talks.asked()) == 3 * N_TALKS
    assert '"n_changed": 0' in done.stdout
