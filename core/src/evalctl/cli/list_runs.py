"""Rows of `evalctl list runs`, read from run folders as plain JSON.

A folder may be half written, damaged or of a later version: it is listed all the same, with what
can be told about it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from pydantic import JsonValue

from evalctl.cli.rows import CategoryScoreRow, RunRow


def run_rows(out: Path) -> Iterator[RunRow]:
    """Yield a row for each run folder in a folder, by name; folders of other things are skipped."""
    if not out.is_dir():
        return
    for folder in sorted(out.iterdir()):
        if (folder / "manifest.json").exists() or (folder / "summary.json").exists():
            yield _row(folder)


def _row(folder: Path) -> RunRow:
    manifest, manifest_problem = _read(folder / "manifest.json")
    summary, summary_problem = _read(folder / "summary.json")
    problem = manifest_problem or summary_problem
    status = _text(summary.get("status")) or ("unfinished" if not summary else None)
    models = _objects(summary.get("models"))
    return RunRow(
        run_id=folder.name,
        path=str(folder),
        status="broken" if problem else status or "broken",
        started=_text(manifest.get("started")),
        models=tuple(name for model in models if (name := _text(model.get("model")))),
        derived_from=_origin(manifest.get("derived_from")),
        scores=tuple(score for model in models for score in _scores(model)),
        problem=problem or (None if status else "summary.json states no status"),
    )


def _origin(value: JsonValue) -> str | None:
    if not isinstance(value, dict):
        return None
    kind, run_id = _text(value.get("kind")), _text(value.get("run_id"))
    return f"{kind} of {run_id}" if kind and run_id else None


def _scores(model: dict[str, JsonValue]) -> Iterator[CategoryScoreRow]:
    for category in _objects(model.get("categories")):
        value = category.get("value")
        yield CategoryScoreRow(
            model=_text(model.get("model")) or "?",
            category=_text(category.get("category")) or "?",
            value=float(value) if isinstance(value, int | float) else None,
        )


def _read(path: Path) -> tuple[dict[str, JsonValue], str | None]:
    """Return a JSON object and None, or nothing and what is wrong; a missing file is not wrong."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}, None
    except (OSError, ValueError, RecursionError) as error:
        return {}, f"{path.name}: {' '.join(str(error).split())}"
    if not isinstance(value, dict):
        return {}, f"{path.name}: a JSON object is needed, not {type(value).__name__}"
    return value, None


def _objects(value: JsonValue) -> list[dict[str, JsonValue]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _text(value: JsonValue) -> str | None:
    return value if isinstance(value, str) and value else None
