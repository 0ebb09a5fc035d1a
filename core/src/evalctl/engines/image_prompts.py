"""Prompts with images, the same way in every local engine. Imports nothing heavy."""

from __future__ import annotations

from typing import Any

from evalctl.engines.prompt_reader import PromptError, PromptReader, Tokenizer
from evalctl.images import ImageError, images_of, open_image
from evalctl.records import Message, Prompt


class ImageReader(PromptReader):
    """Turns conversations with images into text, and opens the images."""

    sees = True

    def __init__(
        self,
        tokenizer: Tokenizer,
        context_length: int,
        *,
        may_reason: bool,
        max_pixels: int | None = None,
    ) -> None:
        """Look at the tokenizer once.

        Args:
            tokenizer: The model's.
            context_length: Tokens of prompt and completion together.
            may_reason: Whether the model is known to write reasoning.
            max_pixels: How large an image may be shown; None leaves it as it is.
        """
        super().__init__(tokenizer, context_length, may_reason=may_reason)
        self._max_pixels = max_pixels

    def opened(self, prompt: Prompt) -> list[Any]:
        """Return a prompt's images, as Pillow has them.

        Raises:
            PromptError: One of them cannot be shown.
        """
        try:
            return [open_image(image, self._max_pixels) for image in images_of(prompt)]
        except ImageError as error:
            raise PromptError(str(error)) from None

    def conversation(self, prompt: Prompt) -> str:
        """Return a prompt as text, in which the template has marked each image's place.

        Raises:
            PromptError: It is a plain text, in which an image has no place.
        """
        if prompt.images:
            raise PromptError(
                "an image is shown in a conversation, and the prompt is a plain text; run with "
                "chat=auto, and give the model's tokenizer a chat template"
            )
        return self._text(prompt)

    def _content(self, message: Message) -> str | list[dict[str, str]]:
        """Return the images of a message, then what is said; a text alone where it has none."""
        if not message.images:
            return message.content
        shown = [{"type": "image"} for _ in message.images]
        return [*shown, {"type": "text", "text": message.content}]
