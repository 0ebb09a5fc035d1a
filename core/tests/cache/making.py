"""Models, prompts and generations for the tests of the cache."""

from __future__ import annotations

from pathlib import Path

from evalctl.cache import CacheKey, GenerationCache, ModelIdentity, key_of, model_identity
from evalctl.plan.planned import PlannedModel
from evalctl.protocols import ModelFacts, ModelRef
from evalctl.records import Completion, Generation, Prompt, Sampling
from evalctl.specs import EngineOptions, EngineSpec


def no_facts(model: ModelRef, options: EngineOptions) -> ModelFacts:
    return ModelFacts()


ENGINE = EngineSpec(
    name="toy",
    title="a toy",
    capabilities=("generate", "choose"),
    kinds=("decoder",),
    options=EngineOptions,
    factory="evalctl.toys:open",
    check=no_facts,
)


def model_at(path: str | Path, options: EngineOptions | None = None, **ref: object) -> PlannedModel:
    fields = {"name": "toy_model", "path": str(path), **ref}
    return PlannedModel(
        ref=ModelRef.model_validate(fields),
        spec=None,
        engine=ENGINE,
        options=options or EngineOptions(),
        facts=ModelFacts(),
        datasets=(),
    )


def identity(name: str = "NAME@http://host") -> ModelIdentity:
    found = model_identity(model_at(name, name=f"toy:{name}", kind="api"))
    assert found is not None
    return found


def prompt(text: str = "1 + 1 =", **changes: object) -> Prompt:
    fields = {"dataset": "sums", "sample_id": "1", "text": text, **changes}
    return Prompt.model_validate(fields)


def key(text: str = "1 + 1 =", model: ModelIdentity | None = None) -> CacheKey:
    return key_of(model or identity(), "generate", prompt(text))


def answer(text: str = "2", **changes: object) -> Generation:
    fields = {
        "dataset": "sums",
        "sample_id": "1",
        "completions": (Completion(text=text, output_tokens=1),),
        "prompt_tokens": 5,
        "seconds": 0.25,
    }
    return Generation.model_validate({**fields, **changes})


def numbered(number: int) -> tuple[CacheKey, Prompt, Generation]:
    text = f"{number} + {number} ="
    return key(text), prompt(text), answer(f"it is {2 * number}, as {number} + {number} shows")


def fill(folder: Path, count: int, max_bytes: int = 1 << 30) -> None:
    cache = GenerationCache.open(folder, max_bytes)
    for number in range(count):
        where, _, given = numbered(number)
        cache.put(where, given)
    cache.close()


DRAWN = Sampling(temperature=0.6)
