"""What the transformers engine does with torch: one batch at a time. Imports torch lazily."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from evalctl.engines.load_errors import last_words
from evalctl.engines.phases import Pulse, report_phase
from evalctl.engines.transformers_branches import Family
from evalctl.engines.transformers_rows import OutOfMemoryError, Row
from evalctl.engines.transformers_scorer import Scorer
from evalctl.errors import EngineError

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


class Writer:
    """A model that writes, for one batch at a time."""

    def __init__(self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> None:
        import transformers

        self._model: Any = model
        self._ends = _end_tokens(model, tokenizer)
        pad: int | None = tokenizer.pad_token_id
        self._pad = min(self._ends, default=0) if pad is None else pad
        self._has_encoder = bool(getattr(model.config, "is_encoder_decoder", False))
        # Else the checkpoint's own temperature, penalties and the like would come in.
        model.generation_config = transformers.GenerationConfig(
            do_sample=False,
            num_beams=1,
            pad_token_id=self._pad,
            eos_token_id=None,
            **(_first_tokens(model) if self._has_encoder else {}),
        )

    def grow(self, rows: list[Row]) -> None:
        """Write the rows to their ends."""
        longest = max(len(row.tokens) for row in rows)
        guarded(lambda: self._grow(rows), longest)

    def score(self, family: Family, most_tokens: int) -> None:
        """Refuse: it gives no log-likelihoods."""
        raise EngineError(
            "engine transformers: a model with an encoder gives no log-likelihoods here; ask it to "
            "write"
        )

    def _grow(self, rows: list[Row]) -> None:
        longest = max(len(row.tokens) for row in rows)
        report_phase(f"reading {len(rows)} prompts of up to {longest:,} tokens")
        inputs = self._inputs(rows)
        for row in rows:
            row.restart()
        self._model.generate(
            **inputs,
            max_new_tokens=max(row.max_tokens for row in rows),
            logits_processor=[_Draws(rows)],
            stopping_criteria=[_Ends(rows, self._ends)],
        )

    def _inputs(self, rows: list[Row]) -> dict[str, Tensor]:
        """Return what the model reads."""
        ids, mask = self._padded([row.tokens for row in rows])
        return {"input_ids": ids, "attention_mask": mask}

    def _padded(self, rows: list[list[int]]) -> tuple[Tensor, Tensor]:
        """Return tokens and mask, `[row, token]`, padded on the left.

        For an encoder, whose positions begin with the first token, padded or not, on the right.
        """
        import torch

        width = max(map(len, rows))
        padding = [[self._pad] * (width - len(row)) for row in rows]
        nothing = [[0] * len(missing) for missing in padding]
        something = [[1] * len(row) for row in rows]
        first, second = (rows, padding) if self._has_encoder else (padding, rows)
        one, other = (something, nothing) if self._has_encoder else (nothing, something)
        ids = [[*before, *behind] for before, behind in zip(first, second, strict=True)]
        mask = [[*before, *behind] for before, behind in zip(one, other, strict=True)]
        device = self._model.device
        return torch.tensor(ids, device=device), torch.tensor(mask, device=device)


class TorchBackend(Writer):
    """A model that writes or, where it has no encoder, tells how likely given texts are."""

    def __init__(
        self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, *, is_shared: bool
    ) -> None:
        super().__init__(model, tokenizer)
        self._scorer = None if self._has_encoder else Scorer(model, self._pad, is_shared=is_shared)

    def score(self, family: Family, most_tokens: int) -> None:
        """Fill in the results of all rows of a family."""
        if (scorer := self._scorer) is None:
            super().score(family, most_tokens)
            return
        longest = max(stem.width for stem in family.stems)
        guarded(lambda: scorer.score(family, most_tokens), longest)


def _end_tokens(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> frozenset[int]:
    """Return the tokens that end a completion, as vLLM takes them too."""
    stated = getattr(model.generation_config, "eos_token_id", None)
    ends = stated if isinstance(stated, list) else [stated]
    return frozenset(int(end) for end in (*ends, tokenizer.eos_token_id) if end is not None)


def _first_tokens(model: PreTrainedModel) -> dict[str, int]:
    """Return what a decoder with an encoder begins with, as the checkpoint states it."""
    found = {}
    for name in ("decoder_start_token_id", "bos_token_id", "forced_bos_token_id"):
        stated = getattr(model.generation_config, name, None)
        stated = getattr(model.config, name, None) if stated is None else stated
        if isinstance(stated, int):
            found[name] = stated
    return found


class _Draws:
    """A logits processor after which the largest score is the drawn token.

    Exponential noise per row, from a generator of its own, makes the argmax a draw from the row's
    distribution that does not depend on the rest of the batch.
    Source: the Gumbel-max trick, https://arxiv.org/abs/1411.0030
    """

    def __init__(self, rows: list[Row]) -> None:
        import torch

        self._rows = rows
        self._generators = [torch.Generator().manual_seed(row.seed) for row in rows]

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        """Return scores `[row, token]`; greedy rows as they are."""
        import torch

        for index, (row, generator) in enumerate(zip(self._rows, self._generators, strict=True)):
            if row.sampling.temperature > 0 and row.finish_reason is None:
                kept = _kept(scores[index].float(), row)
                noise = torch.empty(kept.shape).exponential_(generator=generator)
                scores[index] = kept - noise.log().to(kept.device)
        return scores


def _kept(scores: Tensor, row: Row) -> Tensor:
    """Return one row's scores over temperature, with what top-k and top-p leave out at -inf."""
    sampling = row.sampling
    scores = scores / sampling.temperature
    if 0 < sampling.top_k < scores.shape[-1]:
        least = scores.topk(sampling.top_k).values[-1]
        scores = scores.masked_fill(scores < least, -float("inf"))
    if sampling.top_p < 1.0:
        ordered, order = scores.sort(descending=True)
        mass = ordered.softmax(-1)
        outside = mass.cumsum(-1) - mass >= sampling.top_p
        outside[0] = False
        scores = scores.masked_fill(outside.scatter(0, order, outside), -float("inf"))
    return scores


