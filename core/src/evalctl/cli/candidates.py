"""What can stand for a value on the command line: the completers of options and arguments.

Each is given to a parameter as its `autocompletion`, and returns values with a line about each;
what does not begin as the word at the cursor is left out by whoever asks. `context.params` has what
stands before the cursor, as lists of texts. Files and folders are the shell's: it offers them for
values that `--help` calls DIR, FILE or PATH, and where a RUN is wanted and none begins so.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from evalctl.errors import EvalctlError

if TYPE_CHECKING:
    from evalctl.registry import Registry
    from evalctl.results import ModelResult

Candidates = list[tuple[str, str]]
"""Values, each with a line about it, or with an empty text."""


def categories(incomplete: str) -> Candidates:
    """Short names of categories; long ones where only those begin so."""
    known = _registry().categories
    short = [(one.name, one.title) for one in known]
    long = [(alias, one.title) for one in known for alias in one.aliases]
    return short if any(name.startswith(incomplete) for name, _ in short) else long


def models(context: typer.Context, incomplete: str) -> Candidates:
    """Registered models, those of the chosen categories alone; `ENGINE:`, and paths behind it."""
    registry = _registry()
    engines = {one.name: one for one in registry.engines}
    name, colon, path = incomplete.partition(":")
    if colon and name in engines:
        form = engines[name].path_form
        return [(f"{name}:{one}", "") for one in _paths(path, form)]
    chosen = _chosen_categories(context, registry)
    entries = [one for one in registry.model_entries if not chosen or one.category in chosen]
    return [
        *((one.spec.name, one.spec.title) for one in entries),
        *((f"{one.name}:", f"{one.path_form}: {one.title}") for one in engines.values()),
    ]


def datasets(context: typer.Context) -> Candidates:
    """Registered datasets, those of the chosen categories alone."""
    registry = _registry()
    chosen = _chosen_categories(context, registry)
    found = [registry.datasets_in(name) for name in chosen] or [registry.dataset_entries]
    return [(one.spec.name, one.spec.title) for entries in found for one in entries]


def metrics(context: typer.Context) -> Candidates:
    """Metrics of the runs that are named before."""
    found: dict[str, str] = {}
    for given in _given(context, "runs", "run"):
        for model in _results(context, given):
            for dataset in model.datasets:
                for metric in dataset.metrics:
                    found.setdefault(metric.name, f"of {dataset.dataset}")
    return list(found.items())


def engines() -> Candidates:
    """Registered engines."""
    return [(one.name, one.title) for one in _registry().engines]


def sandboxes() -> Candidates:
    """Executors that are sandboxes for programs."""
    return [(one.name, one.title) for one in _registry().executors if one.level is not None]


def presets(context: typer.Context) -> Candidates:
    """Presets of the chosen models; of all models where none is chosen."""
    chosen = _given(context, "model")
    found: dict[str, list[str]] = {}
    for entry in _registry().model_entries:
        if not chosen or entry.spec.name in chosen:
            for name in entry.spec.presets:
                found.setdefault(name, []).append(entry.spec.name)
    return [(name, f"of {', '.join(dict.fromkeys(of))}") for name, of in found.items()]


def export_formats() -> Candidates:
    """Formats of `evalctl export`."""
    from evalctl.exporting import FORMATS

    return [(one.name, one.title) for one in FORMATS.values()]


def plugins() -> Candidates:
    """Names of the installed plugins, which are not imported for it."""
    from evalctl.plugins.entry_points import find_candidates

    return [(one.entry_point.name, one.entry_point.value) for one in find_candidates()]


def imported_datasets() -> Candidates:
    """Datasets that were imported, with their files."""
    from evalctl.imported import Imported, kept

    return [(one.name, one.file.path) for one in kept() if isinstance(one, Imported)]


def rules() -> Candidates:
    """Names of the rules that plugins are held against, each with its reason."""
    from evalctl.conformance import RULES

    return [(rule.name, rule.reason) for rule in RULES.values()]


def runs(context: typer.Context) -> Candidates:
    """`latest`, and the runs of the folder of runs, the newest first."""
    from evalctl.store import list_runs
    from evalctl.store.folder import LATEST

    try:
        names = [run.run_id for run in list_runs(_folder_of_runs(context))]
    except OSError:
        names = []
    return [(LATEST, "the newest run"), *((name, "") for name in names)] if names else []


def sides(context: typer.Context, incomplete: str) -> Candidates:
    """Runs; behind a run and a colon the models of it."""
    found = [
        (f"{incomplete[:end]}:{model.model}", "")
        for end, character in enumerate(incomplete)
        if character == ":" and end
        for model in _results(context, incomplete[:end])
    ]
    return found or runs(context)


def models_of_run(context: typer.Context) -> Candidates:
    """Models of the run that is named before."""
    named = _given(context, "run")
    return [(model.model, "") for run in named for model in _results(context, run)]


def sample_counts() -> Candidates:
    """The one word among numbers of samples."""
    return [("all", "every sample")]


def _registry() -> Registry:
    from evalctl.cli.start import load_plugins

    return load_plugins(is_quiet=True).registry


def _given(context: typer.Context, *names: str) -> list[str]:
    return [value for name in names for value in context.params.get(name) or ()]


def _chosen_categories(context: typer.Context, registry: Registry) -> list[str]:
    wanted = _given(context, "category")
    return [one.name for one in registry.categories if {one.name, *one.aliases} & {*wanted}]


def _folder_of_runs(context: typer.Context) -> Path:
    from evalctl.cli.arguments import RUNS

    return _expanded(([str(RUNS), *_given(context, "out")])[-1])


def _results(context: typer.Context, given: str) -> tuple[ModelResult, ...]:
    """Return the results of a run's models; none where it has none that can be read."""
    from evalctl.store import open_run

    try:
        return tuple(open_run(given, _folder_of_runs(context)).summary().models)
    except (EvalctlError, OSError):
        return ()


def _expanded(path: str) -> Path:
    try:
        return Path(path).expanduser()
    except RuntimeError:  # there is no such user, or no home folder
        return Path(path)


def _paths(incomplete: str, form: str) -> list[str]:
    """Return the paths that begin so, for what stands behind `ENGINE:`; none for other forms."""
    head, separator, tail = incomplete.rpartition("/")
    folder = head + separator
    try:
        entries = sorted(_expanded(folder).iterdir()) if form in {"DIR", "FILE"} else []
        return [
            f"{folder}{path.name}{'' if _is_whole(path, form) else '/'}"
            for path in entries
            if path.name.startswith(tail)
            and path.name.startswith(".") == tail.startswith(".")
            and (form == "FILE" or path.is_dir())
        ]
    except OSError:
        return []


def _is_whole(path: Path, form: str) -> bool:
    """Whether nothing is looked for below a path: it is a file, or the folder of a model."""
    return not path.is_dir() or (form == "DIR" and (path / "config.json").is_file())
