from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from evalctl.engines.phases import listening
from evalctl.engines.reasoning import StopWatcher
from evalctl.engines.transformers import open_engine
from evalctl.engines.transformers_options import TransformersOptions
from evalctl.engines.transformers_rows import BatchSize, OutOfMemoryError, Row, TextStream
from evalctl.errors import EngineError, ModelError
from evalctl.protocols import Engine, ModelRef
from evalctl.records import Generation, Message, Prompt, Sampling

pytest.importorskip("torch")
pytest.importorskip("transformers")

MakePrompts = Callable[..., list[Prompt]]
Scores = Callable[[Path, Prompt], list[tuple[float, int, bool]]]
DRAWN = Sampling(temperature=1.0, top_p=0.95, top_k=50, max_tokens=10)


def open_model(folder: Path, batch_size: int = 8) -> Engine:
    """Open a tiny model in float32."""
    model = ModelRef(name=folder.name, path=str(folder), is_local=True)
    return open_engine(model, TransformersOptions(dtype="float32", batch_size=batch_size))


@pytest.fixture(scope="module")
def llama(llama_folder: Path) -> Iterator[Engine]:
    """The Llama without a chat template."""
    engine = open_model(llama_folder)
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def qwen(qwen_folder: Path) -> Iterator[Engine]:
    """The Qwen2 with a chat template and reasoning markers."""
    engine = open_model(qwen_folder)
    yield engine
    engine.close()


def texts(generations: Iterator[Generation]) -> dict[str, list[str]]:
    """Return the texts by sample."""
    return {g.sample_id: [completion.text for completion in g.completions] for g in generations}


def test_greedy_text_is_that_of_plain_transformers(
    llama: Engine, llama_folder: Path, make_prompts: MakePrompts
) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    prompts = make_prompts(12, Sampling(max_tokens=16))
    found = {g.sample_id: g for g in llama.generate(prompts)}
    tokenizer = AutoTokenizer.from_pretrained(llama_folder)
    model = AutoModelForCausalLM.from_pretrained(llama_folder, dtype=torch.float32)
    for prompt in prompts:
        inputs = tokenizer(prompt.text, return_tensors="pt", return_token_type_ids=False)
        output = model.generate(**inputs, max_new_tokens=16, do_sample=False)
        new = output[0, inputs["input_ids"].shape[1] :]
        expected = tokenizer.decode(new, skip_special_tokens=True)
        completion = found[prompt.sample_id].completions[0]
        # A character cut off at the end is left away here, and a sign for it stands there.
        assert completion.text == expected.rstrip("\ufffd") or expected == completion.text
        assert completion.output_tokens == len(new)
        assert found[prompt.sample_id].prompt_tokens == inputs["input_ids"].shape[1]


