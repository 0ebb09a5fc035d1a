"""Log-likelihoods of continuations with torch. Imports torch and transformers lazily.

A context is read once and its key-value cache taken for all of its continuations; what the contexts
of a family begin with is read once for all of them. Two things keep that right:

- Padding never stands between tokens. Contexts are padded on the right while they are read, where
  nothing looks back at it, and moved to the right in the cache before continuations follow. So
  distances between tokens are what they are without padding, in whatever way a model takes them.
- It is done only where the cache is one of keys and values alone that forgets nothing of the length
  at hand. The first part is done in the plain way as well, every sequence whole; where that gives
  something else, all is done in the plain way from then on.
"""

from __future__ import annotations

import copy
import inspect
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from evalctl.engines.transformers_branches import Branch, Family, Stem, n_together
from evalctl.records import Continuation

if TYPE_CHECKING:
    from torch import Tensor

MOST_LOGITS = 1 << 26
"""Logits that are held at once: a quarter of a GiB in single precision."""
TRIED = 4
"""Branches of the first part that are done in both ways."""

_log = logging.getLogger(__name__)


class _Leaf(NamedTuple):
    """A branch of a stem."""

    stem: Stem
    number: int
    """Of the stem in its part."""
    branch: Branch

    @property
    def sequence(self) -> list[int]:
        """All of its tokens."""
        return self.stem.context + self.branch.tokens


