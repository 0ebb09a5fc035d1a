"""How many tokens a text has. The one file that imports tokenizers, and lazily."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate
from math import ceil
from pathlib import Path
from typing import NamedTuple

from evalctl.engines.model_config import find_model
from evalctl.errors import EngineUnavailableError, ModelError
from evalctl.images import images_of
from evalctl.protocols import ModelRef
from evalctl.records import Prompt

CHARACTERS_PER_TOKEN = 4
"""Of English text. Source: OpenAI's and Anthropic's guides to tokens give 4 and 3.5; other
languages, code and figures have fewer."""

IMAGE_TOKENS = 1500
"""What an image is taken to be read as: models make 500 to 5,000 of a page, by its pixels."""
MESSAGE_TOKENS = 8
"""What a chat template puts around each message. ChatML has 5 with the line breaks, Llama 3 has 4
to 5 and a longer beginning; a round figure above both."""

_LARGEST = 64 << 20


class Counter(NamedTuple):
    """Counts the tokens of texts."""

    count: Callable[[str], int]
    """From a text to its number of tokens."""
    is_exact: bool
    """Whether it is the model's own tokenizer."""
    shares_context: bool = True
    """Whether a prompt is read once for all of its continuations; servers read it for each."""

    def prompt(self, prompt: Prompt) -> int:
        """Return the tokens of a prompt, without continuations; a template's are estimated."""
        shown = IMAGE_TOKENS * len(images_of(prompt))
        if prompt.messages:
            told = (self.count(turn.content) + MESSAGE_TOKENS for turn in prompt.messages)
            return shown + sum(told)
        return shown + self.count(prompt.text)

    def longest_continuation(self, prompt: Prompt) -> int:
        """Return the tokens of the longest of a prompt's continuations; 0 without any."""
        return max(map(self.count, prompt.continuations), default=0)

    def turns(self, prompt: Prompt) -> tuple[int, ...]:
        """Return the tokens of what is read in each turn, without the model's own replies."""
        if prompt.continuations:
            times = 1 if self.shares_context else len(prompt.continuations)
            return (times * self.prompt(prompt) + sum(map(self.count, prompt.continuations)),)
        around = sum(map(self.count, prompt.around_turns))
        if prompt.messages:
            around = 2 * MESSAGE_TOKENS  # the reply's and the turn's
        later = (self.count(turn) + around for turn in prompt.later_turns)
        return tuple(accumulate(later, initial=self.prompt(prompt)))


def counter_of(model: ModelRef) -> Counter:
    """Return the counter for a model: its tokenizer where that is here, else by characters."""
    if model.kind == "api":
        return Counter(by_characters, is_exact=False, shares_context=False)
    folder = find_model(model.path, model.revision)
    count = _tokenizer(folder / "tokenizer.json") if folder else None
    return Counter(count, is_exact=True) if count else Counter(by_characters, is_exact=False)


def by_characters(text: str) -> int:
    """Return about how many tokens a text has."""
    return ceil(len(text) / CHARACTERS_PER_TOKEN)


def tokenizer_at(path: Path) -> Counter:
    """Return the counter that a tokenizer's file makes.

    Args:
        path: `tokenizer.json`, or the folder that holds it.

    Raises:
        ModelError: It is not there, or cannot be used.
        EngineUnavailableError: The package tokenizers is not installed.
    """
    file = path / "tokenizer.json" if path.is_dir() else path
    if not file.is_file():
        raise ModelError(f"{file} is not there; a folder with a tokenizer.json is needed")
    try:
        count = _read(file)
    except ImportError:
        raise EngineUnavailableError(
            "counting tokens needs the package tokenizers: pip install tokenizers"
        ) from None
    except Exception as error:  # noqa: BLE001 - as below
        raise ModelError(f"{file} cannot be used as a tokenizer: {error}") from None
    return Counter(count, is_exact=True)


def _tokenizer(path: Path) -> Callable[[str], int] | None:
    """Return what counts by a tokenizer's file; None where it is not there or cannot be used."""
    try:
        return _read(path)
    except (OSError, ImportError):
        return None
    except Exception:  # noqa: BLE001 - the library raises bare Exception for whatever it cannot read
        return None


def _read(path: Path) -> Callable[[str], int]:
    if not 0 < path.stat().st_size <= _LARGEST:
        raise ValueError(f"it is empty, or larger than {_LARGEST:,} bytes")
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(path))
    # Many files say how an encoder's input is cut and filled up; here whole texts are counted.
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return lambda text: len(tokenizer.encode(text).ids)
