from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from evalctl.engines.transformers import open_engine as open_transformers
from evalctl.engines.transformers_options import TransformersOptions
from evalctl.engines.vllm import VllmEngine, open_engine
from evalctl.engines.vllm_options import VllmOptions
from evalctl.errors import EngineError, ModelError
from evalctl.prompts import without_end
from evalctl.protocols import Engine, ModelRef
from evalctl.records import Completion, Generation, Message, Prompt, Sampling

pytest.importorskip("vllm")
pytestmark = pytest.mark.vllm

MakePrompts = Callable[..., list[Prompt]]
Scores = Callable[[Path, Prompt], list[tuple[float, int, bool]]]
DRAWN = Sampling(temperature=1.0, top_p=0.95, top_k=50, max_tokens=10)
OPTIONS = VllmOptions(dtype="float32", max_num_seqs=8, kv_cache_gib=0.25)


def reference(folder: Path) -> ModelRef:
    """Return a local model."""
    return ModelRef(name=folder.name, path=str(folder), is_local=True)


@pytest.fixture(scope="module")
def qwen(qwen_folder: Path) -> Iterator[Engine]:
    """The Qwen2 with a chat template and reasoning markers."""
    engine = open_engine(reference(qwen_folder), OPTIONS)
    yield engine
    engine.close()


def texts(generations: Iterator[Generation]) -> dict[str, list[str]]:
    """Return the texts by sample."""
    return {g.sample_id: [completion.text for completion in g.completions] for g in generations}


def test_it_says_what_is_loaded(qwen: Engine) -> None:
    assert qwen.info.context_length == 256
    assert qwen.info.dtype == "float32"
    assert {"vllm", "torch", "transformers"} <= set(qwen.info.versions)


def test_greedy_text_agrees_with_transformers(
    qwen: Engine, qwen_folder: Path, make_prompts: MakePrompts
) -> None:
    prompts = make_prompts(40, Sampling(max_tokens=16))
    other = open_transformers(reference(qwen_folder), TransformersOptions(dtype="float32"))
    expected = {g.sample_id: g.completions for g in other.generate(prompts)}
    other.close()
    found = {g.sample_id: g.completions for g in qwen.generate(prompts)}
    disagreements = {
        key: (found[key], expected[key]) for key in expected if found[key] != expected[key]
    }
    assert not disagreements
    assert len(found) == 40


def test_while_it_is_measured_so_many_run_at_once_and_the_first_token_is_timed(
    qwen: Engine, make_prompts: MakePrompts
) -> None:
    prompts = make_prompts(6, Sampling(max_tokens=12))
    taken: list[str] = []

    def watched() -> Iterator[Prompt]:
        for prompt in prompts:
            taken.append(prompt.sample_id)
            yield prompt

    found = []
    for generation in qwen.measure(watched(), 2):  # type: ignore[attr-defined]
        found.append(generation)
        assert len(taken) <= len(found) + 1

    plain = {g.sample_id: g.completions for g in qwen.generate(prompts)}
    assert {g.sample_id: g.completions for g in found} == plain
    for one in found:
        assert one.first_token_seconds is not None
        assert 0.0 < one.first_token_seconds < one.seconds


def test_while_it_is_measured_no_prompt_is_found_in_the_prefix_cache(
    qwen: VllmEngine, make_prompts: MakePrompts
) -> None:
    prompt = make_prompts(1, Sampling(max_tokens=2))[0]
    long = prompt.model_copy(update={"text": "one two three " * 30})
    core = qwen._engine
    assert core is not None
    cached: list[int | None] = []
    step = core.step

    def watched() -> list[Any]:
        outputs = step()
        cached.extend(output.num_cached_tokens for output in outputs)
        return outputs

    core.step = watched
    for number in range(3):
        list(qwen.measure([long.model_copy(update={"sample_id": str(number)})], 1))

    assert cached
    assert set(cached) == {0}


def test_seeded_draws_do_not_depend_on_order_or_company(
    qwen: Engine, make_prompts: MakePrompts
) -> None:
    prompts = make_prompts(20, DRAWN, 2)
    first = texts(qwen.generate(prompts))
    assert texts(qwen.generate(prompts)) == first
    assert texts(qwen.generate(reversed(prompts))) == first
    alone = texts(qwen.generate(prompts[3:4]))
    assert alone["3"] == first["3"]


