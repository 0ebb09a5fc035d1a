"""safety_bert, as a tiny model of its architecture and labels."""

from __future__ import annotations

from pathlib import Path

import pytest

from evalctl.engines.asking import ask
from evalctl.engines.local_model import check
from evalctl.engines.transformers import open_engine
from evalctl.engines.transformers_options import TransformersOptions
from evalctl.plan.labels import fit_labels
from evalctl.protocols import ModelRef
from evalctl.records import Prompt
from evalctl.specs import DatasetSpec
from evalctl.specs.classes import found_class
from evalctl_safety.models import SAFETY_BERT
from evalctl_safety.toxicity import toxicity_davidson, toxicity_detection

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

TEXTS = ("I hate women.", "The weather is fine.", "You are a fool!", "I hate to say it.")


@pytest.fixture(scope="module")
def toxic_bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT with toxic-bert's head: six labels, each with a probability of its own."""
    from tokenizers import BertWordPieceTokenizer

    folder = tmp_path_factory.mktemp("models") / "toxic-bert"
    folder.mkdir()
    trained = BertWordPieceTokenizer(lowercase=True)
    trained.train_from_iterator([*TEXTS] * 20, vocab_size=120, show_progress=False)
    trained.save_model(str(folder))
    words = transformers.BertTokenizerFast(str(folder / "vocab.txt"), model_max_length=512)
    torch.manual_seed(2)
    config = transformers.BertConfig(
        vocab_size=len(words),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        initializer_range=0.5,
        id2label=dict(enumerate(SAFETY_BERT.labels)),
        label2id={label: number for number, label in enumerate(SAFETY_BERT.labels)},
        problem_type="multi_label_classification",
    )
    transformers.BertForSequenceClassification(config).save_pretrained(folder)
    words.save_pretrained(folder)
    return folder


@pytest.mark.parametrize("spec", [toxicity_detection, toxicity_davidson], ids=lambda s: s.name)
def test_its_labels_are_read_as_the_classes_of_a_dataset(
    spec: DatasetSpec, toxic_bert: Path
) -> None:
    model = ModelRef(name="safety_bert", path=str(toxic_bert), kind="encoder", is_local=True)
    options = TransformersOptions.model_validate(
        {**SAFETY_BERT.presets["balanced"].options, "device": "cpu"}
    )
    reading = fit_labels(spec, check(model, options), (SAFETY_BERT, options))
    asked = [Prompt(dataset="d", sample_id=text, text=text) for text in TEXTS]

    engine = open_engine(model, options)
    found = {one.sample_id: one for one in ask(engine, "classify", asked)}
    engine.close()

    assert reading is not None
    assert set(found) == set(TEXTS)
    for one in found.values():
        assert tuple(one.labels) == tuple(SAFETY_BERT.labels)
        classes = reading.read(one.labels)
        assert classes[reading.classes[0]] == one.labels["identity_hate"]
        assert (found_class(classes) == reading.classes[0]) == (one.labels["identity_hate"] >= 0.5)
    assert len({one.labels["identity_hate"] for one in found.values()}) == len(TEXTS)


def test_its_size_is_that_of_its_shape() -> None:
    config = transformers.BertConfig(num_labels=len(SAFETY_BERT.labels))
    with torch.device("meta"):
        model = transformers.BertForSequenceClassification(config)

    assert sum(one.numel() for one in model.parameters()) == SAFETY_BERT.parameters
