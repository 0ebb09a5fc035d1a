"""Images for vLLM, which takes them beside a prompt's tokens and reads them itself.

Imports nothing heavy.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from evalctl.engines import local_model
from evalctl.engines.image_prompts import ImageReader
from evalctl.engines.prompt_reader import ReadPrompt
from evalctl.errors import ModelError
from evalctl.protocols import ModelFacts, ModelRef
from evalctl.records import Prompt
from evalctl.specs import EngineOptions

IMAGES = "image"
"""What vLLM calls them."""


def check(model: ModelRef, options: EngineOptions) -> ModelFacts:
    """Look at a model's files; see `local_model.check`.

    Raises:
        ModelError: Likewise, or the model sees and vLLM cannot show it anything here.
    """
    facts = local_model.check(model, options)
    if facts.kind == "vision_language" and find_spec("torchvision") is None:
        raise ModelError(
            f"model {model.name}: vLLM reads images by torchvision, which is not installed here; "
            "install the build of it that belongs to your torch, or ask with --engine transformers"
        )
    return facts


class SeeingReader(ImageReader):
    """Turns conversations with images into tokens, with one token in each image's place."""

    def read(self, prompt: Prompt) -> ReadPrompt:
        """Return a prompt as tokens, and its images.

        Raises:
            PromptError: It does not fit, or an image cannot be shown.
        """
        text = self.conversation(prompt)
        tokens = self._encode(text, is_rendered=bool(prompt.messages))
        images: list[Any] = self.opened(prompt)
        return self._fitted(prompt, text, tokens)._replace(seen={IMAGES: images} if images else {})
