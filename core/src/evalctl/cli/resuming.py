"""`evalctl run --resume RUN`: what is missing of a run that was begun before."""

from __future__ import annotations

import shlex
import sys
from contextlib import redirect_stdout
from pathlib import Path

from evalctl.cli.arguments import flag_of
from evalctl.cli.progress import make_observer
from evalctl.cli.start import load_plugins, return_to
from evalctl.errors import ConfigError, OutputError
from evalctl.plan import Plan, RunSpec
from evalctl.results import RunResult, n_unjudged
from evalctl.run import Afresh, Reopened, go_on, reopen
from evalctl.store import Derivation, RunFolder, RunLock, open_run

_ALLOWED = {"out", "data_folders", "max_cost"}
"""What may be given beside --resume; all else is the run's."""


def resume(
    name: str, asked: RunSpec, *, accepts_changes: bool, is_quiet: bool
) -> tuple[RunResult, Path]:
    """Go on with a run; return the result of all of it, and its folder.

    Raises:
        UsageError: There is no such run, another process is at it, or something that decides its
            results has changed.
    """
    _refuse_flags(asked)
    folder = open_run(name, asked.out)
    try:
        return _go_on(folder, asked, accepts_changes=accepts_changes, is_quiet=is_quiet)
    except KeyboardInterrupt:
        tell_how_to_resume(folder.path)
        raise


def tell_how_to_resume(folder: Path, more: str = "") -> None:
    """Say on standard error how to go on with a run, where there is one."""
    if (folder / "manifest.json").is_file():
        command = f"evalctl run --resume {shlex.quote(str(folder))} {more}"
        sys.stderr.write(f"to go on: {command.strip()}\n")


def how_to_score_again(folder: RunFolder, origin: Derivation) -> str:
    """Return the command that scores a run's answers as another one did.

    Args:
        folder: The run that scored them.
        origin: The run that has them.
    """
    manifest = folder.manifest()
    asked = RunSpec.model_validate(manifest.asked)
    is_beside = (folder.path.parent / origin.run_id).is_dir()
    words = ["evalctl", "score", origin.run_id if is_beside else origin.path]
    words += [word for judge in asked.judges for word in ("--judge", judge)]
    words += ["--baseline", asked.baseline] if asked.baseline else []
    words += ["--out", str(folder.path.parent)]
    return shlex.join(words)


def _go_on(
    folder: RunFolder, asked: RunSpec, *, accepts_changes: bool, is_quiet: bool
) -> tuple[RunResult, Path]:
    origin = folder.manifest().derived_from
    if origin is not None and origin.kind == "score":
        raise ConfigError(
            f"{folder.run_id} scored the answers of {origin.run_id} again; to do that once more, "
            f"with the verdicts that there are: {how_to_score_again(folder, origin)}"
        )
    return_to(folder)
    with RunLock(folder.path):
        with redirect_stdout(sys.stderr):
            # Nothing is written but the run folder, wherever new ones went then.
            afresh = Afresh(asked.data_folders, folder.path, asked.max_cost)
            again = reopen(folder, load_plugins(), afresh)
        if not accepts_changes:
            again.refuse_changes("go on")
        if (result := _nothing_missing(folder, again)) is not None:
            return result, folder.path
        with make_observer(is_quiet=is_quiet) as observer, redirect_stdout(sys.stderr):
            is_same = not again.changes
            manifest = again.resumed()
            result = go_on(again.plan, folder, observer, manifest=manifest, is_same=is_same)
    return result, folder.path


def _nothing_missing(folder: RunFolder, again: Reopened) -> RunResult | None:
    """Return the result of a run that has all that was planned; None where anything is missing."""
    try:
        result = folder.summary()
        if again.changes or not _is_whole(result, again.plan):
            return None
        folder.check_samples(result)
    except OutputError:  # what is missing or edited is made anew out of the samples
        return None
    sys.stderr.write(f"nothing is missing of {folder.run_id}\n")
    return result


def _is_whole(result: RunResult, plan: Plan) -> bool:
    datasets = [dataset for model in result.models for dataset in model.datasets]
    has_ended = len(result.models) == len(plan.models) and not any(
        model.error for model in result.models
    )
    measured = {model.model for model in result.models if model.measurement is not None}
    are_measured = all(one.name in measured for one in plan.models if one.measuring)
    return (
        has_ended
        and are_measured
        and all(
            d.n_done == d.n_samples and not d.failures.engine and not n_unjudged(d)
            for d in datasets
        )
    )


def _refuse_flags(asked: RunSpec) -> None:
    plain = RunSpec()
    given = [
        flag_of(name)
        for name in RunSpec.model_fields
        if name not in _ALLOWED and getattr(asked, name) != getattr(plain, name)
    ]
    if given:
        raise ConfigError(
            f"--resume goes on with what the run was asked; leave out {' and '.join(given)}, or "
            "begin another run"
        )
