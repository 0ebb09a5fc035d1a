"""Vectors in transformers: real models of many architectures, with random weights."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from core.tests.engines.tiny_classifiers import CONTEXT, prompts
from core.tests.engines.tiny_encoders import HEADS, plain_vectors, write_encoder

from evalctl.engines.asking import ask
from evalctl.engines.transformers import open_engine
from evalctl.engines.transformers_options import TransformersOptions
from evalctl.errors import EngineError, ModelError
from evalctl.protocols import Engine, ModelRef
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
    return write_encoder(tmp_path_factory.mktemp("models") / "bert", "Bert")


def opened(folder: Path, **options: object) -> Engine:
    model = ModelRef(name="tiny", path=str(folder), is_local=True)
    return open_engine(model, TransformersOptions.model_validate({"device": "cpu", **options}))


def embedded(folder: Path, asked: list[Prompt], **options: object) -> dict[str, Generation]:
    """Return what comes out, by sample."""
    engine = opened(folder, **options)
    try:
        return {one.sample_id: one for one in ask(engine, "embed", asked)}
    finally:
        engine.close()


@pytest.mark.parametrize("kind", HEADS)
def test_vectors_are_the_mean_of_a_plain_passs_last_layer(kind: str, tmp_path: Path) -> None:
    folder = write_encoder(tmp_path, kind)
    asked = prompts(30)

    found = embedded(folder, asked, batch_size=2)

    expected = plain_vectors(folder, asked)
    assert set(found) == set(expected)
    for sample_id, vector in expected.items():
        assert found[sample_id].vector == pytest.approx(vector, abs=1e-4)


def test_a_vector_can_be_that_of_the_first_token(bert: Path) -> None:
    asked = prompts(12)

    found = embedded(bert, asked, pooling="cls")

    for sample_id, vector in plain_vectors(bert, asked, pooling="cls").items():
        assert found[sample_id].vector == pytest.approx(vector, abs=1e-4)


def test_neither_order_nor_batches_change_a_vector(bert: Path) -> None:
    asked = prompts(60)
    mixed = random.Random(1).sample(asked, len(asked))

    alone = embedded(bert, asked, batch_size=1)
    together = embedded(bert, mixed, batch_size=64)

    for sample_id, one in alone.items():
        assert together[sample_id].vector == pytest.approx(one.vector, abs=1e-5)


def test_a_text_that_is_too_long_is_cut_and_says_so(bert: Path) -> None:
    long = Prompt(dataset="d", sample_id="long", text="the cat sat " * 40)

    (found,) = embedded(bert, [long]).values()

    assert (found.is_prompt_cut, found.prompt_tokens) == (True, CONTEXT)
    assert found.vector == pytest.approx(plain_vectors(bert, [long])["long"], abs=1e-4)


def test_a_conversation_fails_alone(bert: Path) -> None:
    talk = Prompt(dataset="d", sample_id="talk", messages=(Message(role="user", content="cat"),))

    found = embedded(bert, [talk, *prompts(2)])

    assert "the prompt is a conversation" in str(found["talk"].error)
    assert [found[one].error for one in "01"] == [None, None]


def test_random_weights_are_the_same_every_time_and_not_the_models(bert: Path) -> None:
    asked = prompts(3)

    first, second = (embedded(bert, asked, random_weights=True) for _ in range(2))
    own = embedded(bert, asked)

    assert first["1"].vector == second["1"].vector
    assert own["1"].vector != pytest.approx(first["1"].vector, abs=0.01)


def test_what_vectors_are_made_of_is_told(bert: Path) -> None:
    engine = opened(bert, pooling="cls", random_weights=True, adapter="a/b")
    settings = engine.info.settings

    assert (settings["pooling"], settings["weights"]) == ("cls", "random, seed 1111")
    assert settings["adapter"] is None  # the library is not installed


def test_an_adapter_is_taken_where_its_library_is_installed(
    bert: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library: Any = ModuleType("adapters")
    library.__spec__ = ModuleSpec("adapters", None)

    def load_adapter(name: str, *, set_active: bool) -> None:
        if (name, set_active) != ("known", True):
            raise OSError("there is none")

    library.init = lambda model: setattr(model, "load_adapter", load_adapter)
    monkeypatch.setitem(sys.modules, "adapters", library)

    assert opened(bert, adapter="known").info.settings["adapter"] == "known"
    with pytest.raises(ModelError, match="adapter other cannot be loaded: OSError: there is none"):
        opened(bert, adapter="other")


def test_weights_that_are_missing_are_refused(tmp_path: Path) -> None:
    folder = write_encoder(tmp_path, "Bert")
    config = transformers.BertConfig.from_pretrained(folder)
    config.num_hidden_layers = 3
    config.save_pretrained(folder)

    with pytest.raises(
        ModelError, match=r"16 weights are missing, the first is bert\.encoder\.layer\.2"
    ):
        opened(folder)


def test_an_encoder_is_not_asked_to_write(bert: Path) -> None:
    engine = opened(bert)

    with pytest.raises(EngineError, match="does not `generate`"):
        ask(engine, "generate", prompts(1))
    engine.close()
    engine.close()
    with pytest.raises(EngineError, match="was closed; open it again"):
        list(ask(engine, "embed", prompts(1)))


def test_a_model_that_writes_has_no_random_weights(tmp_path: Path) -> None:
    folder = write_encoder(tmp_path, "Llama")

    with pytest.raises(ModelError, match="random_weights is for encoders"):
        opened(folder, random_weights=True)
