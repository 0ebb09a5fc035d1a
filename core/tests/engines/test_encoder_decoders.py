"""T5 and BART in the transformers engine: they write what plain transformers writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from core.tests.engines.conftest import WORDS

from evalctl.engines.local_model import check
from evalctl.engines.transformers import open_engine
from evalctl.engines.transformers_options import TransformersOptions
from evalctl.engines.vllm_options import VllmOptions
from evalctl.errors import EngineError, ModelError
from evalctl.protocols import Engine, ModelRef
from evalctl.records import Generation, Prompt, Sampling

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

pytest.importorskip("torch")
pytest.importorskip("transformers")

MakePrompts = Callable[..., list[Prompt]]
CONTEXT = 64


def word_tokenizer() -> PreTrainedTokenizerFast:
    """Return a tokenizer of whole words that marks the end of every text."""
    from tokenizers import Tokenizer, models, pre_tokenizers
    from tokenizers.processors import TemplateProcessing
    from transformers import PreTrainedTokenizerFast

    words = dict.fromkeys(("<pad>", "</s>", "<unk>", ".", *WORDS))
    core = Tokenizer(models.WordLevel({w: n for n, w in enumerate(words)}, unk_token="<unk>"))
    core.pre_tokenizer = pre_tokenizers.Whitespace()
    core.post_processor = TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    return PreTrainedTokenizerFast(
        tokenizer_object=core, eos_token="</s>", pad_token="<pad>", unk_token="<unk>"
    )


def write(folder: Path, kind: str) -> Path:
    """Write a tiny model with random weights."""
    import torch

    tokenizer = word_tokenizer()
    torch.manual_seed(5)
    shape: dict[str, Any] = {
        "vocab_size": len(tokenizer),
        "d_model": 32,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
        "decoder_start_token_id": tokenizer.pad_token_id,
    }
    model = _t5(shape) if kind == "t5" else _bart(shape)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _t5(shape: dict[str, Any]) -> PreTrainedModel:
    from transformers import T5Config, T5ForConditionalGeneration

    layers = {"d_ff": 64, "d_kv": 16, "num_layers": 2, "num_heads": 2}
    config = T5Config(**shape, **layers, initializer_factor=4.0)
    config.n_positions = CONTEXT
    return T5ForConditionalGeneration(config)


def _bart(shape: dict[str, Any]) -> PreTrainedModel:
    from transformers import BartConfig, BartForConditionalGeneration

    sides = {
        f"{side}_{name}": value
        for side in ("encoder", "decoder")
        for name, value in (("layers", 2), ("attention_heads", 2), ("ffn_dim", 64))
    }
    tokens = {"bos_token_id": None, "forced_eos_token_id": None}
    return BartForConditionalGeneration(
        BartConfig(**shape, **sides, **tokens, max_position_embeddings=CONTEXT, init_std=0.4)
    )


def ref(folder: Path) -> ModelRef:
    return ModelRef(name=folder.name, path=str(folder), is_local=True)


@pytest.fixture(scope="module", params=["t5", "bart"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("pairs") / request.param, request.param)


@pytest.fixture(scope="module")
def engine(folder: Path) -> Iterator[Engine]:
    engine = open_engine(ref(folder), TransformersOptions(dtype="float32", batch_size=4))
    yield engine
    engine.close()


def texts(generations: Iterator[Generation]) -> dict[str, list[str]]:
    return {g.sample_id: [completion.text for completion in g.completions] for g in generations}


def test_its_files_tell_what_it_is(folder: Path) -> None:
    facts = check(ref(folder), TransformersOptions())
    assert (facts.kind, facts.context_length) == ("encoder_decoder", CONTEXT)


def test_vllm_names_the_engine_that_opens_it(folder: Path) -> None:
    with pytest.raises(ModelError, match="take the engine transformers"):
        check(ref(folder), VllmOptions())


def test_greedy_text_in_batches_is_that_of_plain_transformers_one_by_one(
    engine: Engine, folder: Path, make_prompts: MakePrompts
) -> None:
    import torch
    from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

    prompts = make_prompts(9, Sampling(max_tokens=8))
    found = texts(engine.generate(prompts))
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForSeq2SeqLM.from_pretrained(folder, dtype=torch.float32)
    for prompt in prompts:
        read = tokenizer(prompt.text, return_tensors="pt")
        assert read["input_ids"][0, -1] == tokenizer.eos_token_id
        written = model.generate(
            input_ids=read["input_ids"], do_sample=False, num_beams=1, max_new_tokens=8
        )
        expected = tokenizer.decode(written[0], skip_special_tokens=True)
        assert found[prompt.sample_id] == [expected]
    assert len({text for (text,) in found.values()}) > 1


def test_draws_follow_their_seeds_and_not_the_batch(
    engine: Engine, make_prompts: MakePrompts
) -> None:
    drawn = Sampling(temperature=1.0, top_p=0.95, max_tokens=8)
    prompts = make_prompts(5, drawn, n=2)
    together = texts(engine.generate(prompts))
    alone = {key: text for one in prompts for key, text in texts(engine.generate([one])).items()}
    assert together == alone
    assert any(first != second for first, second in together.values())


def test_stop_strings_end_a_completion(engine: Engine, make_prompts: MakePrompts) -> None:
    drawn = Sampling(temperature=1.0, max_tokens=12)
    prompts = make_prompts(6, drawn)
    written = texts(engine.generate(prompts))
    longest = max(prompts, key=lambda prompt: len(written[prompt.sample_id][0]))
    (whole,) = written[longest.sample_id]
    stop = whole.split()[len(whole.split()) // 2]
    sampling = drawn.model_copy(update={"stop": (stop,)})
    cut = longest.model_copy(update={"sampling": sampling})
    assert texts(engine.generate([cut])) == {cut.sample_id: [whole[: whole.index(stop)]]}
    assert len(whole.split()) > 2


def test_prompt_and_completion_have_a_context_each(engine: Engine) -> None:
    def asked(words: int) -> Prompt:
        text = " ".join(["dog"] * words)
        return Prompt(
            dataset="d", sample_id=str(words), text=text, sampling=Sampling(max_tokens=500)
        )

    found = {g.sample_id: g for g in engine.generate([asked(60), asked(70)])}
    fits, too_long = found["60"], found["70"]
    assert fits.prompt_tokens > CONTEXT // 2
    assert 0 < fits.completions[0].output_tokens < CONTEXT
    assert "fit the context of 64" in str(too_long.error)


def test_it_gives_no_log_likelihoods(engine: Engine) -> None:
    prompt = Prompt(dataset="d", sample_id="1", text="the cat", continuations=(" sat", " ran"))
    with pytest.raises(EngineError, match="no log-likelihoods"):
        list(engine.choose([prompt]))


def test_relative_positions_allow_a_longer_context_than_the_training_had(
    tmp_path: Path,
) -> None:
    longer = TransformersOptions(dtype="float32", max_model_len=2 * CONTEXT)
    opened = open_engine(ref(write(tmp_path / "t5", "t5")), longer)
    assert opened.info.context_length == 2 * CONTEXT
    opened.close()
    with pytest.raises(ModelError, match="more than the 64 tokens"):
        open_engine(ref(write(tmp_path / "bart", "bart")), longer)