def test_it_is_told_how_far_a_batch_is_that_is_being_written(
    llama: Engine, make_prompts: MakePrompts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evalctl.engines.phases.PULSE_SECONDS", 0.0)
    said: list[str] = []
    with listening(said.append):
        list(llama.generate(make_prompts(4, Sampling(max_tokens=3))))
    assert said[0].startswith("reading 4 prompts of up to ")
    assert said[1] == "writing 4 of 4 answers, 1 of at most 3 tokens"
    assert re.fullmatch(
        r"writing 4 of 4 answers, 2 of at most 3 tokens, at most \d s more", said[2]
    )


def test_while_it_is_measured_so_many_are_in_a_batch_and_the_first_token_is_timed(
    llama: Engine, make_prompts: MakePrompts
) -> None:
    prompts = make_prompts(6, Sampling(max_tokens=12))
    taken: list[str] = []

    def watched() -> Iterator[Prompt]:
        for prompt in prompts:
            taken.append(prompt.sample_id)
            yield prompt

    found = []
    for generation in llama.measure(watched(), 2):  # type: ignore[attr-defined]
        found.append(generation)
        assert len(taken) <= len(found) + 1

    plain = {g.sample_id: g.completions for g in llama.generate(prompts)}
    assert {g.sample_id: g.completions for g in found} == plain
    for one in found:
        assert one.first_token_seconds is not None
        assert 0.0 < one.first_token_seconds < one.seconds


def test_seeded_draws_do_not_depend_on_batch_or_order(
    llama_folder: Path, llama: Engine, make_prompts: MakePrompts
) -> None:
    prompts = make_prompts(20, DRAWN, 2)
    first = texts(llama.generate(prompts))
    assert texts(llama.generate(prompts)) == first
    assert texts(llama.generate(reversed(prompts))) == first
    other = open_model(llama_folder, batch_size=1)
    assert texts(other.generate(prompts)) == first
    other.close()


def test_completions_of_one_prompt_differ(llama: Engine, make_prompts: MakePrompts) -> None:
    for completions in texts(llama.generate(make_prompts(5, DRAWN, 4))).values():
        assert len(set(completions)) > 1


def test_draws_follow_the_distribution(llama: Engine) -> None:
    sampling = Sampling(temperature=1.0, top_k=3, max_tokens=1)
    prompt = Prompt(dataset="d", sample_id="0", text="the cat", sampling=sampling, n=400)
    (generation,) = llama.generate([prompt])
    drawn = [completion.text for completion in generation.completions]
    assert 1 < len(set(drawn)) <= 3


def test_continuations_agree_with_a_plain_reference(
    llama: Engine,
    qwen: Engine,
    llama_folder: Path,
    qwen_folder: Path,
    choice_prompts: list[Prompt],
    reference_scores: Scores,
) -> None:
    for engine, folder in ((llama, llama_folder), (qwen, qwen_folder)):
        found = {g.sample_id: g.continuations for g in engine.choose(choice_prompts)}
        for prompt in choice_prompts:
            expected = reference_scores(folder, prompt)
            for got, (logprob, count, greedy) in zip(
                found[prompt.sample_id], expected, strict=True
            ):
                assert got.logprob == pytest.approx(logprob, abs=1e-3)
                assert (got.tokens, got.is_greedy) == (count, greedy)


def test_a_stop_string_ends_the_text_before_it(llama: Engine, make_prompts: MakePrompts) -> None:
    free = texts(llama.generate(make_prompts(8, Sampling(max_tokens=24))))
    for prompt in make_prompts(8, Sampling(max_tokens=24)):
        whole = free[prompt.sample_id][0]
        stop = whole[len(whole) // 2 :][:2]
        assert stop
        stopped = prompt.model_copy(
            update={"sampling": Sampling(max_tokens=24, stop=(stop, "nowhere"))}
        )
        (generation,) = llama.generate([stopped])
        assert generation.completions[0].text == whole[: whole.index(stop)]
        assert generation.completions[0].finish_reason == "stop"


def test_the_iterable_is_taken_as_it_is_needed(llama: Engine, make_prompts: MakePrompts) -> None:
    taken = 0

    def count() -> Iterator[Prompt]:
        nonlocal taken
        for prompt in make_prompts(200, Sampling(max_tokens=2)):
            taken += 1
            yield prompt

    stream = llama.generate(count())
    next(stream)
    assert taken <= 40
    assert sum(1 for _ in stream) == 199


def test_a_prompt_that_is_too_long_fails_alone_and_in_numbers(
    llama: Engine, make_prompts: MakePrompts
) -> None:
    prompts = make_prompts(3, Sampling(max_tokens=4))
    prompts[1] = prompts[1].model_copy(update={"text": "the cat " * 300})
    found = {g.sample_id: g for g in llama.generate(prompts)}
    assert "tokens" in (found["1"].error or "")
    assert "256" in (found["1"].error or "")
    assert not found["1"].completions
    assert found["0"].error is None
    assert found["2"].error is None


def test_new_tokens_are_cut_to_what_the_context_leaves(llama: Engine) -> None:
    prompt = Prompt(
        dataset="d", sample_id="0", text="the cat " * 100, sampling=Sampling(max_tokens=10_000)
    )
    (generation,) = llama.generate([prompt])
    completion = generation.completions[0]
    assert generation.prompt_tokens + completion.output_tokens <= 256


def test_a_conversation_goes_through_the_chat_template(qwen: Engine) -> None:
    sampling = Sampling(max_tokens=8)
    messages = (Message(role="user", content="seven plus three"),)
    rendered = "<|im_start|>user\nseven plus three<|im_end|>\n<|im_start|>assistant\n"
    chat = Prompt(dataset="d", sample_id="chat", messages=messages, sampling=sampling)
    text = Prompt(dataset="d", sample_id="text", text=rendered, sampling=sampling)
    found = {g.sample_id: g for g in qwen.generate([chat, text])}
    assert found["chat"].completions == found["text"].completions
    assert found["chat"].prompt_tokens == found["text"].prompt_tokens


def test_a_conversation_without_a_template_is_an_error_of_that_prompt(llama: Engine) -> None:
    messages = (Message(role="user", content="hello"),)
    (generation,) = llama.generate([Prompt(dataset="d", sample_id="0", messages=messages)])
    assert "no chat template" in (generation.error or "")


def test_a_prompt_that_opens_a_reasoning_gives_an_open_reasoning(qwen: Engine) -> None:
    prompt = Prompt(
        dataset="d",
        sample_id="0",
        text="the cat <think>\n",
        sampling=Sampling(max_tokens=6, stop=("a", "e", "i", "o", "u")),
    )
    (generation,) = qwen.generate([prompt])
    completion = generation.completions[0]
    assert completion.text == ""
    assert completion.finish_reason == "length"
    assert completion.reasoning


def test_a_closed_engine_says_so(llama_folder: Path) -> None:
    engine = open_model(llama_folder)
    engine.close()
    engine.close()
    with pytest.raises(EngineError, match="was closed"):
        engine.generate([])


def test_a_context_longer_than_the_models_is_refused(llama_folder: Path) -> None:
    model = ModelRef(name="tiny", path=str(llama_folder), is_local=True)
    with pytest.raises(ModelError, match="max_model_len 999 is more than the 256"):
        open_engine(model, TransformersOptions(max_model_len=999))


@pytest.mark.parametrize(
    ("stated", "wrong"),
    [('"hidden_size": 64', '"hidden_size": 32'), ('_layers": 2', '_layers": 3')],
)
def test_weights_that_do_not_match_are_refused(
    llama_folder: Path, tmp_path: Path, stated: str, wrong: str
) -> None:
    for path in llama_folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    config = (
        (tmp_path / "config.json").read_text().replace('"hidden_size": 64', '"hidden_size": 32')
    )
    (tmp_path / "config.json").write_text(config)
    with pytest.raises(ModelError, match=r"config\.json"):
        open_model(tmp_path)


def row() -> Row:
    def begin() -> tuple[TextStream, StopWatcher]:
        return TextStream(str, []), StopWatcher((), starts_inside=False)

    return Row(tokens=[1], max_tokens=1, sampling=Sampling(), seed=0, begin=begin)


def test_a_batch_that_does_not_fit_is_halved_until_it_does() -> None:
    sizes: list[int] = []

    def work(rows: list[Row]) -> None:
        sizes.append(len(rows))
        if len(rows) > 3:
            raise OutOfMemoryError

    batches = BatchSize(16)
    batches.run([row() for _ in range(16)], work)
    assert sizes == [16, 8, 4, 2, 2, 2, 2, 2, 2, 2, 2]
    assert batches.size == 2


def test_a_single_row_that_does_not_fit_is_an_error() -> None:
    def work(rows: list[Row]) -> None:
        raise OutOfMemoryError

    with pytest.raises(OutOfMemoryError):
        BatchSize(4).run([row()], work)
