"""MT-Bench on its real rows: turns, references, temperatures, and how broken files are refused."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from evalctl import Sample
from evalctl.errors import DatasetError
from evalctl.plan import LoadedDataset, load_dataset
from evalctl.prompts import Asking
from evalctl.proving.gold import planned_for_check
from evalctl_general.coherence import judge
from evalctl_general.conversations import mt_bench

TEMPERATURES = {
    "writing": 0.7,
    "roleplay": 0.7,
    "stem": 0.1,
    "humanities": 0.1,
    "extraction": 0.0,
    "math": 0.0,
    "coding": 0.0,
    "reasoning": 0.0,
}


@pytest.fixture(scope="module")
def loaded(benchmark_data: Path) -> LoadedDataset:
    return load_dataset(mt_bench, "general", [benchmark_data])


@pytest.fixture(scope="module")
def samples(loaded: LoadedDataset) -> dict[str, Sample]:
    return {sample.id: sample for sample in loaded.samples()}


def test_all_questions_have_two_turns_and_a_category(samples: dict[str, Sample]) -> None:
    categories = Counter(sample.metadata["category"] for sample in samples.values())

    assert len(samples) == 80
    assert categories == dict.fromkeys(TEMPERATURES, 10)
    assert {len(sample.later_turns) for sample in samples.values()} == {1}


def test_references_are_those_of_the_three_categories_that_are_judged_by_them(
    samples: dict[str, Sample],
) -> None:
    having = {id_: sample for id_, sample in samples.items() if "references" in sample.metadata}

    assert sorted(map(int, having)) == list(range(101, 131))
    assert {s.metadata["category"] for s in having.values()} == {"math", "reasoning", "coding"}
    assert samples["104"].metadata["references"] == [
        "David has only one brother.",
        "If each of David's sisters has two brothers, then David would have two brothers.",
    ]


def test_temperatures_are_fastchats(loaded: LoadedDataset, samples: dict[str, Sample]) -> None:
    planned = replace(planned_for_check(loaded), temperatures=mt_bench.temperatures)
    found = {
        (sample.metadata["category"], planned.prompt(sample, 0).sampling.temperature)
        for sample in samples.values()
    }
    limits = {planned.prompt(sample, 0).sampling.max_tokens for sample in samples.values()}

    assert found == set(TEMPERATURES.items())
    assert limits == {1024}


def test_a_chat_model_reads_the_bare_turns(
    loaded: LoadedDataset, samples: dict[str, Sample]
) -> None:
    planned = replace(planned_for_check(loaded), asking=Asking(style="chat"))
    prompt = planned.prompt(samples["81"], 0)

    assert [message.content for message in prompt.messages] == [samples["81"].input]
    assert prompt.later_turns[0].startswith("Rewrite your previous response.")
    assert prompt.around_turns == ()


def test_nothing_is_held_against_the_reference_answers(samples: dict[str, Sample]) -> None:
    for sample in samples.values():
        references = sample.metadata.get("references", ())
        assert isinstance(references, list | tuple)
        found = judge((sample.input, *sample.later_turns), [str(one) for one in references])
        assert found.value == 1.0, (sample.id, found)


def files(folder: Path, data: Path) -> Path:
    """Copy both files, to be spoilt; return the folder of the questions."""
    shutil.copytree(data / "mt_bench" / "mt_bench", folder / "mt_bench")
    for path in (folder / "mt_bench").rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    (folder / "mt_bench").chmod(0o755)
    return folder / "mt_bench"


REFERENCES, QUESTIONS = "reference_answer/gpt-4.jsonl", "question.jsonl"
BROKEN = [
    (REFERENCES, 3, None, "question 104 has no reference answers"),
    (REFERENCES, 3, {"choices": []}, "column 'choices' must hold an object with turns"),
    (REFERENCES, 3, {"choices": [{"turns": ["one"]}]}, "question 104: 1 reference answers"),
    (REFERENCES, 3, {"choices": [{"turns": [1, 2]}]}, "a list of texts is needed"),
    (QUESTIONS, 0, {"turns": []}, "column 'turns' must hold texts that are not empty"),
    (QUESTIONS, 0, {"turns": "one"}, "column 'turns' holds 'one'; a list of texts is needed"),
    (QUESTIONS, 0, {"turns": ["one", " "]}, "must hold texts that are not empty"),
    (QUESTIONS, 0, {"question_id": "81"}, "question_id '81' is no number"),
    (QUESTIONS, 0, {"category": ""}, "column 'category' holds ''"),
]


@pytest.mark.parametrize(("name", "line", "change", "said"), BROKEN)
def test_broken_files_are_refused_with_the_reason(
    name: str,
    line: int,
    change: dict[str, object] | None,
    said: str,
    tmp_path: Path,
    benchmark_data: Path,
) -> None:
    path = files(tmp_path, benchmark_data) / name
    rows = [json.loads(row) for row in path.read_text(encoding="utf-8").splitlines()]
    rows[line : line + 1] = [] if change is None else [{**rows[line], **change}]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")

    with pytest.raises(DatasetError) as caught:
        load_dataset(mt_bench, "general", [tmp_path])

    assert said in str(caught.value)
    assert "mt_bench" in str(caught.value)


def test_without_the_references_it_is_not_there(tmp_path: Path, benchmark_data: Path) -> None:
    (files(tmp_path, benchmark_data) / REFERENCES).unlink()

    with pytest.raises(DatasetError, match=r"reference_answer/gpt-4\.jsonl"):
        load_dataset(mt_bench, "general", [tmp_path])
