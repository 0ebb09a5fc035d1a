"""How a prompt becomes tokens, the same way in every local engine. Imports nothing heavy.

Here are the chat template, the context's limit, the tokens of given continuations and the seeds of
completions. The tokenizer itself comes from the engine.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from evalctl.engines import reasoning
from evalctl.engines.prompt_cutting import left_out_to_fit, room_for_prompt
from evalctl.errors import EvalctlError
from evalctl.prompts import without_end
from evalctl.records import Message, Prompt


class Tokenizer(Protocol):
    """What is used of a Hugging Face tokenizer."""

    chat_template: str | Mapping[str, str] | None
    bos_token: str | None
    bos_token_id: int | None
    eos_token_id: int | None
    all_special_tokens: Sequence[str]

    def apply_chat_template(
        self,
        conversation: list[dict[str, Any]],
        *,
        tokenize: bool,
        add_generation_prompt: bool,
        continue_final_message: bool,
    ) -> str:
        """Return the conversation as the model reads it."""
        ...

    def encode(self, text: str, *, add_special_tokens: bool) -> list[int]:
        """Return the tokens of a text."""
        ...

    def decode(self, token_ids: Sequence[int], *, skip_special_tokens: bool) -> str:
        """Return the text of tokens."""
        ...

    def get_vocab(self) -> Mapping[str, int]:
        """Return all tokens."""
        ...


class PromptError(EvalctlError):
    """One prompt alone cannot be given to the model; it becomes `Generation.error`."""


class ReadPrompt(NamedTuple):
    """A prompt as tokens."""

    tokens: list[int]
    max_tokens: int
    """Limit on new tokens, cut to what the context leaves."""
    starts_inside: bool
    """Whether the model starts inside a reasoning."""
    seen: Mapping[str, Any] = {}
    """What the model reads besides: tensors by name, of the prompt's images."""
    left_out: int = 0
    """Characters of the prompt that were left out, as it is longer than the model reads."""


class Choice(NamedTuple):
    """A context and one of its continuations, as tokens."""

    context: list[int]
    continuation: list[int]


