"""The engine of the baselines, and that its matrices and the sequences can be made again."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

from evalctl import Message, ModelError, ModelRef, Prompt
from evalctl_genomics.motif import Motif, MotifOptions, check, open_engine

PACKAGE = Path(str(files("evalctl_genomics")))
MAKING = Path(__file__).parent.parent / "making"
CONSENSUS = PACKAGE / "matrices" / "sigma70_consensus.json"
BOTH = "GCGAGCCGGTTGACAGCGAGCCTGCGTCAGGCTATAATGCGCCAGG"


def test_the_best_boxes_are_found_where_they_stand() -> None:
    hit = Motif.read(CONSENSUS).best(BOTH)
    assert hit is not None
    assert (hit.worth, hit.first, hit.second, hit.spacing) == (12.0, "TTGACA", "TATAAT", 17)


@pytest.mark.parametrize("length", [0, 1, 27])
def test_a_sequence_that_is_too_short_has_no_boxes(length: int) -> None:
    assert Motif.read(CONSENSUS).best("A" * length) is None


def test_the_engine_reads_a_text_or_a_conversation_and_takes_its_last_sequence() -> None:
    engine = open_engine(ModelRef(name="m", path=str(CONSENSUS)), MotifOptions())
    text = f"DNA: {'A' * 60}\nAnswer: no\n\nDNA: {BOTH}\nAnswer:"
    asked = [
        Prompt(dataset="promoters", sample_id="1", text=text),
        Prompt(dataset="promoters", sample_id="2", messages=(Message(role="user", content=BOTH),)),
        Prompt(dataset="promoters", sample_id="3", text="no DNA", n=2),
    ]
    said = [[completion.text for completion in g.completions] for g in engine.generate(asked)]
    yes = "Yes. The best boxes are TTGACA and TATAAT, 17 bases apart: 12.00, of 8."
    assert said == [[yes], [yes], ["I see no DNA that is long enough."] * 2]


def test_the_threshold_is_an_option() -> None:
    engine = open_engine(ModelRef(name="m", path=str(CONSENSUS)), MotifOptions(threshold=13.0))
    assert engine.answer(BOTH).startswith("No. ")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "cannot be read"),
        ("{", "JSONDecodeError"),
        ("[]", "TypeError"),
        ("{}", "'boxes'"),
        ('{"boxes": [[{"A": 1}], []], "spacings": [], "threshold": 1}', "'C'"),
        ('{"boxes": [[], []], "spacings": ["x"], "threshold": 1}', "invalid literal"),
    ],
)
def test_a_broken_file_is_the_users_mistake(tmp_path: Path, content: str | None, told: str) -> None:
    path = tmp_path / "motif.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ModelError, match=told):
        check(ModelRef(name="m", path=str(path)), MotifOptions())


def test_sequences_and_matrices_are_what_the_script_makes() -> None:
    code = "import json, make; print(json.dumps(make.files()))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=MAKING, capture_output=True, text=True, check=True
    )
    made = json.loads(done.stdout)
    assert {path: (PACKAGE / path).read_text() for path in made} == made
