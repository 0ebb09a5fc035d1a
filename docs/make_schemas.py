"""Writes the JSON schemas of evalctl's files; with `--check`, tells whether they are in step."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from pydantic import BaseModel

from evalctl.comparing import Policy
from evalctl.comparisons import Comparison, GateResult
from evalctl.estimates import Estimates
from evalctl.results import RunResult, SampleResult
from evalctl.specializations import SpecializationTable
from evalctl.store import Judged, Manifest

FOLDER = Path(__file__).parent / "schemas"
KINDS: dict[str, type[BaseModel]] = {
    "manifest": Manifest,
    "sample": SampleResult,
    "estimates": Estimates,
    "judged": Judged,
    "summary": RunResult,
    "comparison": Comparison,
    "gate": GateResult,
    "policy": Policy,
    "specialization": SpecializationTable,
}
READ = {"policy"}
"""Those that people write: what has a default may be left out."""


def main() -> int:
    """Write all schemas, or compare them; return the exit code."""
    FOLDER.mkdir(exist_ok=True)
    stale = []
    for name, kind in KINDS.items():
        path = FOLDER / f"{name}.schema.json"
        schema = kind.model_json_schema(mode="validation" if name in READ else "serialization")
        text = json.dumps(schema, indent=2) + "\n"
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            stale.append(path.name)
            if "--check" not in sys.argv:
                path.write_text(text, encoding="utf-8")
    sys.stdout.write(f"changed: {', '.join(stale)}\n" if stale else "in step\n")
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
