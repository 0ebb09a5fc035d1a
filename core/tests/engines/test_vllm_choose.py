"""What is asked of vLLM for log-likelihoods; the engine itself is in `test_vllm_engine.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace

import pytest

from evalctl.engines.prompt_reader import PromptReader
from evalctl.engines.vllm_choose import ChooseStream
from evalctl.engines.vllm_requests import RequestOutput, TokenRequest
from evalctl.errors import EngineError
from evalctl.records import Prompt


class Letters:
    """A tokenizer with a token for each character."""

    chat_template = None
    bos_token = None
    bos_token_id = None
    eos_token_id = 0
    all_special_tokens: Sequence[str] = ()

    def encode(self, text: str, *, add_special_tokens: bool) -> list[int]:
        return [ord(character) for character in text]

    def decode(self, token_ids: Sequence[int], *, skip_special_tokens: bool) -> str:
        return "".join(map(chr, token_ids))

    def get_vocab(self) -> Mapping[str, int]:
        return {}

    def apply_chat_template(self, conversation: object, **_: object) -> str:
        raise NotImplementedError


class Recording:
    """vLLM as far as the stream knows it: the log-probability of a token is minus its number."""

    def __init__(self, most_next: int, n_cached: int = 0) -> None:
        self.capacity = 8
        self.block_size = 4
        self.step_tokens = None
        self.most_next = most_next
        self.n_cached = n_cached
        self.asked: list[TokenRequest] = []
        self._waiting: list[TokenRequest] = []

    def add(self, request: TokenRequest) -> None:
        self.asked.append(request)
        self._waiting.append(request)

    def abort(self, ids: list[str]) -> None:
        self._waiting = [one for one in self._waiting if one.id not in ids]

    def step(self) -> list[RequestOutput]:
        done, self._waiting = self._waiting, []
        return [self._answer(request) for request in done]

    def _answer(self, request: TokenRequest) -> RequestOutput:
        def score(token: int) -> SimpleNamespace:
            return SimpleNamespace(logprob=-float(token), rank=1)

        following = {token: score(token) for token in request.wanted}
        return SimpleNamespace(
            request_id=request.id,
            finished=True,
            num_cached_tokens=0 if request.cache_salt else self.n_cached,
            prompt_logprobs=[None, *({token: score(token)} for token in request.tokens[1:])],
            outputs=[SimpleNamespace(token_ids=[ord("B")], logprobs=[following])],
        )


def ask(core: Recording, *continuations: str) -> list[tuple[float, int, bool]]:
    """Return what comes out for continuations of the context `context`."""
    reader = PromptReader(Letters(), 64, may_reason=False)
    prompt = Prompt(dataset="d", sample_id="0", text="context", continuations=continuations)
    (generation,) = ChooseStream(core, reader).run([prompt])
    assert generation.error is None
    return [(one.logprob, one.tokens, one.is_greedy) for one in generation.continuations]


def roles(core: Recording) -> list[str]:
    """Return what was asked, in order."""
    return [request.role for request in core.asked]


def test_continuations_of_one_token_take_one_request() -> None:
    core = Recording(most_next=8)

    assert ask(core, "A", "B", "A", "") == [
        (-65, 1, False),
        (-66, 1, True),
        (-65, 1, False),
        (0, 0, True),
    ]
    assert roles(core) == ["next"]
    assert sorted(core.asked[0].wanted) == [65, 66]


def test_more_of_them_than_may_be_wanted_take_several() -> None:
    core = Recording(most_next=2)

    assert [one[0] for one in ask(core, *"ABCDE")] == [-65, -66, -67, -68, -69]
    assert roles(core) == ["next"] * 3


def test_longer_ones_are_scored_behind_a_context_that_is_in_the_cache() -> None:
    core = Recording(most_next=8)

    assert ask(core, "A", "BC") == [(-65, 1, False), (-66 - 67, 2, True)]
    assert roles(core) == ["next", "warm", "score"]
    assert core.asked[1].tokens == core.asked[0].tokens[:-1]


def test_a_version_that_tells_no_given_tokens_scores_all() -> None:
    core = Recording(most_next=0)

    assert ask(core, "A", "B") == [(-65, 1, True), (-66, 1, True)]
    assert roles(core) == ["warm", "score", "score"]


def test_a_continuation_that_was_in_the_cache_is_asked_again_under_a_salt() -> None:
    core = Recording(most_next=8, n_cached=7)

    assert ask(core, "BC") == [(-66 - 67, 2, True)]
    assert roles(core) == ["warm", "score", "warm", "score"]
    assert len({request.cache_salt for request in core.asked[2:]}) == 1
    assert core.asked[2].cache_salt


def test_a_token_that_has_no_log_probability_is_the_engines_failure() -> None:
    core = Recording(most_next=8)
    core._answer = lambda request: SimpleNamespace(
        request_id=request.id,
        finished=True,
        num_cached_tokens=0,
        outputs=[SimpleNamespace(token_ids=[1], logprobs=[{}])],
    )

    with pytest.raises(EngineError, match="gave no log-probability"):
        ask(core, "A")