def test_completions_of_one_prompt_differ(qwen: Engine, make_prompts: MakePrompts) -> None:
    for completions in texts(qwen.generate(make_prompts(5, DRAWN, 4))).values():
        assert len(set(completions)) > 1


def test_continuations_agree_with_a_plain_reference(
    qwen: Engine, qwen_folder: Path, choice_prompts: list[Prompt], reference_scores: Scores
) -> None:
    # Twice: the second time, everything is in the prefix cache.
    for _ in range(2):
        found = {g.sample_id: g.continuations for g in qwen.choose(choice_prompts)}
        for prompt in choice_prompts:
            expected = reference_scores(qwen_folder, prompt)
            for got, (logprob, count, greedy) in zip(
                found[prompt.sample_id], expected, strict=True
            ):
                assert got.logprob == pytest.approx(logprob, abs=1e-3)
                assert (got.tokens, got.is_greedy) == (count, greedy)


def test_a_watched_stop_string_ends_the_text_before_it(
    qwen: Engine, make_prompts: MakePrompts
) -> None:
    free = texts(qwen.generate(make_prompts(8, Sampling(max_tokens=24))))
    for prompt in make_prompts(8, Sampling(max_tokens=24)):
        whole = free[prompt.sample_id][0]
        stop = whole[len(whole) // 2 :][:2]
        assert stop
        stopped = prompt.model_copy(
            update={"sampling": Sampling(max_tokens=24, stop=(stop, "nowhere"))}
        )
        (generation,) = qwen.generate([stopped])
        assert generation.completions[0].text == whole[: whole.index(stop)]
        assert generation.completions[0].finish_reason == "stop"
        assert generation.first_token_seconds is not None


def test_the_iterable_is_taken_as_it_is_needed(qwen: Engine, make_prompts: MakePrompts) -> None:
    taken = 0

    def count() -> Iterator[Prompt]:
        nonlocal taken
        for prompt in make_prompts(100, Sampling(max_tokens=2)):
            taken += 1
            yield prompt

    stream = qwen.generate(count())
    next(stream)
    assert taken <= 3 * 8
    assert sum(1 for _ in stream) == 99


def test_a_stream_that_is_left_early_leaves_nothing_behind(
    qwen: Engine, make_prompts: MakePrompts
) -> None:
    stream = qwen.generate(make_prompts(30, Sampling(max_tokens=50)))
    next(stream)
    stream.close()  # type: ignore[attr-defined]  # engines promise an iterator; this is a generator
    assert len(texts(qwen.generate(make_prompts(4, Sampling(max_tokens=2))))) == 4


def test_a_prompt_that_is_too_long_fails_alone_and_in_numbers(
    qwen: Engine, make_prompts: MakePrompts
) -> None:
    prompts = make_prompts(3, Sampling(max_tokens=4))
    prompts[1] = prompts[1].model_copy(update={"text": "the cat " * 300})
    found = {g.sample_id: g for g in qwen.generate(prompts)}
    assert "256" in (found["1"].error or "")
    assert found["0"].error is None
    assert found["2"].error is None


def test_a_prompt_that_may_be_cut_is_cut_at_the_end_of_its_part(qwen: Engine) -> None:
    words = "the cat " * 300
    whole = Prompt(
        dataset="d", sample_id="0", text=f"Q: {words}A:", sampling=Sampling(max_tokens=4)
    )
    cut = whole.model_copy(update={"cuttable": (3, 3 + len(words))})
    (generation,) = qwen.generate([cut])
    assert (generation.error, generation.is_prompt_cut) == (None, True)
    assert 230 < generation.prompt_tokens <= 252
    (same,) = qwen.generate([without_end(cut, generation.left_out)])
    assert same.completions == generation.completions
    assert (same.prompt_tokens, same.is_prompt_cut) == (generation.prompt_tokens, False)


def test_new_tokens_are_cut_to_what_the_context_leaves(qwen: Engine) -> None:
    prompt = Prompt(
        dataset="d", sample_id="0", text="the cat " * 100, sampling=Sampling(max_tokens=10_000)
    )
    (generation,) = qwen.generate([prompt])
    assert generation.error is None
    assert generation.prompt_tokens + generation.completions[0].output_tokens <= 256


def test_a_conversation_goes_through_the_chat_template(qwen: Engine) -> None:
    sampling = Sampling(max_tokens=8)
    messages = (Message(role="user", content="seven plus three"),)
    rendered = "<|im_start|>user\nseven plus three<|im_end|>\n<|im_start|>assistant\n"
    chat = Prompt(dataset="d", sample_id="chat", messages=messages, sampling=sampling)
    text = Prompt(dataset="d", sample_id="text", text=rendered, sampling=sampling)
    found = {g.sample_id: g for g in qwen.generate([chat, text])}
    assert found["chat"].completions == found["text"].completions


def test_stop_strings_do_not_fire_inside_a_reasoning(qwen: Engine) -> None:
    prompt = Prompt(
        dataset="d",
        sample_id="0",
        text="the cat <think>\n",
        sampling=Sampling(max_tokens=6, stop=("a", "e", "i", "o", "u")),
    )
    (generation,) = qwen.generate([prompt])
    completion: Completion = generation.completions[0]
    assert completion.text == ""
    assert completion.finish_reason == "length"
    assert completion.reasoning


def test_a_json_schema_is_left_to_the_prompt_where_a_model_reasons(qwen: Engine) -> None:
    held = Sampling(max_tokens=6, json_schema='{"type": "object", "properties": {}}')
    plain = Prompt(dataset="d", sample_id="0", text="the cat", sampling=Sampling(max_tokens=6))
    asked = plain.model_copy(update={"sample_id": "1", "sampling": held})
    found = texts(qwen.generate([plain, asked]))
    assert found["0"] == found["1"]


OTHER_PROCESS = """
import sys
from evalctl.engines.vllm import open_engine
from evalctl.engines.vllm_options import VllmOptions
from evalctl.protocols import ModelRef
from evalctl.records import Prompt, Sampling


def main():
    options = VllmOptions(
        dtype="float32", max_num_seqs=8, kv_cache_gib=0.25, engine_process=True,
        first_token_times=True,
    )
    engine = open_engine(ModelRef(name="llama", path=sys.argv[1], is_local=True), options)
    sampling = Sampling(max_tokens=24, stop=("e", "o"))
    prompts = [Prompt(dataset="d", sample_id="0", text="the cat sat", sampling=sampling)]
    (generation,) = engine.generate(prompts)
    assert generation.error is None, generation.error
    assert generation.first_token_seconds > 0
    engine.close()
    engine.close()
    print("text", repr(generation.completions[0].text))


if __name__ == "__main__":
    main()
"""


def test_a_core_in_its_own_process_is_quiet_and_leaves_no_process_behind(
    llama_folder: Path, tmp_path: Path
) -> None:
    script = tmp_path / "other.py"
    script.write_text(OTHER_PROCESS)
    done = subprocess.run(
        [sys.executable, str(script), str(llama_folder)],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
        env={**os.environ, "EVALCTL_MARK": str(tmp_path)},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("text ")
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""
    deadline = time.monotonic() + 5.0  # for what is already ending
    while (left := marked_processes(str(tmp_path))) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not left


def marked_processes(mark: str) -> list[str]:
    """Return the command lines of processes that inherited the mark in their environment."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"EVALCTL_MARK={mark}".encode() in (folder / "environ").read_bytes():
                found.append((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:  # it ended meanwhile, or is somebody else's
            continue
    return found


def test_a_context_longer_than_the_models_is_refused_before_anything_is_loaded(
    llama_folder: Path,
) -> None:
    with pytest.raises(ModelError, match="lower max_model_len"):
        open_engine(reference(llama_folder), OPTIONS.model_copy(update={"max_model_len": 999}))


def test_a_cache_that_is_too_small_says_what_to_change(llama_folder: Path) -> None:
    options = OPTIONS.model_copy(update={"max_model_len": 256, "kv_cache_gib": 0.00001})
    with pytest.raises(ModelError, match="lower max_model_len") as caught:
        open_engine(reference(llama_folder), options)
    assert "\n" not in str(caught.value)


def test_a_closed_engine_says_so(qwen: Engine) -> None:
    qwen.close()
    qwen.close()
    with pytest.raises(EngineError, match="was closed"):
        qwen.generate([])
