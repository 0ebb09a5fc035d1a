"""Classifiers in transformers: real models of many architectures, with random weights."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from core.tests.engines.tiny_classifiers import (
    CONTEXT,
    KINDS,
    LABELS,
    plain,
    prompts,
    write_classifier,
)

from evalctl.engines.asking import ask
from evalctl.engines.transformers import open_engine
from evalctl.engines.transformers_options import TransformersOptions
from evalctl.errors import EngineError, ModelError
from evalctl.protocols import ModelRef
from evalctl.records import Generation, Message, Prompt

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Tiny matrices gain nothing by threads, which lose much where others want the cores."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_classifier(tmp_path_factory.mktemp("models") / "bert", "Bert")


def classified(folder: Path, asked: list[Prompt], **options: object) -> dict[str, Generation]:
    """Return what comes out, by sample."""
    model = ModelRef(name="tiny", path=str(folder), kind="encoder", is_local=True)
    engine = open_engine(model, TransformersOptions.model_validate({"device": "cpu", **options}))
    try:
        return {one.sample_id: one for one in ask(engine, "classify", asked)}
    finally:
        engine.close()


def figures(found: dict[str, Generation]) -> dict[str, list[float]]:
    return {sample_id: list(one.labels.values()) for sample_id, one in found.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_probabilities_are_those_of_a_plain_pass(kind: str, tmp_path: Path) -> None:
    folder = write_classifier(tmp_path, kind)
    asked = prompts(40)

    found = classified(folder, asked, batch_size=2)

    expected = plain(folder, asked)
    assert set(found) == set(expected)
    assert all(tuple(one.labels) == LABELS for one in found.values())
    for sample_id, values in figures(found).items():
        assert values == pytest.approx(expected[sample_id], abs=1e-5)
    assert max(max(values) for values in expected.values()) > 0.6  # the weights do decide


def test_several_labels_have_probabilities_of_their_own(tmp_path: Path) -> None:
    folder = write_classifier(tmp_path, "Bert", problem_type="multi_label_classification")
    asked = prompts(12)

    found = figures(classified(folder, asked))

    for sample_id, values in plain(folder, asked, multi=True).items():
        assert found[sample_id] == pytest.approx(values, abs=1e-5)


def test_an_option_says_that_there_are_several_labels(bert: Path) -> None:
    asked = prompts(3)

    found = figures(classified(bert, asked, multi_label=True))

    assert found["1"] == pytest.approx(plain(bert, asked, multi=True)["1"], abs=1e-5)


def test_neither_order_nor_batches_change_a_probability(bert: Path) -> None:
    asked = prompts(60)
    mixed = random.Random(1).sample(asked, len(asked))

    alone = figures(classified(bert, asked, batch_size=1))
    together = figures(classified(bert, mixed, batch_size=64))

    for sample_id, values in alone.items():
        assert together[sample_id] == pytest.approx(values, abs=1e-5)


def test_a_decoder_without_a_padding_token_is_asked_text_by_text(tmp_path: Path) -> None:
    folder = write_classifier(tmp_path, "Llama", pad_token_id=None)
    asked = prompts(8)

    found = figures(classified(folder, asked))

    for sample_id, values in plain(folder, asked).items():
        assert found[sample_id] == pytest.approx(values, abs=1e-5)


def test_a_text_that_is_too_long_is_cut_and_says_so(bert: Path) -> None:
    long = Prompt(dataset="d", sample_id="long", text="the cat sat " * 40)
    fitting = Prompt(dataset="d", sample_id="fits", text="cat " * (CONTEXT - 2))

    found = classified(bert, [long, fitting])

    assert (found["long"].is_prompt_cut, found["long"].prompt_tokens) == (True, CONTEXT)
    assert (found["fits"].is_prompt_cut, found["fits"].prompt_tokens) == (False, CONTEXT)
    assert list(found["long"].labels.values()) == pytest.approx(
        plain(bert, [long])["long"], abs=1e-5
    )


def test_a_shorter_context_can_be_asked_for(bert: Path) -> None:
    (found,) = classified(bert, prompts(1, 30)[:1] * 1, max_model_len=8).values()
    (cut,) = classified(bert, [prompts(5)[4]], max_model_len=8).values()

    assert (found.is_prompt_cut, cut.is_prompt_cut, cut.prompt_tokens) == (False, True, 8)


def test_a_roberta_reads_as_many_tokens_as_it_has_positions_for(tmp_path: Path) -> None:
    folder = write_classifier(tmp_path, "Roberta")
    long = Prompt(dataset="d", sample_id="long", text="the cat sat " * 40)

    (found,) = classified(folder, [long]).values()

    assert (found.error, found.prompt_tokens) == (None, CONTEXT)


def test_an_empty_text_is_classified_where_the_tokenizer_frames_it(bert: Path) -> None:
    (found,) = classified(bert, [Prompt(dataset="d", sample_id="empty")]).values()

    assert sum(found.labels.values()) == pytest.approx(1.0, abs=1e-6)


def test_a_conversation_fails_alone(bert: Path) -> None:
    talk = Prompt(dataset="d", sample_id="talk", messages=(Message(role="user", content="cat"),))

    found = classified(bert, [talk, *prompts(2)])

    assert "the prompt is a conversation" in str(found["talk"].error)
    assert [found[one].error for one in "01"] == [None, None]


def test_weights_are_read_in_32_bits_on_a_cpu_unless_asked_otherwise(tmp_path: Path) -> None:
    folder = write_classifier(tmp_path, "Bert")
    model = ModelRef(name="tiny", path=str(folder), is_local=True)

    plain_one = open_engine(model, TransformersOptions(device="cpu"))
    half = open_engine(model, TransformersOptions(device="cpu", dtype="bfloat16"))

    assert (plain_one.info.dtype, half.info.dtype) == ("float32", "bfloat16")


def test_a_checkpoint_without_a_classifier_is_refused(tmp_path: Path) -> None:
    folder = write_classifier(tmp_path, "Bert")
    whole = transformers.BertForSequenceClassification.from_pretrained(folder)
    transformers.BertForMaskedLM(whole.config).save_pretrained(folder)
    config = json.loads((folder / "config.json").read_text())
    config["architectures"] = ["BertForSequenceClassification"]
    (folder / "config.json").write_text(json.dumps(config))

    with pytest.raises(ModelError, match=r"do not hold a whole classifier: \d+ weights .*bert"):
        classified(folder, prompts(1))


def test_outputs_that_are_no_numbers_fail_their_sample(tmp_path: Path) -> None:
    folder = write_classifier(tmp_path, "Bert")
    broken = transformers.BertForSequenceClassification.from_pretrained(folder)
    with torch.no_grad():
        broken.classifier.bias[0] = float("nan")
    broken.save_pretrained(folder)

    (found,) = classified(folder, prompts(1)).values()

    assert (dict(found.labels), "gave no numbers" in str(found.error)) == ({}, True)


def test_a_classifier_is_not_asked_to_write(bert: Path) -> None:
    model = ModelRef(name="tiny", path=str(bert), is_local=True)
    engine = open_engine(model, TransformersOptions(device="cpu"))

    with pytest.raises(EngineError, match="does not `generate`"):
        ask(engine, "generate", prompts(1))
    engine.close()
    engine.close()
    with pytest.raises(EngineError, match="was closed; open it again"):
        list(ask(engine, "classify", prompts(1)))
