"""Classifiers with transformers: texts in windows, sorted by length, batch after batch.

Padding stands behind a text and is masked, so that no other text of its batch changes what comes
out; where a model cannot be padded (`_Padding`), only texts of one length are read together.
"""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from enum import Enum
from functools import partial
from itertools import islice, takewhile
from typing import Any

from evalctl.engines import local_model
from evalctl.engines.classifying import Reading, TextReader
from evalctl.engines.model_labels import labels_of
from evalctl.engines.phases import report_phase
from evalctl.engines.prompt_reader import PromptError
from evalctl.engines.transformers_backend import empty_cache, guarded
from evalctl.engines.transformers_branches import n_together
from evalctl.engines.transformers_choose import TOKENS_OF_A_SEQUENCE
from evalctl.engines.transformers_loading import context_of, device_of, info_of, source_of
from evalctl.engines.transformers_options import TransformersOptions
from evalctl.engines.transformers_rows import OutOfMemoryError
from evalctl.errors import EngineError, ModelError
from evalctl.protocols import EngineInfo, ModelRef
from evalctl.records import Generation, Prompt

WINDOW = 1024
"""Texts that are sorted together: more pads less, fewer are answered sooner."""

Forward = Callable[[Sequence[Reading]], list[list[float]]]
"""Readings to the classifier's outputs, one list for each; raises OutOfMemoryError."""


class Padding(Enum):
    """How texts of different length may be read together."""

    BEHIND = "behind"
    """Padded at their ends."""
    ALIKE = "alike"
    """Not at all: those of one length together."""
    NONE = "none"
    """Nor those of one length: each alone."""


class ClassifierEngine:
    """A classifier loaded by transformers."""

    def __init__(self, model: ModelRef, options: TransformersOptions) -> None:
        """Load it.

        Raises:
            ModelError: It is none, or its files do not hold all of it.
        """
        report_phase("importing torch and transformers")
        import transformers

        report_phase("loading weights")
        source = source_of(model, options)
        tokenizer: Any = transformers.AutoTokenizer.from_pretrained(model.path, **source)
        device = device_of(options.device)
        loaded: Any
        loaded, report = transformers.AutoModelForSequenceClassification.from_pretrained(
            model.path, dtype=_dtype(options, device), output_loading_info=True, **source
        )
        _refuse_headless(model, report["missing_keys"])
        config = loaded.config.to_dict()
        self._name = model.name
        self._labels = labels_of(model.name, config, multi_label=options.multi_label)
        context = context_of(model, options, local_model.context_length(config))
        self._reader = TextReader(tokenizer, context)
        loaded.config.use_cache = False
        self._model: Any = loaded.to(device).eval()
        self._info = info_of(loaded, device, self._reader.context_length, options)
        self._tokens = TOKENS_OF_A_SEQUENCE * options.batch_size
        self._padding = _padding(loaded.config)

    @property
    def info(self) -> EngineInfo:
        """What is loaded, and how."""
        return self._info

    def classify(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        """Yield the probabilities of all labels. See `ClassifyingEngine.classify`."""
        if self._model is None:
            raise EngineError(f"engine transformers: model {self._name} was closed; open it again")
        waiting = iter(prompts)
        while window := list(islice(waiting, WINDOW)):
            readings = []
            for prompt in window:
                try:
                    readings.append(Reading(prompt, self._reader.read(prompt), time.monotonic()))
                except PromptError as error:
                    yield Generation(
                        dataset=prompt.dataset, sample_id=prompt.sample_id, error=str(error)
                    )
            yield from self._run(readings)

    def close(self) -> None:
        """Give the memory back; may be called twice."""
        if self._model is not None:
            self._model = None
            empty_cache()

    def _run(self, readings: list[Reading]) -> Iterator[Generation]:
        waiting = sorted(readings, key=lambda reading: -reading.width)
        while waiting:
            part = waiting[: n_in_batch(waiting, self._tokens, self._padding)]
            logits: list[list[float]] = []
            try:
                guarded(partial(self._read, part, logits), part[0].width)
            except OutOfMemoryError as error:
                if len(part) == 1:
                    raise EngineError(
                        f"engine transformers: out of memory with one text ({error}); lower "
                        "max_model_len, take a smaller dtype or another device"
                    ) from error
                self._tokens = max(len(part) * part[0].width // 2, part[0].width)
                continue
            for reading, one in zip(part, logits, strict=True):
                yield reading.generation(self._labels, one)
            del waiting[: len(part)]

    def _read(self, part: Sequence[Reading], logits: list[list[float]]) -> None:
        """Put the outputs for a batch behind those that are there."""
        logits.extend(self._forward(part))

    def _forward(self, part: Sequence[Reading]) -> list[list[float]]:
        """Return the outputs for a batch, in its order."""
        import torch

        width = max(reading.width for reading in part)
        pad = self._model.config.pad_token_id or 0

        def padded(rows: Iterable[list[int]], filler: int) -> Any:  # noqa: ANN401  a tensor
            filled = [row + [filler] * (width - len(row)) for row in rows]
            return torch.tensor(filled, device=self._model.device)

        inputs = {
            "input_ids": padded((reading.text.tokens for reading in part), pad),
            "attention_mask": padded(([1] * reading.width for reading in part), 0),
        }
        types = [reading.text.types for reading in part]
        if all(types) and "token_type_ids" in inspect.signature(self._model.forward).parameters:
            inputs["token_type_ids"] = padded((one or [] for one in types), 0)
        rows: list[list[float]] = self._model(**inputs).logits.float().tolist()
        return rows


def n_in_batch(waiting: Sequence[Reading], most_tokens: int, padding: Padding) -> int:
    """Return how many texts, the first ones, at least one, are read together.

    Args:
        waiting: The longest first.
        most_tokens: Of the longest one times their number.
        padding: Which may be read together at all.
    """
    widths = [reading.width for reading in waiting]
    if padding is Padding.NONE:
        return 1
    if padding is Padding.ALIKE:
        widths = list(takewhile(lambda width: width == widths[0], widths))
    return n_together(widths, most_tokens)


def _padding(config: Any) -> Padding:  # noqa: ANN401  transformers has no type for all
    """Return how a model's texts may be read together.

    A decoder's classifier looks at the last token that is no padding, and refuses several texts
    where it does not know which that is; XLNet's looks at the last one, padding or not.
    Source: transformers, `modeling_layers.py` (`GenericForSequenceClassification`) and
    `modeling_xlnet.py` (`SequenceSummary`).
    """
    if config.model_type == "xlnet":
        return Padding.ALIKE
    return Padding.NONE if config.pad_token_id is None else Padding.BEHIND


def _dtype(options: TransformersOptions, device: str) -> Any:  # noqa: ANN401  torch's
    """Return the dtype of the weights: by itself 32 bits, but 16 on a GPU."""
    import torch

    if options.dtype != "auto":
        return getattr(torch, options.dtype)
    if device != "cuda":
        return torch.float32
    return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16


def _refuse_headless(model: ModelRef, missing: Collection[str]) -> None:
    """Raise ModelError where weights are missing, which transformers fills at random."""
    if missing:
        raise ModelError(
            f"model {model.name}: its weight files do not hold a whole classifier: {len(missing)} "
            f"weights are missing, the first is {min(missing)}; take a model that was trained to "
            "classify, or download it again"
        )