class _Ends:
    """A stopping criterion that feeds each row its new token and tells which rows have ended."""

    def __init__(self, rows: list[Row], ends: frozenset[int]) -> None:
        self._rows = rows
        self._ends = ends
        self._pulse = Pulse()
        self._first_at = 0.0
        self._n_tokens = 0

    def __call__(self, input_ids: Tensor, scores: object, **_: object) -> Tensor:
        """Return for each row whether it has ended."""
        import torch

        for row, token in zip(self._rows, input_ids[:, -1].tolist(), strict=True):
            if row.finish_reason is None:
                row.take(token, self._ends)
        done = [row.finish_reason is not None for row in self._rows]
        self._n_tokens += 1
        if self._n_tokens == 1:
            self._first_at = time.monotonic()
        self._pulse.beat(self._how_far(done.count(False)))
        return torch.tensor(done, device=input_ids.device)

    def _how_far(self, n_open: int) -> str:
        most = max(row.max_tokens for row in self._rows)
        told = f"writing {n_open} of {len(self._rows)} answers, "
        told += f"{self._n_tokens:,} of at most {most:,} tokens"
        if self._n_tokens == 1:
            return told
        each = (time.monotonic() - self._first_at) / (self._n_tokens - 1)
        return f"{told}, at most {each * (most - self._n_tokens):.0f} s more"


def guarded(work: Callable[[], None], longest: int) -> None:
    """Do work with torch; turn what it raises into our errors.

    Args:
        work: The work.
        longest: Tokens of the longest sequence in it, for messages.

    Raises:
        OutOfMemoryError: It did not fit.
        EngineError: It failed in another way.
    """
    import torch

    try:
        with torch.inference_mode():
            work()
        return
    except torch.cuda.OutOfMemoryError as error:
        said = str(error)
    except RuntimeError as error:
        said = str(error)
        if "out of memory" not in said and "can't allocate memory" not in said:
            words = last_words(f"RuntimeError: {said}")
            raise EngineError(f"engine transformers stopped: {words}") from error
    # Outside the handler, which holds the failed batch's memory.
    empty_cache()
    raise OutOfMemoryError(f"{longest} tokens")


def empty_cache() -> None:
    """Give back memory that nothing holds any more."""
    import gc

    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