class Scorer:
    """Fills in continuations' log-likelihoods with one model."""

    def __init__(self, model: Any, pad: int, *, is_shared: bool = True) -> None:  # noqa: ANN401
        """Look at what the model's `forward` takes and at the kind of its cache."""
        parameters = inspect.signature(model.forward).parameters
        self._model = model
        self._pad = pad
        self._vocabulary = int(model.config.get_text_config().vocab_size)
        self._keeps_last = "logits_to_keep" in parameters
        self._takes_positions = "position_ids" in parameters
        self.reach = _reach(model) if is_shared else 0
        """Tokens up to which sequences share what they begin with."""
        self._turn = _turn(model)
        self._is_tried = False
        self._prefix: tuple[list[int], Any] = ([], None)

    def score(self, family: Family, most_tokens: int) -> None:
        """Fill in all rows of a family, as few tokens at once as may be.

        Args:
            family: It fits into `most_tokens` as far as its contexts go.
            most_tokens: Rows times their length in one call of the model.
        """
        leaves = [
            _Leaf(stem, number, branch)
            for number, stem in enumerate(family.stems)
            for branch in stem.branches
        ]
        width = max(stem.width for stem in family.stems)
        is_one_pass = not family.prefix and len(leaves) == len(family.stems)
        if is_one_pass or width > self.reach:
            self._score_plainly(leaves, most_tokens)
        elif self._is_tried:
            self._score_shared(family, leaves, most_tokens)
        else:
            self._try(family, leaves, most_tokens)

    def _try(self, family: Family, leaves: list[_Leaf], most_tokens: int) -> None:
        """Score a family in both ways, and stay with the plain one where they do not agree."""
        self._is_tried = True
        some = sorted(leaves, key=lambda leaf: -len(leaf.sequence))
        some = [*some[: TRIED // 2], *some[-TRIED // 2 :]]
        self._score_plainly(some, most_tokens)
        plain = _results(some)
        try:
            self._score_shared(family, leaves, most_tokens)
            reason = _difference(plain, _results(some), str(self._model.dtype))
        except (TypeError, ValueError, AttributeError, IndexError, NotImplementedError) as error:
            reason = f"{type(error).__name__}: {error}"
        if reason:
            _log.warning("contexts are read again for each continuation: %s", reason)
            self.reach = 0
            self._prefix = ([], None)
            self._score_plainly(leaves, most_tokens)

    def _score_plainly(self, leaves: list[_Leaf], most_tokens: int) -> None:
        """Read every sequence whole, padded on the left."""
        ordered = sorted(leaves, key=lambda leaf: -len(leaf.sequence))
        # What is longer than the turn would change the others' positions.
        for part in (
            [leaf for leaf in ordered if len(leaf.sequence) > self._turn],
            [leaf for leaf in ordered if len(leaf.sequence) <= self._turn],
        ):
            while part:
                count = n_together([len(leaf.sequence) for leaf in part], most_tokens)
                count = max(1, min(count, self._most_rows(part)))
                self._read_whole(part[:count])
                del part[:count]

    def _most_rows(self, leaves: Sequence[_Leaf]) -> int:
        """Return how many rows' logits may be held at once."""
        longest = max(len(leaf.branch.tokens) + 1 for leaf in leaves)
        kept = longest if self._keeps_last else len(leaves[0].sequence)
        return MOST_LOGITS // (kept * self._vocabulary)

    def _read_whole(self, leaves: Sequence[_Leaf]) -> None:
        ids, mask = self._padded([leaf.sequence for leaf in leaves], on_left=True)
        longest = max(len(leaf.branch.tokens) for leaf in leaves) + 1
        positions = (mask.cumsum(-1) - 1).clamp(min=0)
        logits = self._forward(ids, mask=mask, positions=positions, keep=longest)
        logits = logits[:, -longest:]
        _fill_in(leaves, logits, [longest - 1 - len(leaf.branch.tokens) for leaf in leaves])

    def _score_shared(self, family: Family, leaves: list[_Leaf], most_tokens: int) -> None:
        """Read what is shared, then all branches behind it."""
        lengths = [len(stem.context) - 1 for stem in family.stems]
        cache = self._read_contexts(family, lengths)
        waiting = sorted(leaves, key=lambda leaf: -len(leaf.branch.tokens))
        while waiting:
            widths = [len(leaf.branch.tokens) + 1 for leaf in waiting]
            # Each row's cache counts as well, however little is read behind it.
            most = most_tokens * widths[0] // (max(lengths) + widths[0])
            count = min(n_together(widths, most), MOST_LOGITS // (widths[0] * self._vocabulary))
            count = max(1, count)
            self._read_branches(waiting[:count], cache, lengths)
            del waiting[:count]

    def _read_contexts(self, family: Family, lengths: list[int]) -> Any:  # noqa: ANN401  a cache
        """Return the cache of all contexts but their last tokens, padded on the right."""
        past = self._read_prefix(family.prefix)
        cache = self._new_cache() if past is None else _repeated(past, len(lengths))
        rests = [stem.context[len(family.prefix) : -1] for stem in family.stems]
        if not any(rests):
            return cache
        ids, _ = self._padded(rests, on_left=False)
        self._forward(ids, past=cache)
        _check(cache, len(rests), max(lengths))
        return cache

    def _read_prefix(self, prefix: list[int]) -> Any:  # noqa: ANN401  a cache
        """Return the prefix's cache, one row; None for none. The last one is kept."""
        if not prefix:
            return None
        if self._prefix[0] != prefix:
            self._prefix = ([], None)
            cache = self._new_cache()
            ids, _ = self._padded([prefix], on_left=False)
            self._forward(ids, past=cache)
            _check(cache, 1, len(prefix))
            self._prefix = (prefix, cache)
        return self._prefix[1]

    def _read_branches(self, leaves: Sequence[_Leaf], cache: Any, lengths: list[int]) -> None:  # noqa: ANN401
        """Read branches behind the last tokens of their contexts."""
        import torch

        held = torch.tensor([lengths[leaf.number] for leaf in leaves], device=self._model.device)
        width = int(held.max())
        past = _moved(cache, [leaf.number for leaf in leaves], held) if width else self._new_cache()
        read = [[leaf.stem.context[-1], *leaf.branch.tokens] for leaf in leaves]
        ids, mask = self._padded(read, on_left=False)
        behind = torch.arange(width, device=held.device) >= width - held[:, None]
        positions = held[:, None] + (mask.cumsum(-1) - 1)
        logits = self._forward(
            ids,
            past=past,
            mask=torch.cat([behind.to(mask.dtype), mask], dim=-1),
            positions=positions,
            keep=ids.shape[1],
        )
        _fill_in(leaves, logits, [0] * len(leaves))

    def _new_cache(self) -> Any:  # noqa: ANN401
        import transformers

        return transformers.DynamicCache(config=self._model.config)

    def _forward(
        self,
        ids: Tensor,
        *,
        past: Any = None,  # noqa: ANN401
        mask: Tensor | None = None,
        positions: Tensor | None = None,
        keep: int = 1,
    ) -> Tensor:
        """Return logits `[row, token, vocabulary]`, of the last `keep` tokens at least."""
        extra: dict[str, Any] = {"logits_to_keep": keep} if self._keeps_last else {}
        if positions is not None and self._takes_positions:
            extra["position_ids"] = positions
        if past is not None:
            extra["past_key_values"] = past
        is_cached = past is not None
        output = self._model(input_ids=ids, attention_mask=mask, use_cache=is_cached, **extra)
        logits: Tensor = output.logits
        return logits

    def _padded(self, rows: Sequence[list[int]], *, on_left: bool) -> tuple[Tensor, Tensor]:
        """Return tokens and mask, `[row, token]`."""
        import torch

        width = max(map(len, rows))
        ids, mask = [], []
        for row in rows:
            gap = width - len(row)
            ids.append([self._pad] * gap + row if on_left else row + [self._pad] * gap)
            mask.append([0] * gap + [1] * len(row) if on_left else [1] * len(row) + [0] * gap)
        device = self._model.device
        return torch.tensor(ids, device=device), torch.tensor(mask, device=device)


def _fill_in(leaves: Sequence[_Leaf], logits: Tensor, starts: Sequence[int]) -> None:
    """Read the rows' results off logits.

    Args:
        leaves: One for each row of logits.
        logits: `[row, token, vocabulary]`.
        starts: By row, where the logits of its branch's first token are.
    """
    import torch

    places = [
        (number, start + place, token)
        for number, (leaf, start) in enumerate(zip(leaves, starts, strict=True))
        for row in leaf.branch.rows
        for place, token in enumerate(row.tokens)
    ]
    row, token, wanted = torch.tensor(places, device=logits.device).unbind(-1)
    logits = logits.float()
    scores = logits[row, token, wanted] - logits.logsumexp(-1)[row, token]
    found = scores.double().tolist()
    greedy = (logits.argmax(-1)[row, token] == wanted).tolist()
    at = 0
    for one in (one for leaf in leaves for one in leaf.branch.rows):
        end = at + len(one.tokens)
        one.result = Continuation(
            logprob=sum(found[at:end]), tokens=end - at, is_greedy=all(greedy[at:end])
        )
        at = end


def _reach(model: Any) -> int:  # noqa: ANN401
    """Return how many tokens a cache that can be shared holds; 0 where it is of another kind."""
    import transformers
    from transformers import cache_utils

    if getattr(model, "_is_stateful", False):
        return 0
    try:
        layers = transformers.DynamicCache(config=model.config).layers
    except (TypeError, ValueError, AttributeError, KeyError):
        return 0
    window = cache_utils.DynamicSlidingWindowLayer
    if {type(layer) for layer in layers} - {cache_utils.DynamicLayer, window}:
        return 0
    windows = [int(layer.sliding_window) for layer in layers if type(layer) is window]
    return min([*windows, _turn(model)])


_UNBOUNDED = 1 << 62


def _turn(model: Any) -> int:  # noqa: ANN401
    """Return the length from which on a model turns all positions in another way."""
    config = model.config.get_text_config()
    found = getattr(config, "rope_parameters", None) or getattr(config, "rope_scaling", None) or {}
    for one in (found, *found.values()):
        kind = one.get("rope_type", one.get("type")) if isinstance(one, dict) else None
        if kind in {"longrope", "su", "dynamic"}:
            stated = one.get("original_max_position_embeddings")
            stated = stated or getattr(config, "original_max_position_embeddings", None)
            return int(stated or config.max_position_embeddings)
    return _UNBOUNDED


def _check(cache: Any, n_rows: int, length: int) -> None:  # noqa: ANN401
    """Raise ValueError where a cache does not hold what was read."""
    for layer in cache.layers:
        held = layer.keys.shape
        if (held[0], held[-2], layer.values.shape[-2]) != (n_rows, length, length):
            raise ValueError(f"a cache of the shape {tuple(held)} where {length} tokens were read")


def _repeated(cache: Any, count: int) -> Any:  # noqa: ANN401
    """Return a cache of one row for so many rows, without a copy of its contents."""
    made = copy.copy(cache)
    made.layers = [copy.copy(layer) for layer in cache.layers]
    for layer in made.layers:
        layer.keys = layer.keys.expand(count, -1, -1, -1)
        layer.values = layer.values.expand(count, -1, -1, -1)
    return made


def _moved(cache: Any, numbers: Sequence[int], held: Tensor) -> Any:  # noqa: ANN401
    """Return some rows of a cache, what each holds moved to the right.

    Args:
        cache: Padded on the right.
        numbers: Of its rows; one may stand several times.
        held: How many tokens each of them holds.
    """
    import torch

    width = int(held.max())
    rows = torch.tensor(numbers, device=held.device)
    places = torch.arange(width, device=held.device) - (width - held[:, None])
    places = places.clamp(min=0)
    made = copy.copy(cache)
    made.layers = [copy.copy(layer) for layer in cache.layers]
    for layer in made.layers:
        layer.keys = layer.keys[rows[:, None], :, places].transpose(1, 2)
        layer.values = layer.values[rows[:, None], :, places].transpose(1, 2)
        if hasattr(layer, "cumulative_length"):
            layer.cumulative_length = width
    return made


def _results(leaves: Sequence[_Leaf]) -> list[Continuation]:
    found = [row.result for leaf in leaves for row in leaf.branch.rows]
    return [one for one in found if one is not None]


def _difference(
    plain: Sequence[Continuation], shared: Sequence[Continuation], dtype: str
) -> str | None:
    """Return in what both ways differ by more than rounding; None where they agree."""
    for one, other in zip(plain, shared, strict=True):
        allowed = 1e-3 if dtype == "torch.float32" else 0.5 + 0.1 * one.tokens
        if not abs(one.logprob - other.logprob) <= allowed:
            return f"{other.logprob} instead of {one.logprob} for {one.tokens} tokens"
    return None
