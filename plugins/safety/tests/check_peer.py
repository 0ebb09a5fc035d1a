"""Log-likelihoods of CrowS-Pairs and BBQ against lm-evaluation-harness's, on a small random model.

A program of its own, because what it imports is heavy and changes its process:
`python -m plugins.safety.tests.check_peer DATA`, with the folder of the benchmark rows.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Protocol

from plugins.general.tests.run_peer import UNUSED, stand_in
from plugins.general.tests.tiny_llama import write_llama

from evalctl import ModelRef, Prompt
from evalctl.engines.transformers import open_engine
from evalctl.engines.transformers_options import TransformersOptions
from evalctl.plan import load_dataset
from evalctl.prompts import Asking, compose, continuations
from evalctl_safety.bbq import bbq
from evalctl_safety.crows_pairs import crows_pairs


class Peer(Protocol):
    """What is used of a model of lm-evaluation-harness."""

    def loglikelihood(self, requests: list[object]) -> list[tuple[float, bool]]:
        """Return the log-likelihood of each continuation, and whether it is greedy."""
        ...


ROWS = ((crows_pairs, 300), (bbq, 150))


def main() -> None:
    """Print for each dataset how many choices agree, and the largest difference."""
    os.environ |= {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}
    data = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        model = write_llama(Path(folder) / "llama")
        peer = _peer(model)
        engine = open_engine(
            ModelRef(name="m", path=str(model), is_local=True),
            TransformersOptions.model_validate({"device": "cpu", "dtype": "float32"}),
        )
        for spec, count in ROWS:
            samples = islice(load_dataset(spec, "safety", [data]).samples(), count)
            prompts = [
                Prompt(
                    dataset=spec.name,
                    sample_id=sample.id,
                    text=compose(spec.prompt, sample, (), Asking()).text,
                    continuations=continuations(spec.prompt, sample),
                )
                for sample in samples
            ]
            own = {
                found.sample_id: [one.logprob for one in found.continuations]
                for found in engine.choose(iter(prompts))
            }
            pairs = [
                (own[prompt.sample_id], theirs)
                for prompt, theirs in zip(prompts, _asked(peer, prompts), strict=True)
            ]
            same = sum(a.index(max(a)) == b.index(max(b)) for a, b in pairs)
            worst = max(abs(x - y) for a, b in pairs for x, y in zip(a, b, strict=True))
            print(f"{spec.name}: same choice {same} of {len(pairs)}, worst {worst:.1e} nats")
        engine.close()


def _peer(folder: Path) -> Peer:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    loaded = AutoModelForCausalLM.from_pretrained(folder, dtype="float32").eval()
    for module, names in UNUSED.items():
        if importlib.util.find_spec(module.partition(".")[0]) is None:
            stand_in(module, names)
    from lm_eval.models.huggingface import HFLM

    tokenizer = AutoTokenizer.from_pretrained(folder)
    peer: Peer = HFLM(pretrained=loaded, tokenizer=tokenizer, batch_size=8)
    return peer


def _asked(peer: Peer, prompts: list[Prompt]) -> Iterator[list[float]]:
    from lm_eval.api.instance import Instance

    asked = [
        Instance(request_type="loglikelihood", doc={}, arguments=(prompt.text, text), idx=0)
        for prompt in prompts
        for text in prompt.continuations
    ]
    given = iter(peer.loglikelihood(asked))
    for prompt in prompts:
        yield [float(next(given)[0]) for _ in prompt.continuations]


if __name__ == "__main__":
    main()
