"""Models that write about images, with transformers: vision-language models, and Donut.

An image is opened when its batch is put together, and let go with it. Imports torch lazily.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Any

from evalctl.engines import local_model
from evalctl.engines.image_prompts import ImageReader
from evalctl.engines.phases import report_phase
from evalctl.engines.prompt_reader import PromptError, ReadPrompt
from evalctl.engines.transformers_backend import Writer
from evalctl.engines.transformers_loading import (
    context_of,
    device_of,
    info_of,
    refuse_missing,
    source_of,
)
from evalctl.engines.transformers_options import TransformersOptions
from evalctl.engines.transformers_rows import Row
from evalctl.engines.transformers_stream import Streams
from evalctl.protocols import EngineInfo, ModelRef
from evalctl.records import Prompt

if TYPE_CHECKING:
    from torch import Tensor

_TOKENS = "input_ids"
_MASK = "attention_mask"


def load_seeing(model: ModelRef, options: TransformersOptions) -> tuple[Streams, EngineInfo]:
    """Return a model that sees, ready to run.

    Raises:
        ModelError: Its files do not hold all of it.
    """
    report_phase("importing torch and transformers")
    import torch
    import transformers

    report_phase("loading weights")
    source = source_of(model, options)
    config = transformers.AutoConfig.from_pretrained(model.path, **source)
    is_document = config.model_type == "vision-encoder-decoder"
    kind: Any = (
        transformers.VisionEncoderDecoderModel
        if is_document
        else transformers.AutoModelForImageTextToText
    )
    dtype = options.dtype if options.dtype == "auto" else getattr(torch, options.dtype)
    loaded, report = kind.from_pretrained(
        model.path, dtype=dtype, output_loading_info=True, **source
    )
    refuse_missing(model, report["missing_keys"])
    device = device_of(options.device)
    tokenizer: Any = transformers.AutoTokenizer.from_pretrained(model.path, **source)
    pixels: Any = transformers.AutoImageProcessor.from_pretrained(model.path, **source)
    context = context_of(model, options, local_model.context_length(loaded.config.to_dict()))
    made = PageReader if is_document else SeeingReader
    most = options.max_image_pixels
    reader = made(tokenizer, context, may_reason=model.may_reason, max_pixels=most)
    reader.show_with(pixels if is_document else _processor(config, pixels, tokenizer))
    backend = (PageBackend if is_document else SeeingBackend)(loaded.to(device).eval(), tokenizer)
    return Streams(backend, reader, options), info_of(loaded, device, context, options)


def _processor(config: object, pixels: object, tokenizer: Any) -> Any:  # noqa: ANN401  transformers'
    """Return what puts a text and its images together, for images alone.

    The one that transformers makes may want a processor of videos as well, which needs torchvision.
    """
    from transformers.models.auto.processing_auto import PROCESSOR_MAPPING

    known: Any = PROCESSOR_MAPPING[type(config)]

    class ForImages(known):  # type: ignore[misc]
        def check_argument_for_proper_class(self, argument_name: str, argument: object) -> type:
            """Take what is given."""
            return type(argument)

    given = {"image_processor": pixels, "tokenizer": tokenizer}
    parts = [given.get(name) for name in known.get_attributes()]
    return ForImages(*parts, chat_template=tokenizer.chat_template)


class SeeingReader(ImageReader):
    """Turns conversations with images into tokens, and images into what the model reads of them."""

    _processor: Any = None

    def show_with(self, processor: Any) -> None:  # noqa: ANN401
        """Take what makes tensors of images."""
        self._processor = processor

    def read(self, prompt: Prompt) -> ReadPrompt:
        """Return a prompt as tokens, in which each image has as many as the model wants.

        Raises:
            PromptError: It does not fit, or an image cannot be shown.
        """
        text = self.conversation(prompt)
        images = self.opened(prompt)
        start = str(self.tokenizer.bos_token or "\0")
        read = self._processor(
            text=[text],
            images=images or None,
            return_tensors="pt",
            add_special_tokens=not (prompt.messages or text.startswith(start)),
        )
        seen = {name: value for name, value in read.items() if name not in {_TOKENS, _MASK}}
        return self._fitted(prompt, text, read[_TOKENS][0].tolist())._replace(seen=seen)


class PageReader(SeeingReader):
    """Turns a page and the beginning of what is to be written about it into tensors and tokens."""

    def read(self, prompt: Prompt) -> ReadPrompt:
        """Return the text as the decoder's first tokens, and the page's pixels.

        Raises:
            PromptError: It does not fit, or there is not one image that can be shown.
        """
        images = self.opened(prompt)
        if len(images) != 1:
            raise PromptError(f"the model reads one page, and the prompt has {len(images)} images")
        text = self._text(prompt)
        tokens = self.tokenizer.encode(text, add_special_tokens=False)
        seen = self._processor(images=images, return_tensors="pt")
        return self._fitted(prompt, text, tokens)._replace(
            seen={"pixel_values": seen["pixel_values"]}
        )


class SeeingBackend(Writer):
    """A vision-language model, for one batch at a time."""

    def _grow(self, rows: list[Row]) -> None:
        """Write the rows to their ends, together only those whose images have the same form."""
        for _, alike in groupby(sorted(rows, key=_form), key=_form):
            super()._grow(list(alike))

    def _inputs(self, rows: list[Row]) -> dict[str, Tensor]:
        import torch

        inputs = super()._inputs(rows)
        for name in rows[0].seen:
            given = [row.seen[name] for row in rows]
            if all(_is_by_token(row, name) for row in rows):
                given = [self._filled(one, inputs[_TOKENS].shape[1]) for one in given]
            inputs[name] = torch.cat(given).to(self._model.device)
        return inputs

    def _filled(self, values: Any, width: int) -> Any:  # noqa: ANN401  tensors
        """Return values of tokens, `[1, token]`, with zeros where padding stands."""
        import torch

        return torch.nn.functional.pad(values, (width - values.shape[1], 0))


class PageBackend(Writer):
    """An encoder of pages with a decoder that goes on with a text, for one batch at a time."""

    def _grow(self, rows: list[Row]) -> None:
        """Write the rows to their ends, together only those whose texts are of one length.

        The decoder counts positions from the first token on, so that no padding may stand there.
        """
        for _, alike in groupby(sorted(rows, key=_length), key=_length):
            super()._grow(list(alike))

    def _inputs(self, rows: list[Row]) -> dict[str, Tensor]:
        import torch

        device = self._model.device
        pixels = torch.cat([row.seen["pixel_values"] for row in rows])
        return {
            "pixel_values": pixels.to(device, self._model.dtype),
            "decoder_input_ids": torch.tensor([row.tokens for row in rows], device=device),
        }


def _length(row: Row) -> int:
    return len(row.tokens)


def _form(row: Row) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Return names and shapes of what a row reads besides tokens, as far as rows may not differ."""
    return tuple(sorted(_forms(row)))


def _forms(row: Row) -> Iterator[tuple[str, tuple[int, ...]]]:
    seen: Mapping[str, Any] = row.seen
    for name, value in seen.items():
        yield name, () if _is_by_token(row, name) else tuple(value.shape[1:])


def _is_by_token(row: Row, name: str) -> bool:
    """Whether something has a value for each token."""
    return tuple(row.seen[name].shape) == (1, len(row.tokens))
