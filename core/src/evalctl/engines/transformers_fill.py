"""Pseudo-log-likelihoods with transformers: each token of a text hidden in turn, and guessed.

Source: Salazar et al. 2020, "Masked Language Model Scoring"; for pairs, whose shared tokens alone
are hidden, Nangia et al. 2020 (CrowS-Pairs), `metric.py`. Imports torch lazily.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import islice
from typing import Any, NamedTuple

from evalctl.engines.classifying import ReadText
from evalctl.engines.failures import failed
from evalctl.engines.prompt_reader import PromptError
from evalctl.engines.transformers_options import TransformersOptions
from evalctl.engines.transformers_scorer import MOST_LOGITS
from evalctl.engines.transformers_texts import TextBatches, inputs_of, tokens_at_once
from evalctl.records import Continuation, Generation, Prompt

WINDOW = 64
"""Prompts whose texts are sorted together."""
_PAIR = 2


class _Guess(NamedTuple):
    """What a model makes of a hidden token."""

    logprob: float
    is_likeliest: bool


@dataclass
class _Text:
    """One continuation behind its prompt's text, as tokens."""

    tokens: list[int]
    types: list[int] | None
    hidden: list[int]
    """Positions of the tokens that are hidden in turn."""
    guesses: list[_Guess] = field(default_factory=list)

    def continuation(self) -> Continuation:
        """Return what came of it."""
        return Continuation(
            logprob=sum(guess.logprob for guess in self.guesses),
            tokens=len(self.guesses),
            is_greedy=all(guess.is_likeliest for guess in self.guesses),
        )


class _Hiding(NamedTuple):
    """A text with one token hidden."""

    whole: _Text
    at: int
    mask: int

    @property
    def text(self) -> ReadText:
        """As the model reads it."""
        tokens = [*self.whole.tokens]
        tokens[self.at] = self.mask
        return ReadText(tokens, self.whole.types, is_cut=False)

    @property
    def width(self) -> int:
        """Tokens of the text."""
        return len(self.whole.tokens)


class Filler:
    """Scores texts with a masked model that is loaded."""

    def __init__(
        self,
        model: Any,  # noqa: ANN401  transformers has no type for all
        tokenizer: Any,  # noqa: ANN401  likewise
        context: int,
        options: TransformersOptions,
    ) -> None:
        """Take over the model with its head.

        Args:
            model: A masked model.
            tokenizer: Its tokenizer, which has a mask token.
            context: Tokens that it reads.
            options: How much is read at once.
        """
        self._model = model
        self._tokenizer = tokenizer
        self._context = context
        most = MOST_LOGITS // int(model.config.vocab_size)
        self._batches = TextBatches(self._forward, min(tokens_at_once(options), most))

    def run(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        """Yield the pseudo-log-likelihoods of continuations. See `FillingEngine.fill`."""
        waiting = iter(prompts)
        while window := list(islice(waiting, WINDOW)):
            read: list[tuple[Prompt, list[_Text]]] = []
            started = time.monotonic()
            for prompt in window:
                try:
                    read.append((prompt, self._read(prompt)))
                except PromptError as error:
                    yield failed(prompt, error)
            mask = int(self._tokenizer.mask_token_id)
            hidings = [
                _Hiding(text, at, mask) for _, texts in read for text in texts for at in text.hidden
            ]
            for hiding, guess in self._batches.pairs(hidings):
                hiding.whole.guesses.append(guess)
            for prompt, texts in read:
                changes = {
                    "continuations": tuple(text.continuation() for text in texts),
                    "prompt_tokens": sum(len(text.tokens) for text in texts),
                    "seconds": time.monotonic() - started,
                }
                yield _generation(prompt).model_copy(update=changes)

    def _read(self, prompt: Prompt) -> list[_Text]:
        """Return a prompt's continuations as tokens.

        Raises:
            PromptError: One is too long, or they cannot be held against each other.
        """
        if prompt.messages:
            raise PromptError("a text is read whole, and the prompt is a conversation")
        texts = [self._text(prompt.text, continuation) for continuation in prompt.continuations]
        if prompt.masking != "shared":
            return texts
        if len(texts) != _PAIR:
            raise PromptError(f"shared tokens are those of two texts, not of {len(texts)}")
        for text, hidden in zip(texts, shared_tokens(*(one.tokens for one in texts)), strict=True):
            text.hidden = hidden
        return texts

    def _text(self, before: str, continuation: str) -> _Text:
        wants_places = {"return_offsets_mapping": True} if before else {}
        if before and not self._tokenizer.is_fast:
            raise PromptError("this tokenizer cannot tell where a continuation begins")
        encoded = self._tokenizer(
            before + continuation, return_special_tokens_mask=True, **wants_places
        )
        tokens = list(encoded["input_ids"])
        if len(tokens) > self._context:
            raise PromptError(
                f"a text of {len(tokens)} tokens is longer than the {self._context} that are read"
            )
        ends = [end for _, end in encoded["offset_mapping"]] if before else None
        hidden = [
            at
            for at, is_special in enumerate(encoded["special_tokens_mask"])
            if not is_special and (ends is None or ends[at] > len(before))
        ]
        types = encoded.get("token_type_ids")
        return _Text(tokens, None if types is None else list(types), hidden)

    def _forward(self, part: Sequence[_Hiding]) -> list[_Guess]:
        """Return what becomes of the hidden tokens of a batch, in its order."""
        import torch

        logits = self._model(**inputs_of(self._model, part)).logits
        rows = torch.arange(len(part), device=logits.device)
        places = torch.tensor([one.at for one in part], device=logits.device)
        wanted = torch.tensor([one.whole.tokens[one.at] for one in part], device=logits.device)
        found = logits[rows, places].float().log_softmax(-1)
        values, likeliest = found[rows, wanted].tolist(), found.argmax(-1).tolist()
        return [
            _Guess(value, best == token)
            for value, best, token in zip(values, likeliest, wanted.tolist(), strict=True)
        ]


def shared_tokens(first: Sequence[int], second: Sequence[int]) -> tuple[list[int], list[int]]:
    """Return the positions of the tokens that two texts share, the first and last shared one apart.

    These are the special tokens at both ends. Source: `metric.py` of CrowS-Pairs (`get_span`,
    `mask_unigram`).
    """
    matcher = SequenceMatcher(None, [*map(str, first)], [*map(str, second)])
    alike = [one for one in matcher.get_opcodes() if one[0] == "equal"]
    one = [at for _, begin, end, _, _ in alike for at in range(begin, end)]
    other = [at for _, _, _, begin, end in alike for at in range(begin, end)]
    return one[1:-1], other[1:-1]


def _generation(prompt: Prompt) -> Generation:
    return Generation(dataset=prompt.dataset, sample_id=prompt.sample_id)
