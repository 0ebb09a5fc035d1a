"""AWQ weights in transformers: unpacked, and then those of the plain model."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from core.tests.engines.quantized import plain_of, quantized, write_awq

from evalctl.engines.local_model import check
from evalctl.engines.model_config import count_parameters
from evalctl.engines.transformers import open_engine
from evalctl.engines.transformers_awq import unpacked
from evalctl.engines.transformers_options import TransformersOptions
from evalctl.errors import ModelError
from evalctl.memory import ModelFigures, Settings, estimate_memory
from evalctl.protocols import Engine, ModelRef
from evalctl.records import Prompt, Sampling

pytest.importorskip("torch")
pytest.importorskip("transformers")

OPTIONS = TransformersOptions(dtype="float32", batch_size=4)


def ref(folder: Path) -> ModelRef:
    return ModelRef(name=folder.name, path=str(folder), is_local=True)


@pytest.fixture(scope="module")
def awq(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_awq(tmp_path_factory.mktemp("awq") / "mistral")


@pytest.fixture(scope="module")
def engines(awq: Path) -> Iterator[tuple[Engine, Engine]]:
    """The model with AWQ weights, and the plain one."""
    opened = open_engine(ref(awq), OPTIONS), open_engine(ref(plain_of(awq)), OPTIONS)
    yield opened
    for engine in opened:
        engine.close()


@pytest.fixture
def broken(awq: Path, tmp_path: Path) -> Path:
    """A copy to be changed."""
    return Path(shutil.copytree(awq, tmp_path / "broken"))


def restate(folder: Path, **stated: object) -> None:
    path = folder / "config.json"
    config = json.loads(path.read_text())
    config["quantization_config"] |= stated
    path.write_text(json.dumps(config))


@pytest.mark.parametrize("shape", [(64, 256), (8, 128), (136, 384), (16, 32)])
def test_weights_are_unpacked_as_the_library_of_the_format_does(shape: tuple[int, int]) -> None:
    import torch

    autoawq = pytest.importorskip("compressed_tensors.entrypoints.convert.converters.autoawq")
    convert = autoawq.AutoAWQConverter
    torch.manual_seed(shape[0])
    made = quantized(torch.randn(shape))
    found = unpacked(made.weights, made.zeros, made.scales)

    steps, zeros = convert.reverse_awq_order(*convert.unpack_awq(made.weights, made.zeros, 4), 4)
    group = steps.shape[0] // made.scales.shape[0]
    spread = ((zeros & 15).float(), made.scales.float())
    zero, scale = (one.repeat_interleave(group, dim=0) for one in spread)
    expected = (((steps & 15).float() - zero) * scale).t().half()
    assert torch.equal(found, expected)
    assert torch.equal(found, made.plain)


def test_answers_and_log_likelihoods_are_those_of_the_plain_model(
    engines: tuple[Engine, Engine], make_prompts: Callable[..., list[Prompt]]
) -> None:
    written = make_prompts(6, Sampling(max_tokens=12))
    weighed = [
        one.model_copy(update={"continuations": (" the cat", " a dog", " 7")}) for one in written
    ]
    packed, plain = (
        (
            {one.sample_id: one.completions[0].text for one in engine.generate(written)},
            {one.sample_id: one.continuations for one in engine.choose(weighed)},
        )
        for engine in engines
    )
    assert packed == plain
    assert len(packed[0]) == len(packed[1]) == 6


def test_it_has_as_many_parameters_as_the_plain_model(awq: Path) -> None:
    assert count_parameters(awq) == count_parameters(plain_of(awq))


@pytest.mark.parametrize(("dtype", "size"), [("auto", 2), ("float32", 4)])
def test_its_memory_is_that_of_the_unpacked_weights(awq: Path, dtype: str, size: int) -> None:
    options = TransformersOptions.model_validate({"dtype": dtype})
    facts = check(ref(awq), options)
    assert facts.weight_bytes == size * (count_parameters(awq) or 0)
    assert facts.notice == (
        f"mistral has AWQ weights of 4 bits, which are unpacked to {8 * size} bits"
    )
    figures = ModelFigures(
        path=str(awq),
        weight_bytes=facts.weight_bytes,
        context_length=256,
        config=json.loads((awq / "config.json").read_text()),
    )
    settings = Settings("transformers", options.model_dump(mode="json"), None)
    estimate = estimate_memory(figures, settings, None)
    assert estimate.weights_bytes == facts.weight_bytes


@pytest.mark.parametrize("stated", [{"bits": 8}, {"version": "gemv"}, {"version": "marlin"}])
def test_another_form_is_refused_before_it_is_loaded(
    broken: Path, stated: dict[str, object]
) -> None:
    restate(broken, **stated)
    with pytest.raises(ModelError, match="reads 4 bits in the form 'gemm' alone"):
        check(ref(broken), OPTIONS)


UP = "model.layers.1.mlp.up_proj"


def rewrite(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    from safetensors.torch import load_file, save_file

    path = folder / "model.safetensors"
    weights = load_file(path)
    change(weights)
    save_file(
        {name: one.contiguous() for name, one in weights.items()}, path, metadata={"format": "pt"}
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda w: w.pop(f"{UP}.qzeros"), f"{UP} has no qzeros"),
        (lambda w: w.pop(f"{UP}.qweight"), f"{UP} has no qweight"),
        (
            lambda w: w.update({f"{UP}.qweight": w[f"{UP}.qweight"].float()}),
            "of the types F32, I32",
        ),
        (lambda w: w.update({f"{UP}.qweight": w[f"{UP}.qweight"].t()}), "shapes that disagree"),
        (lambda w: w.update({f"{UP}.scales": w[f"{UP}.scales"][:, :-8]}), "shapes that disagree"),
        (lambda w: w.update({f"{UP}.scales": w[f"{UP}.scales"][0]}), "do not belong together"),
        (lambda w: w.update({f"{UP}.qweight": w[f"{UP}.qweight"][:-1]}), "shapes that disagree"),
    ],
)
def test_weights_that_are_not_whole_are_refused_before_they_are_loaded(
    broken: Path, change: Callable[[dict[str, Any]], object], said: str
) -> None:
    rewrite(broken, change)
    with pytest.raises(ModelError, match="its AWQ weights are not whole") as refused:
        check(ref(broken), OPTIONS)
    assert said in str(refused.value)


def test_plain_weights_under_a_configuration_of_awq_are_refused(awq: Path, broken: Path) -> None:
    shutil.copy(plain_of(awq) / "model.safetensors", broken / "model.safetensors")
    with pytest.raises(ModelError, match="says that its weights are AWQ's, and none is"):
        check(ref(broken), OPTIONS)


def test_weights_in_a_pickle_are_refused(broken: Path) -> None:
    (broken / "model.safetensors").rename(broken / "pytorch_model.bin")
    with pytest.raises(ModelError, match=r"from \*\.safetensors alone; convert pytorch_model\.bin"):
        check(ref(broken), OPTIONS)


def test_weights_without_a_place_in_the_model_are_refused(broken: Path) -> None:
    import torch

    rewrite(broken, lambda weights: weights.update({"model.layers.0.mlp.act.by": torch.ones(8)}))
    with pytest.raises(ModelError, match="have no place in MistralForCausalLM"):
        open_engine(ref(broken), OPTIONS)
