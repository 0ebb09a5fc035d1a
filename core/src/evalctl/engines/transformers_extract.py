"""Models that find an answer among a page's words, with transformers: LayoutLMv3.

A page that is longer than the model reads is read in parts that overlap, and the span with the
highest score in any of them is the answer. Imports torch lazily.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

from evalctl.engines import local_model
from evalctl.engines.extracting import FoundSpan, best_span
from evalctl.engines.failures import failed
from evalctl.engines.phases import report_phase
from evalctl.engines.prompt_reader import PromptError
from evalctl.engines.transformers_backend import empty_cache, guarded
from evalctl.engines.transformers_loading import (
    context_of,
    device_of,
    info_of,
    refuse_missing,
    source_of,
)
from evalctl.engines.transformers_options import TransformersOptions
from evalctl.engines.transformers_rows import OutOfMemoryError
from evalctl.errors import EngineError
from evalctl.images import ImageError, open_image
from evalctl.protocols import EngineInfo, ModelRef
from evalctl.records import Completion, Generation, Prompt

OVERLAP = 128
"""Tokens that a part of a page has in common with the one before."""
_READ = ("input_ids", "attention_mask", "bbox")


class _Part(NamedTuple):
    """A part of a page as the model reads it."""

    tensors: dict[str, Any]
    """By name, `[1, token]`, the boxes `[1, token, 4]`."""
    words: list[int | None]
    """By token, the number of its word; None for the question's and special ones."""


class _Page(NamedTuple):
    """A prompt on its way."""

    prompt: Prompt
    parts: list[_Part]
    pixels: Any
    """`[1, 3, height, width]`, or None where the prompt has no image."""
    started: float


class ExtractorEngine:
    """A model that extracts answers, loaded by transformers."""

    def __init__(self, model: ModelRef, options: TransformersOptions) -> None:
        """Load it.

        Raises:
            ModelError: Its files do not hold all of it.
        """
        report_phase("importing torch and transformers")
        import torch
        import transformers

        report_phase("loading weights")
        source = source_of(model, options)
        dtype = torch.float32 if options.dtype == "auto" else getattr(torch, options.dtype)
        loaded: Any
        loaded, report = transformers.AutoModelForDocumentQuestionAnswering.from_pretrained(
            model.path, dtype=dtype, output_loading_info=True, **source
        )
        refuse_missing(model, report["missing_keys"])
        device = device_of(options.device)
        self._tokenizer: Any = transformers.AutoTokenizer.from_pretrained(model.path, **source)
        self._processor: Any = transformers.AutoImageProcessor.from_pretrained(
            model.path, apply_ocr=False, **source
        )
        self._name = model.name
        self._max_pixels = options.max_image_pixels
        stated = local_model.context_length(loaded.config.to_dict())
        self._context = context_of(model, options, stated)
        self._model: Any = loaded.to(device).eval()
        self._info = info_of(loaded, device, self._context, options)

    @property
    def info(self) -> EngineInfo:
        """What is loaded, and how."""
        return self._info

    def extract(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        """Yield the answer that each prompt's page holds. See `ExtractingEngine.extract`."""
        if self._model is None:
            raise EngineError(f"engine transformers: model {self._name} was closed; open it again")
        for prompt in prompts:
            try:
                page = self._read(prompt)
            except PromptError as error:
                yield failed(prompt, error)
            else:
                yield self._answer(page)

    def close(self) -> None:
        """Give the memory back; may be called twice."""
        if self._model is not None:
            self._model = None
            empty_cache()

    def _read(self, prompt: Prompt) -> _Page:
        """Return a prompt as the model reads it.

        Raises:
            PromptError: There are no words, or the image cannot be shown.
        """
        started = time.monotonic()
        if prompt.messages or not prompt.text.strip():
            raise PromptError("a question is needed, as a text, beside the words of a page")
        if not prompt.words:
            raise PromptError("the page has no words that an answer could be taken from")
        if len(prompt.images) > 1:
            raise PromptError(f"the model reads one page, and there are {len(prompt.images)}")
        return _Page(prompt, self._parts(prompt), self._pixels(prompt), started)

    def _parts(self, prompt: Prompt) -> list[_Part]:
        encoded = self._tokenizer(
            prompt.text,
            [word.text for word in prompt.words],
            boxes=[list(word.box) for word in prompt.words],
            truncation="only_second",
            max_length=self._context,
            stride=min(OVERLAP, self._context // 4),
            return_overflowing_tokens=True,
        )
        parts = []
        for number in range(len(encoded["input_ids"])):
            tensors = {name: [encoded[name][number]] for name in _READ}
            sides = encoded.sequence_ids(number)
            words = [
                word if side == 1 else None
                for word, side in zip(encoded.word_ids(number), sides, strict=True)
            ]
            parts.append(_Part(tensors, words))
        return parts

    def _pixels(self, prompt: Prompt) -> Any:  # noqa: ANN401  a tensor
        if not prompt.images:
            return None
        try:
            image = open_image(prompt.images[0], self._max_pixels)
        except ImageError as error:
            raise PromptError(str(error)) from None
        return self._processor(images=[image], return_tensors="pt")["pixel_values"]

    def _answer(self, page: _Page) -> Generation:
        found: list[FoundSpan] = []
        try:
            for part in page.parts:
                guarded(partial(self._look, part, page.pixels, found), len(part.words))
        except OutOfMemoryError as error:
            raise EngineError(
                f"engine transformers: out of memory with one page ({error}); take a smaller "
                "dtype or another device"
            ) from error
        span = max(found, key=lambda one: one.score, default=None)
        words = page.prompt.words[span.first : span.last + 1] if span else ()
        text = " ".join(word.text for word in words)
        return Generation(
            dataset=page.prompt.dataset,
            sample_id=page.prompt.sample_id,
            completions=(Completion(text=text),) if span else (),
            prompt_tokens=sum(len(part.words) for part in page.parts),
            seconds=time.monotonic() - page.started,
            error=None if span else "no part of the page holds a word that the model could read",
        )

    def _look(self, part: _Part, pixels: Any, found: list[FoundSpan]) -> None:  # noqa: ANN401
        """Put the best span of a part behind those that are there."""
        import torch

        device, dtype = self._model.device, self._model.dtype
        inputs = {name: torch.tensor(value, device=device) for name, value in part.tensors.items()}
        if pixels is not None:
            inputs["pixel_values"] = pixels.to(device, dtype)
        given = self._model(**inputs)
        scores: Sequence[list[float]] = [
            one.float()[0, : len(part.words)].tolist()
            for one in (given.start_logits, given.end_logits)
        ]
        if (span := best_span(scores[0], scores[1], part.words)) is not None:
            found.append(span)
