"""Log-likelihood accuracies are those of lm-evaluation-harness on the same model and rows."""

from __future__ import annotations

from pathlib import Path

import pytest
from plugins.general.tests.check_peer import (
    DATASETS,
    WITH_SHOTS,
    Own,
    Peer,
    agreements,
    pairs_of,
    run_own,
    run_peer,
)
from plugins.general.tests.peer_files import write_peer, write_upstream
from plugins.general.tests.tiny_llama import write_llama

pytest.importorskip("lm_eval")
pytest.importorskip("transformers")

ROWS = {"arc_challenge": 30, "hellaswag": 30, "truthfulqa": 30, "mmlu": 1}
"""Of mmlu, of each of its 57 subjects."""


class Both:
    """Both tools' results on the same rows, with 0 and with 5 worked examples."""

    def __init__(self, folder: Path, data: Path) -> None:
        model = write_llama(folder / "llama")
        write_upstream(data, folder / "up", ROWS)
        (folder / "peer").mkdir()
        tasks = write_peer(folder / "up", folder / "peer")
        passes = (f"0:{','.join(tasks)}", f"5:{','.join(f'own_mmlu_{one}' for one in WITH_SHOTS)}")
        self.peer: Peer = run_peer(model, folder / "peer", folder / "peer.json", *passes)
        asked = dict.fromkeys(DATASETS, 0) | {"mmlu@5": 5}
        self.own: Own = run_own(model, folder / "up", asked)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory, benchmark_data: Path) -> Both:
    return Both(tmp_path_factory.mktemp("peer"), benchmark_data)


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("arc_challenge", 30),
        ("hellaswag", 30),
        ("mmlu", 57),
        ("mmlu@5", 5),
        ("truthfulqa_mc1", 30),
        ("truthfulqa_mc2", 30),
    ],
)
def test_choices_and_values_are_the_same(both: Both, name: str, count: int) -> None:
    found = agreements(both.own, both.peer)[name]

    assert (found.n_samples, found.n_unanswered, found.n_same_choice) == (count, 0, count)
    assert found.worst_logprob < 1e-3
    assert found.worst_value < 1e-4
    assert not found.differing


def test_prompts_are_the_same_to_the_letter(both: Both) -> None:
    for pair in pairs_of(both.own, both.peer):
        assert pair.own.prompt.text == pair.peer["prompt"]
        given = set(pair.own.prompt.continuations)
        assert set(pair.peer["continuations"]) <= given
