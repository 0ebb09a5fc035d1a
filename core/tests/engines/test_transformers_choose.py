from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

import pytest

from evalctl.engines.prompt_reader import Choice
from evalctl.engines.transformers_branches import Family, ScoreRow, Stem, families, stem_of
from evalctl.engines.transformers_choose import Budget
from evalctl.engines.transformers_rows import OutOfMemoryError
from evalctl.engines.transformers_scorer import Scorer

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

VOCABULARY = 300
SHAPE = {
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 128,
    "initializer_range": 0.4,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
OLD_SHAPE = {
    "vocab_size": VOCABULARY,
    "n_embd": 32,
    "n_layer": 2,
    "n_head": 4,
    "n_positions": 128,
    "initializer_range": 0.4,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
LATENT = {
    "num_key_value_heads": 4,
    "kv_lora_rank": 16,
    "q_lora_rank": None,
    "qk_nope_head_dim": 8,
    "qk_rope_head_dim": 8,
    "v_head_dim": 16,
    "n_routed_experts": 4,
    "num_experts_per_tok": 2,
    "moe_intermediate_size": 16,
    "n_shared_experts": 1,
    "first_k_dense_replace": 1,
}
WINDOW = {"sliding_window": 24}
CAPS = {"head_dim": 8, "attn_logit_softcapping": 5.0, "final_logit_softcapping": 3.0}
LONG_ROPE = {
    "original_max_position_embeddings": 40,
    "rope_scaling": {
        "rope_type": "longrope",
        "short_factor": [1.0] * 4,
        "long_factor": [3.0] * 4,
    },
}
MODELS = {
    "llama": ("LlamaConfig", SHAPE),
    "qwen2": ("Qwen2Config", SHAPE),
    "qwen3": ("Qwen3Config", SHAPE | {"head_dim": 8}),
    "mistral_with_a_window": ("MistralConfig", SHAPE | WINDOW),
    "gemma2_with_a_window_and_caps": ("Gemma2Config", SHAPE | WINDOW | CAPS),
    "gemma2_within_its_window": ("Gemma2Config", SHAPE | {"sliding_window": 120} | CAPS),
    "phi3": ("Phi3Config", SHAPE),
    "phi3_beyond_its_rope": ("Phi3Config", SHAPE | LONG_ROPE),
    "deepseek_v2": ("DeepseekV2Config", SHAPE | LATENT),
    "olmo2": ("Olmo2Config", SHAPE),
    "granite_that_scales_logits": ("GraniteConfig", SHAPE | {"logits_scaling": 2.0}),
    "mixtral": ("MixtralConfig", SHAPE | {"num_local_experts": 4}),
    "gpt2": ("GPT2Config", OLD_SHAPE),
    "bloom_with_alibi": ("BloomConfig", {**OLD_SHAPE, "hidden_size": 32}),
    "mpt_with_alibi_by_index": (
        "MptConfig",
        {"d_model": 32, "n_heads": 4, "n_layers": 2, "max_seq_len": 128, "vocab_size": VOCABULARY},
    ),
    "mamba_without_keys": (
        "MambaConfig",
        {"vocab_size": VOCABULARY, "hidden_size": 32, "num_hidden_layers": 2, "state_size": 4},
    ),
}
SHARING = {
    "mistral_with_a_window": 24,
    "gemma2_with_a_window_and_caps": 24,
    "gemma2_within_its_window": 120,
    "phi3_beyond_its_rope": 40,
    "mamba_without_keys": 0,
}
"""Tokens up to which contexts are shared; elsewhere there is no end to it."""


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Tiny matrices gain nothing by threads, which lose much where others want the cores."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def make(kind: str, shape: dict[str, object]) -> object:
    """Return a model with random weights."""
    torch.manual_seed(3)
    config = getattr(transformers, kind)(**shape)
    return transformers.AutoModelForCausalLM.from_config(config).eval().float()


def choices() -> list[list[ScoreRow]]:
    """Contexts from one token on, some with much in common, with one or several continuations."""
    chance = random.Random(5)

    def tokens(count: int) -> list[int]:
        return [chance.randrange(3, VOCABULARY) for _ in range(count)]

    preamble = tokens(40)
    contexts = [tokens(n) for n in (1, 2, 9, 20, 30)] + [preamble + tokens(n) for n in (1, 2, 9)]
    lengths = [(1, 1, 2, 5, 9), (1, 1, 1, 1), (1, 3, 4), (2,)]
    return [
        [ScoreRow(Choice(context, tokens(n))) for n in lengths[number % len(lengths)]]
        for number, context in enumerate(contexts)
    ]


def score(scorer: Scorer, asked: Sequence[Sequence[ScoreRow]]) -> None:
    """Fill in all results."""
    with torch.inference_mode():
        for family in families(stem_of(rows, is_shared=True) for rows in asked):
            for _ in Budget(1).run(family, scorer):
                pass


def plain(model: object, row: ScoreRow) -> tuple[float, bool]:
    """Return a continuation's log-likelihood by one pass over the whole, alone and uncached."""
    context, wanted = row.choice
    with torch.inference_mode():
        logits = model(input_ids=torch.tensor([context + wanted]), use_cache=False).logits[0]
    rows = torch.log_softmax(logits[len(context) - 1 : -1].double(), -1)
    found = [float(one[token]) for one, token in zip(rows, wanted, strict=True)]
    best = [int(one.argmax()) for one in rows]
    return sum(found), best == wanted


@pytest.mark.parametrize("name", MODELS)
def test_log_likelihoods_are_those_of_a_plain_pass(name: str) -> None:
    model = make(*MODELS[name])
    scorer = Scorer(model, 0)
    asked = choices()

    score(scorer, asked)

    assert scorer.reach == SHARING.get(name, scorer.reach)
    for row in (row for rows in asked for row in rows):
        assert row.result is not None
        logprob, is_greedy = plain(model, row)
        assert row.result.logprob == pytest.approx(logprob, abs=1e-3)
        assert (row.result.tokens, row.result.is_greedy) == (len(row.tokens), is_greedy)


def test_a_cache_that_gives_something_else_is_given_up(caplog: pytest.LogCaptureFixture) -> None:
    model = make(*MODELS["llama"])
    scorer = Scorer(model, 0)
    inner = model.forward

    def forgetful(**asked: object) -> object:
        past = asked.get("past_key_values")
        if past is not None and past.get_seq_length() > 0:
            for layer in past.layers:
                layer.keys = layer.keys * 0
        return inner(**asked)

    model.forward = forgetful
    asked = choices()
    score(scorer, asked)

    assert scorer.reach == 0
    assert "contexts are read again for each continuation" in caplog.text
    for row in (row for rows in asked for row in rows):
        assert row.result is not None
        assert row.result.logprob == pytest.approx(plain(model, row)[0], abs=1e-3)


def test_a_prefix_is_read_once_for_all_families_that_have_it() -> None:
    model = make(*MODELS["llama"])
    scorer = Scorer(model, 0)
    inner, read = model.forward, []

    def counting(**asked: object) -> object:
        read.append(tuple(asked["input_ids"].shape))
        return inner(**asked)

    model.forward = counting
    preamble = list(range(3, 53))
    for start in (60, 70):
        rows = [
            [ScoreRow(Choice([*preamble, n, n + 1], [7 + k, 9])) for k in range(2)]
            for n in range(start, start + 4)
        ]
        score(scorer, rows)

    assert read.count((1, 50)) == 1
    assert sum(count * width for count, width in read) < 4 * 50 * 2


def test_continuations_of_one_token_share_one_branch() -> None:
    rows = [ScoreRow(Choice([1, 2], tokens)) for tokens in ([5], [6], [7, 8], [7, 9], [4, 3, 2])]

    shared = stem_of(rows, is_shared=True)
    apart = stem_of(rows, is_shared=False)

    assert [branch.tokens for branch in shared.branches] == [[4, 3], [7]]
    assert [len(branch.rows) for branch in shared.branches] == [3, 2]
    assert len(apart.branches) == 5


def test_contexts_with_a_long_common_beginning_are_a_family() -> None:
    first, second = list(range(100, 140)), list(range(200, 240))
    contexts = [[*first, 1], [*second, 1], [*first, 2, 3], [9, 9], [*second, 4], [*first[:20], 5]]
    stems = [stem_of([ScoreRow(Choice(one, [1]))], is_shared=True) for one in contexts]

    found = families(reversed(stems))

    assert [(family.prefix, len(family.stems)) for family in found] == [
        (first, 2),
        (second, 2),
        ([], 2),
    ]


def test_a_context_is_never_all_of_a_prefix() -> None:
    context = list(range(100, 150))
    stems = [stem_of([ScoreRow(Choice(context, [token]))], is_shared=True) for token in (1, 2)]

    (family,) = families(stems)

    assert family.prefix == context[:-1]


class Narrow:
    """A model on which so many tokens fit."""

    def __init__(self, tokens: int) -> None:
        self.tokens = tokens
        self.parts: list[int] = []

    def score(self, family: Family, most_tokens: int) -> None:
        """Note the part; fail where it or a row of it does not fit."""
        self.parts.append(len(family.stems))
        if min(most_tokens, len(family.stems) * family.stems[0].width) > self.tokens:
            raise OutOfMemoryError


def of_width(width: int) -> Stem:
    """Return a stem of that many tokens."""
    return stem_of([ScoreRow(Choice([1] * width, [2]))], is_shared=True)


def test_a_part_that_does_not_fit_is_halved_until_it_does() -> None:
    model, budget = Narrow(150), Budget(2)
    budget.tokens = 800

    done = list(budget.run(Family([], [of_width(50) for _ in range(16)]), model))

    assert model.parts[:4] == [16, 8, 4, 2]
    assert sum(map(len, done)) == 16
    assert budget.tokens == 100


def test_a_sequence_that_does_not_fit_alone_is_an_error() -> None:
    with pytest.raises(OutOfMemoryError):
        list(Budget(1).run(Family([], [of_width(50)]), Narrow(20)))


def test_wide_sequences_come_in_smaller_parts_than_narrow_ones() -> None:
    model, budget = Narrow(10_000), Budget(1)
    stems = [of_width(width) for width in (256, 2, 256, 2, 2)]

    parts = [[stem.width for stem in part] for part in budget.run(Family([], stems), model)]

    assert parts == [[256, 256], [2, 2, 2]]
