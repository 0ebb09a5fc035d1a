"""SPECTER2's kind of adapter, by the library `adapters` itself.

Its newest version wants an older transformers than the rest of the tests have. Both are installed
into a folder of their own, which commands of these tests have before all others.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("transformers")

PACKAGES = (
    "adapters==1.3.0",
    "transformers==4.57.6",
    "huggingface-hub==0.36.2",
    "tokenizers==0.22.2",
)
MAKE = """
import json
import sys
from pathlib import Path

import adapters
import torch
import transformers
from core.tests.engines.tiny_encoders import write_encoder

from evalctl.engines.transformers import open_engine
from evalctl.engines.transformers_options import TransformersOptions
from evalctl.protocols import ModelRef
from evalctl.records import Prompt

place = Path(sys.argv[1])
folder = write_encoder(place / "bert", "Bert")
model = transformers.AutoModel.from_pretrained(folder)
adapters.init(model)
model.add_adapter("near", config=adapters.SeqBnConfig(reduction_factor=4))
for name, weights in model.named_parameters():
    if "adapters" in name:
        torch.nn.init.normal_(weights, std=0.3)
model.save_adapter(str(place / "near"), "near")
model.eval()
words = transformers.AutoTokenizer.from_pretrained(folder)
tokens = torch.tensor([words("the cat sat")["input_ids"]])


def by_hand(adapter):
    model.set_active_adapters(adapter)
    with torch.inference_mode():
        return model(input_ids=tokens).last_hidden_state[0, 0]


def by_engine(adapter):
    ref = ModelRef(name="tiny", path=str(folder), is_local=True, kind="encoder")
    engine = open_engine(ref, TransformersOptions(pooling="cls", adapter=adapter))
    (given,) = engine.embed([Prompt(dataset="d", sample_id="1", text="the cat sat")])
    return torch.tensor(given.vector), engine.info.settings["adapter"]


near, told = by_engine(str(place / "near"))
bare, told_bare = by_engine("")
differences = {
    "near": float((near - by_hand("near")).abs().max()),
    "bare": float((bare - by_hand(None)).abs().max()),
    "apart": float((near - bare).abs().max()),
}
print(json.dumps([differences, told, told_bare]))
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that brings `adapters` to whatever Python has it in its path."""
    folder = tmp_path_factory.mktemp("adapters")
    install = ["-m", "pip", "install", "--quiet", "--no-deps", "--target", str(folder)]
    subprocess.run([sys.executable, *install, *PACKAGES], check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def made(
    library: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, float], list[str]]:
    """Where a tiny BERT and an adapter lie, what vectors differ by, and what engines told."""
    place = tmp_path_factory.mktemp("specter")
    done = run(library, "-c", MAKE, str(place))
    differences, *told = json.loads(done.stdout.splitlines()[-1])
    return place, differences, told


def run(library: Path, *words: str) -> subprocess.CompletedProcess[str]:
    path = map(str, (library, Path.cwd()))
    done = subprocess.run(
        [sys.executable, *words],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path)},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def test_vectors_with_an_adapter_are_those_of_the_library_itself(
    made: tuple[Path, dict[str, float], list[str]],
) -> None:
    place, differences, told = made
    assert differences["near"] < 1e-5
    assert differences["bare"] < 1e-5
    assert differences["apart"] > 0.01
    assert told == [str(place / "near"), None]


def test_a_run_says_that_the_adapter_was_there(
    made: tuple[Path, dict[str, float], list[str]],
    library: Path,
    benchmark_data: Path,
    tmp_path: Path,
) -> None:
    place, _, _ = made
    config = tmp_path / "evalctl.yaml"
    config.write_text(json.dumps({"models": {"specter2_base": {"path": str(place / "bert")}}}))
    asked = ["--model", "specter2_base", "--dataset", "scicite_probe_5fold", "--no-cache"]
    asked += ["--samples", "40", "--engine-option", f"adapter={place / 'near'}"]
    asked += ["--data", str(benchmark_data), "--config", str(config), "--out", str(tmp_path)]

    done = run(library, "-m", "evalctl", "run", *asked)

    said = " ".join((done.stdout + done.stderr).split())
    assert f"specter2_base is read with the adapter {place / 'near'}" in said
    (file,) = tmp_path.glob("*/samples/*/*.jsonl")
    assert len(file.read_text().splitlines()) == 40
