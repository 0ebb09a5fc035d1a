"""Log-likelihoods that are no numbers are a failure on our side, and never a wrong answer."""

from __future__ import annotations

import math
import shutil
import time
from pathlib import Path

import pytest

from evalctl.engines.weighing import NO_NUMBERS, weighed
from evalctl.records import Continuation, Prompt

PROMPT = Prompt(dataset="d", sample_id="1", text="the cat", continuations=(" sat", " ran"))


def of(logprob: float) -> Continuation:
    return Continuation(logprob=logprob, tokens=1, is_greedy=False)


@pytest.mark.parametrize("given", [(math.nan, -1.0), (-1.0, math.nan), (math.nan, math.nan)])
def test_one_that_is_no_number_fails_the_prompt(given: tuple[float, float]) -> None:
    found = weighed(PROMPT, list(map(of, given)), 2, time.monotonic())
    assert (found.error, found.continuations) == (NO_NUMBERS, ())


def test_numbers_are_given_as_they_are() -> None:
    given = (of(-1.5), of(-math.inf))
    found = weighed(PROMPT, given, 2, time.monotonic())
    assert (found.error, found.continuations, found.prompt_tokens) == (None, given, 2)


def test_a_model_with_broken_weights_fails_and_is_not_wrong(
    llama_folder: Path, tmp_path: Path
) -> None:
    pytest.importorskip("torch")
    from safetensors.torch import load_file, save_file

    from evalctl.engines.transformers import open_engine
    from evalctl.engines.transformers_options import TransformersOptions
    from evalctl.protocols import ModelRef

    folder = shutil.copytree(llama_folder, tmp_path / "broken")
    path = folder / "model.safetensors"
    weights = load_file(path)
    weights["model.norm.weight"].fill_(math.nan)
    save_file(weights, path, metadata={"format": "pt"})
    model = ModelRef(name="broken", path=str(folder), is_local=True)
    engine = open_engine(model, TransformersOptions(dtype="float32"))
    (found,) = engine.choose([PROMPT])
    engine.close()
    assert found.error == NO_NUMBERS
