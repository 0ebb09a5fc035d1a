"""The generation cache in a run: what was asked before is not asked again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Self

from evalctl.cache import GenerationCache, ModelIdentity, key_of, model_identity
from evalctl.engines.api.options import ApiOptions
from evalctl.plan import Plan, PlannedModel
from evalctl.protocols import Capability
from evalctl.records import Generation, Prompt
from evalctl.run.questions import Answer, Questions, need_of


class Memory:
    """The cache as a run uses it; without one it remembers nothing."""

    def __init__(self, cache: GenerationCache | None) -> None:
        """Take the open cache."""
        self._cache = cache
        self._identities: dict[str, ModelIdentity | None] = {}

    @classmethod
    def of(cls, plan: Plan, warn: Callable[[str], None]) -> Self:
        """Return the memory that a plan asks for.

        Args:
            plan: What the run will do.
            warn: Receives what is wrong with the cache, each thing once.
        """
        choice = plan.cache
        return cls(choice and GenerationCache.open(choice.folder, choice.max_bytes, warn=warn))

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Write what is held back."""
        if self._cache is not None:
            self._cache.close()

    @property
    def hits(self) -> int:
        """Prompts that were answered from the cache."""
        return self._cache.hits if self._cache else 0

    @property
    def misses(self) -> int:
        """Prompts that were looked for in vain."""
        return self._cache.misses if self._cache else 0

    def recall(self, model: PlannedModel, questions: Questions) -> Iterator[Answer]:
        """Yield what is remembered of the samples that wait, and take these."""
        if not self.has_any(model):
            return
        for asked in questions.waiting():
            found = self.find(model, need_of(asked), asked.prompt)
            if found is not None:
                questions.take(asked)
                yield asked, found

    def has_any(self, model: PlannedModel) -> bool:
        """Return whether anything at all is remembered of a model."""
        identity = self._identity(model)
        return identity is not None and self._cache is not None and self._cache.has_any(identity)

    def find(self, model: PlannedModel, need: Capability, prompt: Prompt) -> Generation | None:
        """Return what a model gave to a prompt before, marked as such; None where unknown."""
        identity = self._identity(model)
        if self._cache is None or identity is None or not _is_repeatable(model, need, prompt):
            return None
        found = self._cache.get(key_of(identity, need, prompt), prompt)
        return found and found.model_copy(update={"from_cache": True})

    def note_open(self, model: PlannedModel) -> None:
        """Note that a model's engine has loaded it: now it is known what of a branch it is."""
        if self._cache is not None:
            self._identities[model.name] = model_identity(model, is_open=True)

    def keep(
        self, model: PlannedModel, need: Capability, prompt: Prompt, generation: Generation
    ) -> None:
        """Remember what a model gave to a prompt."""
        identity = self._identity(model)
        if self._cache is None or identity is None or not _is_repeatable(model, need, prompt):
            return
        self._cache.put(key_of(identity, need, prompt), generation)

    def write_if_due(self) -> None:
        """Write what is held back for long enough."""
        if self._cache is not None:
            self._cache.flush_if_due()

    def _identity(self, model: PlannedModel) -> ModelIdentity | None:
        if self._cache is None:
            return None
        if model.name not in self._identities:
            self._identities[model.name] = model_identity(model)
        return self._identities[model.name]


def _is_repeatable(model: PlannedModel, need: Capability, prompt: Prompt) -> bool:
    """Return whether a model would give the same again, as far as that can be known.

    A server draws as it likes, whatever seed it is sent: what was drawn stands for nothing else.
    """
    if model.ref.kind != "api" or need != "generate":
        return True
    is_drawn = isinstance(model.options, ApiOptions) and "temperature" in model.options.omitted
    return prompt.sampling.temperature == 0.0 and not is_drawn