class PromptReader:
    """Turns prompts into tokens for one loaded model."""

    sees = False
    """Whether it reads images as well."""

    def __init__(
        self,
        tokenizer: Tokenizer,
        context_length: int,
        *,
        may_reason: bool,
        has_encoder: bool = False,
    ) -> None:
        """Look at the tokenizer once.

        Args:
            tokenizer: The model's.
            context_length: Tokens of prompt and completion, together or, with an encoder, each.
            may_reason: Whether the model is known to write reasoning.
            has_encoder: Whether an encoder reads prompts, which wants the text's end marked.
        """
        self.tokenizer = tokenizer
        self.has_encoder = has_encoder
        self.context_length = context_length
        # vLLM's own tokenizers for Mistral's format have no such attribute.
        templates = getattr(tokenizer, "chat_template", None) or ""
        text = templates if isinstance(templates, str) else "\n".join(templates.values())
        self._has_template = bool(text)
        self.reasons = may_reason or reasoning.has_markers(text, tokenizer.get_vocab())
        """Whether stop strings must be kept out of a reasoning."""
        self.special_tokens: tuple[str, ...] = ()
        """Special tokens that must stay in the text because markers are among them."""
        special = tuple(token for token in tokenizer.all_special_tokens if token)
        marks = [marker.open + marker.close for marker in reasoning.MARKERS]
        if self.reasons and any(token in mark for token in special for mark in marks):
            self.special_tokens = special

    def decode(self, tokens: Sequence[int]) -> str:
        """Return the text of new tokens, with special ones only where markers are among them."""
        return self.tokenizer.decode(tokens, skip_special_tokens=not self.special_tokens)

    def read(self, prompt: Prompt) -> ReadPrompt:
        """Return a prompt as tokens, cut where it does not fit the context and may be.

        Raises:
            PromptError: It does not fit the context or the chat template.
        """
        most = room_for_prompt(prompt, self.context_length, has_encoder=self.has_encoder)
        left_out = left_out_to_fit(prompt, lambda one: len(self._tokens(one)[1]), most)
        shown = without_end(prompt, left_out)
        return self._fitted(shown, *self._tokens(shown))._replace(left_out=left_out)

    def _tokens(self, prompt: Prompt) -> tuple[str, list[int]]:
        """Return a prompt as the model's text and as tokens."""
        text = self._text(prompt)
        return text, self._encode(text, is_rendered=bool(prompt.messages))

    def _fitted(self, prompt: Prompt, text: str, tokens: list[int]) -> ReadPrompt:
        """Return tokens with what the context leaves.

        Raises:
            PromptError: It leaves nothing, or there are none.
        """
        # The decoder's own beginning takes one.
        room = self.context_length - (1 if self.has_encoder else len(tokens))
        if room < 1 or len(tokens) > self.context_length:
            raise PromptError(
                f"the prompt has {len(tokens)} tokens, but with at least 1 new token only "
                f"{self.context_length - 1} fit the context of {self.context_length}; shorten it, "
                "ask with fewer worked examples or raise max_model_len"
            )
        if not tokens:
            raise PromptError("the prompt is empty; give it some text")
        limit = min(prompt.sampling.max_tokens, room)
        return ReadPrompt(tokens, limit, reasoning.ends_inside(text))

    def read_choices(self, prompt: Prompt) -> list[Choice]:
        """Return the tokens of each continuation together with those of its context.

        Spaces at the context's end go to the continuation; then the whole is encoded and what it
        has more than the context is the continuation.
        Source: lm-evaluation-harness 0.4, `api/model.py`, `TemplateLM._encode_pair`.

        Raises:
            PromptError: One of them does not fit the context.
        """
        text = self._text(prompt)
        bare = text.rstrip()
        spaces, is_rendered = text[len(bare) :], bool(prompt.messages)
        context = self._encode(bare, is_rendered=is_rendered)
        choices = []
        for continuation in prompt.continuations:
            whole = self._encode(bare + spaces + continuation, is_rendered=is_rendered)
            choices.append(self._divide(context, whole))
        longest = max((len(choice.context + choice.continuation) for choice in choices), default=0)
        if longest >= self.context_length:
            raise PromptError(
                f"prompt and continuation have {longest} tokens, but only "
                f"{self.context_length - 1} fit the context of {self.context_length}; shorten it "
                "or raise max_model_len"
            )
        return choices

    def _divide(self, context: list[int], whole: list[int]) -> Choice:
        """Return the whole as context and continuation; the context is never empty."""
        if context:
            return Choice(context, whole[len(context) :])
        start = self.tokenizer.bos_token_id
        if start is None:
            start = self.tokenizer.eos_token_id
        if start is None:
            raise PromptError("the context is empty and the tokenizer has no token to start with")
        return Choice([start], whole[1:] if whole[:1] == [start] else whole)

    def _text(self, prompt: Prompt) -> str:
        if not prompt.messages:
            return prompt.text
        if not self._has_template:
            raise PromptError(
                "the prompt is a conversation, but the model's tokenizer has no chat template; "
                "run with chat=never"
            )
        from jinja2 import TemplateError  # comes with every package that brings a tokenizer

        refusals = (TemplateError, ValueError, TypeError, KeyError)
        try:
            return self._render(prompt.messages)
        except refusals as error:
            merged = _without_system(prompt.messages)
            if merged == prompt.messages:
                raise PromptError(f"the chat template refuses the prompt: {error}") from error
        try:
            return self._render(merged)
        except refusals as error:
            raise PromptError(f"the chat template refuses the prompt: {error}") from error

    def _render(self, messages: tuple[Message, ...]) -> str:
        is_prefilled = messages[-1].role == "assistant"
        return self.tokenizer.apply_chat_template(
            [{"role": one.role, "content": self._content(one)} for one in messages],
            tokenize=False,
            add_generation_prompt=not is_prefilled,
            continue_final_message=is_prefilled,
        )

    def _content(self, message: Message) -> str | list[dict[str, str]]:
        """Return what a chat template is given of a message."""
        return message.content

    def _encode(self, text: str, *, is_rendered: bool) -> list[int]:
        """Return tokens with the tokenizer's own beginning, once; an end is an encoder's alone."""
        start = self.tokenizer.bos_token
        has_start = is_rendered or (bool(start) and text.startswith(str(start)))
        tokens = self.tokenizer.encode(text, add_special_tokens=not has_start)
        if self.has_encoder:
            return tokens
        if not has_start and tokens and tokens[-1] == self.tokenizer.eos_token_id:
            plain = self.tokenizer.encode(text, add_special_tokens=False)
            return tokens if plain[-1:] == tokens[-1:] else tokens[:-1]
        return tokens


def _without_system(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    """Return the conversation with its system message put before the first user's words."""
    if len(messages) < 2 or messages[0].role != "system" or messages[1].role != "user":
        return messages
    content = f"{messages[0].content}\n\n{messages[1].content}"
    return (messages[1].model_copy(update={"content": content}), *messages[2:])


def completion_seed(seed: int, index: int) -> int:
    """Return the seed of one completion, in 0..2**48-1, from its prompt's seed and its number.

    Mixed, so that completion 1 of seed 5 has nothing to do with completion 0 of seed 6.
    """
    return int.from_bytes(hashlib.sha256(f"{seed}:{index}".encode()).digest()[:6], "big")
