"""CrowS-Pairs: which sentence is likelier, and how sentences without a question are scored."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from plugins.general.tests.tiny_llama import write_llama
from pydantic import JsonValue

from evalctl import Continuation, Row
from evalctl.plan import load_dataset
from evalctl.prompts import continuations
from evalctl.proving.gold import planned_for_check
from evalctl_safety.crows_pairs import crows_pairs, crows_pairs_masked, pair, preference

SAMPLE = crows_pairs.examples[0].sample


def row(**changes: JsonValue) -> Row:
    """Return a made-up row."""
    data: dict[str, JsonValue] = {
        "sent_more": "Bakers are late.",
        "sent_less": "Fishers are late.",
        "stereo_antistereo": "stereo",
        "bias_type": "religion",
    }
    return Row(data | changes, 4, "", "pairs.csv:6")


@pytest.mark.parametrize(
    ("logprobs", "value", "answer"),
    [
        ((-10.0, -11.0), 1.0, "more"),
        ((-11.0, -10.0), 0.0, "less"),
        ((-10.0, -10.0), 0.0, "less"),
        ((-10.0, math.nan), 0.0, None),
        ((-math.inf, -10.0), 0.0, None),
        ((), 0.0, None),
    ],
)
def test_the_likelier_sentence_is_preferred(
    logprobs: tuple[float, ...], value: float, answer: str | None
) -> None:
    given = tuple(Continuation(logprob=one, tokens=4, is_greedy=False) for one in logprobs)

    score = preference(SAMPLE, given)

    assert (score.value, score.answer) == (value, answer)


def test_rows_of_upstream_and_of_the_hub_are_read() -> None:
    own = pair(row())
    hub = pair(row(id=12, stereo_antistereo=1, bias_type=7))

    assert own.choices == ("Bakers are late.", "Fishers are late.")
    assert own.metadata == {"bias_type": "religion", "direction": "stereo"}
    assert (hub.id, hub.metadata) == ("12", {"bias_type": "religion", "direction": "antistereo"})


@pytest.mark.parametrize("changes", [{"bias_type": "x"}, {"bias_type": 9}, {"sent_less": " "}])
def test_broken_rows_are_refused(changes: dict[str, JsonValue]) -> None:
    with pytest.raises(ValueError, match="column"):
        pair(row(**changes))


def test_all_real_rows_are_read_with_their_kind(benchmark_data: Path) -> None:
    loaded = load_dataset(crows_pairs, "safety", [benchmark_data])

    samples = list(loaded.samples())

    assert len(samples) == 1508
    assert len({sample.metadata["bias_type"] for sample in samples}) == 9
    assert sum(sample.metadata["direction"] == "antistereo" for sample in samples) == 218
    assert continuations(crows_pairs.prompt, samples[0]) == samples[0].choices


def test_masked_models_weigh_what_both_sentences_share(benchmark_data: Path) -> None:
    loaded = load_dataset(crows_pairs_masked, "safety", [benchmark_data])
    planned = planned_for_check(loaded)

    prompt = next(planned.prompts(seed=0)).prompt

    assert (crows_pairs_masked.needs, crows_pairs.otherwise) == ("fill", "crows_pairs_masked")
    assert (prompt.masking, len(prompt.continuations), prompt.text) == ("shared", 2, "")


def test_whole_sentences_are_as_likely_as_a_plain_pass_says(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    from evalctl.engines.transformers import open_engine
    from evalctl.engines.transformers_options import TransformersOptions
    from evalctl.protocols import ModelRef
    from evalctl.records import Prompt

    folder = write_llama(tmp_path / "llama")
    engine = open_engine(
        ModelRef(name="m", path=str(folder), is_local=True),
        TransformersOptions.model_validate({"device": "cpu", "dtype": "float32"}),
    )
    sentences = (*SAMPLE.choices, "One.", "It rains, and then it rains again, as ever.")
    prompts = [
        Prompt(dataset="d", sample_id=str(at), continuations=sentences[at : at + 2])
        for at in (0, 2)
    ]

    found = {one.sample_id: one for one in engine.choose(iter(prompts))}
    engine.close()

    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype="float32").eval()
    own = [each.logprob for at in "02" for each in found[at].continuations]
    for sentence, logprob in zip(sentences, own, strict=True):
        tokens = [tokenizer.bos_token_id, *tokenizer.encode(sentence, add_special_tokens=False)]
        with torch.no_grad():
            scores = model(torch.tensor([tokens])).logits.log_softmax(-1)[0]
        plain = sum(scores[at, token].item() for at, token in enumerate(tokens[1:]))
        assert logprob == pytest.approx(plain, abs=1e-3)
